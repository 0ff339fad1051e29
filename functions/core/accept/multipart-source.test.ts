import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '@media-analysis/shared/errors';
import { openMedia } from '../../../test/support/features.ts';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { openTestStorage, type TestStorage } from '../../../test/support/storage.ts';
import { ConcurrencyLimit } from '../../http/concurrency-limit.ts';
import { createLogger } from '../../process/log.ts';
import { ObjectStore } from '../../storage/objects.ts';
import { type Feature, Moments } from '../media/moments.ts';
import { readOwnedPage } from '../media/owned-media.ts';
import { Places } from '../media/places.ts';
import { MEDIA_COLLECTION } from '../media/record.ts';
import { MediaStore } from '../media/store.ts';
import type { TaskQueue } from '../media/task-queue.ts';
import { AcceptanceStore } from './acceptances.ts';
import { DailyUploads } from './daily-uploads.ts';
import { acceptMedia, type MultipartDeps } from './multipart-source.ts';
import type { Accepted } from './once.ts';

const { db } = await openFirestore();
const { media, moments } = openMedia(db);

const MAX_QUEUED = 10;

let storage: TestStorage;
let deps: MultipartDeps;
/** Puts tasks on the queue; a test may replace it. */
let enqueue: (task: { media_id: string }) => Promise<unknown>;
let staging: string;
/** The tasks that were asked for, each by its media id. */
let enqueued: string[];
let owner: string;
let server: http.Server;

