/** The analyzer through the real Genkit plugin, against a server that speaks the Gemini API. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { analyticsSchema, usageSchema } from '@media-analysis/shared/analytics';
import { AppError } from '@media-analysis/shared/errors';
import {
  type AnalyzeInput,
  type AnalyzeOptions,
  type Analyzer,
  createAnalyzer,
  MAX_INLINE_VIDEO_BYTES,
  RetryLaterError,
} from '../../../functions/analysis/index.ts';
import { inspectMedia } from '../../../functions/inspect/index.ts';
import {
  type Reply,
  type RunningGemini,
  replies,
  startGemini,
} from '../../support/gemini-server.ts';

const API_KEY = 'test-key-31415926';
const NOW = Date.parse('2026-07-01T20:00:00Z');
const MINUTES = 60_000;

let gemini: RunningGemini;
let analyzer: Analyzer;
let input: AnalyzeInput;
/** Everything that a call would have waited. */
let waits: number[] = [];

beforeAll(async () => {
  gemini = await startGemini({ apiKey: API_KEY });
  analyzer = analyzerWith({});
  input = await inputFrom(await located(), 'Taro Yamada, 東京.jpg');
});
afterEach(() => {
  gemini.reset();
  waits = [];
});
afterAll(() => gemini.close());

const analyzerWith = (config: { model?: string; geminiApiKey?: string; callTimeoutMs?: number }) =>
  createAnalyzer({
    ...{ model: 'googleai/gemini-2.5-flash', geminiApiKey: API_KEY, baseUrl: `${gemini.url}/` },
    ...config,
  });

const options = (changes: Partial<AnalyzeOptions> = {}): AnalyzeOptions => ({
  signal: new AbortController().signal,
  deadline: NOW + 5 * MINUTES,
  now: () => NOW,
  random: () => 1,
  sleep: async (ms) => void waits.push(ms),
  ...changes,
});

/** A photo that knows where it was taken. */
const located = () => readFile(new URL('../../photos/22-located.tiff', import.meta.url));

async function inputFrom(bytes: Buffer, fileName: string): Promise<AnalyzeInput> {
  const { facts, contentType, preview } = await inspectMedia(bytes, fileName);
  return { facts, contentType, preview: preview?.bytes ?? null, fileName, language: 'ja' };
}

const failure = (changes?: Partial<AnalyzeOptions>, by = analyzer) =>
  by.analyze(input, options(changes)).then(
    () => {
      throw new Error('it was analysed');
    },
    (error: unknown) => error,
  );

describe('a good answer', () => {
  test('becomes analytics with what was measured and what it cost', async () => {
    const progress: number[] = [];
    const { analytics, usage } = await analyzer.analyze(
      input,
      options({ onProgress: (fraction) => progress.push(fraction) }),
    );
    expect(analyticsSchema.parse(analytics)).toEqual(analytics);
    expect(analytics).toMatchObject({
      title: 'harbour',
      objects: [{ label: 'harbour', confidence: 0.5 }],
      colors: input.facts.colors,
      ...{ width: 32, height: 24, orientation: 'landscape', language: 'ja' },
      ...{ model: 'googleai/gemini-2.5-flash', prompt_version: analyzer.promptVersion },
    });
    expect(usageSchema.parse(usage)).toEqual({
      model: 'googleai/gemini-2.5-flash',
      ...{ input_tokens: 400, output_tokens: 120, cost_usd: 0.00042 },
      ...{ cached: false, attempts: 1, duration_ms: 0 },
    });
    expect(progress).toEqual([0.1]);
  });

  test('is asked for in JSON by a schema without bounds, in the wanted language', async () => {
    await analyzer.analyze(input, options());
    const [request] = gemini.requests;
    expect(request).toMatchObject({ model: 'gemini-2.5-flash', apiKey: API_KEY });
    expect(request?.body.generationConfig).toMatchObject({
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object', required: expect.arrayContaining(['title', 'safety']) },
    });
    expect(JSON.stringify(request?.body.generationConfig)).not.toMatch(
      /maxItems|maxLength|minimum/,
    );
    expect(request?.body.systemInstruction?.parts[0]?.text).toContain('Japanese (ja)');
  });

  test('to a model that the plugin does not know yet comes all the same', async () => {
    const { usage } = await analyzerWith({ model: 'googleai/gemini-9-flash' }).analyze(
      input,
      options(),
    );
    expect(gemini.requests[0]?.model).toBe('gemini-9-flash');
    expect(usage.cost_usd).toBeNull();
  });
});

