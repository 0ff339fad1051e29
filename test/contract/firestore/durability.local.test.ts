/** What only the local service promises: its data outlive the process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FieldValue, Firestore, GeoPoint, Timestamp } from '@google-cloud/firestore';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startFirestore } from '../../../local-cloud/firestore/server.ts';
import { endWithUs } from '../../support/end-with-us.ts';
import { idsOf, watch } from '../../support/firestore.ts';
import { orHang } from '../../support/hang-limit.ts';

// The client would prefer the emulator over the server that this test starts.
delete process.env.FIRESTORE_EMULATOR_HOST;

const SERVER = new URL('../../../local-cloud/firestore/server.ts', import.meta.url).href;
const SCRIPT = `
  const { startFirestore } = await import(process.argv[1]);
  const [port, dataDir] = process.argv.slice(2);
  console.log((await startFirestore({ port: Number(port), dataDir })).port);
`;

let dataDir: string;
let cleanUp: (() => Promise<unknown>)[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'firestore-'));
  cleanUp = [() => rm(dataDir, { recursive: true, force: true })];
});
afterEach(async () => {
  for (const undo of cleanUp.toReversed()) await undo();
});

const start = async (port = 0) => {
  const server = await startFirestore({ port, dataDir });
  let closed: Promise<void> | undefined;
  const close = async () => {
    closed ??= server.close();
    await closed;
  };
  cleanUp.push(close);
  return { port: server.port, close };
};

const connect = (port: number) => {
  const client = new Firestore({ projectId: 'durable', host: `127.0.0.1:${port}`, ssl: false });
  cleanUp.push(() => client.terminate());
  return client;
};

/** A server in a process of its own, so that it can be killed. */
async function spawnServer(port = 0): Promise<{ port: number; process: ChildProcess }> {
  const args = ['--input-type=module', '--eval', SCRIPT, SERVER, String(port), dataDir];
  const child = endWithUs(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] }));
  cleanUp.push(() => kill(child));
  const [line] = await orHang(once(createInterface(child.stdout), 'line'), 'server start');
  return { port: Number(line), process: child };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

test('a restart loses no document, value or time', async () => {
  const first = await start();
  const before = connect(first.port);
  const values = {
    text: 'ä🐈',
    big: 2 ** 60,
    nan: Number.NaN,
    minusZero: -0,
    at: new Timestamp(1, 2_000),
    bytes: Buffer.from([0, 255]),
    point: new GeoPoint(1, 2),
    vector: FieldValue.vector([1, 2]),
    map: { list: [null, { a: [] }], empty: {} },
  };
  await before.doc('c/kept').set({ ...values, n: 1 });
  await before.doc('c/kept').update({ n: FieldValue.increment(1) });
  await before.doc('c/kept/sub/child').set({ n: 1 });
  await before.doc('c/gone').set({ n: 1 });
  await before.doc('c/gone').delete();
  const kept = await before.doc('c/kept').get();
  await first.close();

  const after = connect((await start()).port);
  const found = await after.doc('c/kept').get();
  expect(found.data()).toEqual({ ...values, n: 2 });
  expect(found.createTime).toEqual(kept.createTime);
  expect(found.updateTime).toEqual(kept.updateTime);
  expect(await idsOf(after.collection('c').where('n', '==', 2))).toEqual(['kept']);
  expect(await idsOf(after.collection('c'))).toEqual(['kept']);
  expect(await idsOf(after.collectionGroup('sub'))).toEqual(['child']);
  const { writeTime } = await after.doc('c/kept').update({ n: 3 });
  expect(writeTime.valueOf() > (kept.updateTime?.valueOf() ?? '')).toBe(true);
});

test('a listener outlives a restart on the same port and learns what happened meanwhile', async () => {
  const first = await start();
  const client = connect(first.port);
  const media = client.collection('media');
  for (const id of ['a', 'b', 'c']) await media.doc(id).set({ owner: 'x', n: 1 });
  const list = watch(media.where('owner', '==', 'x'));
  const doc = watch(media.doc('b'));
  await list.until((s) => s.size === 3);
  await doc.until((s) => s.exists);
  await first.close();

  const meanwhile = await start();
  const other = connect(meanwhile.port).collection('media');
  await other.doc('a').update({ n: 2 });
  await other.doc('b').delete();
  await other.doc('c').update({ owner: 'y' });
  await other.doc('d').set({ owner: 'x', n: 1 });
  await meanwhile.close();

  await start(first.port);
  await doc.until((s) => !s.exists, 'the deletion');
  const caughtUp = await list.until(
    (s) => s.docs.map((d) => d.id).join() === 'a,d',
    'the new list',
  );
  expect(caughtUp.docs[0]?.get('n')).toBe(2);
  await media.doc('e').set({ owner: 'x' });
  await list.until((s) => s.size === 3, 'a change after the restart');
});

test('kill -9 in the midst of commits loses nothing acknowledged and splits no batch', async () => {
  const victim = await spawnServer();
  const client = connect(victim.port);
  const acknowledged = new Map<string, string>();
  const enough = Promise.withResolvers<void>();
  let writing = true;
  const writer = async (name: number) => {
    for (let n = 0; writing; n++) {
      const id = `${name}-${n}`;
      const batch = client.batch();
      batch.set(client.doc(`left/${id}`), { n, filler: 'x'.repeat(2_000) });
      batch.set(client.doc(`right/${id}`), { n });
      const [result] = await batch.commit();
      acknowledged.set(id, result?.writeTime.valueOf() ?? '');
      if (acknowledged.size === 300) enough.resolve();
    }
  };
  const writers = Promise.all([0, 1, 2, 3].map(writer));
  await orHang(Promise.race([enough.promise, writers]), '300 commits');
  await kill(victim.process);
  writing = false;
  // The commits that were under way are tried again by the client, and acknowledged then.
  await spawnServer(victim.port);
  await writers;

  const [left, right] = await Promise.all([
    client.collection('left').get(),
    client.collection('right').get(),
  ]);
  const times = new Map(left.docs.map((doc) => [doc.id, doc.updateTime.valueOf()]));
  expect(times.size).toBeGreaterThanOrEqual(300);
  expect(right.docs.map((doc) => doc.id)).toEqual(left.docs.map((doc) => doc.id));
  for (const [id, time] of acknowledged) expect([id, times.get(id)]).toEqual([id, time]);
});

test('acknowledged single writes, deletes and increments survive kill -9', async () => {
  const victim = await spawnServer();
  const client = connect(victim.port);
  const counter = client.doc('c/counter');
  await counter.set({ n: 0 });
  await client.doc('c/deleted').set({});
  for (let n = 0; n < 50; n++) await counter.update({ n: FieldValue.increment(1) });
  await client.doc('c/deleted').delete();
  await client.doc('c/last').create({ n: 1 });
  await kill(victim.process);

  await spawnServer(victim.port);
  const again = connect(victim.port);
  expect((await again.doc('c/counter').get()).get('n')).toBe(50);
  expect(await idsOf(again.collection('c'))).toEqual(['counter', 'last']);
});
