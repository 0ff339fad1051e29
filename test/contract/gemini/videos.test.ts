/** How a video gets to a model, by its size and by where the model's service can read; and what is refused. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/catalog/model-name.ts';
import {
  type AnalyzeInput,
  type AnalyzeOptions,
  createAnalyzer,
  RetryLaterError,
  ServiceWaitError,
} from '../../../functions/analysis/index.ts';
import type { VideoCopy, VideoSource } from '../../../functions/analysis/video.ts';
import { inspectMedia } from '../../../functions/inspect/index.ts';
import { type RunningGemini, replies, startGemini } from '../../support/gemini-server.ts';
import { shortened } from '../../support/long-test.ts';
import { redirectVertex } from '../../support/vertex.ts';

const KEY = 'key-27182818';
const MINUTES = 60_000;
const INLINE = 20 * 2 ** 20;
const SIGNED = 'https://storage.googleapis.com/media/m1/bare?X-Goog-Signature=1';
const GS = 'gs://media/m1/bare';

let gemini: RunningGemini;
let undo: () => Promise<void>;
let clip: Buffer;
let input: AnalyzeInput;
beforeAll(async () => {
  gemini = await startGemini({ apiKey: KEY });
  undo = await redirectVertex(gemini.url);
  clip = await readFile(new URL('../../videos/clip.mp4', import.meta.url));
  const { facts, contentType } = await inspectMedia(clip, 'Mum at home.mp4');
  input = { facts, contentType, preview: null, fileName: 'Mum at home.mp4', language: 'en' };
});
afterEach(() => gemini.reset());
afterAll(async () => {
  await undo();
  await gemini.close();
});

const googleai = (maxVideoS?: number) =>
  createAnalyzer({
    model: `googleai/${EXAMPLE_GEMINI}`,
    geminiApiKey: KEY,
    baseUrl: `${gemini.url}/`,
    maxVideoS,
  });
const vertexai = (maxVideoS?: number) =>
  createAnalyzer({
    model: `vertexai/${EXAMPLE_GEMINI}`,
    project: 'demo',
    location: 'global',
    maxVideoS,
  });

/** A clock that only waiting moves. */
function options(changes: Partial<AnalyzeOptions> = {}): AnalyzeOptions {
  let time = Date.parse('2026-07-01T20:00:00Z');
  return {
    signal: new AbortController().signal,
    deadline: time + 4 * MINUTES,
    now: () => time,
    random: () => 1,
    sleep: async (ms) => {
      time += ms;
    },
    ...changes,
  };
}

/** Bytes that their place tells; it begins again after so many. */
const PERIOD = Buffer.from(
  Array.from({ length: 251 * 256 }, (_, at) => (at * 7 + (at >> 8)) % 251),
);

async function read(start: number, end: number): Promise<Buffer> {
  const from = start % PERIOD.length;
  const first = Buffer.concat([PERIOD.subarray(from), PERIOD.subarray(0, from)]);
  return Buffer.alloc(end - start, first);
}

/** A video that is said to be as large as `size`. */
function videoOf(size: number, copied: Partial<VideoCopy> = {}) {
  const made: string[] = [];
  const copy: VideoCopy = { size, uri: undefined, signedUrl: async () => undefined, read };
  const source: VideoSource = {
    size,
    bytes: async () => {
      made.push('bytes');
      return clip;
    },
    copy: async () => {
      made.push('copy');
      return { ...copy, ...copied };
    },
  };
  return { made, video: source };
}

const sent = () => gemini.requests.map(({ body }) => body.contents[0]?.parts[0]);

