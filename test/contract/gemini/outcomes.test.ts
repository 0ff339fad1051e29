/** What becomes of a media, by how the model answers: one table, for each way to reach one. */

import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { AnalysisNote, Usage } from '@media-analysis/shared/analytics';
import type { ErrorCode } from '@media-analysis/shared/errors';
import {
  type AnalyzeInput,
  type AnalyzeOptions,
  type Analyzer,
  createAnalyzer,
} from '../../../functions/analysis/index.ts';
import { inspectMedia } from '../../../functions/inspect/index.ts';
import { EXAMPLE_GEMINI } from '../../../functions/process/model-name.ts';
import { decideOutcome } from '../../../functions/worker/outcome.ts';
import {
  type Reply,
  type RunningGemini,
  replies,
  startGemini,
} from '../../support/gemini-server.ts';
import { HANG_LIMIT_MS } from '../../support/hang-limit.ts';
import { redirectVertex } from '../../support/vertex.ts';

const NOW = Date.parse('2026-07-01T20:00:00Z');
const MINUTE = 60_000;
/** Short where no answer comes, and else longer than any machine takes. */
const callTimeoutMs = (row: Row) => (row.reply === replies.hang ? 500 : HANG_LIMIT_MS);
const RETRIES = 3;

interface Row {
  reply: () => Reply;
  /**
   * `lessened`: asked once more for less, and failed for good if that is too much as well. `retried`: asked again
   * at once, and delivered again if that does not help. `outlasted`: asked again at once, and delivered again until
   * the service is back, for as long as that takes. `rescheduled`: the same, without another call at once.
   * `failed`: for good, after this one call.
   */
  outcome: 'completed' | 'lessened' | 'retried' | 'outlasted' | 'rescheduled' | 'failed';
  /** That of the media if it fails in the end, or as it waits. */
  code?: ErrorCode;
  /** What a person reads then, after the name of the file. */
  words?: RegExp;
  /** What the analytics have of an answer that is not to the letter, or was asked for again. */
  analytics?: object;
  /** Whether the answer does not come to the place where it says what it took. */
  isUncounted?: boolean;
}

/** The first event of an answer, and the head of the next one. */
const HALF = `${JSON.stringify({ candidates: [{ content: { parts: [{ text: '{"title":' }] } }] })}\r\n\r\ndata: `;

