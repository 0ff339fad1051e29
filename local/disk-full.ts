/** Telling a full disk from a defect: the caller can free space, and must hear that nothing was kept. */

/** https://www.sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;

/** Whether a write failed for want of space: the file system's word for it, or SQLite's. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT' || errcode === SQLITE_FULL;
}

export const DISK_FULL = 'The disk is full: nothing was written. Make room and try again.';

/** What a service tells before it writes so many bytes; a test's way to have a full disk. */
export type BeforeWrite = (bytes: number) => void;
