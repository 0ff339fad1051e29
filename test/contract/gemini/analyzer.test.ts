/** The analyzer through the real Genkit plugin, against a server that speaks the Gemini API. */

import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { analyticsSchema, usageSchema } from '@media-analysis/shared/analytics';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/catalog/model-name.ts';
import {
  type AnalyzeInput,
  type AnalyzeOptions,
  type Analyzer,
  createAnalyzer,
  RetryLaterError,
  ServiceWaitError,
} from '../../../functions/analysis/index.ts';
import { inspectMedia } from '../../../functions/inspect/index.ts';
import { describeError } from '../../../functions/process/log.ts';
import { type RunningGemini, replies, startGemini } from '../../support/gemini-server.ts';
import { HANG_LIMIT_MS, orHang } from '../../support/hang-limit.ts';

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
    model: `googleai/${EXAMPLE_GEMINI}`,
    geminiApiKey: API_KEY,
    baseUrl: `${gemini.url}/`,
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
      width: 32,
      height: 24,
      orientation: 'landscape',
      language: 'ja',
      model: `googleai/${EXAMPLE_GEMINI}`,
      prompt_version: analyzer.promptVersion,
    });
    expect(usageSchema.parse(usage)).toEqual({
      model: `googleai/${EXAMPLE_GEMINI}`,
      input_tokens: 400,
      output_tokens: 120,
      cost_usd: 0.00042,
      cached: false,
      attempts: 1,
      duration_ms: 0,
    });
    expect(progress[0]).toBe(0.1);
    expect(progress.length).toBeGreaterThan(1);
    expect(progress).toEqual([...progress].sort());
  });

  test('is asked for in JSON by a schema without bounds, in the wanted language', async () => {
    await analyzer.analyze(input, options());
    const [request] = gemini.requests;
    expect(request).toMatchObject({ model: EXAMPLE_GEMINI, apiKey: API_KEY });
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
});

describe('what can get better is tried again', () => {
  test('each time after twice the wait, and then given up', async () => {
    const fault = replies.unavailable;
    gemini.enqueue(fault(), fault(), fault(), fault());
    expect(await failure({}, analyzerWith({}))).toMatchObject({
      name: 'ServiceWaitError',
      code: 'analysis_unavailable',
    });
    expect(waits).toEqual([1_000, 2_000, 4_000]);
  });

  test('a call without an answer is cut off and repeated', async () => {
    gemini.enqueue(replies.hang());
    const setReal = globalThis.setTimeout;
    const limits: (() => void)[] = [];
    const isLimit = (ms?: number) => ms === 2_000;
    const timer = jest.spyOn(globalThis, 'setTimeout').mockImplementation(((
      callback: () => void,
      ms?: number,
    ) => {
      if (isLimit(ms)) limits.push(callback);
      return setReal(isLimit(ms) ? () => undefined : callback, ms);
    }) as typeof setTimeout);
    try {
      const analysis = analyzerWith({ callTimeoutMs: 2_000 }).analyze(input, options());
      while (gemini.requests.length === 0) await new Promise((resolve) => setReal(resolve, 5));
      limits[0]?.();
      const { usage } = await analysis;
      expect([usage.attempts, gemini.requests.length]).toEqual([2, 2]);
    } finally {
      timer.mockRestore();
    }
    // Each call has a limit of its own, of the length that was set.
    expect(limits).toHaveLength(2);
    expect(waits).toEqual([1_000]);
  });

  test('an answer that could not be used was paid for all the same', async () => {
    gemini.enqueue(replies.wrongSchema());
    const { usage } = await analyzer.analyze(input, options());
    expect(usage).toMatchObject({ attempts: 2, input_tokens: 800, output_tokens: 240 });
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
    // Of its own: it asks nobody until then.
    const error = await failure({ deadline: NOW + 30_000 }, analyzerWith({}));
    expect(error).toBeInstanceOf(RetryLaterError);
    expect(error).toMatchObject({ code: 'analysis_quota', retryAt: NOW + 34_000 });
    expect([gemini.requests.length, waits]).toEqual([1, []]);
  });

  test('per day is left until midnight Pacific time, whatever RetryInfo says', async () => {
    gemini.enqueue(replies.quotaPerDay());
    const error = await failure({}, analyzerWith({}));
    expect(error).toBeInstanceOf(RetryLaterError);
    expect(error).toMatchObject({
      code: 'analysis_quota',
      retryAt: Date.parse('2026-07-02T07:00:00Z'),
    });
    expect(gemini.requests).toHaveLength(1);
  });

  test('that stays used up is waited for after the fourth call', async () => {
    const fault = () => replies.quotaPerMinute('1s');
    gemini.enqueue(fault(), fault(), fault(), fault());
    expect(await failure({}, analyzerWith({}))).toMatchObject({
      name: 'ServiceWaitError',
      code: 'analysis_quota',
    });
  });
});

test('an outage with no time left for the next call is left to a later delivery', async () => {
  gemini.enqueue(replies.unavailable());
  const error = await failure({ deadline: NOW + 500 }, analyzerWith({}));
  expect(error).toBeInstanceOf(ServiceWaitError);
  expect(error).toMatchObject({ code: 'analysis_unavailable', retryAt: NOW + 10_000 });
});

test.each([
  ['ends too soon', 'data: {"candidates":[{"content":{"parts":[{"text":"PIN 4711'],
  ['is not JSON', 'data: {"candidates":[{"content":{"parts":[{"text":"PIN 4711\r\n\r\n'],
  [
    'has a part of a new kind',
    'data: {"candidates":[{"content":{"parts":[{"words":"PIN 4711"}]}}]}\r\n\r\n',
  ],
])('of an answer that %s the log repeats nothing', async (_, events) => {
  const headers = { 'content-type': 'text/event-stream' };
  gemini.enqueue(...Array(4).fill({ headers, body: events.slice('data: '.length) }));
  const error = await failure();
  expect(error).toMatchObject({ code: 'analysis_invalid_output' });
  expect(JSON.stringify(describeError(error))).not.toContain('4711');
});