const TABLE: Record<string, Row> = {
  'an answer': { reply: replies.good, outcome: 'completed' },
  'a slow answer': { reply: () => replies.slow(50), outcome: 'completed' },
  'a confidence in percent': understood(
    { objects: [{ label: 'boat', confidence: '95', box_2d: null }] },
    { objects: [{ label: 'boat', confidence: 0.95, box: null }] },
  ),
  'a box in thousandths': understood(
    { objects: [{ label: 'boat', confidence: 1, box_2d: [200, 100, 600, 1_007] }] },
    { objects: [{ box: { x: 0.1, y: 0.2, width: 0.9, height: 0.4 } }] },
  ),
  'a box in fractions': understood(
    { objects: [{ label: 'boat', confidence: 1, box_2d: [0.2, 0.1, 0.6, 0.4] }] },
    { objects: [{ box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 } }] },
  ),
  'a box in pixels': understood(
    { objects: [{ label: 'boat', confidence: 1, box_2d: [0, 0, 1_080, 1_920] }] },
    { objects: [{ box: null }] },
  ),
  'a number in words': understood({ people_count: '2' }, { people_count: 2 }),
  'a verdict with a capital letter': understood(
    { safety: { verdict: 'Safe', categories: [] } },
    { safety: { verdict: 'safe' } },
  ),
  'an empty title': understood(
    { title: '', summary: 'Two boats. It is dusk.' },
    { title: 'Two boats' },
  ),

  'an answer that is whole, with blanks up to the token limit': {
    reply: replies.blanksToTheLimit,
    outcome: 'completed',
  },

  'the token limit': lessened(replies.cutOff, 'shortened', 'analysis_cut_off', /one answer/),
  'the token limit, reached by thinking': lessened(
    replies.onlyThoughts,
    'shortened',
    'analysis_cut_off',
    /one answer/,
  ),
  'an answer without an end': {
    ...lessened(replies.endless, 'shortened', 'analysis_cut_off', /one answer/),
    isUncounted: true,
  },
  'a published text': lessened(
    () => replies.brokenOff('RECITATION'),
    'text_left_out',
    'analysis_recitation',
    /published text/,
  ),

  'a quota of the minute, back soon': outlasted(
    () => replies.quotaPerMinute('34.5s'),
    'analysis_quota',
  ),
  'a quota with Retry-After': outlasted(() => replies.retryAfter(7), 'analysis_quota'),
  'a quota of the minute, back too late': rescheduled(() => replies.quotaPerMinute('400s')),
  'a quota of the day': rescheduled(replies.quotaPerDay),
  'no such model': rescheduled(replies.noSuchModel, 'analysis_model_missing'),
  'a model closed to new keys': rescheduled(replies.closedToNewKeys, 'analysis_model_missing'),
  'nothing left to spend this month': rescheduled(replies.spendCap, 'analysis_unpaid'),
  'an empty prepaid balance': rescheduled(replies.emptyBalance, 'analysis_unpaid'),
  'a quota of nothing': rescheduled(replies.quotaOfNothing, 'analysis_model_missing'),
  'a key that is refused': rescheduled(replies.invalidKey, 'analysis_no_access'),
  'a right that is missing': rescheduled(replies.forbidden, 'analysis_no_access'),
  'no billing': rescheduled(replies.noBilling, 'analysis_unpaid'),

  '500': outlasted(replies.internal, 'analysis_unavailable'),
  '500 whose body says 200': outlasted(replies.bodyOfSuccess, 'analysis_unavailable'),
  '500 without an end': outlasted(replies.endlessError, 'analysis_unavailable'),
  '502 in HTML': outlasted(replies.badGateway, 'analysis_unavailable'),
  '503': outlasted(replies.unavailable, 'analysis_unavailable'),
  '504': outlasted(replies.deadlineExceeded, 'analysis_timeout'),
  'a page of a proxy, with status 200': outlasted(replies.html, 'analysis_unavailable'),
  'JSON of another service': outlasted(replies.otherJson, 'analysis_unavailable'),
  'no answer in time': outlasted(replies.hang, 'analysis_timeout'),
  'a broken connection': outlasted(replies.reset, 'analysis_unavailable'),
  'a connection broken in the middle of the answer': outlasted(replies.cut, 'analysis_unavailable'),

  'an answer that ends too soon': retried(replies.brokenBody, 'analysis_invalid_output'),
  'cut-off JSON': retried(replies.truncatedJson, 'analysis_invalid_output'),
  'no candidates': retried(replies.noCandidates, 'analysis_invalid_output'),
  'an empty answer': retried(replies.emptyText, 'analysis_invalid_output'),
  'another schema': retried(replies.wrongSchema, 'analysis_invalid_output'),

  'an overload in the stream': outlasted(
    () => replies.failing(replies.unavailable()),
    'analysis_unavailable',
  ),
  'an overload in the middle of the answer': outlasted(
    () => replies.failing(replies.unavailable(), HALF),
    'analysis_unavailable',
  ),
  'an empty balance in the stream': rescheduled(
    () => replies.failing(replies.emptyBalance()),
    'analysis_unpaid',
  ),

  'a blocked prompt': failed(replies.blockedPrompt, 'analysis_blocked'),
  ...Object.fromEntries(
    ['SAFETY', 'PROHIBITED_CONTENT', 'SPII', 'BLOCKLIST', 'IMAGE_SAFETY'].map((reason) => [
      `an answer broken off for ${reason}`,
      failed(() => replies.brokenOff(reason), 'analysis_blocked', /safety rules/),
    ]),
  ),
  'a language that it does not write': failed(
    () => replies.brokenOff('LANGUAGE'),
    'analysis_language',
    /another one, such as English/,
  ),
  'an answer broken off for no reason': retried(
    () => replies.brokenOff('OTHER'),
    'analysis_invalid_output',
  ),
  'a new project': rescheduled(replies.provisioning, 'analysis_unavailable'),
  'an address that was not read': outlasted(replies.urlNotFetched, 'analysis_unavailable'),
  'a kind of file that it does not take': failed(replies.unsupportedKind, 'unsupported_media_type'),
  '400': failed(replies.invalidArgument, 'analysis_rejected'),
  '404': failed(replies.notFound, 'analysis_rejected'),
};

