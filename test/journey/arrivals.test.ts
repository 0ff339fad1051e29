/** What somebody writes to a bucket becomes a media by itself: once, of the right owner, and never by a forged message. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ownerHash } from '../../functions/core/media/owner-hash.ts';
import type { MediaRecord } from '../../functions/core/media/record.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { makePicture } from '../faults/user.ts';
import { testWithFirestoreFaults } from '../support/firestore.ts';
import { STRICT_IN_LONG_RUN } from '../support/mode.ts';
import { client, eventually, type Stack, startStack, tokenOf } from '../support/stack.ts';
import {
  type Backend,
  becomes,
  begin,
  bucketOf,
  isCompleted,
  mediaOf,
  openBackend,
} from './imports.ts';

const [SHOP, TEAM] = ['arriving-photos', 'team-photos'];

const faults = new FaultPlan();
let stack: Stack;
let backend: Backend;

beforeAll(async () => {
  stack = await startStack({
    mode: STRICT_IN_LONG_RUN,
    faults,
    sweepIntervalMs: 2_000,
    environment: {
      IMPORT_NEW_OBJECTS: JSON.stringify([
        { bucket: SHOP, prefix: 'users/{owner}/', language: 'ja' },
        { bucket: TEAM, prefix: 'in/', owner: 'team', in_place: true },
        { bucket: TEAM, prefix: 'in/raw/', owner: 'archive', analyze: false },
      ]),
      IMPORT_BUCKETS: SHOP,
      LEASE_S: '3',
      SWEEP_QUIET_S: '3',
      MAX_FILES_PER_DAY: '40',
    },
  });
  backend = await openBackend(stack);
});
afterAll(async () => {
  await backend.close();
  await stack.close();
});
afterEach(() => faults.clearScript());

/** Stores a picture as its owner does, by Google's own client. @returns its generation */
async function store(bucket: string, name: string, seed: number): Promise<string> {
  const { file } = await makePicture(seed, 0);
  return save(bucket, name, Buffer.from(await file.arrayBuffer()), 'image/png');
}

async function save(bucket: string, name: string, bytes: Buffer | string, contentType: string) {
  const object = bucketOf(stack, bucket).file(name);
  await object.save(bytes, { resumable: false, contentType });
  return String(object.metadata.generation);
}

/** Waits until an owner has so many media, all of them completed. */
function arrived(owner: string, count: number): Promise<MediaRecord[]> {
  return eventually(async () => {
    const media = await mediaOf(backend, owner);
    const done = media.filter(({ status }) => status === 'completed');
    return done.length >= count ? media : undefined;
  });
}

const filesToday = async (owner: string): Promise<unknown> => {
  const { docs } = await backend.firestore.collection('daily_uploads').get();
  return docs.find(({ id }) => id.endsWith(ownerHash(owner)))?.get('files');
};

/** What Cloud Storage would tell of an object. */
function messageOf(bucketId: string, objectId: string, objectGeneration: string, size = 9) {
  const payload = { name: objectId, generation: objectGeneration, size: String(size) };
  return {
    message: {
      attributes: {
        eventType: 'OBJECT_FINALIZE',
        payloadFormat: 'JSON_API_V1',
        bucketId,
        objectId,
        objectGeneration,
      },
      data: Buffer.from(JSON.stringify({ ...payload, contentType: 'image/png' })).toString(
        'base64',
      ),
      messageId: '1',
    },
    subscription: 'projects/p/subscriptions/s',
  };
}

const push = (body: object) => stack.callWorker('/tasks/arrival', body);

test('what is written to a folder of a user becomes an analysed media of this user', async () => {
  const generation = await store(SHOP, 'users/alice/2026/a.png', 1);
  const [media] = await arrived('alice', 1);
  expect(media).toMatchObject({
    file_name: 'a.png',
    content_type: 'image/png',
    language: 'ja',
    wanted: [],
    source: { bucket: SHOP, name: 'users/alice/2026/a.png', generation },
  });
  expect(media?.analytics).not.toBeNull();
  // The owner sees it as any other.
  const shown = await client(stack, await tokenOf(stack, 'alice')).get(media?.id ?? '');
  expect(shown).toMatchObject({ file_name: 'a.png', status: 'completed' });
  expect(await filesToday('alice')).toBe(1);
});

test('a message that comes twice, and an import of the same object, make one media', async () => {
  faults.script('deliveries', 'http://worker', { kind: 'duplicate', ms: 50 });
  const generation = await store(SHOP, 'users/bob/a.png', 2);
  await arrived('bob', 1);
  expect((await push(messageOf(SHOP, 'users/bob/a.png', generation))).status).toBe(204);
  const bob = backend.as('bob');
  const run = await begin(bob, { source: { gs: `gs://${SHOP}/users/bob/` } });
  expect(await becomes(bob, run, isCompleted)).toMatchObject({ found: 1, skipped: 1, accepted: 0 });
  expect(await mediaOf(backend, 'bob')).toHaveLength(1);
  expect(await filesToday('bob')).toBe(1);
  // What replaces it is another one.
  await store(SHOP, 'users/bob/a.png', 3);
  expect(await arrived('bob', 2)).toHaveLength(2);
});

