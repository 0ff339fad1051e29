/** What a deletion leaves of an owner, and the operator's command that erases or exports one. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ImportStore } from '../../functions/features/imports/store.ts';
import { longTest } from '../support/long-test.ts';
import {
  client,
  databaseOf,
  file,
  photo,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';
import { clientFor } from '../support/storage.ts';

const COMMAND = fileURLToPath(new URL('../../deploy/owner.ts', import.meta.url));
const ALICE = 'alice@secret.example';

let stack: Stack;
let db: Firestore;
let folder: string;
beforeAll(async () => {
  stack = await startStack();
  db = databaseOf(stack);
  folder = await mkdtemp(join(tmpdir(), 'owner-'));
});
afterAll(async () => {
  await db.terminate();
  await stack.close();
  await rm(folder, { recursive: true });
});

const as = async (name: string) => client(stack, await tokenOf(stack, name));

/** One photo, and one file that is refused, in one request. @returns the id of the media */
async function send(name: string, key: string): Promise<string> {
  const user = await as(name);
  const body = new FormData();
  body.append('files', await file('02-cat.png'));
  body.append('files', new File(['x'], 'my secret diary.exe'));
  const headers = { 'Idempotency-Key': key };
  const response = await user.call('/api/agent/analyze-media', { method: 'POST', body, headers });
  const { media_ids } = (await response.json()) as { media_ids: [string] };
  await user.results([...media_ids]);
  return media_ids[0];
}

/** Asks about a media once more, which keeps its first description, and for a quote. @returns the id of the reanalysis */
async function again(name: string, id: string): Promise<string> {
  const user = await as(name);
  await user.call(`/api/media/${id}/analyses/describe`, { method: 'POST' });
  await user.results([id]);
  const body = JSON.stringify({ analysis: 'describe', language: 'ja' });
  const response = await user.call('/api/reanalyses', { method: 'POST', body });
  return ((await response.json()) as { id: string }).id;
}

/** As a backend begins it for a user. @returns the id of the import */
async function beginImport(owner_id: string): Promise<string> {
  const source = { bucket: 'shop', prefix: '' };
  const options = { in_place: false, analyze: false, analyses: [], language: 'en' };
  const { id } = await new ImportStore(db).create({ owner_id, source, ...options });
  return id;
}

/** All that the database holds, as text. */
async function everything(): Promise<string> {
  const collections = await db.listCollections();
  const snapshots = await Promise.all(collections.map((collection) => collection.get()));
  const documents = snapshots.flatMap(({ docs }) => docs.map((doc) => [doc.ref.path, doc.data()]));
  return JSON.stringify(documents);
}

async function objectNames(): Promise<string[]> {
  const { STORAGE_EMULATOR_HOST, MEDIA_BUCKET, STAGING_BUCKET } = stack.environment;
  const lists = [MEDIA_BUCKET, STAGING_BUCKET].map(async (bucket) => {
    const response = await fetch(`${STORAGE_EMULATOR_HOST}/storage/v1/b/${bucket}/o`);
    const { items = [] } = (await response.json()) as { items?: { name: string }[] };
    return items.map(({ name }) => name);
  });
  return (await Promise.all(lists)).flat();
}

async function countOf(collection: string, mediaId: string): Promise<number> {
  return (await db.collection(collection).where('media_id', '==', mediaId).get()).size;
}

const DATABASE = { FIRESTORE_DATABASE: '(default)' };

/** Runs the command as for a deployed project: the settings of the api say where. */
const run = (...args: string[]) => runWith(DATABASE, ...args);

function runWith(settings: Record<string, string>, ...args: string[]) {
  const env = { ...process.env, ...stack.environment, ...settings };
  return promisify(execFile)(process.execPath, [COMMAND, ...args], { env });
}

test('a deletion leaves no name of a file and no id of its owner', async () => {
  const id = await send('carol@secret.example', 'one');
  expect(await everything()).toContain('my secret diary');
  const carol = await as('carol@secret.example');
  await carol.call(`/api/media/${id}/analyses/describe`, { method: 'POST' });
  await carol.results([id]);
  expect(await countOf('earlier_results', id)).toBe(1);
  expect((await carol.call(`/api/media/${id}?permanently=true`, { method: 'DELETE' })).status).toBe(
    204,
  );
  const left = await everything();
  expect(left).not.toContain('secret');
  expect(left).not.toContain('02-cat.png');
  expect(await countOf('earlier_results', id)).toBe(0);
  // What was spent in both attempts still counts, and a request that is repeated makes nothing again.
  const usage = (await (await carol.call('/api/usage')).json()) as { items: number };
  expect(usage.items).toBe(2);
});