describe('the Gemini API', () => {
  test('gets a small video inside the request', async () => {
    const { made, video } = videoOf(INLINE);
    const { analytics } = await googleai().analyze({ ...input, video }, options());
    expect(sent()).toEqual([
      { inlineData: { mimeType: 'video/mp4', data: clip.toString('base64') } },
    ]);
    expect(analytics).toMatchObject({ duration_s: 2, quality: null });
    expect(made).toEqual(['bytes']);
  });

  test('reads a larger one by a signed URL', async () => {
    const { made, video } = videoOf(INLINE + 1, { signedUrl: async () => SIGNED });
    await googleai().analyze({ ...input, video }, options());
    expect(sent()).toEqual([{ fileData: { mimeType: 'video/mp4', fileUri: SIGNED } }]);
    expect(made).toEqual(['copy']);
    expect(gemini.files.all).toEqual([]);
  });

  const sentAhead: [string, number, () => Promise<string | undefined>][] = [
    ['where it can read nothing', INLINE + 1, async () => undefined],
    ['that is too large for it to read by itself', 100e6 + 1, async () => SIGNED],
  ];
  test.each(shortened(sentAhead, 1))('is sent a video ahead, %s', async (_, size, signedUrl) => {
    const { video } = videoOf(size, { signedUrl });
    gemini.enqueue(replies.unavailable());
    const { usage } = await googleai().analyze({ ...input, video }, options());
    const [file, ...others] = gemini.files.all;
    expect(others).toEqual([]);
    expect(file).toMatchObject({ size, mimeType: 'video/mp4', isDeleted: true });
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    expect(hash(file?.bytes ?? Buffer.alloc(0))).toBe(hash(await read(0, size)));
    expect(Math.max(...(file?.pieces ?? []))).toBe(8 * 2 ** 20);
    // Asked twice, sent once.
    expect(usage.attempts).toBe(2);
    const part = { fileData: { mimeType: 'video/mp4', fileUri: file?.uri } };
    expect(sent()).toEqual([part, part]);
    expect(gemini.files.texts.join()).not.toMatch(/Mum|home/);
    for (const text of gemini.files.texts) {
      expect(text.includes(KEY)).toBe(!text.includes('upload_id'));
    }
  });

  test.each(['lost', 'refused'] as const)('goes on where a piece was %s', async (fault) => {
    gemini.files.faults = [fault];
    const { video } = videoOf(INLINE + 1);
    await googleai().analyze({ ...input, video }, options());
    const [file] = gemini.files.all;
    expect(file?.pieces.reduce((sum, size) => sum + size, 0)).toBe(INLINE + 1);
    expect(file?.bytes.equals(await read(0, INLINE + 1))).toBe(true);
  });

  test('that cannot read the file says so of the file', async () => {
    gemini.files.states = ['PROCESSING', 'FAILED'];
    const { video } = videoOf(INLINE + 1);
    await expect(googleai().analyze({ ...input, video }, options())).rejects.toMatchObject({
      code: 'media_corrupt',
      message: expect.stringMatching(/^“Mum at home.mp4” is stored, but .* could not read it/),
    });
    expect(gemini.requests).toEqual([]);
    expect(gemini.files.all).toMatchObject([{ isDeleted: true }]);
  });

  test('that is not ready in time is asked again later', async () => {
    gemini.files.states = ['PROCESSING'];
    const { video } = videoOf(INLINE + 1);
    const failed = googleai().analyze({ ...input, video }, options());
    await expect(failed).rejects.toBeInstanceOf(RetryLaterError);
    await expect(failed).rejects.toMatchObject({ code: 'analysis_timeout' });
    expect(gemini.files.all).toMatchObject([{ isDeleted: true }]);
  });

  test('that never takes the file is away, and no file is at fault', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const analyzer = createAnalyzer({
      model: `googleai/${EXAMPLE_GEMINI}`,
      geminiApiKey: KEY,
      baseUrl: `http://127.0.0.1:${port}/`,
    });
    const { video } = videoOf(INLINE + 1);
    const soon = { now: () => 0, deadline: 100 };
    const failed = analyzer.analyze({ ...input, video }, options(soon));
    await expect(failed).rejects.toBeInstanceOf(ServiceWaitError);
    await expect(failed).rejects.toMatchObject({ code: 'analysis_timeout' });
    silent.closeAllConnections();
    silent.close();
  });

  test('may take no file for a moment', async () => {
    gemini.files.refusals = [503, 429];
    const { video } = videoOf(INLINE + 1);
    const { analytics } = await googleai().analyze({ ...input, video }, options());
    expect(analytics.title).toBe('harbour');
  });

  test('gives its answer also if what was sent ahead cannot be deleted', async () => {
    gemini.files.keepsDeleting = true;
    const { video } = videoOf(INLINE + 1);
    const { analytics } = await googleai().analyze({ ...input, video }, options());
    expect(analytics.title).toBe('harbour');
    expect(gemini.requests).toHaveLength(1);
  });

  test('may take no file at all', async () => {
    gemini.files.refusals = [403];
    const { video } = videoOf(INLINE + 1);
    await expect(googleai().analyze({ ...input, video }, options())).rejects.toMatchObject({
      code: 'analysis_rejected',
      message: expect.not.stringContaining('403'),
    });
  });

  test('keeps nothing of a video whose analysis was stopped', async () => {
    const reason = new Error('deleted');
    const controller = new AbortController();
    const sleep = async () => controller.abort(reason);
    const { video } = videoOf(INLINE + 1);
    const { signal } = controller;
    const failed = googleai().analyze({ ...input, video }, options({ signal, sleep }));
    await expect(failed).rejects.toBe(reason);
    expect(gemini.files.all).toMatchObject([{ isDeleted: true }]);
  });
});