function retried(reply: () => Reply, code: ErrorCode): Row {
  return { reply, outcome: 'retried', code };
}

function outlasted(reply: () => Reply, code: ErrorCode): Row {
  return { reply, outcome: 'outlasted', code };
}

function rescheduled(reply: () => Reply, code: ErrorCode = 'analysis_quota'): Row {
  return { reply, outcome: 'rescheduled', code };
}

function failed(reply: () => Reply, code: ErrorCode, words?: RegExp): Row {
  return { reply, outcome: 'failed', code, ...(words && { words }) };
}

function understood(changes: object, analytics: object): Row {
  return { reply: () => replies.answer(changes), outcome: 'completed', analytics };
}

function lessened(reply: () => Reply, note: AnalysisNote, code: ErrorCode, words: RegExp): Row {
  const text = note === 'text_left_out' ? null : 'harbour';
  return { reply, outcome: 'lessened', code, words, analytics: { notes: [note], text } };
}

let gemini: RunningGemini;
let undo: () => Promise<void>;
let input: AnalyzeInput;
beforeAll(async () => {
  gemini = await startGemini();
  undo = await redirectVertex(gemini.url);
  const bytes = await readFile(new URL('../../photos/02-cat.png', import.meta.url));
  const { facts, contentType, preview } = await inspectMedia(bytes, 'cat.png');
  input = {
    facts,
    contentType,
    preview: preview?.bytes ?? null,
    fileName: 'cat.png',
    language: 'en',
  };
});
afterEach(() => gemini.reset());
afterAll(async () => {
  await undo();
  await gemini.close();
});

const options = (): AnalyzeOptions => ({
  signal: new AbortController().signal,
  deadline: NOW + 5 * MINUTE,
  now: () => NOW,
  sleep: async () => {},
});

const MODELS: Record<string, (callTimeoutMs?: number, name?: string) => Analyzer> = {
  googleai: (callTimeoutMs = HANG_LIMIT_MS, name = EXAMPLE_GEMINI) =>
    createAnalyzer({
      model: `googleai/${name}`,
      geminiApiKey: 'key',
      baseUrl: gemini.url,
      callTimeoutMs,
    }),
  vertexai: (callTimeoutMs = HANG_LIMIT_MS, name = EXAMPLE_GEMINI) =>
    createAnalyzer({
      model: `vertexai/${name}`,
      project: 'demo',
      location: 'global',
      callTimeoutMs,
    }),
};

