/** The main job: photos in, live progress, analysis out. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import sharp from 'sharp';
import { STRICT_IN_LONG_RUN } from '../support/mode.ts';
import {
  client,
  file,
  mediaOf,
  readEvents,
  type Stack,
  type StreamEvent,
  startStack,
  TEN_PHOTOS,
} from '../support/stack.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ mode: STRICT_IN_LONG_RUN });
});
afterAll(() => stack.close());

const sha256 = (bytes: ArrayBuffer) =>
  createHash('sha256').update(Buffer.from(bytes)).digest('hex');

describe('ten photos', () => {
  let files: File[];
  let accepted: Media[];
  let events: StreamEvent[];

  beforeAll(async () => {
    files = await Promise.all(TEN_PHOTOS.map(file));
    const user = client(stack);
    accepted = (await user.analyze(files)).media;
    events = await user.watch(accepted.map(({ id }) => id));
  });

  test('are answered as pending, in the order they were sent', () => {
    expect(accepted.map(({ status, progress }) => [status, progress])).toEqual(
      TEN_PHOTOS.map(() => ['pending', 0]),
    );
    expect(accepted.map(({ file_name }) => file_name)).toEqual(TEN_PHOTOS);
  });

  test('are all completed, each with an analysis of its own', () => {
    const final = new Map(mediaOf(events).map((media) => [media.file_name, media]));
    expect([...final.values()].map(({ status }) => status)).toEqual(
      TEN_PHOTOS.map(() => 'completed'),
    );
    expect(final.get('08-lake.jpg')?.analytics).toMatchObject({
      width: 3840,
      height: 2160,
      orientation: 'landscape',
      model: 'local/facts',
      objects: [],
    });
    // Stored on its side; EXIF orientation 6 says so.
    expect(final.get('18-cat-exif-orientation6.jpg')?.analytics).toMatchObject({
      width: 451,
      height: 300,
    });
    expect(final.get('01-astronaut.png')?.usage).toMatchObject({ cost_usd: 0, cached: false });
  });

  test('revision grows and progress never falls, for each of them', () => {
    for (const { id } of accepted) {
      const states = mediaOf(events).filter((media) => media.id === id);
      const revisions = states.map(({ revision }) => revision);
      const progress = states.map((media) => media.progress);
      expect(revisions).toEqual([...new Set(revisions)].sort((a, b) => a - b));
      expect(progress).toEqual([...progress].sort((a, b) => a - b));
      expect(states.at(-1)?.progress).toBe(1);
    }
  });

  test('the stream says done with the counts as its last event, and ends', () => {
    expect(events.at(-1)).toEqual({
      event: 'done',
      id: 'done',
      data: { completed: 10, failed: 0 },
    });
  });

  test('a client that comes back after done gets 204', async () => {
    const ids = accepted.map(({ id }) => id);
    const response = await client(stack).call(`/api/agent/analyze-media/stream?ids=${ids}`, {
      headers: { 'Last-Event-ID': 'done' },
    });
    expect(response.status).toBe(204);
  });

  test('a late subscriber gets the current state of each, then done', async () => {
    const late = await client(stack).watch(accepted.map(({ id }) => id));
    expect(mediaOf(late).map(({ status }) => status)).toEqual(TEN_PHOTOS.map(() => 'completed'));
    expect(late.at(-1)?.event).toBe('done');
  });

  test('the content comes back byte for byte, under its name and real type', async () => {
    for (const [index, { id }] of accepted.entries()) {
      const original = files[index];
      const redirect = await client(stack).call(`/api/media/${id}/content`);
      expect(redirect.status).toBe(302);
      const content = await fetch(redirect.headers.get('location') ?? '');
      expect(sha256(await content.arrayBuffer())).toBe(
        sha256((await original?.arrayBuffer()) ?? new ArrayBuffer(0)),
      );
      expect(content.headers.get('content-type')).toBe(original?.type);
      expect(content.headers.get('content-disposition')).toContain(original?.name);
    }
  });

  test('a signed URL that was changed is refused', async () => {
    const redirect = await client(stack).call(`/api/media/${accepted[0]?.id}/content`);
    const url = redirect.headers.get('location') ?? '';
    const other = url.replace(accepted[0]?.id ?? '', accepted[1]?.id ?? '');
    expect((await fetch(other)).status).toBe(403);
  });

  test('the preview is a small upright JPEG without EXIF', async () => {
    const rotated = accepted.find(({ file_name }) => file_name.startsWith('18-'));
    const redirect = await client(stack).call(`/api/media/${rotated?.id}/preview`);
    const preview = Buffer.from(
      await (await fetch(redirect.headers.get('location') ?? '')).arrayBuffer(),
    );
    expect(preview.subarray(0, 3).toString('hex')).toBe('ffd8ff');
    expect(preview.includes('Exif')).toBe(false);
  });

  test.each([
    ['08-lake.jpg', 640],
    ['02-cat.png', 451],
  ])('the small picture of %s is %i pixels wide', async (name, width) => {
    const { id } = accepted.find(({ file_name }) => file_name === name) ?? {};
    const redirect = await client(stack).call(`/api/media/${id}/preview?size=small`);
    const small = await fetch(redirect.headers.get('location') ?? '');
    expect((await sharp(await small.arrayBuffer()).metadata()).width).toBe(width);
    const wrong = await client(stack).call(`/api/media/${id}/preview?size=large`);
    expect(wrong.status).toBe(400);
  });
});

test('one bad file among good ones fails alone', async () => {
  const user = client(stack);
  const broken = new File([(await file('02-cat.png')).slice(0, 20_000)], 'cut.png', {
    type: 'image/png',
  });
  const text = new File(['just words'], 'notes.txt', { type: 'text/plain' });
  const { media_ids, rejected } = await user.analyze([
    await file('02-cat.png'),
    text,
    broken,
    await file('03-coffee.webp'),
  ]);
  expect(rejected).toEqual([
    expect.objectContaining({ index: 1, file_name: 'notes.txt', code: 'unsupported_media_type' }),
  ]);
  const results = await user.results(media_ids);
  expect(results.map((media) => [media?.file_name, media?.status, media?.error_code])).toEqual([
    ['02-cat.png', 'completed', null],
    ['cut.png', 'failed', 'media_corrupt'],
    ['03-coffee.webp', 'completed', null],
  ]);
  expect(results[1]?.error_message).toContain('cut.png');
});

test('upload without analysis ends completed, with no analysis', async () => {
  const user = client(stack);
  const body = new FormData();
  body.append('file', await file('03-coffee.webp'));
  const response = await user.call('/api/media', { method: 'POST', body });
  expect(response.status).toBe(202);
  const { media_id } = (await response.json()) as { media_id: string };
  const stream = await user.call(`/api/media/${media_id}/stream`);
  const events: StreamEvent[] = [];
  for await (const event of readEvents(stream)) events.push(event);
  expect(mediaOf(events).at(-1)).toMatchObject({
    status: 'completed',
    analytics: null,
    content_type: 'image/webp',
  });
  expect(events.at(-1)?.event).toBe('done');
});

test('the words come in the language that was asked for', async () => {
  const user = client(stack);
  const body = new FormData();
  body.append('files', await file('02-cat.png'));
  // After the files on purpose: the order of the form's parts must not matter.
  body.append('language', 'ja');
  const response = await user.call('/api/agent/analyze-media', { method: 'POST', body });
  const { media_ids } = (await response.json()) as { media_ids: string[] };
  const [media] = await user.results(media_ids);
  expect(media?.analytics).toMatchObject({ language: 'ja' });
  expect(media?.analytics?.summary).toMatch(/[\p{Script=Hiragana}]/u);
});
