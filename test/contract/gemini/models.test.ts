/** Which model is asked, which one answers, and what becomes of calls that would all fail alike. */

import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Usage, usageSchema } from '@media-analysis/shared/analytics';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/catalog/model-name.ts';
import {
  type AnalyzeInput,
  type AnalyzeOptions,
  createAnalyzer,
  ServiceWaitError,
} from '../../../functions/analysis/index.ts';
import { modelExists } from '../../../functions/analysis/model-lookup.ts';
import type { Stop } from '../../../functions/analysis/models.ts';
import { inspectMedia } from '../../../functions/inspect/index.ts';
import {
  type Reply,
  type RunningGemini,
  replies,
  startGemini,
} from '../../support/gemini-server.ts';
import { HANG_LIMIT_MS } from '../../support/hang-limit.ts';
import { redirectVertex } from '../../support/vertex.ts';

const NOW = Date.parse('2026-11-25T20:00:00Z');
const SECONDS = 1_000;
const MINUTES = 60 * SECONDS;
const ASKED = 'googleai/gemini-flash-lite-latest';

/** The model behind the alias; the alias itself has no price. */
let behind = EXAMPLE_GEMINI;
let reply: Reply | undefined;
let gemini: RunningGemini;
let input: AnalyzeInput;
let now = NOW;

beforeAll(async () => {
  gemini = await startGemini({
    answersAs: (asked) => (asked === 'gemini-flash-lite-latest' ? behind : asked),
    // A caller that would ask for ever is answered in the end, so that its test comes to an end too.
    respond: () => (gemini.requests.length > 100 ? {} : reply),
    apiKey: 'key',
    exists: (model) => model !== 'gemini-that-is-not',
  });
  const bytes = await readFile(new URL('../../photos/02-cat.png', import.meta.url));
  const { facts, contentType, preview } = await inspectMedia(bytes, 'cat.png');
  const rest = { fileName: 'cat.png', language: 'en' };
  input = { facts, contentType, preview: preview?.bytes ?? null, ...rest };
});
afterEach(() => {
  gemini.reset();
  reply = undefined;
  behind = EXAMPLE_GEMINI;
  now = NOW;
});
afterAll(() => gemini.close());

const options = (): AnalyzeOptions => ({
  signal: new AbortController().signal,
  deadline: now + 5 * MINUTES,
  now: () => now,
  sleep: async () => {},
});

function analyzer({ model = ASKED, fallbacks }: { model?: string; fallbacks?: string[] } = {}) {
  const told: string[] = [];
  const made = createAnalyzer({
    model,
    fallbacks,
    geminiApiKey: 'key',
    baseUrl: gemini.url,
    onStop: ({ code }: Stop) => told.push(code),
    onResume: () => told.push('resumed'),
  });
  return {
    reuse: made.reuse,
    told,
    analyze: (changes: Partial<AnalyzeOptions> = {}) =>
      made.analyze(input, { ...options(), ...changes }),
    async wait(): Promise<ServiceWaitError> {
      const error = await made.analyze(input, options()).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (!(error instanceof ServiceWaitError)) throw error;
      return error;
    },
  };
}

describe('the model that answers', () => {
  test('is the one on the receipt, and its price counts', async () => {
    const { analytics, usage } = await analyzer().analyze();
    expect(gemini.requests[0]?.model).toBe('gemini-flash-lite-latest');
    const model = `googleai/${EXAMPLE_GEMINI}`;
    expect(analytics.model).toBe(model);
    expect(usage).toMatchObject({ model, input_tokens: 400, cost_usd: 0.00042 });
  });

  test('decides whether what was written before counts as the same', async () => {
    const alias = analyzer();
    const { analytics: lite } = await alias.analyze();
    expect(alias.reuse(input, lite)).toBeDefined();
    behind = 'gemini-3.8-flash';
    const { analytics: flash } = await alias.analyze();
    expect(alias.reuse(input, lite)).toBeUndefined();
    expect(alias.reuse(input, flash)).toBeDefined();
  });

  test('may be a version of the one that was asked', async () => {
    const asked = analyzer({ model: `googleai/${EXAMPLE_GEMINI}` });
    const { analytics } = await asked.analyze();
    const fresh = analyzer({ model: `googleai/${EXAMPLE_GEMINI}` });
    const version = { ...analytics, model: `googleai/${EXAMPLE_GEMINI}-001` };
    expect(fresh.reuse(input, version)).toBeDefined();
    expect(fresh.reuse(input, { ...analytics, model: ASKED })).toBeUndefined();
  });

  test('says how much of the prompt was sound, and what was in its cache', async () => {
    reply = replies.usage({
      promptTokenCount: 1_000,
      cachedContentTokenCount: 100,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 200 },
        { modality: 'VIDEO', tokenCount: 500 },
        { modality: 'AUDIO', tokenCount: 300 },
      ],
    });
    behind = 'gemini-3-flash-preview';
    const { usage } = await analyzer().analyze();
    // 600 at $0.50, 300 at $1, 100 at $0.05; 100 and 20 that were written, at $3.
    expect(usage.cost_usd).toBeCloseTo(0.0003 + 0.0003 + 0.000005 + 0.00036, 8);
  });
});

