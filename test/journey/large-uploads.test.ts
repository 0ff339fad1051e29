/** Files too large for a request: straight to Cloud Storage, and then through the same journey. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createUploadsResponseSchema } from '@media-analysis/shared/large-uploads';
import type { Media } from '@media-analysis/shared/media';
import { closeUploadsResponseSchema } from '@media-analysis/shared/uploads';
import { createMediaClient } from '../../web/src/client/index.ts';
import { largeVideo } from '../support/large-video.ts';
import { isLong } from '../support/long-test.ts';
import { STRICT_IN_LONG_RUN } from '../support/mode.ts';
import {
  client,
  eventually,
  file,
  form,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

const MEBIBYTE = 1024 * 1024;
const CHUNK = 256 * 1024;

let stack: Stack;
let user: ReturnType<typeof client>;
beforeAll(async () => {
  stack = await startStack({ mode: STRICT_IN_LONG_RUN });
  user = client(stack, await tokenOf(stack, 'alice'));
});
afterAll(() => stack.close());

const MOV = { file_name: 'holiday.mov', content_type: 'video/quicktime' };

function announce(files: object[], headers: Record<string, string> = {}, more: object = {}) {
  const body = JSON.stringify({ files, ...more });
  return user.call('/api/media/uploads', { method: 'POST', body, headers });
}

/** Announces one file and answers where it goes. */
async function announced(size: number, headers: Record<string, string> = {}) {
  const response = await announce([{ ...MOV, size }], headers);
  expect(response.status).toBe(201);
  const { uploads } = createUploadsResponseSchema.parse(await response.json());
  const [upload] = uploads;
  return { id: upload?.media_id ?? '', url: upload?.upload_url ?? '' };
}

const put = (url: string, body: Blob | string, range?: string) =>
  fetch(url, { method: 'PUT', body, ...(range && { headers: { 'Content-Range': range } }) });

const confirm = (id: string, who = user) =>
  who.call(`/api/media/${id}/uploaded`, { method: 'POST' });

const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

async function hashOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytes) hash.update(chunk);
  return hash.digest('hex');
}

/** Names in the staging bucket. */
async function staged(): Promise<string[]> {
  const { STORAGE_EMULATOR_HOST: storage, STAGING_BUCKET: bucket } = stack.environment;
  const response = await fetch(`${storage}/storage/v1/b/${bucket}/o`);
  const { items = [] } = (await response.json()) as { items?: { name: string }[] };
  return items.map(({ name }) => name);
}

const untilUnstaged = (name: string) =>
  eventually(async () => ((await staged()).includes(name) ? undefined : true));

/** Puts an object where only the units may. */
async function stageByHand(name: string, body: string): Promise<void> {
  const { STORAGE_EMULATOR_HOST: storage, STAGING_BUCKET: bucket } = stack.environment;
  const query = `uploadType=media&name=${name}`;
  await fetch(`${storage}/upload/storage/v1/b/${bucket}/o?${query}`, { method: 'POST', body });
}

async function contentOf(id: string): Promise<Response> {
  const redirect = await user.call(`/api/media/${id}/content`);
  return fetch(redirect.headers.get('location') ?? '');
}

test('the client sends a video of many pieces, and it comes back byte for byte', async () => {
  const file = await largeVideo((isLong ? 40 : 20) * MEBIBYTE);
  const token = await tokenOf(stack, 'alice');
  const media = createMediaClient({ baseUrl: stack.url, getToken: () => token });
  const sent: number[] = [];
  const { media_ids } = await media.analyze([file], {
    onProgress: (progress) => sent.push(progress.sent),
  });
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  expect(sent.at(-1)).toBe(file.size);
  const id = media_ids[0] ?? '';
  const [result] = await user.results([id]);
  expect(result).toMatchObject({
    status: 'completed',
    content_type: 'video/quicktime',
    size: file.size,
    analytics: { duration_s: 2, width: 90, height: 160 },
  });
  const content = await contentOf(id);
  expect(content.headers.get('content-length')).toBe(String(file.size));
  expect(await hashOf(content.body ?? (async function* () {})())).toBe(await hashOf(file.stream()));
});