longTest(
  'an export has each media and its file, byte for byte, and goes on where it ended',
  async () => {
    const id = await send(ALICE, 'two');
    const asked = await again(ALICE, id);
    const deleted = await send(ALICE, 'eight');
    const begun = await beginImport(ALICE);
    await (await as(ALICE)).call(`/api/media/${deleted}`, { method: 'DELETE' });
    for (let times = 0; times < 2; times++) {
      const { stdout } = await run('export', ALICE, folder);
      expect(stdout).toContain('Exported 2 media');
    }
    const { media, bin, reanalyses, imports } = JSON.parse(
      await readFile(join(folder, 'media.json'), 'utf8'),
    );
    expect(bin).toMatchObject([{ id: deleted, file_name: '02-cat.png' }]);
    expect(media).toMatchObject([
      {
        id,
        file_name: '02-cat.png',
        status: 'completed',
        earlier_results: [{ analysis: 'describe', analytics: { model: 'local/facts' } }],
      },
    ]);
    expect(reanalyses).toMatchObject([{ id: asked, state: 'quoted' }]);
    expect(imports).toMatchObject([{ id: begun, source: { gs: 'gs://shop/' } }]);
    expect((await readdir(join(folder, 'files'))).sort()).toEqual(
      [`${id}.png`, `${deleted}.png`].sort(),
    );
    const bytes = await readFile(join(folder, 'files', `${id}.png`));
    expect(bytes.equals(await readFile(photo('02-cat.png')))).toBe(true);
  },
);

longTest('a file that is gone from the bucket is named, and the others are exported', async () => {
  const fay = 'fay@secret.example';
  const ids = [await send(fay, 'six'), await send(fay, 'seven')];
  const { STORAGE_EMULATOR_HOST = '', MEDIA_BUCKET = '' } = stack.environment;
  const bucket = clientFor(STORAGE_EMULATOR_HOST).bucket(MEDIA_BUCKET);
  await bucket.file(`${ids[0]}/original`).delete();
  const exported = join(folder, 'fay');
  const failed = await run('export', fay, exported).catch((error: unknown) => error);
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('Exported 2 media') });
  expect(failed).toMatchObject({ stderr: expect.stringContaining(`${ids[0]} (02-cat.png): `) });
  const { media, missing } = JSON.parse(await readFile(join(exported, 'media.json'), 'utf8'));
  expect(media).toHaveLength(2);
  expect(missing).toMatchObject([{ id: ids[0], file_name: '02-cat.png' }]);
  expect(await readdir(join(exported, 'files'))).toEqual([`${ids[1]}.png`]);
});

test('nothing of an owner is left after `npm run owner -- erase`, and everything of others is', async () => {
  const dan = 'dan@secret.example';
  const gone = await send(dan, 'three');
  await again(dan, gone);
  await beginImport(dan);
  const binned = await send(dan, 'nine');
  await (await as(dan)).call(`/api/media/${binned}`, { method: 'DELETE' });
  // A release that does not know earlier results has deleted their media.
  await db.collection('earlier_results').add({ media_id: 'x', owner_hash: await hashOf(dan) });
  const bob = await send('bob', 'four');
  const { stdout } = await run('erase', dan);
  expect(stdout).toContain('The owner has 1 media, and 1 in the bin. Add --yes');
  await run('erase', dan, '--yes');
  // Again: there is nothing left to do.
  expect((await run('erase', dan, '--yes')).stdout).toContain('Erased 0 media');
  const left = await everything();
  expect(left).not.toContain(dan);
  expect(left).not.toContain(await hashOf(dan));
  expect(left).toContain(bob);
  const names = await objectNames();
  const ofDan = (name: string) => name.includes(gone) || name.includes(binned);
  expect(names.filter(ofDan)).toEqual([]);
  expect(names.filter((name) => name.includes(bob)).length).toBeGreaterThan(0);
});

longTest('settings that lead elsewhere erase nothing', async () => {
  const eve = 'eve@secret.example';
  const id = await send(eve, 'five');
  await expect(
    runWith({ ...DATABASE, MEDIA_BUCKET: 'of-another-project' }, 'erase', eve, '--yes'),
  ).rejects.toThrow('There is no bucket of-another-project, so nothing was changed.');
  await expect(runWith({}, 'erase', eve, '--yes')).rejects.toThrow('FIRESTORE_DATABASE');
  expect(await everything()).toContain(id);
  expect(await objectNames()).toContain(`${id}/original`);
});

async function hashOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Buffer.from(digest).toString('hex');
}

longTest(
  'without settings one sentence says how they are set, and --help how the command is used',
  async () => {
    const env = { ...process.env, STAGING_BUCKET: '', MEDIA_BUCKET: '' };
    const failed = await promisify(execFile)(process.execPath, [COMMAND, 'erase', ALICE], {
      env,
    }).catch((error) => error);
    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^The settings of the api are missing[^\n]*\n {2}env \$\(terraform .*\n.*add --local\.$/m,
      ),
    });
    const { stdout } = await promisify(execFile)(process.execPath, [COMMAND, '--help']);
    expect(stdout).toContain('npm run owner -- erase');
  },
);
