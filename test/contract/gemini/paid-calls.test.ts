/** What a call costs, however it ends: what is reserved before it, what is settled after it, and what the receipt says. */
import { readFile } from 'node:fs/promises';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Usage } from '@media-analysis/shared/analytics';
import { AppError } from '@media-analysis/shared/errors';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/catalog/model-name.ts';
import {
  type AnalyzeInput,
  type AnalyzeOptions,
  createAnalyzer,
  type Pay,
  ServiceWaitError,
} from '../../../functions/analysis/index.ts';
import { inspectMedia } from '../../../functions/inspect/index.ts';
import {
  type Reply,
  type RunningGemini,
  replies,
  startGemini,
} from '../../support/gemini-server.ts';
import { createCertificate } from '../../support/google/certificate.ts';
import { startHttps } from '../../support/google/https.ts';
import { HANG_LIMIT_MS } from '../../support/hang-limit.ts';

const NOW = Date.parse('2026-11-25T20:00:00Z');
/** 16,384 tokens of an answer at $2.50 a million. */
const ANSWER_USD = 0.04096;

/** 26 characters of an answer. */
const PART = '{"title":"A harbour at dus';
const eventOf = (text: string) =>
  `${JSON.stringify({ candidates: [{ content: { parts: [{ text }] } }] })}\r\n\r\ndata: `;
const NO_COUNT = { candidatesTokenCount: undefined };
const NO_PROMPT = { promptTokenCount: 0 };

let gemini: RunningGemini;
let input: AnalyzeInput;
beforeAll(async () => {
  gemini = await startGemini();
  const bytes = await readFile(new URL('../../photos/02-cat.png', import.meta.url));
  const { facts, contentType, preview } = await inspectMedia(bytes, 'cat.png');
  const rest = { fileName: 'cat.png', language: 'en' };
  input = { facts, contentType, preview: preview?.bytes ?? null, ...rest };
});
afterEach(() => gemini.reset());
afterAll(() => gemini.close());

/** Analyses the cat. What was reserved for each call, and what was settled; undefined: the call was free. */
async function analyzed({
  changes,
  pay,
  model = EXAMPLE_GEMINI,
  baseUrl = gemini.url,
  callTimeoutMs = HANG_LIMIT_MS,
}: {
  changes?: Partial<AnalyzeOptions>;
  pay?: Pay;
  model?: string;
  baseUrl?: string;
  callTimeoutMs?: number;
} = {}) {
  const reserved: number[] = [];
  const settled: (number | undefined)[] = [];
  const spent: Usage[] = [];
  const analyzer = createAnalyzer({
    model: `googleai/${model}`,
    geminiApiKey: 'key',
    baseUrl,
    callTimeoutMs,
  });
  const outcome = await analyzer
    .analyze(input, {
      signal: new AbortController().signal,
      deadline: NOW + 5 * HANG_LIMIT_MS,
      now: () => NOW,
      sleep: async () => {},
      onSpent: (usage) => spent.push(usage),
      pay:
        pay ??
        (async (usd) => {
          reserved.push(usd);
          return (cost) => void settled.push(cost);
        }),
      ...changes,
    })
    .catch((error: unknown) => error);
  return { outcome, reserved, settled, spent };
}

describe('before a call', () => {
  test('the most that it can cost is reserved, and afterwards what it has cost is settled', async () => {
    const { outcome, reserved, settled } = await analyzed();
    expect(reserved).toHaveLength(1);
    expect(reserved[0]).toBeGreaterThan(ANSWER_USD);
    expect(reserved[0]).toBeLessThan(ANSWER_USD + 0.01);
    expect(settled).toEqual([0.00042]);
    expect(outcome).toMatchObject({ usage: { cost_usd: 0.00042 } });
    expect(outcome).not.toHaveProperty('usage.estimated');
  });

  test('of a model without a price, that of the dearest is reserved', async () => {
    const { reserved, settled } = await analyzed({ model: 'gemini-of-tomorrow' });
    // 16,384 tokens at $18 a million.
    expect(reserved[0]).toBeGreaterThan(0.294);
    expect(settled).toEqual(reserved);
  });

  test('whose price rises before it must have ended, the higher price is reserved', async () => {
    const year = Date.parse('2027-01-01T00:00:00Z');
    const reservedAt = async (now: number) => {
      const times = { now: () => now, deadline: now + 5 * HANG_LIMIT_MS };
      const { reserved } = await analyzed({ model: 'gemini-3.6-flash', changes: times });
      return reserved[0] ?? 0;
    };
    const after = await reservedAt(year);
    expect(await reservedAt(year - 1)).toBe(after);
    expect(await reservedAt(year - 30 * 24 * 3_600_000)).toBeCloseTo(after / 2, 6);
  });

  test.each([
    ['may not be made', new AppError('analysis_too_costly', 'No more.')],
    ['may not be made today', new ServiceWaitError('analysis_spend_cap', NOW)],
  ])('that %s, nothing is sent, and the reason is told as it is', async (_title, reason) => {
    const { outcome, spent } = await analyzed({ pay: () => Promise.reject(reason) });
    expect(outcome).toBe(reason);
    expect([gemini.requests, spent]).toEqual([[], []]);
  });
});

