/** Opens the files of the local cloud, and tells which one is damaged. */
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { isDiskFull } from './disk-full.ts';

/** The message names the file and says what to do. */
export class DataFileError extends Error {
  override readonly name = 'DataFileError';

  /** @param remedy advice for a damaged file, as the end of a sentence */
  constructor(file: string, cause: unknown, remedy = REMEDY) {
    super(wordsOf(file, cause, remedy), { cause });
  }
}

/** Users may delete a file that is called damaged, so only certain cases are called so. */
function wordsOf(file: string, cause: unknown, remedy: string): string {
  const { message, errcode } = cause as Error & { errcode?: number };
  const why = message.split('\n')[0];
  if (isDiskFull(cause)) {
    return `The disk is full, so ${file} cannot be written. Free some space on it and start again. No data are lost: leave them where they are.`;
  }
  // The lowest byte is the kind of an error: https://www.sqlite.org/rescode.html#pve
  if (errcode !== undefined && NOT_FILE_ERRORS.has(errcode & 0xff)) {
    return `${file} cannot be used (${why}). See whether you may write to its folder, and whether its disk has room and works; then start again. Leave the data where they are.`;
  }
  return `${file} is damaged (${why}): ${remedy}`;
}

/** No permission, no memory, read-only, an error of the disk, cannot be opened. */
const NOT_FILE_ERRORS: ReadonlySet<number> = new Set([3, 7, 8, 10, 14]);

const REMEDY =
  'put a copy of the whole data folder back, or move that folder away to start with no data.';

/**
 * Opens a SQLite file, creates it if necessary, and checks each of its pages. The pages of 10,000 documents (30 MB) take about 50
 * ms.
 *
 * @param setUp receives the open database
 * @throws {DataFileError} if the file is not a complete database, or cannot be used
 * @example const store = openDataFile('data/firestore.sqlite', (database) => new Store(database));
 */
export function openDataFile<T>(file: string, setUp: (database: DatabaseSync) => T): T {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    // https://www.sqlite.org/pragma.html#pragma_quick_check
    const [found] = database.prepare('PRAGMA quick_check(1)').all();
    if (found?.quick_check !== 'ok') throw new Error(String(found?.quick_check));
    // Overwrites deleted rows: otherwise file names would stay in the file.
    // https://www.sqlite.org/pragma.html#pragma_secure_delete
    database.exec('PRAGMA secure_delete = ON');
    return setUp(database);
  } catch (cause) {
    database?.close();
    throw isBusy(cause) ? cause : new DataFileError(file, cause);
  }
}

/** https://www.sqlite.org/rescode.html#busy */
const SQLITE_BUSY = 5;

/** True if another process uses the file. */
export function isBusy(error: unknown): boolean {
  return (error as { errcode?: unknown }).errcode === SQLITE_BUSY;
}

/**
 * Replaces a file in one step. If the process or the machine dies half way, the earlier file stays complete: the bytes are on the
 * disk before the name leads to them.
 * @throws {DataFileError} if the disk is full
 */
export async function replaceFile(file: string, content: string, mode: number): Promise<void> {
  const next = `${file}.new`;
  try {
    await using handle = await open(next, 'w', mode);
    await handle.writeFile(content);
    await handle.sync();
    await rename(next, file);
    await syncFolder(dirname(file));
  } catch (error) {
    throw isDiskFull(error) ? new DataFileError(file, error) : error;
  }
}

/** Without this the new name may be lost. Windows has no such call. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(folder);
  await handle.sync();
}