test('the client sends metadata and an id of each file, in a form and in pieces', async () => {
  const metadata = { 'order.id': '1042' };
  const token = await tokenOf(stack, 'alice');
  const media = createMediaClient({
    baseUrl: stack.url,
    getToken: () => token,
    limits: { maxFileBytes: 60_000 },
  });
  const files = await Promise.all(['03-coffee.webp', '08-lake.jpg', '02-cat.png'].map(file));
  expect(files.map(({ size }) => size > 60_000).toSorted()).toEqual([false, true, true]);
  const sent = await media.analyze(files, { metadata, externalIds: ['c 1', undefined, 'c 3'] });
  expect(
    sent.media.map((each) => ({ metadata: each.metadata, external_id: each.external_id })),
  ).toEqual([
    { metadata, external_id: 'c 1' },
    { metadata, external_id: undefined },
    { metadata, external_id: 'c 3' },
  ]);
  const searched = await media.search({ external_id: 'c 3' });
  expect(searched.media.map((each) => each.id)).toEqual([sent.media_ids[2]]);
});

test('a request without an answer is closed: it made what it says, and makes no more', async () => {
  const close = async (key: string) => {
    const headers = { 'Idempotency-Key': key };
    const answer = await user.call('/api/media/uploads/close', { method: 'POST', headers });
    expect(answer.status).toBe(200);
    return closeUploadsResponseSchema.parse(await answer.json());
  };
  const made = await user.analyze([await file('02-cat.png')], { 'Idempotency-Key': 'made' });
  expect((await close('made')).media_ids).toEqual(made.media_ids);
  const { id } = await announced(5, { 'Idempotency-Key': 'announced' });
  expect((await close('announced')).media.map((each) => each.id)).toEqual([id]);
  expect((await close('never')).media_ids).toEqual([]);
  const late = await user.call('/api/agent/analyze-media', {
    method: 'POST',
    headers: { 'Idempotency-Key': 'never' },
    body: form([await file('02-cat.png')]),
  });
  expect(late.status).toBe(422);
  expect(await codeOf(late)).toBe('idempotency_key_reused');
});

describe('what is announced', () => {
  test('is answered in order, each refused for a reason of its own', async () => {
    const response = await announce([
      { ...MOV, size: 5 },
      { file_name: 'notes.txt', content_type: 'text/plain', size: 5 },
      { ...MOV, size: 0 },
      { ...MOV, size: 2048 * MEBIBYTE + 1 },
      { file_name: 'huge.jpg', content_type: 'image/jpeg', size: 128 * MEBIBYTE + 1 },
      { ...MOV, size: 2048 * MEBIBYTE },
    ]);
    expect(response.status).toBe(201);
    const { uploads, rejected } = createUploadsResponseSchema.parse(await response.json());
    expect(uploads.map(({ index }) => index)).toEqual([0, 5]);
    expect(rejected.map(({ index, code }) => [index, code])).toEqual([
      [1, 'unsupported_media_type'],
      [2, 'empty_file'],
      [3, 'file_too_large'],
      [4, 'file_too_large'],
    ]);
    for (const { chunk_size } of uploads) expect(chunk_size % CHUNK).toBe(0);
  });

  test.each([
    ['no file', [], {}, 400, 'no_file'],
    ['too many', Array(101).fill({ ...MOV, size: 1 }), {}, 413, 'too_many_files'],
    ['only what is refused', [{ ...MOV, size: 0 }], {}, 400, 'empty_file'],
    ['an unknown field', [{ ...MOV, size: 1 }], { owner_id: 'bob' }, 400, 'invalid_request'],
    ['half a byte', [{ ...MOV, size: 1.5 }], {}, 400, 'invalid_request'],
  ])('%s is a problem', async (_title, files, more, status, code) => {
    const response = await announce(files, {}, more);
    expect(response.status).toBe(status);
    expect(await codeOf(response)).toBe(code);
  });

  test('twice with one key is the same media, with a session that works as long as it needs one', async () => {
    const key = { 'Idempotency-Key': 'holiday' };
    const size = 3 * CHUNK;
    const [first, second] = await Promise.all([announced(size, key), announced(size, key)]);
    expect(second.id).toBe(first.id);
    const third = await announced(size, key);
    expect(third.id).toBe(first.id);
    expect((await put(third.url, 'x'.repeat(size))).status).toBe(200);
    // Its bytes are there.
    expect(await announced(size, key)).toEqual({ id: first.id, url: '' });
    const other = await announce([{ ...MOV, size: size + 1 }], key);
    expect(await codeOf(other)).toBe('idempotency_key_reused');
    const mallory = client(stack, await tokenOf(stack, 'mallory'));
    const body = JSON.stringify({ files: [{ ...MOV, size }] });
    const hers = await mallory.call('/api/media/uploads', { method: 'POST', body, headers: key });
    expect(await hers.text()).not.toContain(first.id);
  });
});