describe('a call', () => {
  test.each<[string, () => Reply]>([
    ['500', replies.internal],
    ['503', replies.unavailable],
    ['504', replies.deadlineExceeded],
    ['429', () => replies.retryAfter(1)],
  ])('that the service refuses with %s is free', async (_title, reply) => {
    gemini.enqueue(reply());
    const { outcome, settled } = await analyzed();
    expect(settled).toEqual([undefined, 0.00042]);
    expect(outcome).toMatchObject({ usage: { attempts: 2, cost_usd: 0.00042 } });
  });

  test('that reaches no service is free', async () => {
    const closed = await startGemini();
    await closed.close();
    const { settled } = await analyzed({ baseUrl: closed.url });
    expect(settled).toEqual([undefined, undefined, undefined, undefined]);
  });

  test.each<[string, () => Reply]>([
    ['a page of a proxy', replies.html],
    ['JSON of another service', replies.otherJson],
  ])('that something else answers, with %s, is free', async (_title, reply) => {
    gemini.enqueue(reply());
    const { outcome, settled } = await analyzed();
    expect(settled).toEqual([undefined, 0.00042]);
    expect(outcome).toMatchObject({ usage: { attempts: 2, cost_usd: 0.00042 } });
    expect(outcome).not.toHaveProperty('usage.estimated');
  });

  test('is free if a page of a proxy does not end', async () => {
    gemini.enqueue({ ...replies.html(), instead: 'stall' });
    const { settled } = await analyzed({ callTimeoutMs: 1_000 });
    expect(settled[0]).toBeUndefined();
    expect(settled.length).toBeGreaterThan(1);
  });

  test('whose address has a certificate that nobody trusts is free, and the reason is told', async () => {
    const server = await startHttps(await createCertificate(['localhost']), () => undefined);
    const baseUrl = `https://127.0.0.1:${server.port}`;
    const { outcome, settled } = await analyzed({ baseUrl });
    await server.close();
    expect(settled).toEqual([undefined, undefined, undefined, undefined]);
    expect(outcome).toBeInstanceOf(ServiceWaitError);
    expect(outcome).toMatchObject({ code: 'analysis_unavailable' });
    expect(inspect(outcome)).toMatch(/no connection to https:.*SELF_SIGNED/);
  });

  test.each<[string, () => Reply, number]>([
    ['without an answer in time', replies.hang, 1_000],
    ['whose connection breaks', replies.reset, HANG_LIMIT_MS],
  ])(
    '%s is counted with the most that it can have cost, and the receipt says so',
    async (_title, reply, callTimeoutMs) => {
      gemini.enqueue(reply());
      const { outcome, reserved, settled } = await analyzed({ callTimeoutMs });
      expect(settled).toEqual([reserved[0], 0.00042]);
      expect(outcome).toMatchObject({ usage: { attempts: 2, estimated: true } });
      const { usage } = outcome as { usage: Usage };
      expect(usage.output_tokens).toBe(16_384 + 120);
      expect(usage.cost_usd).toBeCloseTo((reserved[0] ?? 0) + 0.00042, 7);
    },
  );

  // What arrived says what it took so far. The model may have written more, and that is paid for too.
  test.each<[string, () => Reply, number]>([
    [
      'whose connection breaks in the middle of the answer',
      () => replies.begun(PART, 'break'),
      HANG_LIMIT_MS,
    ],
    ['that takes too long in the middle of the answer', () => replies.begun(PART, 'stall'), 1_000],
    ['that ends without a reason', () => replies.begun(PART, 'end'), HANG_LIMIT_MS],
    [
      'that ends with an error',
      () => replies.failing(replies.unavailable(), eventOf(PART)),
      HANG_LIMIT_MS,
    ],
    ['that does not say what its text took', () => replies.usage(NO_COUNT), HANG_LIMIT_MS],
    ['that says that it took no prompt', () => replies.usage(NO_PROMPT), HANG_LIMIT_MS],
  ])('%s is counted with the most that it can have cost', async (_title, reply, callTimeoutMs) => {
    gemini.enqueue(reply());
    const { reserved, settled } = await analyzed({ callTimeoutMs });
    expect(settled[0]).toBe(reserved[0]);
    expect(settled[0]).toBeGreaterThan(ANSWER_USD);
  });

  test('that breaks off is on the receipt with the most that it can have taken', async () => {
    gemini.enqueue(replies.begun(PART, 'break'));
    const { outcome, reserved } = await analyzed();
    expect(outcome).toMatchObject({ usage: { attempts: 2, estimated: true } });
    const { usage } = outcome as { usage: Usage };
    expect(usage.output_tokens).toBe(16_384 + 120);
    expect(usage.cost_usd).toBeCloseTo((reserved[0] ?? 0) + 0.00042, 7);
  });

  test('that says what it took, and then something unreadable, is counted as it says, however long it was', async () => {
    // Far more than what is kept of an answer.
    const { body, ...reply } = replies.begun(PART.repeat(10_000), 'end', 'MAX_TOKENS');
    gemini.enqueue({ ...reply, body: `${body}data: {"candidates":\r\n\r\n` });
    const { settled } = await analyzed();
    // 50 tokens for each of 1,300 events at $2.50, and 400 of the prompt at $0.30.
    expect(settled[0]).toBeCloseTo((400 * 0.3 + 50 * 1_300 * 2.5) / 1e6, 8);
  });

  test('that the delivery cuts off is on the receipt at once, and again when it has ended', async () => {
    gemini.enqueue(replies.hang());
    const delivery = new AbortController();
    const pay: Pay = async () => {
      setImmediate(() => delivery.abort(new Error('over')));
      return () => undefined;
    };
    let atOnce: Usage | undefined;
    const spent: Usage[] = [];
    const onSpent = (usage: Usage) => void spent.push(usage);
    delivery.signal.addEventListener('abort', () => {
      // This listener comes before that of the analysis, so it looks when all listeners were called.
      queueMicrotask(() => {
        atOnce = spent[0];
      });
    });
    await analyzed({ pay, changes: { signal: delivery.signal, onSpent } });
    expect(atOnce).toMatchObject({ attempts: 1, output_tokens: 16_384, estimated: true });
    expect(spent).toHaveLength(2);
    expect(spent[1]).toEqual(spent[0]);
  });
});
