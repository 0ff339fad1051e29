/** Makes sure that only one process at a time keeps its data in a folder. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DataFileError, isBusy } from './data-file.ts';
import { isDiskFull } from './disk-full.ts';

/** The message says what to do. */
export class DataDirError extends Error {
  override readonly name = 'DataDirError';
}

/**
 * Locks the folder for this process. Creates the folder if necessary. The operating system holds the lock, so it ends with the
 * process, even if the process is killed.
 * @param setting names the folder: the messages tell users to change it
 * @returns a function that releases the lock
 * @throws {DataDirError} {DataFileError}
 */
export function lockDataDir(dataDir: string, setting: string): () => void {
  makeFolder(dataDir, setting);
  const file = join(dataDir, 'lock.sqlite');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database?.close();
    if (!isBusy(cause)) throw new DataFileError(file, cause, 'delete it, it holds no data.');
    throw new DataDirError(
      `${dataDir} is in use by another instance. End that one, or set ${setting} to another folder.`,
      { cause },
    );
  }
  return () => database?.close();
}

function makeFolder(dataDir: string, setting: string): void {
  try {
    mkdirSync(dataDir, { recursive: true });
    accessSync(dataDir, constants.W_OK);
  } catch (cause) {
    if (isDiskFull(cause)) throw new DataFileError(dataDir, cause);
    throw new DataDirError(
      `The folder of the data, ${dataDir}, cannot be used (${(cause as Error).message}). Set ${setting} to a folder that you may write to.`,
      { cause },
    );
  }
}
