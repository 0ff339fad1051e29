/** Reading and writing objects while Cloud Storage is not at its best. */
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { Storage, type StorageOptions } from '@google-cloud/storage';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { sourceOf } from '../../functions/core/work/analyze-media.ts';
import { openStaged } from '../../functions/core/work/staged-content.ts';
import { Inspector } from '../../functions/inspect/inspector.ts';
import {
  isRefusedAccess,
  isServiceFault,
  UnusableAnswerError,
} from '../../functions/process/service-fault.ts';
import { downloadObject, downloadPart, hashObject } from '../../functions/storage/download.ts';
import { ObjectStore } from '../../functions/storage/objects.ts';
import { StalledError } from '../../functions/storage/stalled.ts';
import { uploadStream } from '../../functions/storage/upload.ts';
import { type Fault, FaultPlan } from '../../local-cloud/faults/plan.ts';
import { type RunningService, startStorage } from '../../local-cloud/storage/server.ts';
import { mediaRecord } from '../support/media.ts';

/** Longer than a test may take. */
const HANGING_MS = 3_600_000;
const BYTES = Buffer.alloc(300_000, 'bytes');

/** Nothing that may be opened arrives. */
const noInspector = new Inspector({ processes: 0 });

let faults: FaultPlan;
let server: RunningService;
let storage: Storage;
beforeAll(async () => {
  faults = new FaultPlan();
  server = await startStorage({ faults });
  storage = new Storage({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${server.port}` });
  await storage.createBucket('bucket');
  await upload(storage, 'photo');
});
afterAll(() => server.close());
beforeEach(() => faults.clearScript());

function upload(client: Storage, name: string, stallMs?: number) {
  const { signal } = new AbortController();
  const bytes = Readable.from([BYTES]);
  return uploadStream(client, {
    bucket: 'bucket',
    name,
    bytes,
    signal,
    contentType: 'a/b',
    stallMs,
  });
}

/** A Cloud Storage that answers as it likes. */
async function listen(answer: RequestListener, options: StorageOptions = {}) {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new Storage({
    projectId: 'p',
    apiEndpoint: `http://127.0.0.1:${port}`,
    ...options,
  });
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { storage: client, close };
}

test.each<Fault>([
  { kind: 'refuse', code: 'UNAVAILABLE' },
  { kind: 'lose', code: 'UNAVAILABLE' },
  { kind: 'cut', ms: 0 },
])('a read that meets $kind is made again, and is whole', async (fault) => {
  faults.script('storage', 'GET /download/', fault);
  expect(
    BYTES.equals(
      (await downloadObject({ storage, bucket: 'bucket', name: 'photo' })) ?? Buffer.of(),
    ),
  ).toBe(true);
});

test('a read that is not answered is made again', async () => {
  faults.script('storage', 'GET /download/', { kind: 'delay', ms: HANGING_MS });
  const read = await downloadObject({ storage, bucket: 'bucket', name: 'photo', stallMs: 100 });
  expect(read?.equals(BYTES)).toBe(true);
});

test('a read whose bytes stop coming is made again', async () => {
  let requests = 0;
  const halting = await listen((_request, response) => {
    response.writeHead(200, { 'Content-Length': BYTES.length });
    if (++requests > 1) response.end(BYTES);
    else response.write(BYTES.subarray(0, 1_000));
  });
  // Long enough for the second answer on a busy machine.
  const address = { storage: halting.storage, bucket: 'bucket', name: 'photo', stallMs: 2_000 };
  expect((await downloadObject(address))?.equals(BYTES)).toBe(true);
  expect(requests).toBe(2);
  halting.close();
});

describe('what Cloud Storage never answers is its fault, and not that of the file:', () => {
  const { signal } = new AbortController();
  const store = (client: Storage) =>
    new ObjectStore(client, { STAGING_BUCKET: 'staging', MEDIA_BUCKET: 'media' }, Date.now, 100);
  test.each<[string, (client: Storage) => Promise<unknown>]>([
    ['to store an upload', (client) => upload(client, 'a', 100)],
    ['to open a session', (client) => store(client).openSession('a', 5, undefined)],
    ['to tell a size', (client) => store(client).stagedSize('a')],
    ['to keep an object', (client) => store(client).keepStaged('a')],
    ['to copy', (client) => store(client).promote('a', 'b', 'image/png')],
    ['to store a preview', (client) => store(client).savePreview('a', BYTES, 'image/webp')],
    ['to remove', (client) => store(client).removeAll('a')],
    [
      'to read a large video to its end',
      (client) => {
        const address = { storage: client, bucket: 'bucket', name: 'a', stallMs: 10 };
        return hashObject(address, signal, () => undefined);
      },
    ],
  ])('%s', async (_, call) => {
    // When it closes, Google's client would go on trying after the test.
    const silent = await listen(() => undefined, { retryOptions: { autoRetry: false } });
    const error: unknown = await call(silent.storage).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StalledError);
    expect(isServiceFault(error)).toBe(true);
    silent.close();
  });
});

