/** The tier `flex`: half the price for an answer that may take a quarter of an hour, and another model than the first. */
import { readFile } from 'node:fs/promises';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import type { Usage } from '@media-analysis/shared/analytics';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/catalog/model-name.ts';
import {
  type AnalyzeInput,
  type AnalyzeOptions,
  createAnalyzer,
  ServiceWaitError,
} from '../../../functions/analysis/index.ts';
import { inspectMedia } from '../../../functions/inspect/index.ts';
import { errorOf, type RunningChat, startChat } from '../../support/chat-server.ts';
import {
  type Reply,
  type RunningGemini,
  replies,
  startGemini,
} from '../../support/gemini-server.ts';
import { redirectVertex } from '../../support/vertex.ts';

const NOW = Date.parse('2026-11-25T20:00:00Z');
const MINUTE = 60_000;
const GEMINI = `googleai/${EXAMPLE_GEMINI}`;
/** Of a good answer, at the ordinary price. */
const USD = 0.00042;

let chat: RunningChat;
let gemini: RunningGemini;
let undo: () => Promise<void>;
let input: AnalyzeInput;
let now = NOW;

beforeAll(async () => {
  chat = await startChat();
  gemini = await startGemini();
  undo = await redirectVertex(gemini.url);
  const bytes = await readFile(new URL('../../photos/02-cat.png', import.meta.url));
  const { facts, contentType, preview } = await inspectMedia(bytes, 'cat.png');
  const rest = { fileName: 'cat.png', language: 'en' };
  input = { facts, contentType, preview: preview?.bytes ?? null, ...rest };
});
beforeEach(() => {
  now = NOW;
});
afterEach(() => {
  chat.reset();
  gemini.reset();
});
afterAll(async () => {
  await undo();
  await chat.close();
  await gemini.close();
});

const options = (changes: Partial<AnalyzeOptions> = {}): AnalyzeOptions => ({
  signal: new AbortController().signal,
  deadline: now + 16 * MINUTE,
  now: () => now,
  sleep: async () => {},
  ...changes,
});

const analyzerOf = (model = GEMINI, fallbacks: string[] = [], settings: object = {}) =>
  createAnalyzer({
    model,
    fallbacks,
    geminiApiKey: 'key',
    baseUrl: gemini.url,
    project: 'demo',
    openaiBaseUrl: chat.url,
    openaiPrice: { input: 0.3, output: 2.5 },
    ...settings,
  });