test('the longest prefix says whose it is, and whether it stays where it is', async () => {
  await store(TEAM, 'in/a.png', 4);
  await store(TEAM, 'in/raw/b.png', 5);
  const [mine] = await arrived('team', 1);
  expect(mine).toMatchObject({ file_name: 'a.png', source: { in_place: true } });
  const [raw] = await arrived('archive', 1);
  expect(raw).toMatchObject({ file_name: 'b.png', analyze: false, analytics: null });
  expect(raw?.source).not.toHaveProperty('in_place');
});

testWithFirestoreFaults(
  'while Firestore takes nothing, Pub/Sub keeps the message, and the object arrives',
  async () => {
    const refused = () => faults.counts.get('firestore.refuse') ?? 0;
    const before = refused();
    // Of all refusals it is this one that Google's client does not answer by itself.
    for (let n = 0; n < 2; n++) {
      faults.script('firestore', 'Commit', { kind: 'refuse', code: 'DEADLINE_EXCEEDED' });
    }
    await store(SHOP, 'users/carol/a.png', 6);
    expect(await arrived('carol', 1)).toHaveLength(1);
    expect(refused() - before).toBe(2);
    expect(await filesToday('carol')).toBe(1);
  },
);

test('what cannot be a media, or is in nobody’s folder, is left out and not sent again', async () => {
  const left = [
    await save(SHOP, 'users/dora/notes.pdf', 'notes', 'application/pdf'),
    await save(SHOP, 'users/dora/', '', 'text/plain'),
  ];
  expect(left).toHaveLength(2);
  const names = [
    ...['users/../a.png', 'users/./a.png', 'users//a.png', 'users/a.png', 'a.png'],
    ...[`users/${'x'.repeat(256)}/a.png`, 'users/ann smith/a.png', 'users/ann\n/a.png'],
  ];
  for (const name of names) {
    expect([name, (await push(messageOf(SHOP, name, '17'))).status]).toEqual([name, 204]);
  }
  expect((await push(messageOf('another-bucket', 'users/dora/a.png', '18'))).status).toBe(204);
  const { docs } = await backend.firestore
    .collection('media')
    .where('source.generation', 'in', ['17', '18', ...left])
    .get();
  expect(docs.map((doc) => doc.get('source'))).toEqual([]);
});

test('a message that is none is dropped, and one that contradicts itself', async () => {
  const good = messageOf(SHOP, 'users/eve/a.png', '19');
  const of = (change: object, data = good.message.data) => ({
    ...good,
    message: { ...good.message, data, attributes: { ...good.message.attributes, ...change } },
  });
  const bad = [
    of({ eventType: 'OBJECT_DELETE' }),
    of({ objectId: 'users/mallory/a.png' }),
    of({ objectGeneration: '20' }),
    of({}, 'no JSON'),
    { ...good, message: {} },
  ];
  for (const body of bad) expect((await push(body)).status).toBe(204);
  expect((await push({ hello: 1 })).status).toBe(400);
  for (const owner of ['eve', 'mallory']) expect(await mediaOf(backend, owner)).toEqual([]);
});

test('a forged message is refused: without a token, and with that of a user', async () => {
  const body = JSON.stringify(messageOf(SHOP, 'users/frank/a.png', '21'));
  const url = `${stack.workerUrl}/tasks/arrival`;
  const headers = { 'Content-Type': 'application/json' };
  const bare = await fetch(url, { method: 'POST', headers, body });
  expect(bare.status).toBe(403);
  const token = await tokenOf(stack, 'frank');
  const authorized = { ...headers, Authorization: `Bearer ${token}` };
  const user = await fetch(url, { method: 'POST', headers: authorized, body });
  expect([401, 403]).toContain(user.status);
  expect(await mediaOf(backend, 'frank')).toEqual([]);
});

test('an object waits for tomorrow when the day is used up, and is not lost', async () => {
  await store(SHOP, 'users/gina/a.png', 7);
  await arrived('gina', 1);
  const { docs } = await backend.firestore.collection('daily_uploads').get();
  const mine = docs.find(({ id }) => id.endsWith(ownerHash('gina')))?.ref;
  await mine?.update({ files: 40 });
  const generation = await store(SHOP, 'users/gina/b.png', 8);
  expect((await push(messageOf(SHOP, 'users/gina/b.png', generation))).status).toBe(429);
  expect(await mediaOf(backend, 'gina')).toHaveLength(1);
  // As it is after midnight.
  await mine?.update({ files: 0 });
  expect(await arrived('gina', 2)).toHaveLength(2);
});