beforeAll(async () => {
  storage = await openTestStorage();
  server = http.createServer((request, response) => {
    const accept = {
      ownerId: owner,
      analyze: request.url !== '/store',
      idempotencyKey: request.headers['idempotency-key']?.toString(),
    };
    acceptMedia(request, accept, deps).then(
      (accepted) => response.end(JSON.stringify(accepted)),
      (error: unknown) => {
        const { code, message, extensions } = error as AppError;
        response.writeHead(400).end(JSON.stringify({ code, message, extensions }));
      },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await storage.close();
});
beforeEach(async () => {
  owner = randomUUID();
  enqueued = [];
  const bucket = await storage.createBucket();
  staging = bucket.name;
  enqueue = async ({ media_id }) => enqueued.push(media_id);
  const queue = { enqueue: (_phase: string, task: { media_id: string }) => enqueue(task) };
  const logger = createLogger('test', 'silent');
  deps = {
    media,
    objects: new ObjectStore(storage.client, { STAGING_BUCKET: staging, MEDIA_BUCKET: staging }),
    acceptances: new AcceptanceStore(db),
    places: new Places({
      firestore: db,
      queue: queue as unknown as TaskQueue,
      logger,
      max: MAX_QUEUED,
    }),
    moments,
    limits: {
      files: 5,
      fileBytes: 1_000,
      requestBytes: 100_000,
      timeouts: { stallMs: 600_000, totalMs: 600_000 },
    },
    uploads: new ConcurrencyLimit({ each: 20 }, 'uploads'),
    dailyUploads: new DailyUploads(db, { bytes: 1_000_000, files: 20 }),
    model: 'local/vision',
    logger,
    now: Date.now,
  };
});

const photo = (content: string, name = `${content}.jpg`, type = 'image/jpeg') =>
  new File([content], name, { type });
const text = photo('text', 'notes.txt', 'text/plain');

interface Refusal {
  code: string;
  message: string;
  extensions: Record<string, unknown>;
}

async function send(
  files: File[],
  {
    key,
    path = '/',
    language,
    note,
  }: Partial<Record<'key' | 'path' | 'language' | 'note', string>> = {},
): Promise<Accepted & Refusal> {
  const body = new FormData();
  for (const file of files) body.append('files', file);
  if (language !== undefined) body.append('language', language);
  if (note !== undefined) body.append('note', note);
  const { port } = server.address() as AddressInfo;
  const headers: Record<string, string> = key === undefined ? {} : { 'Idempotency-Key': key };
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    body,
    headers,
  });
  return (await response.json()) as Accepted & Refusal;
}

const ids = ({ records }: Pick<Accepted, 'records'>) => records.map(({ id }) => id);

async function staged(): Promise<string[]> {
  const [files] = await storage.client.bucket(staging).getFiles();
  return files.map(({ name }) => name).sort();
}

async function recorded(): Promise<string[]> {
  const { docs } = await db.collection(MEDIA_COLLECTION).where('owner_id', '==', owner).get();
  return docs.map(({ id }) => id).sort();
}

const left = () => deps.dailyUploads.remaining(owner);

/** What must be true after every request, whatever came of it. */
async function expectConsistent(accepted: string[]): Promise<void> {
  expect(await recorded()).toEqual(accepted.toSorted());
  expect(await staged()).toEqual(accepted.toSorted());
}

describe('a batch', () => {
  test('is a pending media for each file, with its bytes staged and its task enqueued', async () => {
    const accepted = await send([photo('one'), photo('three')], { language: 'ja' });
    expect(accepted.records).toMatchObject([
      { file_name: 'one.jpg', size: 3, status: 'pending', analyze: true, language: 'ja' },
      { file_name: 'three.jpg', size: 5, content_type: 'image/jpeg', owner_id: owner },
    ]);
    await expectConsistent(ids(accepted));
    expect(enqueued).toEqual(ids(accepted));
    expect(await left()).toEqual({ bytes: 1_000_000 - 8, files: 18 });
  });

  test('may be only to be stored', async () => {
    const { records } = await send([photo('one')], { path: '/store' });
    expect(records).toMatchObject([{ analyze: false, language: 'en' }]);
  });

  test('is listed newest first in the order in which its files were sent', async () => {
    deps.now = () => 1_700_000_000_000;
    const accepted = await send(range(5).map((n) => photo(`p${n}`)));
    const { records } = await readOwnedPage(db, owner, 10);
    expect(records.map(({ id }) => id)).toEqual(ids(accepted).reverse());
  });

  test('with files that cannot be taken is the others, and says which and why', async () => {
    const files = [
      text,
      photo('one'),
      photo('', 'empty.jpg'),
      photo('x'.repeat(1_001), 'large.jpg'),
    ];
    const accepted = await send(files);
    expect(accepted.rejected).toMatchObject([
      { index: 0, file_name: 'notes.txt', code: 'unsupported_media_type' },
      { index: 2, file_name: 'empty.jpg', code: 'empty_file' },
      { index: 3, file_name: 'large.jpg', code: 'file_too_large' },
    ]);
    expect(accepted.records).toMatchObject([{ file_name: 'one.jpg' }]);
    await expectConsistent(ids(accepted));
  });

  test('of which no file can be taken is refused, for a reason that its sender can act on', async () => {
    const { code, extensions } = await send([text, photo('', 'empty.jpg')]);
    expect(code).toBe('unsupported_media_type');
    expect(extensions.rejected).toHaveLength(2);
    await expectConsistent([]);
  });

  test('in a language that is none is refused', async () => {
    expect(await send([photo('one')], { language: '<script>' })).toMatchObject({
      code: 'invalid_request',
      message: expect.stringMatching(/^language: /),
    });
    await expectConsistent([]);
  });

  test('whose tasks cannot be enqueued is accepted all the same: the sweeper enqueues', async () => {
    enqueue = () => Promise.reject(new Error('14'));
    await expectConsistent(ids(await send([photo('one')])));
  });

  test('that goes past the day’s bytes leaves nothing behind', async () => {
    deps.dailyUploads = new DailyUploads(db, { bytes: 5, files: 20 });
    expect(await send([photo('sixsix')])).toMatchObject({ code: 'rate_limited' });
    await expectConsistent([]);
  });

  test('that fails at its end is charged for what it stored on the way', async () => {
    deps.limits.files = 2;
    expect(await send([photo('one'), photo('two'), photo('three')])).toMatchObject({
      code: 'too_many_files',
    });
    await expectConsistent([]);
    expect(await left()).toEqual({ bytes: 1_000_000 - 6, files: 18 });
  });

  test('of more files than the day has left is accepted as far as they go', async () => {
    deps.dailyUploads = new DailyUploads(db, { bytes: 1_000_000, files: 2 });
    const accepted = await send([photo('one'), photo('two'), photo('three')]);
    expect(accepted.rejected).toMatchObject([{ file_name: 'three.jpg', code: 'rate_limited' }]);
    expect(accepted.rejected[0]?.message).toContain('2 files');
    await expectConsistent(ids(accepted));
    expect(await send([photo('four')])).toMatchObject({ code: 'rate_limited' });
    expect(await left()).toMatchObject({ files: 0 });
  });

  test('that cannot be recorded leaves nothing behind', async () => {
    const create = async () => Promise.reject(new AppError('unavailable', 'no'));
    deps.media = Object.assign(new MediaStore(db), { create });
    expect(await send([photo('one'), photo('two')])).toMatchObject({ code: 'unavailable' });
    await expectConsistent([]);
  });

  test('that was recorded although it seemed to fail keeps its bytes', async () => {
    const create: typeof media.create = async (...args) => {
      await media.create(...args);
      throw new AppError('unavailable', 'answer lost');
    };
    deps.media = Object.assign(new MediaStore(db), { create });
    await send([photo('one')]);
    const [id] = await recorded();
    await expectConsistent([id ?? '']);
  });

  test('of which one file cannot be stored just now is the others', async () => {
    failStagingOf('two');
    const accepted = await send([photo('one'), photo('two')]);
    expect(accepted.rejected).toMatchObject([{ index: 1, code: 'unavailable' }]);
    await expectConsistent(ids(accepted));
  });
});

/** Cloud Storage breaks down when it gets these bytes, for this once. */
function failStagingOf(content: string): void {
  const { objects } = deps;
  const stage = objects.stage.bind(objects);
  objects.stage = async (name, bytes, signal) => {
    const chunks: Buffer[] = [];
    for await (const chunk of bytes as AsyncIterable<Buffer>) chunks.push(chunk);
    if (String(Buffer.concat(chunks)) === content) throw new Error('503');
    const { Readable } = await import('node:stream');
    return stage(name, Readable.from(chunks), signal);
  };
}

/** Takes a field of the form, and keeps it where the core writes nothing. */
const takesNotes: Feature = {
  name: 'notes',
  accepting: ({ fields: { note } }) => {
    if (typeof note !== 'string') return undefined;
    const change = () => {
      if (note === 'bad') throw new AppError('invalid_request', 'note: not this one.');
      return { same_as: note };
    };
    return { fingerprint: [note], change };
  },
};

describe('a feature that takes part', () => {
  beforeEach(() => {
    deps.moments = new Moments([takesNotes]);
  });

  test('writes into each record', async () => {
    const { records } = await send([photo('one'), photo('two')], { note: 'a' });
    expect(records).toMatchObject([{ same_as: 'a' }, { same_as: 'a' }]);
    const read = await media.getMany(ids({ records }), owner);
    expect(read).toMatchObject([{ same_as: 'a' }, { same_as: 'a' }]);
  });

  test('may refuse a request, and then nothing is left behind', async () => {
    expect(
      await send([photo('one'), photo('two')], { note: 'bad', key: randomUUID() }),
    ).toMatchObject({
      code: 'invalid_request',
      message: 'note: not this one.',
    });
    await expectConsistent([]);
    expect(enqueued).toEqual([]);
  });

  test('is part of what makes a request another one', async () => {
    const key = randomUUID();
    const first = await send([photo('one')], { key, note: 'a' });
    expect(ids(await send([photo('one')], { key, note: 'a' }))).toEqual(ids(first));
    expect((await send([photo('one')], { key, note: 'b' })).code).toBe('idempotency_key_reused');
    expect((await send([photo('one')], { key })).code).toBe('idempotency_key_reused');
    await expectConsistent(ids(first));
  });
});

describe('a request that is sent again with its key', () => {
  const key = () => randomUUID();

  test('finds what the first one made, and makes nothing', async () => {
    const [again, files] = [key(), [photo('one'), photo('two')]];
    const first = await send(files, { key: again });
    const second = await send(files, { key: again });
    expect(ids(second)).toEqual(ids(first));
    await expectConsistent(ids(first));
    expect(await left()).toEqual({ bytes: 1_000_000 - 6, files: 18 });
  });

  test.each<[string, File[]]>([
    ['of a type that is not taken', [photo('one'), text]],
    ['that were empty', [photo('one'), photo('', 'empty.jpg')]],
    ['that were too large', [photo('x'.repeat(2_000), 'large.jpg'), photo('one')]],
  ])('is the same request also with files %s', async (_what, files) => {
    const again = key();
    const first = await send(files, { key: again });
    const second = await send(files, { key: again });
    expect(second.code).toBeUndefined();
    expect(ids(second)).toEqual(ids(first));
    expect(second.rejected).toEqual(first.rejected);
  });

  test('is the same request also when a file could not be stored the first time', async () => {
    const [again, files] = [key(), [photo('one'), photo('two')]];
    const { objects } = deps;
    failStagingOf('two');
    const first = await send(files, { key: again });
    deps.objects = objects;
    const second = await send(files, { key: again });
    expect(ids(second)).toEqual(ids(first));
    expect(second.rejected).toMatchObject([{ index: 1, code: 'unavailable' }]);
  });

  test.each<[string, File[], object]>([
    ['another file', [photo('two')], {}],
    ['another name', [photo('one', 'b.jpg')], {}],
    ['one file more', [photo('one'), photo('two')], {}],
    ['another language', [photo('one')], { language: 'ja' }],
    ['another purpose', [photo('one')], { path: '/store' }],
  ])('is another one with %s, and refused', async (_what, files, options) => {
    const again = key();
    const first = await send([photo('one')], { key: again });
    const second = await send(files, { key: again, ...options });
    expect(second.code).toBe('idempotency_key_reused');
    await expectConsistent(ids(first));
  });

  test('side by side makes media once, and leaves no bytes twice', async () => {
    const [again, files] = [key(), [photo('one'), photo('two'), text]];
    const all = await Promise.all(range(6).map(() => send(files, { key: again })));
    expect(new Set(all.map((accepted) => `${ids(accepted)}`)).size).toBe(1);
    await expectConsistent(ids(all[0] ?? { records: [] }));
  });

  test('enqueues what the first one may not have enqueued', async () => {
    const again = key();
    const first = await send([photo('one')], { key: again });
    enqueued = [];
    await send([photo('one')], { key: again });
    expect(enqueued).toEqual(ids(first));
  });

  test('may be sent again after it was refused', async () => {
    const again = key();
    expect((await send([text], { key: again })).code).toBe('unsupported_media_type');
    expect((await send([photo('one')], { key: again })).records).toHaveLength(1);
  });
});
