/** What a power loss or a careless hand leaves in the folder of the data. */
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { SERVICES, startServices } from '../services.ts';
import { replaceFile } from './data-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-file-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** @returns why the services do not start. */
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

test('a file is replaced whole, and by its owner alone to be read', async () => {
  const file = join(folder, 'a.json');
  await replaceFile(file, 'one', 0o600);
  await replaceFile(file, 'two', 0o600);
  expect(await readFile(file, 'utf8')).toBe('two');
  await expect(stat(`${file}.new`)).rejects.toThrow('ENOENT');
});
