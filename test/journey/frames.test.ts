/** A video whose sender has sent frames of it: what a model of pictures gets, what is served, and what stays of them. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import sharp from 'sharp';
import { type RunningChat, startChat } from '../support/chat-server.ts';
import { announceClip, clip, frame, type Sent, sendClip, sendFrames } from '../support/frames.ts';
import { longTest } from '../support/long-test.ts';
import { STRICT_IN_LONG_RUN } from '../support/mode.ts';
import { client, eventually, type Stack, startStack, tokenOf } from '../support/stack.ts';

const MODEL = 'openai/qwen2.5vl:7b';
const DAY_BYTES = 1_000_000;

let chat: RunningChat;
let stack: Stack;
let user: ReturnType<typeof client>;
let three: Sent;
beforeAll(async () => {
  chat = await startChat({ dialect: 'ollama', models: ['qwen2.5vl:7b'] });
  stack = await startStack({
    mode: STRICT_IN_LONG_RUN,
    environment: {
      ANALYSIS_MODEL: MODEL,
      OPENAI_BASE_URL: `${chat.url}/`,
      MAX_BYTES_PER_DAY: String(DAY_BYTES),
    },
  });
  user = client(stack, await tokenOf(stack, 'alice'));
  const names = ['02-cat.png', '08-lake.jpg', '07-cityscape.jpg'];
  three = { times: [0.5, 1.25, 2], jpegs: await Promise.all(names.map((name) => frame(name))) };
});
afterEach(() => chat.reset());
afterAll(async () => {
  await stack.close();
  await chat.close();
});

/** Names in a bucket that belong to a media. */
async function objectsOf(id: string): Promise<string[]> {
  const { STORAGE_EMULATOR_HOST: storage, STAGING_BUCKET, MEDIA_BUCKET } = stack.environment;
  const lists = [STAGING_BUCKET, MEDIA_BUCKET].map(async (bucket) => {
    const response = await fetch(`${storage}/storage/v1/b/${bucket}/o?prefix=${id}`);
    const { items = [] } = (await response.json()) as { items?: { name: string }[] };
    return items.map(({ name }) => name.replace(id, 'ID'));
  });
  return (await Promise.all(lists)).flat().sort();
}

async function bytesAt(path: string): Promise<Buffer> {
  const redirect = await user.call(path);
  return Buffer.from(await (await fetch(redirect.headers.get('location') ?? '')).arrayBuffer());
}

const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;

test('a model of pictures describes a video by its frames, in their order, each with its time', async () => {
  const id = await sendClip(user, { ...three, poster: 1 });
  const [media] = (await user.results([id])) as Media[];
  expect(media).toMatchObject({
    status: 'completed',
    analytics: { model: MODEL, notes: ['from_frames'] },
    usage: { attempts: 1 },
    frames: [{ time_s: 0.5 }, { time_s: 1.25 }, { time_s: 2 }],
  });
  const parts = chat.calls[0]?.body.messages.at(-1)?.content;
  const kinds = Array.isArray(parts) ? parts.map(({ type, text }) => text?.trim() ?? type) : [];
  expect(kinds).toEqual([
    expect.stringMatching(/^The 3 pictures are frames of one video, as its sender has chosen them/),
    ...['Frame 1, at 0.5 s:', 'image_url', 'Frame 2, at 1.25 s:', 'image_url'],
    ...['Frame 3, at 2 s:', 'image_url', expect.any(String)],
  ]);
  // One call for all of them, which asks for the parts of the video.
  expect(chat.calls).toHaveLength(1);
  expect(chat.calls[0]?.text).toMatch(/start_s/);
  expect(chat.calls[0]?.text).not.toMatch(/clip\.mp4/);
});

test('the poster is served as the preview; frames are only pixels, and gone with the video', async () => {
  const id = await sendClip(user, { ...three, poster: 1 });
  const [media] = (await user.results([id])) as Media[];
  const poster = await bytesAt(`/api/media/${id}/preview`);
  const shown = await sharp(poster).metadata();
  const [, lake] = three.jpegs;
  expect(await sharp(lake as Buffer).metadata()).toMatchObject({ exif: expect.anything() });
  expect([shown.format, shown.width, shown.exif]).toEqual(['jpeg', 640, undefined]);
  const all = await bytesAt(`/api/media/${id}/frames`);
  const sizes = media?.frames?.map(({ size }) => size) ?? [];
  expect(all).toHaveLength(sizes.reduce((sum, size) => sum + size, 0));
  const [first = 0, second = 0] = sizes;
  expect(all.subarray(first, first + second)).toEqual(poster);
  const kept = ['ID/frames', 'ID/original', 'ID/preview'];
  await eventually(async () => ((await objectsOf(id)).join() === kept.join() ? true : undefined));
  await user.call(`/api/media/${id}?permanently=true`, { method: 'DELETE' });
  expect(await objectsOf(id)).toEqual([]);
});