describe('a call in the tier', () => {
  /** What was reserved for the calls, and what was settled. */
  let reserved: number[];
  let settled: (number | undefined)[];
  const pay: AnalyzeOptions['pay'] = async (usd) => {
    reserved.push(usd);
    return (cost) => void settled.push(cost);
  };
  beforeEach(() => {
    [reserved, settled] = [[], []];
  });

  test('of the Gemini API says so, and costs half; an ordinary one does not', async () => {
    const analyzer = analyzerOf();
    const flex = await analyzer.asking(undefined, 'flex').analyze(input, options({ pay }));
    const usual = await analyzer.analyze(input, options({ pay }));
    expect(gemini.requests.map(({ body }) => body.serviceTier)).toEqual(['flex', undefined]);
    expect(flex.usage).toMatchObject({ cost_usd: USD / 2, tier: 'flex', model: GEMINI });
    expect(usual.usage).toMatchObject({ cost_usd: USD });
    expect(usual.usage).not.toHaveProperty('tier');
    expect(settled).toEqual([USD / 2, USD]);
  });

  test('is reserved at the ordinary price, because it may be billed as an ordinary one', async () => {
    const analyzer = analyzerOf();
    gemini.enqueue(replies.usage({ serviceTier: 'standard' }));
    await analyzer.asking(undefined, 'flex').analyze(input, options({ pay }));
    await analyzer.analyze(input, options({ pay }));
    expect(reserved[0]).toBe(reserved[1]);
    expect(settled).toEqual([USD, USD]);
  });

  test('that is cut off before it says how it was billed counts at the ordinary price', async () => {
    const inFlex = analyzerOf().asking(undefined, 'flex');
    gemini.enqueue(replies.reset());
    const spent: Usage[] = [];
    const onSpent = (usage: Usage) => void spent.push(usage);
    await inFlex.analyze(input, options({ pay, onSpent })).catch(() => undefined);
    expect(settled).toEqual(reserved);
    const [usage] = spent;
    expect(usage?.cost_usd).toBeCloseTo(reserved[0] ?? 0, 8);
    expect(usage).not.toHaveProperty('tier');
  });

  test('of Vertex AI says so in a header, at the address for the whole world only', async () => {
    for (const location of ['global', 'eu']) {
      const analyzer = analyzerOf(`vertexai/${EXAMPLE_GEMINI}`, [], { location });
      const { usage } = await analyzer.asking(undefined, 'flex').analyze(input, options());
      expect(usage.cost_usd).toBe(location === 'global' ? USD / 2 : USD);
    }
    expect(gemini.requests.map(({ requestType }) => requestType)).toEqual(['flex', undefined]);
  });

  test.each([
    ['that has it', true, 'flex', 2],
    ['of which nothing is known', undefined, undefined, 1],
  ])('of a server of /chat/completions %s', async (_what, openaiFlex, service_tier, part) => {
    const analyzer = analyzerOf('openai/a', [], { openaiFlex });
    const { usage } = await analyzer.asking(undefined, 'flex').analyze(input, options());
    expect(chat.calls.map(({ body }) => body.service_tier)).toEqual([service_tier]);
    expect(usage.cost_usd).toBe(USD / part);
  });

  test.each<[string, Reply]>([
    ['the Gemini API', replies.usage({ serviceTier: 'standard' })],
    ['Vertex AI', replies.usage({ trafficType: 'ON_DEMAND' })],
  ])(
    'costs as much as ever if the answer of %s says that it was an ordinary one',
    async (_of, reply) => {
      gemini.enqueue(reply);
      const { usage } = await analyzerOf().asking(undefined, 'flex').analyze(input, options());
      expect(usage.cost_usd).toBe(USD);
      expect(usage).not.toHaveProperty('tier');
    },
  );

  test.each<[string, Reply]>([
    ['the Gemini API', replies.usage({ serviceTier: 'FLEX' })],
    ['Vertex AI', replies.usage({ trafficType: 'ON_DEMAND_FLEX' })],
  ])('costs half if the answer of %s says so', async (_of, reply) => {
    gemini.enqueue(reply);
    const { usage } = await analyzerOf().asking(undefined, 'flex').analyze(input, options());
    expect(usage).toMatchObject({ cost_usd: USD / 2, tier: 'flex' });
  });

  test('goes to no model that does not have the tier, unless none has it', async () => {
    gemini.enqueue(replies.unavailable());
    const mixed = analyzerOf(GEMINI, ['openai/a']).asking(undefined, 'flex');
    await expect(mixed.analyze(input, options())).rejects.toBeInstanceOf(ServiceWaitError);
    expect(chat.calls).toEqual([]);
    const { usage } = await analyzerOf('local/facts')
      .asking(undefined, 'flex')
      .analyze(input, options());
    expect(usage).toMatchObject({ model: 'local/facts', cost_usd: 0 });
  });
});

describe('an answer that takes ten minutes', () => {
  const NOT_FAKED = [
    ...(['nextTick', 'setImmediate', 'clearImmediate', 'queueMicrotask', 'Date'] as const),
    ...(['performance', 'hrtime', 'setInterval', 'clearInterval'] as const),
  ];
  afterEach(() => void jest.useRealTimers());

  /** Asks, and lets ten minutes pass before the answer begins. */
  async function afterTenMinutes(tier: 'flex' | undefined): Promise<unknown> {
    const analyzer = analyzerOf().asking(undefined, tier);
    // Genkit is loaded before the time stands still.
    await analyzer.analyze(input, options());
    gemini.reset();
    const gate = Promise.withResolvers<void>();
    gemini.enqueue({ until: gate.promise });
    jest.useFakeTimers({ doNotFake: [...NOT_FAKED] });
    const outcome = analyzer
      .analyze(input, options({ sleep: () => Promise.reject(new Error('once is enough')) }))
      .catch((error: unknown) => error);
    while (gemini.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    now += 10 * MINUTE;
    jest.advanceTimersByTime(10 * MINUTE);
    gate.resolve();
    return outcome;
  }

  test('is waited for in the tier', async () => {
    expect(await afterTenMinutes('flex')).toMatchObject({ usage: { attempts: 1, tier: 'flex' } });
  });

  test('is not waited for otherwise', async () => {
    expect(await afterTenMinutes(undefined)).not.toHaveProperty('usage');
  });
});

describe('a tier without room', () => {
  test.each<[string, Reply, string]>([
    ['503', replies.unavailable(), 'analysis_unavailable'],
    ['429', replies.quotaPerMinute('20s'), 'analysis_quota'],
    [
      '400, because the model is not there in the tier',
      {
        ...replies.invalidArgument(),
        body: {
          error: { code: 400, message: 'service_tier FLEX is not supported for this model' },
        },
      },
      'analysis_model_missing',
    ],
  ])(
    'that says %s is waited for after one call, and never fails a file',
    async (_what, reply, code) => {
      const analyzer = analyzerOf();
      const inFlex = analyzer.asking(undefined, 'flex');
      // The tier answers others, and this file has waited for it since.
      for (let n = 0; n < 20; n++) await inFlex.analyze(input, options());
      gemini.reset();
      now += MINUTE;
      gemini.enqueue(reply);
      const waitingSince = NOW - MINUTE;
      const error = await inFlex
        .analyze(input, options({ waitingSince }))
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ServiceWaitError);
      expect(error).toMatchObject({ code });
      expect(gemini.requests).toHaveLength(1);
      // Who pays the ordinary price does not notice.
      expect((await analyzer.analyze(input, options())).usage.attempts).toBe(1);
    },
  );

  test.each<[string, 'flex' | undefined, string]>([
    ['is not there in the tier', 'flex', 'analysis_model_missing'],
    // Such words may also come from a question, which the server repeats.
    ['refuses an ordinary request', undefined, 'analysis_rejected'],
  ])(
    'of a server of /chat/completions that names it: a model that %s',
    async (_what, tier, code) => {
      chat.enqueue(errorOf('openai', 400, 'Invalid service_tier argument'));
      const analyzer = analyzerOf('openai/a', [], { openaiFlex: true }).asking(undefined, tier);
      await expect(analyzer.analyze(input, options())).rejects.toMatchObject({ code });
    },
  );

  test('of a server of /chat/completions is waited for as well', async () => {
    chat.enqueue(errorOf('openai', 429, 'Resource unavailable', 'resource_unavailable'));
    const inFlex = analyzerOf('openai/a', [], { openaiFlex: true }).asking(undefined, 'flex');
    await expect(inFlex.analyze(input, options())).rejects.toBeInstanceOf(ServiceWaitError);
    expect(chat.calls).toHaveLength(1);
  });
});

