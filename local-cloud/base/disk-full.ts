/**
 * Detects a full disk, and keeps some space so that a deletion works on one. Callers must learn that nothing was stored, and can
 * free space; a defect looks different.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * SQLite has two codes for it: it cannot write, or it has no space for the memory that connections share.
 * https://www.sqlite.org/rescode.html#full https://www.sqlite.org/rescode.html#ioerr_shmsize
 */
const SQLITE_FULL: readonly unknown[] = [13, 4_874];

export const DISK_FULL = 'The disk is full: nothing was written. Free some space and try again.';

/** True if a write failed for lack of space, by codes of the file system or of SQLite, or by a message of a local service. */
export function isDiskFull(error: unknown): boolean {
  const { code, errcode, message } = Object(error);
  const isOfFiles = code === 'ENOSPC' || code === 'EDQUOT';
  return isOfFiles || SQLITE_FULL.includes(errcode) || String(message).includes(DISK_FULL);
}

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

  /** @param directory must exist */
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

  /** On a full disk there is none until the next deletion or start. */
  #fill(): void {
    try {
      writeFileSync(this.#path, Buffer.alloc(RESERVE_BYTES, 'x'));
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      rmSync(this.#path, { force: true });
    }
  }
}