describe('the receipt', () => {
  test('has no cost that is known, if the answer does not say what it took', async () => {
    reply = replies.usage({ promptTokenCount: undefined });
    const { usage } = await analyzer().analyze();
    expect(usage).toMatchObject({ input_tokens: 0, output_tokens: 0, cost_usd: null });
  });

  test('can be read whatever the answer says', async () => {
    reply = replies.usage({ promptTokenCount: -400, candidatesTokenCount: 1.4 });
    const { usage } = await analyzer().analyze();
    expect(usageSchema.parse(usage)).toMatchObject({ input_tokens: 0, output_tokens: 21 });
  });
});

describe('token counts that are none', () => {
  test.each([
    ['strings', { promptTokenCount: '400', candidatesTokenCount: '100' }],
    ['negative', { promptTokenCount: -400, candidatesTokenCount: -100, thoughtsTokenCount: -1 }],
    [
      'words, null and lists',
      { promptTokenCount: 'many', candidatesTokenCount: null, totalTokenCount: [] },
    ],
    ['beyond all numbers', { promptTokenCount: 1e300, candidatesTokenCount: Number.MAX_VALUE }],
  ])('%s cost one call and no more', async (_title, usage) => {
    reply = replies.usage(usage);
    const { analytics, usage: receipt } = await analyzer().analyze();
    expect(gemini.requests).toHaveLength(1);
    expect(analytics.title).toBe('harbour');
    expect(usageSchema.parse(receipt)).toBeDefined();
  });
});

describe.each([
  ['a model that is not there', replies.noSuchModel, 'analysis_model_missing'],
  ['a spend cap that is reached', replies.spendCap, 'analysis_unpaid'],
  ['an empty balance', replies.emptyBalance, 'analysis_unpaid'],
  ['a key that is refused', replies.invalidKey, 'analysis_no_access'],
])('%s', (_title, refusal, code) => {
  test('is found out by one call, and said once', async () => {
    reply = refusal();
    const { wait, told } = analyzer();
    const waits = [await wait(), await wait(), await wait()];
    expect(waits).toMatchObject(Array(3).fill({ code, retryAt: NOW + 10 * SECONDS }));
    expect(gemini.requests).toHaveLength(1);
    expect(told).toEqual([code]);
  });

  test('found out by several calls at once is one pause all the same', async () => {
    reply = { ...refusal(), delayMs: 100 };
    const { wait, told } = analyzer();
    const waits = await Promise.all([wait(), wait(), wait()]);
    expect(waits).toMatchObject(Array(3).fill({ code, retryAt: NOW + 10 * SECONDS }));
    expect(told).toEqual([code]);
  });

  test('is looked at again by one call at a time, after growing pauses', async () => {
    reply = refusal();
    const { wait, told } = analyzer();
    const pauses: number[] = [];
    for (let n = 0; n < 9; n++) {
      const { retryAt } = await wait();
      pauses.push((retryAt - now) / SECONDS);
      now = retryAt;
    }
    expect(pauses).toEqual([10, 20, 40, 80, 160, 320, 640, 900, 900]);
    expect(gemini.requests).toHaveLength(9);
    expect(told).toEqual([code]);
  });

  test('ends by itself: the first photo that gets through lets the others follow', async () => {
    reply = refusal();
    const it = analyzer();
    now = (await it.wait()).retryAt;
    const told = Promise.withResolvers<void>();
    reply = { until: told.promise };
    const probe = it.analyze();
    // While that one is out, the next is told to come again shortly, and does not ask.
    expect(await it.wait()).toMatchObject({ code, retryAt: now + 10 * SECONDS });
    told.resolve();
    await probe;
    expect(gemini.requests).toHaveLength(2);
    await it.analyze();
    expect(it.told).toEqual([code, 'resumed']);
  });

  test('costs nothing who waits without a call, and moves no receipt to another month', async () => {
    reply = refusal();
    const { analyze } = analyzer();
    const spent: number[] = [];
    const onSpent = ({ attempts }: Usage) => spent.push(attempts);
    for (let n = 0; n < 3; n++) await expect(analyze({ onSpent })).rejects.toMatchObject({ code });
    expect(spent).toEqual([1]);
  });

  test('has another model asked in its place, if there is one', async () => {
    reply = refusal();
    const { analyze } = analyzer({ fallbacks: ['local/facts'] });
    expect((await analyze()).analytics.model).toBe('local/facts');
    expect((await analyze()).analytics.model).toBe('local/facts');
    expect(gemini.requests).toHaveLength(1);
  });
});

