/** Reading and writing objects while Cloud Storage is not at its best. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { Storage, type StorageOptions } from '@google-cloud/storage';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { isServiceFault } from '../../functions/process/service-fault.ts';
import { downloadObject, hashObject } from '../../functions/storage/download.ts';
import { ObjectStore } from '../../functions/storage/objects.ts';
import { StalledError } from '../../functions/storage/stalled.ts';
import { uploadStream } from '../../functions/storage/upload.ts';
import { type Fault, FaultPlan } from '../../local/faults/plan.ts';
import { type RunningService, startStorage } from '../../local/storage/server.ts';

/** Longer than a test may take. */
const HANGING_MS = 3_600_000;
const BYTES = Buffer.alloc(300_000, 'bytes');

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
  return uploadStream(client, 'bucket', name, Readable.from([BYTES]), signal, 'a/b', stallMs);
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
  const address = { storage: halting.storage, bucket: 'bucket', name: 'photo', stallMs: 100 };
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