describe('what leaves', () => {
  test('is the preview and no more: no place, no camera, no file name', async () => {
    await analyzer.analyze(input, options());
    const [{ body, text } = { body: undefined, text: '' }] = gemini.requests;
    const image = body?.contents[0]?.parts[0]?.inlineData;
    expect(image?.mimeType).toBe('image/jpeg');
    const sent = Buffer.from(image?.data ?? '', 'base64');
    expect(sent).toEqual(input.preview);
    // The three rationals of 35°39'31", in either byte order.
    const rationals = /23000000010000002700000001000000|00000023000000010000002700000001/;
    expect((await located()).toString('hex')).toMatch(rationals);
    expect(sent.toString('hex')).not.toMatch(rationals);
    expect(sent.toString('latin1')).not.toMatch(/Exif|GPS|Apple|iPhone/);
    expect(text).not.toMatch(/Yamada|東京|iPhone|GPS/);
  });

  test('is a whole video, if it is short', async () => {
    const bytes = await readFile(new URL('../../videos/clip.mp4', import.meta.url));
    const video = { ...(await inputFrom(bytes, 'clip.mp4')), video: async () => bytes };
    const { analytics } = await analyzer.analyze(video, options());
    const part = gemini.requests[0]?.body.contents[0]?.parts[0]?.inlineData;
    expect(part).toEqual({ mimeType: 'video/mp4', data: bytes.toString('base64') });
    expect(analytics).toMatchObject({ duration_s: 2, quality: null });
  });

  test('is nothing of a long one', async () => {
    const bytes = await readFile(new URL('../../videos/clip.mp4', import.meta.url));
    const long = Buffer.alloc(MAX_INLINE_VIDEO_BYTES + 1);
    const video = { ...(await inputFrom(bytes, 'clip.mp4')), video: async () => long };
    await expect(analyzer.analyze(video, options())).rejects.toMatchObject({
      code: 'file_too_large',
    });
    expect(gemini.requests).toHaveLength(0);
  });
});

describe('what can get better is tried again', () => {
  const faults: [string, () => Reply, string][] = [
    ['500', replies.internal, 'analysis_unavailable'],
    ['502 in HTML', replies.badGateway, 'analysis_unavailable'],
    ['503', replies.unavailable, 'analysis_unavailable'],
    ['504', replies.deadlineExceeded, 'analysis_timeout'],
    ['a broken connection', replies.reset, 'analysis_unavailable'],
    ['half a body', replies.brokenBody, 'analysis_invalid_output'],
    ['no candidates', replies.noCandidates, 'analysis_invalid_output'],
    ['no text', replies.emptyText, 'analysis_invalid_output'],
    ['cut-off JSON', replies.truncatedJson, 'analysis_invalid_output'],
    ['the token limit', replies.cutOff, 'analysis_invalid_output'],
    ['another schema', replies.wrongSchema, 'analysis_invalid_output'],
  ];

  test.each(faults)('%s, then a good answer: analysed at the second call', async (_, fault) => {
    gemini.enqueue(fault());
    const { usage } = await analyzer.analyze(input, options());
    expect([usage.attempts, gemini.requests.length]).toEqual([2, 2]);
    expect(waits).toEqual([1_000]);
  });

  test.each(faults)('%s four times: given up with its code', async (_, fault, code) => {
    gemini.enqueue(fault(), fault(), fault(), fault());
    const error = await failure();
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code });
    expect(gemini.requests).toHaveLength(4);
    expect(waits).toEqual([1_000, 2_000, 4_000]);
  });

  test('a call without an answer is cut off and repeated', async () => {
    gemini.enqueue(replies.hang());
    const impatient = analyzerWith({ callTimeoutMs: 150 });
    const { usage } = await impatient.analyze(input, options());
    expect(usage.attempts).toBe(2);
  });

  test('answers that could not be used were paid for all the same', async () => {
    gemini.enqueue(replies.wrongSchema(), replies.truncatedJson());
    const { usage } = await analyzer.analyze(input, options());
    expect(usage).toMatchObject({ attempts: 3, input_tokens: 1_200, output_tokens: 360 });
  });
});