describe('whether there is such a model', () => {
  const NONE = 'gemini-that-is-not';
  const exists = (model: string, config = {}) =>
    modelExists(
      model,
      { geminiApiKey: 'key', baseUrl: gemini.url, project: 'demo', ...config },
      AbortSignal.timeout(HANG_LIMIT_MS),
    );

  test('its provider tells, and no model is run for it', async () => {
    expect(await exists(`googleai/${EXAMPLE_GEMINI}`)).toBe(true);
    expect(await exists(`googleai/${NONE}`)).toBe(false);
    expect(await exists('local/facts')).toBe(true);
    expect(gemini.requests).toEqual([]);
  });

  test.each([['global'], ['us'], ['eu']])('Vertex AI tells for %s', async (location) => {
    const undo = await redirectVertex(gemini.url);
    try {
      expect(await exists(`vertexai/${EXAMPLE_GEMINI}`, { location })).toBe(true);
      expect(await exists(`vertexai/${NONE}`, { location })).toBe(false);
    } finally {
      await undo();
    }
  });

  test('is not known where a key is refused', async () => {
    expect(await exists(`googleai/${EXAMPLE_GEMINI}`, { geminiApiKey: 'wrong' })).toBeUndefined();
  });
});

describe.each([
  ['an outage', replies.unavailable, 'analysis_unavailable'],
  ['a quota without a time', () => replies.retryAfter(0), 'analysis_quota'],
])('%s', (_title, refusal, code) => {
  /** The first call, and three more at once. */
  const FIRST = 4;

  test('is found out by one photo, and the others make no call', async () => {
    reply = refusal();
    const { wait, told } = analyzer();
    for (let n = 0; n < 50; n++) {
      expect(await wait()).toMatchObject({ code, retryAt: NOW + 10 * SECONDS });
    }
    expect(gemini.requests).toHaveLength(FIRST);
    expect(told).toEqual([code]);
  });

  test('is looked at again by one call at a time, every two minutes in the end', async () => {
    reply = refusal();
    const { wait } = analyzer();
    const pauses: number[] = [];
    for (let n = 0; n < 7; n++) {
      const { retryAt } = await wait();
      pauses.push((retryAt - now) / SECONDS);
      now = retryAt;
    }
    expect(pauses).toEqual([10, 20, 40, 80, 120, 120, 120]);
    expect(gemini.requests).toHaveLength(FIRST + 6);
  });

  test('that is found out by several photos at once ends their further calls', async () => {
    reply = refusal();
    const { wait } = analyzer();
    await Promise.all(Array.from({ length: 5 }, () => wait()));
    expect(gemini.requests.length).toBeLessThanOrEqual(5 * FIRST);
    const calls = gemini.requests.length;
    await wait();
    expect(gemini.requests).toHaveLength(calls);
  });

  test('ends by itself, by any answer: one that is of no use is one too', async () => {
    reply = refusal();
    const it = analyzer();
    now = (await it.wait()).retryAt;
    reply = replies.blockedPrompt();
    await expect(it.analyze()).rejects.toMatchObject({ code: 'analysis_blocked' });
    reply = undefined;
    await it.analyze();
    expect(it.told).toEqual([code, 'resumed']);
  });

  test('has another model asked in its place, if there is one', async () => {
    reply = refusal();
    const { analyze } = analyzer({ fallbacks: ['local/facts'] });
    expect((await analyze()).analytics.model).toBe('local/facts');
    expect((await analyze()).analytics.model).toBe('local/facts');
    expect(gemini.requests).toHaveLength(FIRST);
  });
});

