/**
 * Detects a full disk, and keeps some space so that a deletion works on one. Callers must hear that nothing was stored,
 * and can free space; a defect looks different.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

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

/** A deletion writes some pages to the log of SQLite before anything is free. */
const RESERVE_BYTES = 1 << 20;

/** A file that takes up space until a deletion needs it. */
export class Reserve {
  readonly #path: string;

  /** @param directory It must exist. */
  constructor(directory: string) {
    this.#path = join(directory, 'reserve');
    this.#fill();
  }

  /** Runs a deletion. If the disk is full, gives the space back and runs the deletion once more. */
  delete<T>(deletion: () => T): T {
    try {
      return deletion();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      rmSync(this.#path, { force: true });
      try {
        return deletion();
      } finally {
        this.#fill();
      }
    }
  }

  /** On a disk that is full there is none until the next deletion or start. */
  #fill(): void {
    try {
      writeFileSync(this.#path, Buffer.alloc(RESERVE_BYTES, 'x'));
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      rmSync(this.#path, { force: true });
    }
  }
}