test('what is not there is not asked for twice', async () => {
  expect(await downloadObject({ storage, bucket: 'bucket', name: 'nothing' })).toBeUndefined();
});

test('what arrived damaged is not taken for the object', async () => {
  let requests = 0;
  const liar = await listen((_request, response) => {
    requests++;
    response.setHeader('x-goog-hash', `crc32c=AAAAAA==,md5=${'A'.repeat(22)}==`);
    response.end('something else');
  });
  await expect(
    downloadObject({ storage: liar.storage, bucket: 'bucket', name: 'photo' }),
  ).rejects.toThrow(/damaged/);
  expect(requests).toBe(4);
  liar.close();
});

describe('a Cloud Storage that is too slow', () => {
  const thrownBy = (read: Promise<unknown>) => read.catch((thrown: unknown) => thrown);

  test('is at fault if a byte comes now and then, for ever', async () => {
    const trickling = await listen((_request, response) => {
      response.writeHead(200, { 'Content-Length': BYTES.length });
      const timer = setInterval(() => response.write('b'), 20);
      response.once('close', () => clearInterval(timer));
    });
    const address = { storage: trickling.storage, bucket: 'bucket', name: 'photo', stallMs: 1_000 };
    const error = await thrownBy(downloadObject(address));
    expect(error).toBeInstanceOf(StalledError);
    expect(isServiceFault(error)).toBe(true);
    trickling.close();
  });

  test('is at fault if all tries together take too long', async () => {
    const silent = await listen(() => undefined);
    const address = { storage: silent.storage, bucket: 'bucket', name: 'photo', totalMs: 100 };
    const error = await thrownBy(downloadObject(address));
    expect(error).toBeInstanceOf(StalledError);
    expect(isServiceFault(error)).toBe(true);
    silent.close();
  });

  test('is waited for while a little comes all the time', async () => {
    const PIECE = 64 * 1024;
    const PIECES = 5;
    let requests = 0;
    const opened = Promise.withResolvers<ServerResponse>();
    const slow = await listen((_request, response) => {
      requests++;
      response.writeHead(200, { 'Content-Length': PIECES * PIECE });
      opened.resolve(response);
    });
    jest.useFakeTimers({
      doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'],
    });
    try {
      let read = 0;
      const { signal } = new AbortController();
      const address = { storage: slow.storage, bucket: 'bucket', name: 'video', stallMs: 30_000 };
      const hash = hashObject(address, signal, (bytes) => (read = bytes));
      const response = await opened.promise;
      for (let piece = 1; piece <= PIECES; piece++) {
        // Twenty-five seconds for each piece: two minutes in all.
        jest.advanceTimersByTime(25_000);
        response.write(Buffer.alloc(PIECE));
        while (read < piece * PIECE) await new Promise((resolve) => setImmediate(resolve));
      }
      expect(await hash).toMatch(/^[0-9a-f]{64}$/);
      expect(requests).toBe(1);
    } finally {
      jest.useRealTimers();
      slow.close();
    }
  });
});

const HEAD = { start: 0, end: 1_000 };
/** What an answer to a question for the first thousand of 300,000 bytes must not be. */
const WRONG: [string, number, Record<string, string | number>, Buffer][] = [
  ['the whole object', 200, { 'Content-Length': BYTES.length }, BYTES],
  ['fewer bytes', 206, { 'Content-Range': 'bytes 0-99/300000' }, BYTES.subarray(0, 100)],
  ['other bytes', 206, { 'Content-Range': 'bytes 1000-1999/300000' }, BYTES.subarray(0, 1_000)],
  ['only the end', 206, { 'Content-Range': 'bytes 100-999/300000' }, BYTES.subarray(0, 900)],
  ['more bytes', 206, { 'Content-Range': 'bytes 0-1999/300000' }, BYTES.subarray(0, 2_000)],
  ['more bytes than it says', 206, { 'Content-Range': 'bytes 0-999/300000' }, BYTES],
  ['fewer bytes than it says', 206, { 'Content-Range': 'bytes 0-999/300000' }, Buffer.from('b')],
  ['no total', 206, { 'Content-Range': 'bytes 0-999/*' }, BYTES.subarray(0, 1_000)],
  ['no range', 206, {}, BYTES.subarray(0, 1_000)],
  ['nothing', 204, {}, Buffer.of()],
];

