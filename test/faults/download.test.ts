/** Reading an object while Cloud Storage is not at its best. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { Storage } from '@google-cloud/storage';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { downloadObject } from '../../functions/storage/download.ts';
import { uploadStream } from '../../functions/storage/upload.ts';
import { type Fault, FaultPlan } from '../../local/faults/plan.ts';
import { type RunningService, startStorage } from '../../local/storage/server.ts';

const BYTES = Buffer.alloc(300_000, 'bytes');

let faults: FaultPlan;
let server: RunningService;
let storage: Storage;
beforeAll(async () => {
  faults = new FaultPlan();
  server = await startStorage({ faults });
  storage = new Storage({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${server.port}` });
  await storage.createBucket('bucket');
  const { signal } = new AbortController();
  await uploadStream(storage, 'bucket', 'photo', Readable.from([BYTES]), signal);
});
afterAll(() => server.close());
beforeEach(() => faults.clearScript());

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

test('what is not there is not asked for twice', async () => {
  expect(await downloadObject({ storage, bucket: 'bucket', name: 'nothing' })).toBeUndefined();
});

test('what arrived damaged is not taken for the object', async () => {
  let requests = 0;
  const liar = createServer((_request, response) => {
    requests++;
    response.setHeader('x-goog-hash', `crc32c=AAAAAA==,md5=${'A'.repeat(22)}==`);
    response.end('something else');
  });
  await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
  const { port } = liar.address() as AddressInfo;
  const damaged = new Storage({ projectId: 'p', apiEndpoint: `http://127.0.0.1:${port}` });
  await expect(
    downloadObject({ storage: damaged, bucket: 'bucket', name: 'photo' }),
  ).rejects.toThrow(/damaged/);
  expect(requests).toBe(4);
  liar.closeAllConnections();
  liar.close();
});
