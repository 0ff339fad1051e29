/** Files that a power loss or a careless user leaves in the data folder. */
import { mkdir, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SERVICES, startServices } from '../services.ts';
import { openDataFile, replaceFile } from './data-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** @returns why the services do not start */
async function refusal(): Promise<string> {
  const error = await startServices(SERVICES, { project: 'demo', dataDir: folder }).then(
    async (services) => {
      await services.close();
      return new Error('It has started.');
    },
    (thrown: Error) => thrown,
  );
  return `${error.name}: ${error.message.replaceAll(folder, 'FOLDER')}`;
}

const NEW_KEYS = 'move it away, and the next start makes new keys.';
const NO_DATA =
  'put a copy of the whole data folder back, or move that folder away to start with no data.';
const rubbish = Buffer.alloc(8_192, 'rubbish');

describe('a file that is damaged is named in one sentence that says what to do:', () => {
  test.each<[string, Buffer, string, string]>([
    ['identity.json', Buffer.alloc(0), 'it is not JSON', NEW_KEYS],
    [
      'identity.json',
      Buffer.from('{"signing_key":"x"}'),
      'service_accounts: Invalid input: expected record, received undefined',
      NEW_KEYS,
    ],
    [
      'identity.json',
      Buffer.from('{"signing_key":"x","service_accounts":{}}'),
      'a key cannot be read',
      NEW_KEYS,
    ],
    ['firestore.sqlite', rubbish, 'file is not a database', NO_DATA],
    ['metadata.sqlite', rubbish, 'file is not a database', NO_DATA],
    ['tasks.sqlite', rubbish, 'file is not a database', NO_DATA],
    ['lock.sqlite', rubbish, 'file is not a database', 'delete it, it holds no data.'],
  ])('%s', async (name, content, why, remedy) => {
    await writeFile(join(folder, name), content);
    expect(await refusal()).toBe(`DataFileError: FOLDER/${name} is damaged (${why}): ${remedy}`);
  });

  test('a database that has lost half a page', async () => {
    const file = join(folder, 'metadata.sqlite');
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE names (name TEXT PRIMARY KEY, text TEXT) WITHOUT ROWID');
    const put = database.prepare('INSERT INTO names VALUES (?, ?)');
    for (let n = 0; n < 500; n++) put.run(`name ${n}`, 'x'.repeat(100));
    database.close();
    await truncate(file, (await stat(file)).size - 2_048);
    expect(await refusal()).toMatch(
      /^DataFileError: FOLDER\/metadata\.sqlite is damaged \(.*\): put a copy /,
    );
  });
});

describe('what is not damaged is not called so, and nobody is told to move it away:', () => {
  const file = () => join(folder, 'a.sqlite');
  const wordsOf = (setUp: (database: DatabaseSync) => void) => {
    try {
      openDataFile(file(), (database) => {
        setUp(database);
        database.close();
      });
      return 'It was opened.';
    } catch (error) {
      return (error as Error).message.replaceAll(folder, 'FOLDER');
    }
  };
  const failWith = (message: string, codes: object) => () => {
    throw Object.assign(new Error(message), codes);
  };
  const FULL =
    'The disk is full, so FOLDER/a.sqlite cannot be written. Free some space on it and start again. No data are lost: leave them where they are.';

  test('a disk that has no room for a table', () => {
    const full = (database: DatabaseSync) =>
      database.exec('PRAGMA max_page_count = 1; CREATE TABLE t (n INTEGER)');
    expect(wordsOf(full)).toBe(FULL);
    expect(wordsOf((database) => database.exec('CREATE TABLE t (n INTEGER)'))).toBe(
      'It was opened.',
    );
  });

  // https://www.sqlite.org/rescode.html#ioerr_shmsize
  test.each([
    ['for the memory that connections share', 'disk I/O error', { errcode: 4_874 }],
    ['for a folder', 'ENOSPC: no space left on device, mkdir', { code: 'ENOSPC' }],
    ['within a quota', 'EDQUOT: disk quota exceeded, write', { code: 'EDQUOT' }],
  ])('a disk that has no room %s', (_, message, codes) => {
    expect(wordsOf(failWith(message, codes))).toBe(FULL);
  });

  test.each([
    ['may not be written', 'attempt to write a readonly database', { errcode: 8 }],
    ['the disk fails to read', 'disk I/O error', { errcode: 266 }],
  ])('a file that %s', (_, message, codes) => {
    expect(wordsOf(failWith(message, codes))).toBe(
      `FOLDER/a.sqlite cannot be used (${message}). See whether you may write to its folder, and whether its disk has room and works; then start again. Leave the data where they are.`,
    );
  });

  test('a file that cannot be opened', async () => {
    await mkdir(file());
    expect(wordsOf(() => undefined)).toContain('cannot be used (unable to open database file)');
  });

  test('a disk that is full when the keys are written, at the first start', async () => {
    if (process.platform !== 'linux') return;
    await symlink('/dev/full', join(folder, 'identity.json.new'));
    expect(await refusal()).toBe(`DataFileError: ${FULL.replace('a.sqlite', 'identity.json')}`);
  });
});

test('a file is replaced whole, and by its owner alone to be read', async () => {
  const file = join(folder, 'a.json');
  await replaceFile(file, 'one', 0o600);
  await replaceFile(file, 'two', 0o600);
  expect(await readFile(file, 'utf8')).toBe('two');
  await expect(stat(`${file}.new`)).rejects.toThrow('ENOENT');
});