test('what is not the range that was asked for is a fault of Cloud Storage, and no file', async () => {
  const answers = WRONG.map(async ([title, status, headers, body]) => {
    const wrong = await listen((_request, response) => {
      response.writeHead(status, { 'Content-Length': body.length, ...headers }).end(body);
    });
    const address = { storage: wrong.storage, bucket: 'bucket', name: 'photo' };
    const error: unknown = await downloadPart(address, HEAD).catch((thrown: unknown) => thrown);
    wrong.close();
    const isUnusable = error instanceof UnusableAnswerError && isServiceFault(error);
    return isUnusable ? undefined : [title, error];
  });
  expect((await Promise.all(answers)).filter(Boolean)).toEqual([]);
});

test('a whole object is an answer to a range that has all of it', async () => {
  const whole = await listen((_request, response) => response.end('photo'));
  const address = { storage: whole.storage, bucket: 'bucket', name: 'photo' };
  expect(await downloadPart(address, HEAD)).toEqual({ bytes: Buffer.from('photo'), size: 5 });
  whole.close();
});

test('a page of a proxy says nothing about the size of a file', async () => {
  const size = 300_000;
  const proxy = await listen((request, response) => {
    const isRead = request.url?.startsWith('/download/');
    if (isRead) response.end('<html>Sign in to the network</html>');
    else response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ size }));
  });
  const objects = new ObjectStore(proxy.storage, { STAGING_BUCKET: 'a', MEDIA_BUCKET: 'b' });
  const { signal } = new AbortController();
  const opening = openStaged(mediaRecord({ size, staging_object: 'm1' }), objects, signal);
  await expect(opening).rejects.toBeInstanceOf(UnusableAnswerError);
  proxy.close();
});

test('a page of a proxy is not taken for the content of a large file', async () => {
  const size = 40 * 1024 * 1024;
  const proxy = await listen((request, response) => {
    const [, last] = /^bytes=0-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (last === undefined) response.end('<html>Sign in to the network</html>');
    else {
      response.writeHead(206, { 'Content-Range': `bytes 0-${last}/${size}` });
      response.end(Buffer.alloc(Number(last) + 1));
    }
  });
  const objects = new ObjectStore(proxy.storage, { STAGING_BUCKET: 'a', MEDIA_BUCKET: 'b' });
  const { signal } = new AbortController();
  const staged = await openStaged(mediaRecord({ size, staging_object: 'm1' }), objects, signal);
  await expect(staged.hash(() => undefined)).rejects.toBeInstanceOf(UnusableAnswerError);
  proxy.close();
});

describe('a success that answers nothing is no answer:', () => {
  const calls: [string, (objects: ObjectStore) => Promise<unknown>][] = [
    ['to copy', (objects) => objects.promote('a', 'b', 'image/png')],
    ['to store a preview', (objects) => objects.savePreview('a', BYTES, 'image/webp')],
    ['to open a session', (objects) => objects.openSession('a', 5, undefined)],
    ['to tell the size of what has arrived', (objects) => objects.stagedSize('a')],
    ['to tell the size of what is stored', (objects) => objects.mediaSize('a')],
  ];
  const bodies = ['', 'null', '{}', '{"done":false}', '<html>Sign in to the network</html>'];

  test.each(calls)('%s', async (_, call) => {
    for (const body of bodies) {
      const empty = await listen(
        (request, response) => request.resume().on('end', () => response.end(body)),
        { retryOptions: { autoRetry: false } },
      );
      const objects = new ObjectStore(empty.storage, { STAGING_BUCKET: 'a', MEDIA_BUCKET: 'b' });
      const error: unknown = await call(objects).catch((thrown: unknown) => thrown);
      expect([body, isServiceFault(error)]).toEqual([body, true]);
      empty.close();
    }
  });

  test('to read a piece of a large file', async () => {
    const size = 40 * 1024 * 1024;
    const head = 1024 * 1024;
    const empty = await listen((request, response) => {
      if (request.headers.range === `bytes=0-${head - 1}`) {
        response.writeHead(206, { 'Content-Range': `bytes 0-${head - 1}/${size}` });
        response.end(Buffer.alloc(head));
      } else response.end();
    });
    const objects = new ObjectStore(empty.storage, { STAGING_BUCKET: 'a', MEDIA_BUCKET: 'b' });
    const { signal } = new AbortController();
    const staged = await openStaged(mediaRecord({ size, staging_object: 'm1' }), objects, signal);
    if (Buffer.isBuffer(staged.content)) throw new Error('It is too large for that.');
    await expect(staged.content.read(head, 2 * head)).rejects.toBeInstanceOf(UnusableAnswerError);
    empty.close();
  });

  test.each([
    ['a picture', mediaRecord({ preview_object: 'm1/preview' }), undefined],
    ['a video', mediaRecord({ object: 'm1/original', size: 300_000 }), 'video'],
  ])('to read %s for a model', async (_, record, kind) => {
    for (const body of ['', '<html>Sign in to the network</html>']) {
      const proxy = await listen((_request, response) => response.end(body));
      const objects = new ObjectStore(proxy.storage, { STAGING_BUCKET: 'a', MEDIA_BUCKET: 'b' });
      const read = async () => {
        const source = await sourceOf(record, objects, noInspector);
        if (kind) await source.video.bytes();
      };
      await expect(read()).rejects.toBeInstanceOf(UnusableAnswerError);
      proxy.close();
    }
  });
});