describe('another model that is asked for', () => {
  const asked = () => chat.calls.map(({ body }) => body.model);

  test('is asked in place of the first, with the others behind it, and is on the receipt', async () => {
    const analyzer = analyzerOf('openai/a', ['openai/b', 'openai/c']).asking('openai/c');
    expect((await analyzer.analyze(input, options())).usage.model).toBe('openai/c');
    chat.enqueue(errorOf('openai', 402, 'no credits'));
    const { analytics, usage } = await analyzer.analyze(input, options());
    expect([analytics.model, usage.model]).toEqual(['openai/b', 'openai/b']);
    expect(asked()).toEqual(['c', 'c', 'b']);
  });

  test('that this deployment does not name is not asked', async () => {
    const { usage } = await analyzerOf('openai/a').asking('openai/x').analyze(input, options());
    expect(usage.model).toBe('openai/a');
  });

  test('that does not answer is not asked by others either', async () => {
    const analyzer = analyzerOf('openai/a', ['openai/b']);
    chat.enqueue(errorOf('openai', 402, 'no credits'));
    await analyzer
      .asking('openai/b')
      .analyze(input, options())
      .catch(() => undefined);
    chat.reset();
    await expect(analyzer.asking('openai/b').analyze(input, options())).rejects.toMatchObject({
      code: 'analysis_unpaid',
    });
    expect(asked()).toEqual([]);
  });

  test('has answers of its own: those of the first are not its, and the other way round', async () => {
    const analyzer = analyzerOf('openai/a', ['openai/b']);
    const other = analyzer.asking('openai/b');
    const ofFirst = (await analyzer.analyze(input, options())).analytics;
    const ofOther = (await other.analyze(input, options())).analytics;
    expect([analyzer, other].map((each) => each.isCurrent(ofFirst))).toEqual([true, false]);
    expect([analyzer, other].map((each) => each.isCurrent(ofOther))).toEqual([false, true]);
    expect([analyzer.model, other.model]).toEqual(['openai/a', 'openai/b']);
  });
});

test('an answer about a video is up to date if the model that takes videos gave it, and it is not the first', async () => {
  const analyzer = analyzerOf('openai/a', [GEMINI]);
  const facts = { ...input.facts, kind: 'video' as const, duration_s: 3 };
  const video = {
    size: 4,
    bytes: async () => Buffer.from('ftyp'),
    copy: () => Promise.reject(new Error('copied')),
  };
  const subject = { ...input, facts, contentType: 'video/mp4', video };
  const question = { name: 'alt-text', input: {} };
  const { output, model, version, usage } = await analyzer.answer(question, subject, options());
  expect(model).toBe(GEMINI);
  const earlier = {
    status: 'completed' as const,
    input: {},
    output,
    model,
    version,
    usage,
    error_code: null,
    error_message: null,
    updated_at: new Date(NOW).toISOString(),
  };
  const isCurrent = (kind: 'video' | 'image') =>
    analyzer.isCurrentResult('alt-text', earlier, { input: {}, kind });
  expect([isCurrent('video'), isCurrent('image')]).toEqual([true, false]);
  expect(analyzer.reuseAnswer(question, subject, earlier)).toMatchObject({ output, model });
});