describe('bytes that', () => {
  test('are not all there yet: 409, and the media goes on waiting', async () => {
    const { id, url } = await announced(2 * CHUNK);
    expect(await codeOf(await confirm(id))).toBe('upload_incomplete');
    await put(url, 'x'.repeat(CHUNK), `bytes 0-${CHUNK - 1}/${2 * CHUNK}`);
    const response = await confirm(id);
    expect([response.status, await codeOf(response)]).toEqual([409, 'upload_incomplete']);
    expect((await user.get(id)).status).toBe('pending');
  });

  test('came in two halves go on from the first one', async () => {
    const file = await largeVideo(2 * CHUNK);
    const { id, url } = await announced(file.size);
    const half = await put(url, file.slice(0, CHUNK), `bytes 0-${CHUNK - 1}/${file.size}`);
    expect([half.status, half.headers.get('range')]).toEqual([308, `bytes=0-${CHUNK - 1}`]);
    await put(url, file.slice(CHUNK), `bytes ${CHUNK}-${file.size - 1}/${file.size}`);
    const accepted = await confirm(id);
    expect(accepted.status).toBe(202);
    expect(((await accepted.json()) as Media).status).toBe('pending');
    const [result] = await user.results([id]);
    expect(result?.status).toBe('completed');
    // Said again, it is no news.
    const again = await confirm(id);
    expect([again.status, ((await again.json()) as Media).status]).toEqual([202, 'completed']);
  });

  test('are no video fail as such, and nothing is kept', async () => {
    const { id, url } = await announced(6);
    await put(url, 'MZ....');
    await confirm(id);
    const [result] = await user.results([id]);
    expect(result).toMatchObject({ status: 'failed', error_code: 'unsupported_media_type' });
    await untilUnstaged(id);
    expect(((await (await confirm(id)).json()) as Media).status).toBe('failed');
  });

  test('are more or fewer than was announced are no object at all', async () => {
    const { id, url } = await announced(6);
    expect((await put(url, 'sevenxx')).status).toBe(400);
    expect(await codeOf(await confirm(id))).toBe('upload_incomplete');
  });

  test('are more than was announced all the same fail by their size, and nothing is kept', async () => {
    const { id } = await announced(6);
    await stageByHand(id, 'sevenxx');
    const response = await confirm(id);
    expect([response.status, await codeOf(response)]).toEqual([422, 'upload_size_differs']);
    const [result] = await user.results([id]);
    expect(result).toMatchObject({ status: 'failed', error_code: 'upload_size_differs' });
    expect(result?.error_message).toMatch(/holiday\.mov.* 6 bytes.* 7 /);
    await untilUnstaged(id);
  });
});

test('whose is not said is nobody’s: a stranger confirms nothing', async () => {
  const { id, url } = await announced(6);
  await put(url, 'secret');
  const mallory = client(stack, await tokenOf(stack, 'mallory'));
  expect((await confirm(id, mallory)).status).toBe(404);
  expect((await user.get(id)).status).toBe('pending');
});

test('deleted while it arrives, it is gone for good', async () => {
  const { id, url } = await announced(2 * CHUNK);
  await put(url, 'x'.repeat(CHUNK), `bytes 0-${CHUNK - 1}/${2 * CHUNK}`);
  expect((await user.call(`/api/media/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await confirm(id)).status).toBe(404);
  // Its session is not, and what comes of it is removed by the task that looks again a minute later.
  await put(url, 'x'.repeat(CHUNK), `bytes ${CHUNK}-${2 * CHUNK - 1}/${2 * CHUNK}`);
  expect(await staged()).toContain(id);
  await stack.callWorker('/tasks/upload-media', { media_id: id, attempt: 1 });
  expect(await staged()).not.toContain(id);
});

test('stopped in mid-upload, nothing stays behind', async () => {
  const file = await largeVideo(40 * MEBIBYTE);
  const token = await tokenOf(stack, 'carol');
  const carol = client(stack, token);
  const media = createMediaClient({ baseUrl: stack.url, getToken: () => token });
  const listed = async () =>
    ((await (await carol.call('/api/media')).json()) as { media: [] }).media;
  const stop = new AbortController();
  const sending = media.analyze([file], {
    signal: stop.signal,
    onProgress: ({ sent }) => sent > 9 * MEBIBYTE && stop.abort(new Error('enough')),
  });
  await expect(sending).rejects.toThrow('enough');
  await eventually(async () => ((await listed()).length === 0 ? true : undefined));
});