/** In base64, with the prompt, less than the 20 MB of a request in the tier `flex`. */
const MOST_INLINE = 14e6;

describe('Vertex AI', () => {
  test.each([1_000, 1e9])('reads a video of %d bytes in the bucket', async (size) => {
    const { video } = videoOf(size, { uri: GS });
    const { analytics } = await vertexai().analyze({ ...input, video }, options());
    expect(sent()).toEqual([{ fileData: { mimeType: 'video/mp4', fileUri: GS } }]);
    expect(analytics.segments).toEqual([{ start_s: 0.5, end_s: 0.5, summary: 'harbour' }]);
  });

  test('gets what lies where it cannot read inside the request, if it is small', async () => {
    await vertexai().analyze({ ...input, video: videoOf(MOST_INLINE).video }, options());
    expect(sent()).toMatchObject([{ inlineData: { mimeType: 'video/mp4' } }]);
    const { video } = videoOf(MOST_INLINE + 1);
    await expect(vertexai().analyze({ ...input, video }, options())).rejects.toMatchObject({
      code: 'file_too_large',
      message: expect.stringMatching(/^“Mum at home.mp4” is stored, but too large .* 14 MB/),
    });
  });

  test('in the tier flex, which takes requests of 20 MB, reads a larger video in the bucket', async () => {
    const { video } = videoOf(100e6, { uri: GS });
    const { usage } = await vertexai()
      .asking(undefined, 'flex')
      .analyze({ ...input, video }, options());
    expect(sent()).toEqual([{ fileData: { mimeType: 'video/mp4', fileUri: GS } }]);
    expect(usage.tier).toBe('flex');
  });
});

describe.each(Object.entries({ googleai, vertexai }))(
  '%s refuses, before anything is copied or paid for',
  (_, create) => {
    test('what is longer than the model can watch', async () => {
      const { made, video } = videoOf(1_000, { uri: GS });
      const facts = { ...input.facts, duration_s: 45 * 60 + 1 };
      await expect(create().analyze({ ...input, facts, video }, options())).rejects.toMatchObject({
        code: 'video_too_long',
        message: expect.stringMatching(
          /^“Mum at home.mp4” is stored, but lasts 46 minutes.* up to 45/,
        ),
      });
      expect([made, gemini.requests]).toEqual([[], []]);
    });

    test('what is longer than the operator pays for', async () => {
      const { made, video } = videoOf(1_000, { uri: GS });
      const analyze = (duration_s: number) => {
        const facts = { ...input.facts, duration_s };
        return create(600).analyze({ ...input, facts, video }, options());
      };
      await expect(analyze(600.1)).rejects.toMatchObject({
        code: 'video_too_long',
        message: expect.stringMatching(/lasts 11 minutes.* up to 10 are analysed/),
      });
      expect([made, gemini.requests]).toEqual([[], []]);
      expect((await analyze(600)).usage.attempts).toBe(1);
    });

    test('what is larger than there is a way for', async () => {
      const { made, video } = videoOf(2e9 + 1, { uri: GS });
      await expect(create().analyze({ ...input, video }, options())).rejects.toMatchObject({
        code: 'file_too_large',
        message: expect.stringContaining('2,000 MB'),
      });
      expect([made, gemini.requests]).toEqual([[], []]);
    });
  },
);

test.each(Object.entries({ googleai, vertexai }))(
  '%s looks less finely at a frame than at a picture',
  async (_, create) => {
    await create().analyze({ ...input, video: videoOf(1_000, { uri: GS }).video }, options());
    expect(gemini.requests[0]?.body.generationConfig).toMatchObject({
      mediaResolution: 'MEDIA_RESOLUTION_LOW',
    });
  },
);
