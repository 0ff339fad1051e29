/** One process at a time may keep its data in a folder. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A folder that is in use, or cannot be; the message says what to do. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError';
}

/**
 * Takes the folder, made if need be, for this process. The lock is the operating system's: it goes
 * when the process ends, however it ends.
 * @returns what gives it back.
 */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const database = new DatabaseSync(join(dataDir, 'lock.sqlite'));
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database.close();
    throw new DataDirError(
      `${dataDir} is in use by another instance. End that one, or set LOCAL_DATA_DIR to another folder.`,
      { cause },
    );
  }
  return () => database.close();
}
