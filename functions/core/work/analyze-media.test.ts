/** What an analysis has cost, when an earlier delivery has asked in vain. */
import { expect, test } from '@jest/globals';
import type { Usage } from '@media-analysis/shared/analytics';
import { mediaRecord } from '../../../test/support/media.ts';
import type { Analyzer } from '../../analysis/index.ts';
import type { MediaFacts } from '../../inspect/index.ts';
import { NO_FEATURES } from '../media/moments.ts';
import type { MediaRecord } from '../media/record.ts';
import { createAnalyzeMedia } from './analyze-media.ts';
import type { Lease } from './lease.ts';
import type { WorkerDeps } from './work.ts';

const MODEL = 'googleai/model';
const FACTS = { kind: 'image' } as unknown as MediaFacts;
const usage = (cost_usd: number): Usage => ({
  model: MODEL,
  input_tokens: 100,
  output_tokens: 10,
  cost_usd,
  cached: false,
  attempts: 1,
  duration_ms: 1_000,
});

/** Delivers a media once. @returns the fields that were written */
async function deliver(
  record: Partial<MediaRecord>,
  analyze: Analyzer['analyze'],
): Promise<Partial<MediaRecord>> {
  const written: Partial<MediaRecord> = {};
  const write = (fields: object) => void Object.assign(written, fields);
  const lease = {
    record: mediaRecord({ facts: FACTS, attempts: 2, wanted: ['alt-text'], ...record }),
    copies: [],
    addToNextWrite: write,
    release: async (fields: object) => write(fields),
  };
  const analyzer = {
    model: MODEL,
    asking: () => analyzer,
    answer: async (_of: unknown, input: never, options: never) => ({
      ...(await analyze(input, options)),
      output: {},
      model: MODEL,
      version: '1',
    }),
  } as unknown as Analyzer;
  const deps = {
    moments: NO_FEATURES,
    now: () => 0,
    logger: { info: () => {} },
  } as unknown as WorkerDeps;
  const limits = { signal: AbortSignal.any([]), deadline: 1_000 };
  await createAnalyzeMedia(deps, analyzer)(lease as unknown as Lease, limits).catch(() => {});
  return written;
}

const inVain =
  (cost: number) => async (_input: unknown, options: Parameters<Analyzer['analyze']>[1]) => {
    options.onSpent?.(usage(cost));
    throw new Error('no answer');
  };
const answered = async () => ({ usage: usage(1) }) as Awaited<ReturnType<Analyzer['analyze']>>;

test('deliveries of one attempt that give no answer add up, and begin anew in the next', async () => {
  const first = await deliver({}, inVain(1));
  expect(first.unanswered).toMatchObject({
    'alt-text': { attempt: 2, asked: MODEL, usage: { cost_usd: 1, attempts: 1 } },
  });
  const second = await deliver(first, inVain(2));
  expect(second.unanswered).toMatchObject({
    'alt-text': { attempt: 2, usage: { cost_usd: 3, attempts: 2 } },
  });
  const next = await deliver({ ...second, attempts: 3 }, inVain(5));
  expect(next.unanswered).toMatchObject({ 'alt-text': { attempt: 3, usage: { cost_usd: 5 } } });
});

test('the receipt of an answer has what earlier deliveries of its attempt have paid for', async () => {
  const first = await deliver({}, inVain(2));
  const costOf = async (attempts: number) => {
    const { made } = await deliver({ ...first, attempts }, answered);
    return made?.['alt-text']?.usage?.cost_usd;
  };
  expect(await costOf(2)).toBe(3);
  expect(await costOf(3)).toBe(1);
});