describe.each(Object.entries(MODELS))('%s', (_provider, create) => {
  test.each(Object.entries(TABLE))('%s', async (_title, row) => {
    const { reply, outcome, code } = row;
    const analyzer = create(callTimeoutMs(row));
    const isAskedAgain = outcome === 'retried' || outcome === 'outlasted';
    if (outcome === 'completed' || isAskedAgain || outcome === 'lessened') {
      gemini.enqueue(reply());
      const { usage, analytics } = await analyzer.analyze(input, options());
      expect(usage.attempts).toBe(outcome === 'completed' ? 1 : 2);
      const counted = outcome === 'lessened' && !row.isUncounted ? 2 : 1;
      expect(usage.input_tokens).toBeGreaterThanOrEqual(400 * counted);
      expect(analytics).toMatchObject(row.analytics ?? {});
      if (isAskedAgain) expect(analytics).not.toHaveProperty('notes');
      gemini.reset();
    }
    if (outcome === 'completed') return;
    const all = RETRIES + 1;
    const calls = { retried: all, outlasted: all, lessened: 2, rescheduled: 1, failed: 1 }[outcome];
    gemini.enqueue(...Array.from({ length: calls }, reply));
    let spent: Usage | undefined;
    const onSpent = (usage: Usage) => {
      spent = usage;
    };
    const failing = analyzer.analyze(input, { ...options(), onSpent });
    const error = await failing.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(spent?.attempts).toBe(calls);
    const waits = outcome === 'outlasted' || outcome === 'rescheduled';
    const again = waits ? 'reschedule' : 'redeliver';
    const state = { maxDeliveries: 8, waits: 0, nowMs: NOW, random: () => 0 };
    const first = decideOutcome(error, { ...state, deliveries: 1 });
    expect(first.kind).toBe(isAskedAgain || waits ? again : 'fail');
    const last = decideOutcome(error, { ...state, deliveries: 8 });
    expect(last).toMatchObject({ kind: waits ? 'reschedule' : 'fail', code });
    if (waits) return;
    if (row.words) {
      expect(last).toMatchObject({ message: expect.stringMatching(row.words) });
      expect(last).toMatchObject({ message: expect.stringMatching(/^“cat\.png” was not/) });
    }
    if (code !== 'analysis_blocked') {
      expect(last).toMatchObject({ message: expect.not.stringMatching(/safety/) });
    }
  });

  test.each([
    [EXAMPLE_GEMINI, 'MINIMAL'],
    ['gemini-3.8-flash', 'LOW'],
    ['gemini-9-flash', 'LOW'],
  ])('%s is asked to think %s, and both together to end', async (name, thinkingLevel) => {
    await create(undefined, name).analyze(input, options());
    expect(gemini.requests[0]?.body.generationConfig).toMatchObject({
      thinkingConfig: { thinkingLevel },
      maxOutputTokens: 16_384,
      mediaResolution: 'MEDIA_RESOLUTION_HIGH',
    });
  });

  test('after the token limit a short answer is asked for, and then one without the text', async () => {
    gemini.enqueue(replies.cutOff(), replies.brokenOff('RECITATION'));
    const { analytics, usage } = await create().analyze(input, options());
    expect(analytics).toMatchObject({ text: null, notes: ['text_left_out', 'shortened'] });
    expect(usage).toMatchObject({ attempts: 3, input_tokens: 1_200 });
    const asked = gemini.requests.map(({ body }) => ({
      isBrief: body.systemInstruction?.parts[0]?.text?.includes('Be brief') ?? false,
      fields: Object.keys(body.generationConfig?.responseJsonSchema?.properties ?? {}),
    }));
    expect(asked.map(({ isBrief }) => isBrief)).toEqual([false, true, true]);
    expect(asked.map(({ fields }) => fields.includes('text'))).toEqual([true, true, false]);
  });

  test('a note goes along with what is written about the same picture again', async () => {
    gemini.enqueue(replies.cutOff());
    const analyzer = create();
    const { analytics } = await analyzer.analyze(input, options());
    expect(analyzer.reuse(input, analytics)?.analytics).toEqual(analytics);
    expect(analytics.notes).toEqual(['shortened']);
  });

  test('what was thought about and not answered is on the receipt', async () => {
    gemini.enqueue(replies.onlyUsage());
    const { usage } = await create().analyze(input, options());
    expect(usage).toMatchObject({ attempts: 2, input_tokens: 800, output_tokens: 1_020 });
  });

  test('however often it asks for less, it repeats itself no more than otherwise', async () => {
    const { cutOff, wrongSchema } = replies;
    gemini.enqueue(wrongSchema(), wrongSchema(), cutOff(), wrongSchema(), wrongSchema());
    await expect(create().analyze(input, options())).rejects.toMatchObject({
      code: 'analysis_invalid_output',
    });
    expect(gemini.requests).toHaveLength(RETRIES + 2);
  });
});
