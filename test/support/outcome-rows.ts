/**
 * What becomes of a media, by how the model answers. One table for each way to reach a model (`test/contract/gemini`,
 * `test/contract/openai`); what an outcome means is the same for all, and is here.
 */
import { expect } from '@jest/globals';
import type { Usage } from '@media-analysis/shared/analytics';
import type { ErrorCode } from '@media-analysis/shared/errors';
import type { Asked } from '../../functions/analysis/call.ts';
import type { AnalyzeInput, AnalyzeOptions, Analyzer } from '../../functions/analysis/index.ts';
import { decideOutcome } from '../../functions/core/work/outcome.ts';

const NOW = Date.parse('2026-07-01T20:00:00Z');
const MINUTE = 60_000;
const RETRIES = 3;

export interface Row<Reply> {
  reply: () => Reply;
  /**
   * `twice`: asked once more, with what was wrong, and failed if that answer cannot be used either. `outlasted`: asked again at once, and delivered again until
   * the service is back, for as long as that takes. `rescheduled`: the same, without another call at once.
   * `failed`: for good, after this one call.
   */
  outcome: 'completed' | 'twice' | 'outlasted' | 'rescheduled' | 'failed';
  /** That of the media if it fails in the end, or as it waits. */
  code?: ErrorCode;
  /** What a person reads then, after the name of the file. */
  words?: RegExp;
  /** What the analytics have of an answer that is not to the letter, or was asked for again. */
  analytics?: object;
  /** Whether the answer does not come to the place where it says what it took. */
  isUncounted?: boolean;
}

/** @param fault What a person reads about the answer. */
export function twice<Reply>(
  reply: () => Reply,
  fault: RegExp,
  analytics: object = {},
): Row<Reply> {
  const words = new RegExp(
    `The model’s answer cannot be used: ${fault.source}.*\\. It was asked twice`,
  );
  return { reply, outcome: 'twice', code: 'analysis_invalid_output', words, analytics };
}

export function outlasted<Reply>(reply: () => Reply, code: ErrorCode): Row<Reply> {
  return { reply, outcome: 'outlasted', code };
}

export function rescheduled<Reply>(
  reply: () => Reply,
  code: ErrorCode = 'analysis_quota',
): Row<Reply> {
  return { reply, outcome: 'rescheduled', code };
}

export function failed<Reply>(reply: () => Reply, code: ErrorCode, words?: RegExp): Row<Reply> {
  return { reply, outcome: 'failed', code, ...(words && { words }) };
}

export const options = (): AnalyzeOptions => ({
  signal: new AbortController().signal,
  deadline: NOW + 5 * MINUTE,
  now: () => NOW,
  sleep: async () => {},
});

interface Table<Reply> {
  row: Row<Reply>;
  analyzer: Analyzer;
  input: AnalyzeInput;
  /** Absent: `describe`. */
  asked?: Asked | undefined;
  /** The stand-in of the model's service. */
  server: {
    enqueue(...replies: Reply[]): void;
    reset(): void;
    /** The calls that came, as they were sent. */
    texts(): string[];
  };
}

/** Asks twice: with one such answer, and with nothing but such answers. */
export async function expectOutcome<Reply>({
  row,
  analyzer,
  input,
  asked,
  server,
}: Table<Reply>): Promise<void> {
  const { reply, outcome, code } = row;
  const ask = async (given: AnalyzeOptions) => {
    if (!asked) return analyzer.analyze(input, given);
    const { output, usage } = await analyzer.answer(asked, input, given);
    return { analytics: output, usage };
  };
  if (outcome === 'completed' || outcome === 'outlasted' || outcome === 'twice') {
    server.enqueue(reply());
    const { usage, analytics } = await ask(options());
    expect(usage.attempts).toBe(outcome === 'completed' ? 1 : 2);
    const counted = outcome === 'twice' && !row.isUncounted ? 2 : 1;
    expect(usage.input_tokens).toBeGreaterThanOrEqual(400 * counted);
    expect(analytics).toMatchObject(row.analytics ?? {});
    if (outcome === 'twice') expect(server.texts()[1]).toContain('your answer could not be used');
    else expect(analytics).not.toHaveProperty('notes');
    server.reset();
  }
  if (outcome === 'completed') return;
  const calls = { outlasted: RETRIES + 1, twice: 2, rescheduled: 1, failed: 1 }[outcome];
  // What comes after the last call is not taken.
  server.enqueue(...Array.from({ length: calls + 1 }, reply));
  let spent: Usage | undefined;
  const onSpent = (usage: Usage) => {
    spent = usage;
  };
  const failing = ask({ ...options(), onSpent });
  const error = await failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(spent?.attempts).toBe(calls);
  const waits = outcome === 'outlasted' || outcome === 'rescheduled';
  const state = { maxDeliveries: 8, waits: 0, nowMs: NOW, random: () => 0 };
  const first = decideOutcome(error, { ...state, deliveries: 1 });
  expect(first.kind).toBe(waits ? 'reschedule' : 'fail');
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
}
