/**
 * Detects a full disk. Callers must hear that nothing was stored, and can free space; a defect looks
 * different.
 */

/** https://www.sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;

/** Whether a write failed for lack of space, by the codes of the file system or of SQLite. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return code === 'ENOSPC' || code === 'EDQUOT' || errcode === SQLITE_FULL;
}

export const DISK_FULL = 'The disk is full: nothing was written. Free some space and try again.';

/**
 * A service calls this before it writes, with the number of bytes. A test uses it to simulate a full
 * disk.
 */
export type BeforeWrite = (bytes: number) => void;