test('a wrong key is our trouble: nothing about it is said in public', async () => {
  const error = await failure({}, analyzerWith({ geminiApiKey: 'wrong-key-2718' }));
  expect(error).toBeInstanceOf(ServiceWaitError);
  expect(error).toMatchObject({ code: 'analysis_no_access', retryAt: NOW + 10_000 });
  expect((error as Error).message).not.toMatch(/key|127\.0\.0\.1|gemini/i);
  expect(String((error as Error).cause)).not.toContain('wrong-key-2718');
});

describe('a model that stands in', () => {
  const FIRST = 'googleai/gemini-3.1-pro-preview';
  const FALLBACK = `googleai/${EXAMPLE_GEMINI}`;
  const DAY = 24 * 60 * MINUTES;
  const asked = () => gemini.requests.map(({ model }) => `googleai/${model}`);
  const withFallback = (fallback: string) =>
    createAnalyzer({
      model: FIRST,
      fallbacks: [fallback],
      geminiApiKey: API_KEY,
      baseUrl: gemini.url,
    });

  test('is asked when the quota of the day is used up, and until it is back', async () => {
    const both = withFallback(FALLBACK);
    gemini.enqueue(replies.wrongSchema(), replies.quotaPerDay());
    const { analytics, usage } = await both.analyze(input, options());
    expect(asked()).toEqual([FIRST, FIRST, FALLBACK]);
    expect(analytics.model).toBe(FALLBACK);
    // 400 and 120 tokens of each: one answer that was of no use, and one that was.
    expect(usage).toMatchObject({ model: FALLBACK, attempts: 3, input_tokens: 800 });
    expect(usage.cost_usd).toBeCloseTo(0.00224 + 0.00042, 8);
    gemini.reset();
    await both.analyze(input, options());
    const tomorrow = NOW + DAY;
    await both.analyze(input, options({ now: () => tomorrow, deadline: tomorrow + MINUTES }));
    expect(asked()).toEqual([FALLBACK, FIRST]);
  });

  test('is not asked for a quota of the minute', async () => {
    gemini.enqueue(replies.quotaPerMinute('2s'));
    const { analytics } = await withFallback(FALLBACK).analyze(input, options());
    expect(asked()).toEqual([FIRST, FIRST]);
    expect(analytics.model).toBe(FIRST);
  });

  test('may be at its end too: then both are waited for', async () => {
    gemini.enqueue(replies.quotaPerDay(), replies.quotaPerDay());
    const error = await failure({}, withFallback(FALLBACK));
    expect(error).toBeInstanceOf(RetryLaterError);
    expect(asked()).toEqual([FIRST, FALLBACK]);
  });

  test('may be the one that needs no key', async () => {
    gemini.enqueue(replies.quotaPerDay());
    const { analytics, usage } = await withFallback('local/facts').analyze(input, options());
    expect(analytics).toMatchObject({ model: 'local/facts', prompt_version: 'facts-4' });
    expect(usage).toMatchObject({ model: 'local/facts', attempts: 2, cost_usd: 0 });
  });

  test('answers for a copy of the same content only while it stands in', async () => {
    const both = withFallback(FALLBACK);
    const earlier = (await analyzer.analyze(input, options())).analytics;
    expect(earlier.model).toBe(FALLBACK);
    expect(both.reuse(input, earlier)).toBeUndefined();
    const now = Date.now();
    gemini.enqueue(replies.quotaPerDay());
    await both.analyze(input, options({ now: () => now, deadline: now + MINUTES }));
    expect(both.reuse(input, earlier)?.usage).toMatchObject({ cached: true, cost_usd: 0 });
  });
});

describe('what was written about a copy of the same content', () => {
  test('is taken with facts of its own', async () => {
    const { analytics } = await analyzer.analyze(input, options());
    const capture = { taken_at: '2020-01-01T00:00:00', camera: null };
    const own = { ...input, facts: { ...input.facts, capture } };
    expect(analyzer.reuse(own, analytics)?.analytics).toEqual({ ...analytics, capture });
  });

  test.each([
    ['by another model', { model: 'googleai/gemini-3.8-flash' }],
    ['by another prompt', { prompt_version: 'describe-1' }],
    ['by an older schema', { safety: undefined }],
  ])('%s is not', async (_title, changes) => {
    const { analytics } = await analyzer.analyze(input, options());
    expect(analyzer.reuse(input, { ...analytics, ...changes } as typeof analytics)).toBeUndefined();
  });
});

describe('an abort', () => {
  test('stops a call under way at once, with its own reason', async () => {
    gemini.enqueue(replies.hang());
    const controller = new AbortController();
    const reason = new Error('lease lost');
    // What did not stop at once would go on until the call's own limit, far beyond that of the test.
    const patient = analyzerWith({ callTimeoutMs: 10 * HANG_LIMIT_MS });
    const failed = failure({ signal: controller.signal }, patient);
    while (gemini.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(reason);
    expect(await orHang(failed, 'the end of the call')).toBe(reason);
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

test('leaves nothing behind in memory, however often it is asked', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const heapAfter = async (calls: number) => {
    for (let call = 0; call < calls; call++) await analyzer.analyze(input, options());
    // It remembers what it was asked.
    gemini.reset();
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = await heapAfter(10);
  const CALLS = 60;
  const kept = ((await heapAfter(CALLS)) - before) / CALLS;
  expect(kept).toBeLessThan(15_000);
});