test('a frame that is no picture, and one after the end of the video, are left out', async () => {
  const [cat] = three.jpegs as [Buffer];
  const torn = Buffer.concat([cat.subarray(0, 200), Buffer.alloc(500)]);
  const id = await sendClip(user, { times: [0, 1, 9], jpegs: [torn, cat, cat] });
  const [media] = (await user.results([id])) as Media[];
  expect(media?.frames).toMatchObject([{ time_s: 1 }]);
  expect(media).toMatchObject({ status: 'completed', analytics: { notes: ['from_frames'] } });
  expect((await bytesAt(`/api/media/${id}/preview`)).length).toBe(media?.frames?.[0]?.size);
});

longTest('a larger frame is made as small as a frame may be', async () => {
  const large = await sharp({
    create: { width: 4000, height: 3000, channels: 3, background: 'teal' },
  })
    .jpeg()
    .toBuffer();
  const id = await sendClip(user, { times: [0], jpegs: [large] });
  await user.results([id]);
  const { width, height } = await sharp(await bytesAt(`/api/media/${id}/preview`)).metadata();
  expect([width, height]).toEqual([1280, 960]);
});

test('without frames a person reads that, and what to do', async () => {
  const bytes = await clip();
  const { id, url } = await announceClip(user, bytes.length);
  await fetch(url, { method: 'PUT', body: bytes });
  await user.call(`/api/media/${id}/uploaded`, { method: 'POST' });
  const [media] = (await user.results([id])) as Media[];
  expect(media?.error_message).toMatch(/is stored, but not analysed: it was sent without frames/);
  expect(media?.frames).toBeUndefined();
  const preview = await user.call(`/api/media/${id}/preview`);
  expect([preview.status, await codeOf(preview)]).toEqual([404, 'not_found']);
});

const JPEG = Buffer.of(0xff, 0xd8, 0xff, 0xe0);

test.each([
  ['times for fewer', { times: [0], jpegs: [JPEG, JPEG] }, 400, 'invalid_request'],
  ['times that fall', { times: [2, 1], jpegs: [JPEG, JPEG] }, 400, 'invalid_request'],
  ['no time', { times: [Number.NaN], jpegs: [JPEG] }, 400, 'invalid_request'],
  [
    'a poster that is not among them',
    { times: [0], jpegs: [JPEG], poster: 1 },
    400,
    'invalid_request',
  ],
  [
    'what is no JPEG',
    { times: [0], jpegs: [Buffer.from('GIF89a')] },
    415,
    'unsupported_media_type',
  ],
  [
    'one of 300,001 bytes',
    { times: [0], jpegs: [Buffer.alloc(300_001, JPEG)] },
    413,
    'file_too_large',
  ],
  [
    'nine',
    { times: [0, 1, 2, 3, 4, 5, 6, 7, 8], jpegs: Array<Buffer>(9).fill(JPEG) },
    413,
    'too_many_files',
  ],
])('%s is refused, and nothing is kept', async (_title, sent, status, code) => {
  const { id } = await announceClip(user, 9);
  const response = await sendFrames(user, id, sent);
  expect([response.status, await codeOf(response)]).toEqual([status, code]);
  expect(await objectsOf(id)).toEqual([]);
});

test('frames come before the work begins, for a video, and from its owner', async () => {
  const id = await sendClip(user, { times: [0], jpegs: [await frame('02-cat.png')] });
  const late = await sendFrames(user, id, three);
  expect([late.status, await codeOf(late)]).toEqual([409, 'not_ready']);
  const image = { file_name: 'cat.png', content_type: 'image/png' };
  const photo = await announceClip(user, 9, image);
  expect((await sendFrames(user, photo.id, three)).status).toBe(400);
  const video = await announceClip(user, 9);
  const mallory = client(stack, await tokenOf(stack, 'mallory'));
  expect((await sendFrames(mallory, video.id, three)).status).toBe(404);
  expect(await objectsOf(video.id)).toEqual([]);
});

test('frames count as sent bytes, before they are stored', async () => {
  const greedy = client(stack, await tokenOf(stack, 'greedy'));
  const { id } = await announceClip(greedy, DAY_BYTES - 1_000);
  const response = await sendFrames(greedy, id, three);
  expect([response.status, await codeOf(response)]).toEqual([429, 'rate_limited']);
  expect(await objectsOf(id)).toEqual([]);
});