test('a page of a proxy is told to the operator, also after another outage', async () => {
  const advice: (string | undefined)[] = [];
  const made = createAnalyzer({
    model: ASKED,
    geminiApiKey: 'key',
    baseUrl: gemini.url,
    onStop: ({ whatToDo }: Stop) => advice.push(whatToDo),
  });
  const waitFor = async (answer: Reply) => {
    reply = answer;
    const error = await made.analyze(input, options()).catch((thrown: unknown) => thrown);
    now = (error as ServiceWaitError).retryAt;
  };
  await waitFor(replies.unavailable());
  await waitFor(replies.html());
  await waitFor(replies.html());
  expect(advice).toEqual([undefined, expect.stringContaining('GEMINI_BASE_URL')]);
});

test('a model that is silent until the delivery has to end is away for the others too', async () => {
  reply = replies.hang();
  const it = analyzer();
  const error = await it.analyze({ deadline: now + 100 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ServiceWaitError);
  expect(error).toMatchObject({ code: 'analysis_timeout' });
  expect(it.told).toEqual(['analysis_timeout']);
});

test('a probe without an answer is waited for: nobody makes another call meanwhile', async () => {
  reply = replies.unavailable();
  const it = analyzer();
  now = (await it.wait()).retryAt;
  const over = Promise.withResolvers<void>();
  reply = { until: over.promise };
  const probe = it.analyze();
  now += MINUTES;
  expect(await it.wait()).toMatchObject({ retryAt: now + 10 * SECONDS });
  over.resolve();
  await probe;
  expect(it.told).toEqual(['analysis_unavailable', 'resumed']);
});

describe('a photo that a model never answers', () => {
  const failure = (asked: ReturnType<typeof analyzer>, changes: Partial<AnalyzeOptions> = {}) =>
    asked.analyze(changes).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );

  test('is at fault if others are answered meanwhile, and stops nobody', async () => {
    const it = analyzer();
    let answered = false;
    reply = replies.internal();
    const error = await failure(it, {
      sleep: async () => {
        if (answered) return;
        answered = true;
        now += 1;
        reply = undefined;
        await it.analyze();
        reply = replies.internal();
      },
    });
    expect(error).toMatchObject({ name: 'RetryLaterError', code: 'analysis_unavailable' });
    expect(it.told).toEqual([]);
  });

  test('is at fault if others were answered since it was made to wait', async () => {
    const it = analyzer();
    await it.analyze();
    now += MINUTES;
    reply = replies.internal();
    const error = await failure(it, { waitingSince: NOW - MINUTES });
    expect(error).toMatchObject({ name: 'RetryLaterError', code: 'analysis_unavailable' });
  });

  test('is not at fault if others were not answered either, although one was', async () => {
    const it = analyzer();
    await it.analyze();
    now += MINUTES;
    reply = replies.internal();
    // The first one stops the model, the second one is its probe.
    await it.wait();
    now += MINUTES;
    reply = undefined;
    await it.analyze();
    now += MINUTES;
    reply = replies.internal();
    const error = await failure(it, { waitingSince: NOW - MINUTES });
    expect(error).toBeInstanceOf(ServiceWaitError);
  });

  test('is not at fault if nobody was answered since then', async () => {
    const it = analyzer();
    await it.analyze();
    now += MINUTES;
    reply = replies.internal();
    expect(await failure(it, { waitingSince: NOW + 1 })).toBeInstanceOf(ServiceWaitError);
  });
});
