/** What becomes of a media, by how the model answers: one table, for each way to reach one. */
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Usage } from '@media-analysis/shared/analytics';
import type { ErrorCode } from '@media-analysis/shared/errors';
import {
  type AnalyzeInput,
  type AnalyzeOptions,
  type Analyzer,
  createAnalyzer,
} from '../../../functions/analysis/index.ts';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/profiles.ts';
import { inspectMedia } from '../../../functions/inspect/index.ts';
import { decideOutcome } from '../../../functions/worker/outcome.ts';
import {
  type Reply,
  type RunningGemini,
  replies,
  startGemini,
} from '../../support/gemini-server.ts';
import { redirectVertex } from '../../support/vertex.ts';

const NOW = Date.parse('2026-07-01T20:00:00Z');
const MINUTE = 60_000;
/** Short where no answer comes, and else longer than any machine takes. */
const callTimeoutMs = (row: Row) => (row.reply === replies.hang ? 500 : 20_000);
const RETRIES = 3;

interface Row {
  reply: () => Reply;
  /**
   * `retried`: asked again at once, and delivered again if that does not help. `rescheduled`: delivered
   * again, not before the service is back, for as long as that takes. `failed`: for good, after this one call.
   */
  outcome: 'completed' | 'retried' | 'rescheduled' | 'failed';
  /** That of the media if it fails in the end, or as it waits. */
  code?: ErrorCode;
}

const TABLE: Record<string, Row> = {
  'an answer': { reply: replies.good, outcome: 'completed' },
  'a slow answer': { reply: () => replies.slow(50), outcome: 'completed' },

  'a quota of the minute, back soon': retried(
    () => replies.quotaPerMinute('34.5s'),
    'analysis_quota',
  ),
  'a quota with Retry-After': retried(() => replies.retryAfter(7), 'analysis_quota'),
  'a quota of the minute, back too late': rescheduled(() => replies.quotaPerMinute('400s')),
  'a quota of the day': rescheduled(replies.quotaPerDay),
  'no such model': rescheduled(replies.noSuchModel, 'analysis_model_missing'),
  'a model closed to new keys': rescheduled(replies.closedToNewKeys, 'analysis_model_missing'),
  'nothing left to spend this month': rescheduled(replies.spendCap, 'analysis_unpaid'),
  'an empty prepaid balance': rescheduled(replies.emptyBalance, 'analysis_unpaid'),
  'a quota of nothing': failed(replies.quotaOfNothing, 'analysis_rejected'),

  '500': retried(replies.internal, 'analysis_unavailable'),
  '502 in HTML': retried(replies.badGateway, 'analysis_unavailable'),
  '503': retried(replies.unavailable, 'analysis_unavailable'),
  '504': retried(replies.deadlineExceeded, 'analysis_timeout'),
  'no answer in time': retried(replies.hang, 'analysis_timeout'),
  'a broken connection': retried(replies.reset, 'analysis_unavailable'),
  'a connection broken in the middle of the answer': retried(replies.cut, 'analysis_unavailable'),

  'an answer that ends too soon': retried(replies.brokenBody, 'analysis_invalid_output'),
  'cut-off JSON': retried(replies.truncatedJson, 'analysis_invalid_output'),
  'the token limit': retried(replies.cutOff, 'analysis_invalid_output'),
  'no candidates': retried(replies.noCandidates, 'analysis_invalid_output'),
  'an empty answer': retried(replies.emptyText, 'analysis_invalid_output'),
  'another schema': retried(replies.wrongSchema, 'analysis_invalid_output'),
  'an answer that is HTML': retried(replies.html, 'analysis_invalid_output'),

  'a blocked prompt': failed(replies.blockedPrompt, 'analysis_blocked'),
  'a blocked answer': failed(replies.blockedAnswer, 'analysis_blocked'),
  'a kind of file that it does not take': failed(replies.unsupportedKind, 'unsupported_media_type'),
  '400': failed(replies.invalidArgument, 'analysis_rejected'),
  '403': failed(replies.forbidden, 'analysis_rejected'),
  '404': failed(replies.notFound, 'analysis_rejected'),
};

function retried(reply: () => Reply, code: ErrorCode): Row {
  return { reply, outcome: 'retried', code };
}

function rescheduled(reply: () => Reply, code: ErrorCode = 'analysis_quota'): Row {
  return { reply, outcome: 'rescheduled', code };
}

function failed(reply: () => Reply, code: ErrorCode): Row {
  return { reply, outcome: 'failed', code };
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

const MODELS: Record<string, (callTimeoutMs: number) => Analyzer> = {
  googleai: (callTimeoutMs) =>
    createAnalyzer({
      model: `googleai/${EXAMPLE_GEMINI}`,
      geminiApiKey: 'key',
      baseUrl: gemini.url,
      callTimeoutMs,
    }),
  vertexai: (callTimeoutMs) =>
    createAnalyzer({
      model: `vertexai/${EXAMPLE_GEMINI}`,
      project: 'demo',
      location: 'global',
      callTimeoutMs,
    }),
};

describe.each(Object.entries(MODELS))('%s', (_provider, create) => {
  test.each(Object.entries(TABLE))('%s', async (_title, row) => {
    const { reply, outcome, code } = row;
    const analyzer = create(callTimeoutMs(row));
    if (outcome === 'completed' || outcome === 'retried') {
      gemini.enqueue(reply());
      const { usage } = await analyzer.analyze(input, options());
      expect(usage.attempts).toBe(outcome === 'retried' ? 2 : 1);
      gemini.reset();
    }
    if (outcome === 'completed') return;
    const calls = outcome === 'retried' ? RETRIES + 1 : 1;
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
    const kinds = { retried: 'redeliver', rescheduled: 'reschedule', failed: 'fail' };
    const first = decideOutcome(error, { deliveries: 1, maxDeliveries: 8 });
    expect(first.kind).toBe(kinds[outcome]);
    const last = decideOutcome(error, { deliveries: 8, maxDeliveries: 8 });
    expect(last).toMatchObject({ kind: outcome === 'rescheduled' ? 'reschedule' : 'fail', code });
  });
});
