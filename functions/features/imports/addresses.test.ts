/** A step that dies, comes twice or is stopped still downloads once, and leaves nothing behind. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { DailyUploads } from '../../core/accept/daily-uploads.ts';
import { NO_FEATURES } from '../../core/media/moments.ts';
import { Places } from '../../core/media/places.ts';
import { MediaStore } from '../../core/media/store.ts';
import type { TaskQueue } from '../../core/media/task-queue.ts';
import { createLogger } from '../../process/log.ts';
import type { ImportQueue } from './queue.ts';
import type { ImportRecord } from './record.ts';
import { type ImportDeps, importStep } from './step.ts';
import { ImportStore } from './store.ts';

const { db } = await openFirestore();
const logger = createLogger('test', 'silent');

let owner: string;
let nowMs: number;
let perDay = { bytes: 1e9, files: 1_000 };
let server: Server;
let url: string;
let asked: string[];
let respond: (path: string, response: ServerResponse) => void;
let staged: Set<string>;
let deps: ImportDeps;
let imports: ImportStore;
/** Queues of the created tasks. */
let steps: boolean[];

beforeEach(async () => {
  owner = randomUUID();
  nowMs = Date.parse('2026-11-10T12:00:00Z');
  perDay = { bytes: 1e9, files: 1_000 };
  asked = [];
  staged = new Set();
  steps = [];
  respond = (_, response) => {
    response.writeHead(200, { 'Content-Type': 'image/png' }).end('picture');
  };
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    respond(request.url ?? '', response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  prepare();
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

function prepare(): void {
  const now = () => nowMs;
  const queue = {
    enqueue: async () => true,
    enqueueImport: async (_id: string, _suffix: string, { downloads = false } = {}) => {
      steps.push(downloads);
      return true;
    },
  } as unknown as TaskQueue & ImportQueue;
  const objects = {
    stage: async (name: string, bytes: Readable, signal: AbortSignal) => {
      const content = await buffer(bytes);
      signal.throwIfAborted();
      staged.add(name);
      return { size: content.length, md5: '' };
    },
    stagedSize: async () => undefined,
    unstage: async (name: string) => void staged.delete(name),
  };
  imports = new ImportStore(db, now);
  deps = {
    moments: NO_FEATURES,
    firestore: db,
    media: new MediaStore(db, now),
    queue,
    logger,
    now,
    buckets: [],
    places: new Places({ firestore: db, queue, logger, max: 10, now }),
    dailyUploads: new DailyUploads(db, perDay, now),
    objects: objects as never,
    storage: {} as never,
    loopback: 'allow',
    limits: { inFlight: 3, maxUploadBytes: 1_000, perDay },
  };
}

async function begun(count: number): Promise<string> {
  const addresses = range(count).map((n) => ({ url: `${url}/${n}.png`, tries: 0 }));
  const options = { in_place: false, analyze: true, analyses: ['describe'], language: 'en' };
  const source = { urls: count };
  return (await imports.create({ owner_id: owner, source, addresses, ...options })).id;
}

const get = (id: string): Promise<ImportRecord> => imports.get(id, owner);

async function media() {
  return (await db.collection('media').where('owner_id', '==', owner).get()).docs;
}

async function end(): Promise<void> {
  for (const { ref } of await media()) await ref.update({ status: 'completed', queue_state: null });
}

async function goOn(id: string, times: number): Promise<void> {
  for (const _ of range(times)) {
    await importStep(id, deps);
    await end();
  }
}

test('each address is downloaded once and becomes one media, a few at a time', async () => {
  const id = await begun(5);
  await importStep(id, deps);
  expect(await get(id)).toMatchObject({ found: 5, accepted: 3, held_until: null });
  await end();
  await goOn(id, 3);
  expect(await get(id)).toMatchObject({ state: 'completed', accepted: 5, done: 5, addresses: [] });
  expect(asked.toSorted()).toEqual(range(5).map((n) => `/${n}.png`));
  const records = (await media()).map((doc) => doc.data());
  expect(records.map(({ source_url }) => source_url).toSorted()).toEqual(
    range(5).map((n) => `${url}/${n}.png`),
  );
  expect(records.every(({ staging_object, id: name }) => staging_object === name)).toBe(true);
  expect(staged.size).toBe(5);
  // In a queue where no photo waits behind them.
  expect(new Set(steps)).toEqual(new Set([true]));
});

test('of steps side by side one downloads, and the others wait for it', async () => {
  const id = await begun(3);
  await Promise.all(range(4).map(() => importStep(id, deps)));
  expect(asked).toHaveLength(3);
  expect(await media()).toHaveLength(3);
  expect((await get(id)).accepted).toBe(3);
});

test('a step that died while it downloaded is taken over after its time, and not before', async () => {
  const id = await begun(1);
  const dying = { ...deps, objects: { stage: () => Promise.reject(new Error('ends')) } as never };
  await expect(importStep(id, dying, 'first')).rejects.toThrow('ends');
  await importStep(id, deps, 'second');
  expect(asked).toHaveLength(1);
  nowMs += 200_000;
  await importStep(id, deps);
  expect(asked).toHaveLength(2);
  expect(await get(id)).toMatchObject({ accepted: 1, held_until: null });
});

test('its own task, delivered again, takes over at once', async () => {
  const id = await begun(1);
  const dying = { ...deps, objects: { stage: () => Promise.reject(new Error('ends')) } as never };
  await expect(importStep(id, dying, 'first')).rejects.toThrow('ends');
  await importStep(id, deps, 'first');
  expect(await get(id)).toMatchObject({ accepted: 1, held_until: null, held_by: null });
});

test('what its owner cancels during a download comes to nothing, and leaves nothing', async () => {
  const id = await begun(2);
  respond = (_, response) => {
    void imports.change(id, owner, 'cancel').then(() => {
      response.writeHead(200, { 'Content-Type': 'image/png' }).end('picture');
    });
  };
  await importStep(id, deps);
  expect(await get(id)).toMatchObject({ state: 'cancelled', accepted: 0 });
  expect(await media()).toHaveLength(0);
  expect(staged.size).toBe(0);
});

test('two imports of the same addresses make one media of each', async () => {
  const ids = [await begun(3), await begun(3)];
  await Promise.all(ids.map((id) => importStep(id, deps)));
  await end();
  for (const id of ids) await goOn(id, 3);
  expect(await media()).toHaveLength(3);
  const runs = await Promise.all(ids.map(get));
  expect(runs.map(({ state }) => state)).toEqual(['completed', 'completed']);
  expect(runs.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(3);
  expect(runs.reduce((sum, { skipped }) => sum + skipped, 0)).toBe(3);
  expect(staged.size).toBe(3);
});

test('a server that does not answer is tried three times, after the others, and then named', async () => {
  respond = (path, response) => {
    if (path === '/0.png') response.writeHead(503).end();
    else response.writeHead(200, { 'Content-Type': 'image/png' }).end('picture');
  };
  const id = await begun(4);
  await goOn(id, 6);
  expect(await get(id)).toMatchObject({ state: 'completed', accepted: 3, failed: 1 });
  expect((await get(id)).failures).toMatchObject([{ name: `${url}/0.png`, code: 'unavailable' }]);
  expect(asked.filter((path) => path === '/0.png')).toHaveLength(3);
});

test('the limit of the day holds it back, and nothing is asked for meanwhile', async () => {
  perDay = { bytes: 1e9, files: 2 };
  prepare();
  const id = await begun(3);
  await goOn(id, 3);
  const asking = asked.length;
  await goOn(id, 2);
  expect(await get(id)).toMatchObject({ state: 'running', wait_code: 'rate_limited', accepted: 2 });
  expect(asked).toHaveLength(asking);
  expect(staged.size).toBe(2);
  nowMs += 24 * 3_600_000;
  await goOn(id, 2);
  expect(await get(id)).toMatchObject({ state: 'completed', accepted: 3 });
});

test('a hundred failures whose reasons a server has made as long as can be go into one record', async () => {
  respond = (_, response) => {
    response.writeHead(200, {
      'Content-Type': 'image/png',
      'Content-Encoding': 'x'.repeat(14_000),
    });
    response.end();
  };
  const id = await begun(100);
  await goOn(id, 34);
  const { state, failures } = await get(id);
  expect({ state, named: failures.length }).toEqual({ state: 'completed', named: 100 });
  expect(failures[0]?.message).toContain('/0.png: The server sends it with Content-Encoding: xxx');
});
