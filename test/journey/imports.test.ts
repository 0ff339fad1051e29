/** Files that lie in a bucket become media: each once, behind what their owner sends, and never more than was allowed. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { ownerHash } from '../../functions/core/media/owner-hash.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { makePicture } from '../faults/user.ts';
import { inLongRun, longTest } from '../support/long-test.ts';
import { STRICT_IN_LONG_RUN } from '../support/mode.ts';
import { needing } from '../support/needing.ts';
import { signal } from '../support/signal.ts';
import { client, eventually, file, type Stack, startStack, tokenOf } from '../support/stack.ts';
import {
  type Backend,
  becomes,
  begin,
  bucketOf,
  change,
  expectAllImported,
  fillBucket,
  isCompleted,
  listImports,
  mediaOf,
  openBackend,
  post,
} from './imports.ts';

const it = needing('signals');
const longIt = inLongRun(it);

/** `gone` is deleted by a test. */
const [SHOP, GONE] = ['shop-photos', 'gone-photos'];

const faults = new FaultPlan();
let stack: Stack;
let backend: Backend;

beforeAll(async () => {
  stack = await startStack({
    mode: STRICT_IN_LONG_RUN,
    faults,
    sweepIntervalMs: 2_000,
    environment: {
      IMPORT_BUCKETS: `${SHOP},${GONE}`,
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

const problemOf = async (response: Response) => {
  const { code, detail } = (await response.json()) as { code: string; detail: string };
  return { status: response.status, code, detail };
};

const gs = (prefix: string, bucket = SHOP) => ({ source: { gs: `gs://${bucket}/${prefix}` } });

longIt(
  'each of many objects is one media, through a kill of the worker and lost answers',
  async () => {
    await expectAllImported({ stack, backend, faults, bucket: SHOP }, 20, 1);
  },
);

test('what cannot be imported is named with its reason, and the others come', async () => {
  const bob = backend.as('bob');
  const bucket = bucketOf(stack, SHOP);
  await fillBucket(bucket, 'mixed/a-', 2, 2);
  const save = (name: string, bytes: string, contentType: string) =>
    bucket.file(`mixed/${name}`).save(bytes, { resumable: false, contentType });
  await save('b-empty.jpg', '', 'image/jpeg');
  await save('c-notes.pdf', 'notes', 'application/pdf');
  await save('d-broken.jpg', 'this is no picture', 'image/jpeg');
  const run = await becomes(bob, await begin(bob, gs('mixed/')), isCompleted);
  expect(run).toMatchObject({ found: 5, accepted: 3, done: 2, failed: 3, skipped: 0 });
  expect(run.failures).toEqual([
    expect.objectContaining({ name: 'mixed/b-empty.jpg', media_id: null, code: 'empty_file' }),
    expect.objectContaining({ name: 'mixed/c-notes.pdf', code: 'unsupported_media_type' }),
    // Only the bytes could tell.
    expect.objectContaining({
      name: 'mixed/d-broken.jpg',
      media_id: expect.any(String),
      message: expect.stringContaining('d-broken.jpg'),
    }),
  ]);
});

longTest('what is in the bin is known, and what was erased comes again', async () => {
  const carol = backend.as('carol');
  await fillBucket(bucketOf(stack, SHOP), 'carol/', 2, 3);
  await becomes(carol, await begin(carol, gs('carol/')), isCompleted);
  const [first, second] = (await mediaOf(backend, 'carol')).map(({ id }) => id);
  expect((await carol(`/api/media/${first}`, { method: 'DELETE' })).status).toBe(204);
  const erased = `/api/media/${second}?permanently=true`;
  expect((await carol(erased, { method: 'DELETE' })).status).toBe(204);
  const again = await becomes(carol, await begin(carol, gs('carol/')), isCompleted);
  expect(again).toMatchObject({ found: 2, skipped: 1, accepted: 1, done: 1 });
  expect((await mediaOf(backend, 'carol')).map(({ id }) => id)).toEqual([second]);
});

test('a prefix is all that is imported, with the options of an upload', async () => {
  const dora = backend.as('dora');
  await fillBucket(bucketOf(stack, SHOP), 'dora/in/', 1, 4);
  await fillBucket(bucketOf(stack, SHOP), 'dora/out/', 1, 5);
  const options = { ...gs('dora/in/'), analyze: false, language: 'ja' };
  const run = await becomes(dora, await begin(dora, options), isCompleted);
  expect(run).toMatchObject({ found: 1, done: 1, analyze: false, analyses: [], language: 'ja' });
  expect(await mediaOf(backend, 'dora')).toMatchObject([
    { source: { bucket: SHOP, name: 'dora/in/00000.png' }, analyze: false, analytics: null },
  ]);
  expect(await listImports(dora)).toEqual([run]);
});

longTest('the limit of the day holds the import back, and says so', async () => {
  const erin = backend.as('erin');
  await client(stack, await tokenOf(stack, 'erin')).analyze([await file('02-cat.png')]);
  const mine = await eventually(async () => {
    const { docs } = await backend.firestore.collection('daily_uploads').get();
    return docs.find(({ id }) => id.endsWith(ownerHash('erin')));
  });
  await mine.ref.update({ files: 39 });
  await fillBucket(bucketOf(stack, SHOP), 'erin/', 3, 6);
  const run = await begin(erin, gs('erin/'));
  const waits = await becomes(erin, run, ({ wait_code, done }) => {
    return wait_code === 'rate_limited' && done === 1;
  });
  expect(waits).toMatchObject({ state: 'running', found: 3, accepted: 1, failed: 0 });
  await change(erin, run, 'cancel');
});

longTest('what its owner sends meanwhile goes first', async () => {
  const finn = backend.as('finn');
  await fillBucket(bucketOf(stack, SHOP), 'finn/', 3, 7);
  // Announced, and waiting for nothing but a worker.
  const other = await post(finn, '/api/media/uploads', {
    files: [{ file_name: 'a.mov', content_type: 'video/quicktime', size: 9 }],
  });
  const { uploads } = (await other.json()) as { uploads: { media_id: string }[] };
  const fresh = backend.firestore.collection('media').doc(uploads[0]?.media_id ?? '');
  await fresh.update({ queue_state: 'waiting' });
  await fresh.update({ schema_version: 99 });
  const run = await begin(finn, gs('finn/'));
  await becomes(finn, run, ({ wait_code }) => wait_code === 'fresh_uploads');
  expect(await mediaOf(backend, 'finn')).toHaveLength(1);
  await fresh.delete();
  expect(await becomes(finn, run, isCompleted)).toMatchObject({ done: 3 });
});

test('a bucket that is not there stops the import until it is resumed', async () => {
  const gina = backend.as('gina');
  const bucket = bucketOf(stack, GONE);
  await bucket.delete();
  const run = await begin(gina, gs('', GONE));
  const stopped = await becomes(gina, run, ({ state }) => state === 'paused');
  expect(stopped).toMatchObject({ error_code: 'not_found', wait_code: null, found: 0 });
  expect(stopped.error_message).toContain(`"${GONE}"`);
  await bucket.create();
  await fillBucket(bucket, '', 1, 8);
  expect(await change(gina, run, 'resume')).toMatchObject({ state: 'running', error_code: null });
  expect(await becomes(gina, run, isCompleted)).toMatchObject({ done: 1, error_code: null });
  expect(await change(gina, run, 'cancel')).toMatchObject({ state: 'completed' });
  const refused = await post(gina, `/api/imports/${run.id}/resume`);
  expect(await problemOf(refused)).toMatchObject({ status: 409, code: 'not_ready' });
});

test('a cancelled import begins nothing any more, and what it has begun ends', async () => {
  const hugo = backend.as('hugo');
  await fillBucket(bucketOf(stack, SHOP), 'hugo/', 30, 9);
  const run = await begin(hugo, gs('hugo/'));
  await becomes(hugo, run, ({ done }) => done > 0);
  expect(await change(hugo, run, 'pause')).toMatchObject({ state: 'paused' });
  const paused = await becomes(hugo, run, ({ in_flight }) => in_flight === 0);
  expect(paused.accepted).toBeLessThan(30);
  await change(hugo, run, 'resume');
  await becomes(hugo, run, ({ accepted }) => accepted > paused.accepted);
  await change(hugo, run, 'cancel');
  const ended = await becomes(hugo, run, ({ in_flight }) => in_flight === 0);
  expect(ended.ended_at).not.toBeNull();
  expect(ended.done + ended.failed).toBe(ended.accepted);
  expect(await mediaOf(backend, 'hugo')).toHaveLength(ended.accepted);
});

test('in place, the object stays where it is, is shown from there, and outlives its media', async () => {
  const quinn = backend.as('quinn');
  const bytes = Buffer.from(await (await file('02-cat.png')).arrayBuffer());
  const object = bucketOf(stack, SHOP).file('quinn/our cat #1.png');
  await object.save(bytes, { resumable: false, contentType: 'text/html' });
  const run = await begin(quinn, { ...gs('quinn/'), in_place: true });
  expect(await becomes(quinn, run, isCompleted)).toMatchObject({ done: 1, in_place: true });
  const [media] = await mediaOf(backend, 'quinn');
  const mine = bucketOf(stack, stack.environment.MEDIA_BUCKET ?? '');
  const [stored] = await mine.getFiles({ prefix: `${media?.id}/` });
  expect(stored.map(({ name }) => name)).toEqual([`${media?.id}/preview`]);
  const shown = await quinn(`/api/media/${media?.id}/content`);
  const content = await fetch(shown.headers.get('location') ?? '');
  expect(content.headers.get('content-type')).toBe('image/png');
  expect(Buffer.from(await content.arrayBuffer()).equals(bytes)).toBe(true);
  const zip = await post(quinn, '/api/media/download', { ids: [media?.id] });
  expect(Buffer.from(await zip.arrayBuffer()).includes(bytes)).toBe(true);
  const erased = `/api/media/${media?.id}?permanently=true`;
  expect((await quinn(erased, { method: 'DELETE' })).status).toBe(204);
  expect((await object.download())[0].equals(bytes)).toBe(true);
  expect((await mine.getFiles({ prefix: `${media?.id}/` }))[0]).toEqual([]);
});

describe('addresses', () => {
  const pictures = new Map<string, Buffer>();
  const server = createServer(({ url = '' }, response) => {
    const picture = pictures.get(url);
    if (url === '/moved.png') response.writeHead(302, { Location: '/0.png' }).end();
    else if (url === '/inside.png') {
      response.writeHead(302, { Location: 'http://169.254.169.254/computeMetadata/v1/' }).end();
    } else if (!picture) response.writeHead(404).end();
    else response.writeHead(200, { 'Content-Type': 'image/png' }).end(picture);
  });
  let at: string;
  beforeAll(async () => {
    for (let n = 0; n < 8; n++) {
      const { file: picture } = await makePicture(12, n);
      pictures.set(`/${n}.png`, Buffer.from(await picture.arrayBuffer()));
    }
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  longIt(
    'are downloaded, each once, through a kill of the worker; what leads elsewhere is not',
    async () => {
      const nora = backend.as('nora');
      const names = [...pictures.keys(), '/moved.png', '/gone.png', '/inside.png'];
      const urls = names.map((name) => `${at}${name}`);
      const run = await begin(nora, { source: { urls } });
      expect(run).toMatchObject({ source: { urls: 11 }, found: 11 });
      await becomes(nora, run, ({ done }) => done >= 3);
      signal(stack.units.worker, 'SIGKILL');
      const ended = await becomes(nora, run, isCompleted);
      expect(ended).toMatchObject({ accepted: 9, done: 9, failed: 2, skipped: 0 });
      expect(ended.failures).toMatchObject([
        { name: `${at}/gone.png`, code: 'not_found' },
        { name: `${at}/inside.png`, code: 'invalid_request' },
      ]);
      const media = await mediaOf(backend, 'nora');
      const sums = media.map(({ source_url = '', sha256 }) => [
        new URL(source_url).pathname,
        sha256,
      ]);
      const moved = pictures.get('/0.png');
      const expected = [...pictures, ['/moved.png', moved ?? Buffer.alloc(0)] as const];
      const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
      expect(sums.toSorted()).toEqual(
        expected.map(([name, bytes]) => [name, hash(bytes)]).toSorted(),
      );

      const again = await becomes(nora, await begin(nora, { source: { urls } }), isCompleted);
      expect(again).toMatchObject({ accepted: 0, skipped: 9, failed: 2 });
    },
  );

  test.each([
    ['http://images.example/a.png', 'https://'],
    ['https://10.0.0.1/a.png', 'public'],
    ['https://169.254.169.254/computeMetadata/v1/', 'public'],
    ['https://images.example:22/a.png', 'port'],
    ['nonsense', 'no address'],
  ])('%s is refused at once', async (url, word) => {
    const source = { urls: [`${at}/0.png`, url] };
    const refused = await problemOf(await post(backend.as('olga'), '/api/imports', { source }));
    expect(refused).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(refused.detail).toContain('source.urls.1');
    expect(refused.detail).toContain(word);
  });

  test('one address with two ids is refused: a file is imported once', async () => {
    const url = `${at}/0.png`;
    const urls = [{ url, external_id: 'a' }, { url, external_id: 'a' }, url];
    const source = { urls };
    const refused = await problemOf(await post(backend.as('olga'), '/api/imports', { source }));
    expect(refused).toMatchObject({ status: 400, code: 'invalid_request' });
    expect(refused.detail).toContain('source.urls.0: this address is there twice');
  });

  test('may be a thousand, of which only the number is shown', async () => {
    const pia = backend.as('pia');
    const urls = Array.from({ length: 1_000 }, (_, n) => `${at}/${'x'.repeat(200)}/${n}.png`);
    const run = await begin(pia, { source: { urls } });
    expect(run).toMatchObject({ source: { urls: 1_000 }, found: 1_000 });
    await change(pia, run, 'cancel');
    const more = { source: { urls: [...urls, `${at}/1001.png`] } };
    expect((await post(pia, '/api/imports', more)).status).toBe(400);
  });
});

test('only a bucket that the operator names, only with a service key, only for one user', async () => {
  const jane = backend.as('jane');
  for (const bucket of ['other-photos', stack.environment.MEDIA_BUCKET ?? '']) {
    const refused = await problemOf(await post(jane, '/api/imports', gs('', bucket)));
    expect(refused).toMatchObject({ status: 403, code: 'forbidden' });
    expect(refused.detail).toContain('IMPORT_BUCKETS');
  }
  const reader = backend.as('jane', backend.keys.reader);
  expect((await post(reader, '/api/imports', gs(''))).status).toBe(403);
  const user = client(stack, await tokenOf(stack, 'jane'));
  const body = JSON.stringify(gs(''));
  const refused = await problemOf(await user.call('/api/imports', { method: 'POST', body }));
  expect(refused).toMatchObject({ status: 403, code: 'forbidden' });

  await fillBucket(bucketOf(stack, SHOP), 'jane/', 1, 11);
  const run = await begin(jane, gs('jane/'));
  // She sees it with a token of her own, and nobody else does.
  const own = await user.call(`/api/imports/${run.id}`);
  expect(own.status).toBe(200);
  const kim = backend.as('kim');
  for (const path of ['', '/pause', '/resume', '/cancel']) {
    const method = path === '' ? 'GET' : 'POST';
    expect((await kim(`/api/imports/${run.id}${path}`, { method })).status).toBe(404);
  }
  expect(await listImports(kim)).toEqual([]);
  await becomes(jane, run, isCompleted);
});

test.each([
  [{}, 'source'],
  [{ source: { gs: 'shop' } }, 'source'],
  [{ source: { gs: 'gs://shop-photos/', more: 1 } }, 'source'],
  [{ ...gs(''), analyze: false, analyses: ['describe'] }, 'analyses'],
  [{ ...gs(''), analyses: ['unknown'] }, 'unknown'],
  [{ source: { urls: ['https://images.example/a.png'] }, in_place: true }, 'in_place'],
  [{ ...gs(''), callback_url: 'http://example.com/' }, 'callback_url'],
])('%j is refused, with what is wrong', async (body, word) => {
  const refused = await problemOf(await post(backend.as('lena'), '/api/imports', body));
  expect([400, 404]).toContain(refused.status);
  expect(refused.detail).toContain(word);
});

test('an upload of the same file is another media, and shares its analysis', async () => {
  const mona = backend.as('mona');
  const bytes = Buffer.from(await (await file('02-cat.png')).arrayBuffer());
  const object = bucketOf(stack, SHOP).file('mona/cat.png');
  await object.save(bytes, { resumable: false, contentType: 'image/png' });
  await becomes(mona, await begin(mona, gs('mona/')), isCompleted);
  const user = client(stack, await tokenOf(stack, 'mona'));
  const { media_ids } = await user.analyze([await file('02-cat.png')]);
  const [sent] = await user.results(media_ids);
  expect(sent?.usage?.cached).toBe(true);
  expect(await mediaOf(backend, 'mona')).toHaveLength(2);
  expect((await object.exists())[0]).toBe(true);
});