describe('a quota', () => {
  test('per minute is waited for as long as it says', async () => {
    gemini.enqueue(replies.quotaPerMinute('34.5s'), replies.retryAfter(7));
    const { usage } = await analyzer.analyze(input, options());
    expect(usage.attempts).toBe(3);
    expect(waits).toEqual([34_500, 7_000]);
  });

  test('that outlasts the delivery is left to a later one', async () => {
    gemini.enqueue(replies.quotaPerMinute('34s'));
    const error = await failure({ deadline: NOW + 30_000 });
    expect(error).toBeInstanceOf(RetryLaterError);
    expect(error).toMatchObject({ code: 'analysis_quota', retryAt: NOW + 34_000 });
    expect([gemini.requests.length, waits]).toEqual([1, []]);
  });

  test('per day is left until midnight Pacific time, whatever RetryInfo says', async () => {
    gemini.enqueue(replies.quotaPerDay());
    const error = await failure();
    expect(error).toBeInstanceOf(RetryLaterError);
    expect(error).toMatchObject({
      code: 'analysis_quota',
      retryAt: Date.parse('2026-07-02T07:00:00Z'),
    });
    expect(gemini.requests).toHaveLength(1);
  });

  test('that stays used up fails after the fourth call', async () => {
    const fault = () => replies.quotaPerMinute('1s');
    gemini.enqueue(fault(), fault(), fault(), fault());
    expect(await failure()).toMatchObject({ name: 'AppError', code: 'analysis_quota' });
  });
});

test('an outage with no time left for the next call is left to a later delivery', async () => {
  gemini.enqueue(replies.unavailable());
  const error = await failure({ deadline: NOW + 500 });
  expect(error).toBeInstanceOf(RetryLaterError);
  expect(error).toMatchObject({ code: 'analysis_unavailable', retryAt: NOW + 10_000 });
});

describe('what cannot get better is not tried again', () => {
  test.each([
    ['a blocked prompt', replies.blockedPrompt, 'analysis_blocked'],
    ['a blocked answer', replies.blockedAnswer, 'analysis_blocked'],
    ['400', replies.invalidArgument, 'analysis_rejected'],
    ['403', replies.forbidden, 'analysis_rejected'],
    ['404', replies.notFound, 'analysis_rejected'],
    ['a quota of nothing', replies.quotaOfNothing, 'analysis_rejected'],
  ])('%s', async (_, fault, code) => {
    gemini.enqueue(fault());
    expect(await failure()).toMatchObject({ name: 'AppError', code });
    expect([gemini.requests.length, waits]).toEqual([1, []]);
  });

  test('a wrong key is our trouble: nothing about it is said in public', async () => {
    const error = await failure({}, analyzerWith({ geminiApiKey: 'wrong-key-2718' }));
    expect(error).toMatchObject({ code: 'analysis_rejected' });
    expect((error as AppError).message).toMatch(/^“Taro Yamada, 東京.jpg” was not analysed\./);
    expect((error as AppError).message).not.toMatch(/key|127\.0\.0\.1|gemini/i);
    expect(String((error as AppError).cause)).not.toContain('wrong-key-2718');
  });
});

describe('an abort', () => {
  test('stops a call under way at once, with its own reason', async () => {
    gemini.enqueue(replies.hang());
    const controller = new AbortController();
    const reason = new Error('lease lost');
    const failed = failure({ signal: controller.signal });
    while (gemini.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const aborted = performance.now();
    controller.abort(reason);
    expect(await failed).toBe(reason);
    expect(performance.now() - aborted).toBeLessThan(500);
    expect(gemini.requests).toHaveLength(1);
  });

  test('between two calls leaves the second one unsent', async () => {
    gemini.enqueue(replies.unavailable());
    const controller = new AbortController();
    const reason = new Error('deleted');
    const sleep = async () => controller.abort(reason);
    expect(await failure({ signal: controller.signal, sleep })).toBe(reason);
    expect(gemini.requests).toHaveLength(1);
  });

  test('before the first call sends nothing', async () => {
    const reason = new Error('deleted');
    expect(await failure({ signal: AbortSignal.abort(reason) })).toBe(reason);
    expect(gemini.requests).toHaveLength(0);
  });
});

test('analyses at the same time keep their outcomes apart', async () => {
  gemini.enqueue(replies.blockedPrompt(), replies.noCandidates(), replies.slow(20));
  const results = await Promise.allSettled([1, 2, 3].map(() => analyzer.analyze(input, options())));
  const failed = results.filter(({ status }) => status === 'rejected');
  expect(failed).toMatchObject([{ reason: { code: 'analysis_blocked' } }]);
});