test('a copy that takes several calls is made with all of them', async () => {
  const asked: (string | null)[] = [];
  const large = await listen((request, response) => {
    const token = new URL(request.url ?? '', 'http://localhost').searchParams.get('rewriteToken');
    asked.push(token);
    const answer =
      token === null
        ? { done: false, rewriteToken: 'go on' }
        : { done: true, resource: { name: 'b' } };
    request.resume();
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(answer));
  });
  const objects = new ObjectStore(large.storage, { STAGING_BUCKET: 'a', MEDIA_BUCKET: 'b' });
  await objects.promote('a', 'b', 'image/png');
  expect(asked).toEqual([null, 'go on']);
  large.close();
});

describe('a Cloud Storage that lets nobody in is waited for:', () => {
  const { signal } = new AbortController();
  const calls: [string, (client: ObjectStore) => Promise<unknown>][] = [
    ['a read', (objects) => objects.readStaged('a', HEAD)],
    ['a hash', (objects) => objects.hashStaged('a', signal, () => undefined)],
    ['a copy', (objects) => objects.promote('a', 'b', 'image/png')],
    ['a preview', (objects) => objects.savePreview('a', BYTES, 'image/webp')],
    ['an upload', (objects) => objects.stage('a', Readable.from([BYTES]), signal)],
  ];
  const faultOf = async (client: Storage, call: (objects: ObjectStore) => Promise<unknown>) => {
    const objects = new ObjectStore(client, { STAGING_BUCKET: 'a', MEDIA_BUCKET: 'b' });
    return call(objects).catch((thrown: unknown) => thrown);
  };

  test.each([401, 403])('%i', async (code) => {
    const closed = await listen(
      (request, response) => {
        request.resume();
        const error = { code, message: 'The account has no access.', errors: [] };
        response.writeHead(code, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify({ error }));
      },
      { retryOptions: { autoRetry: false } },
    );
    for (const [title, call] of calls) {
      const error = await faultOf(closed.storage, call);
      expect([title, isServiceFault(error), isRefusedAccess(error)]).toEqual([title, true, true]);
    }
    closed.close();
  });

  test('there is no such bucket', async () => {
    const error = await faultOf(storage, (objects) => objects.readStaged('a', HEAD));
    expect(isServiceFault(error)).toBe(true);
  });
});

test.each([
  ['whose name is not found', 'http://storage.invalid'],
  ['that speaks no TLS', 'https://127.0.0.1:PORT'],
])('a Cloud Storage %s is waited for', async (_title, apiEndpoint) => {
  const plain = await listen((_request, response) => response.end());
  const endpoint = apiEndpoint.replace('PORT', new URL(plain.storage.apiEndpoint).port);
  const client = new Storage({
    projectId: 'p',
    apiEndpoint: endpoint,
    retryOptions: { autoRetry: false },
  });
  const objects = new ObjectStore(client, { STAGING_BUCKET: 'a', MEDIA_BUCKET: 'b' });
  const { signal } = new AbortController();
  const errors = await Promise.all(
    [
      objects.readStaged('a', HEAD),
      objects.stagedSize('a'),
      objects.stage('a', Readable.from([BYTES]), signal),
    ].map((call) => call.catch((thrown: unknown) => thrown)),
  );
  expect(errors.map(isServiceFault)).toEqual([true, true, true]);
  plain.close();
});
