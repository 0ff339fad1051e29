/** What `reanalyses.test.ts` and its long form share: stored photos are done again, and the worker is killed on the way. */
import type { Firestore } from '@google-cloud/firestore';
import { expect } from '@jest/globals';
import { type Media, mediaSchema } from '@media-analysis/shared/media';
import {
  type CreateReanalysis,
  type Reanalysis,
  reanalysisListSchema,
  reanalysisSchema,
} from '@media-analysis/shared/reanalyses';
import { earlierResultsSchema } from '@media-analysis/shared/results';
import { isTerminal } from '@media-analysis/shared/status';
import type { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { createRandom } from '../../local-cloud/faults/random.ts';
import { makePicture } from '../faults/user.ts';
import type { Reply, RunningGemini } from '../support/gemini-server.ts';
import { signal } from '../support/signal.ts';
import { type client, eventually, form, readEvents, type Stack } from '../support/stack.ts';

export type Client = ReturnType<typeof client>;

/** The version of answers that an earlier release has made. */
const OLD = 'receipt-0ld0ld00';

/** Answers that take different numbers of tokens, as those of a model do: the same for the same seed. */
export function variedReplies(seed: number): () => Reply {
  const random = createRandom(seed, 'tokens');
  return () => ({
    usageMetadata: {
      promptTokenCount: 300 + Math.floor(random.next() * 400),
      candidatesTokenCount: 50 + Math.floor(random.next() * 150),
      thoughtsTokenCount: 0,
    },
  });
}

/** Sends photos, no two alike, and waits until each is analysed. */
export async function store(
  user: Client,
  count: number,
  { analyses = 'receipt', seed = 1 } = {},
): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const numbers = range(Math.min(50, count - ids.length)).map((n) => ids.length + n);
    const pictures = await Promise.all(numbers.map((number) => makePicture(seed, number)));
    const response = await user.call('/api/agent/analyze-media', {
      method: 'POST',
      body: form(
        pictures.map(({ file }) => file),
        { analyses },
      ),
    });
    expect(response.status).toBe(202);
    const { media_ids } = (await response.json()) as { media_ids: string[] };
    await finished(user, media_ids);
    ids.push(...media_ids);
  }
  return ids;
}

/** Asks instead of watching: on a busy machine a new stream may be refused. */
async function finished(user: Client, ids: readonly string[]): Promise<void> {
  await eventually(async () => {
    const response = await user.call(`/api/media?ids=${ids}`);
    const { media } = (await response.json()) as { media: Media[] };
    return media.every(({ status }) => isTerminal(status)) || undefined;
  });
}

/** Makes the answers to `receipt` look as if an earlier release had made them. */
export async function makeStale(firestore: Firestore, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const ref = firestore.collection('media').doc(id);
    await ref.update({ 'analyses.receipt.version': OLD });
  }
}

export async function post(user: Client, path: string, body?: object): Promise<Response> {
  return user.call(path, {
    method: 'POST',
    ...(body && {
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    }),
  });
}

/** The newest first. */
export async function listRuns(user: Client): Promise<Reanalysis[]> {
  const response = await user.call('/api/reanalyses');
  return reanalysisListSchema.parse(await response.json()).reanalyses;
}

export async function quote(user: Client, body: CreateReanalysis): Promise<Reanalysis> {
  const response = await post(user, '/api/reanalyses', body);
  expect({ status: response.status, body: await response.clone().json() }).toMatchObject({
    status: 201,
  });
  return reanalysisSchema.parse(await response.json());
}

export async function change(user: Client, { id }: Reanalysis, what: string): Promise<Reanalysis> {
  const response = await post(user, `/api/reanalyses/${id}/${what}`);
  expect(response.status).toBe(202);
  return reanalysisSchema.parse(await response.json());
}

export async function get(user: Client, { id }: Reanalysis): Promise<Reanalysis> {
  return reanalysisSchema.parse(await (await user.call(`/api/reanalyses/${id}`)).json());
}

/** Waits until a reanalysis is as `test` wants it. */
export function becomes(
  user: Client,
  run: Reanalysis,
  test: (run: Reanalysis) => boolean,
): Promise<Reanalysis> {
  return eventually(async () => {
    const present = await get(user, run);
    return test(present) ? present : undefined;
  });
}

export async function resultsOf(user: Client, id: string, analysis = 'receipt') {
  const response = await user.call(`/api/media/${id}/results?analysis=${analysis}`);
  return earlierResultsSchema.parse(await response.json()).results;
}

export async function restore(user: Client, id: string, result: string): Promise<Media> {
  const response = await post(user, `/api/media/${id}/results/${result}/restore`);
  expect(response.status).toBe(200);
  return mediaSchema.parse(await response.json());
}

/** All states that the stream tells of, until it ends. */
export async function watch(user: Client, { id }: Reanalysis): Promise<Reanalysis[]> {
  const response = await user.call(`/api/reanalyses/${id}/stream`);
  expect(response.status).toBe(200);
  const states: Reanalysis[] = [];
  for await (const { event, data } of readEvents(response)) {
    if (event === 'reanalysis') states.push(reanalysisSchema.parse(data));
  }
  return states;
}

const range = (length: number) => Array.from({ length }, (_, n) => n);

interface Setting {
  stack: Stack;
  firestore: Firestore;
  gemini: RunningGemini;
  faults: FaultPlan;
  user: Client;
  /** How many media are asked about at a time. */
  inFlight: number;
}

/** Stores photos, does all of them again, kills the worker so many times, and loses answers to its commits. */
export async function expectAllDoneAgain(
  { stack, firestore, gemini, faults, user, inFlight }: Setting,
  { photos: count, kills }: { photos: number; kills: number },
): Promise<void> {
  const ids = await store(user, count);
  await makeStale(firestore, ids);
  gemini.reset();
  const quoted = await quote(user, { analysis: 'receipt', filter: { only: 'stale' } });
  expect(quoted).toMatchObject({ state: 'quoted', quote: { media: count, up_to_date: 0 } });
  expect(gemini.requests).toHaveLength(0);

  await change(user, quoted, 'confirm');
  const watching = watch(user, quoted);
  for (let kill = 1; kill <= kills; kill++) {
    const enough = Math.floor((kill * count) / (kills + 1));
    await becomes(user, quoted, ({ done }) => done >= enough);
    for (let lost = 0; lost < 3; lost++) {
      faults.script('firestore', 'Commit', { kind: 'lose', code: 'UNAVAILABLE' });
    }
    signal(stack.units.worker, 'SIGKILL');
  }
  const states = await watching;

  const ended = await get(user, quoted);
  expect(states.at(-1)).toEqual(ended);
  expect(ended).toMatchObject({
    state: 'completed',
    done: count,
    failed: 0,
    skipped: 0,
    in_flight: 0,
  });
  // Nothing is counted twice, and no count falls.
  const done = states.map((state) => state.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  // Only calls that a kill has cut off are made again: each kill cuts off those that are in flight.
  expect(gemini.requests.length).toBeGreaterThanOrEqual(count);
  expect(gemini.requests.length).toBeLessThanOrEqual(count + inFlight * kills);
  const { cost_usd, input_tokens } = quoted.quote;
  expectWithin(0.1, cost_usd, ended.cost_usd);
  expectWithin(0.1, input_tokens, ended.input_tokens);

  await expectOldResults(user, ids);
  gemini.reset();
  const again = await quote(user, { analysis: 'receipt' });
  expect(again.quote).toMatchObject({ media: 0, up_to_date: count });

  const [id = ''] = ids;
  const before = await user.get(id);
  const [old] = await resultsOf(user, id);
  const back = await restore(user, id, old?.id ?? '');
  expect(back.analyses?.receipt).toMatchObject({ version: OLD, output: old?.output });
  expect(await restore(user, id, old?.id ?? '')).toEqual(back);
  expect(await resultsOf(user, id)).toMatchObject([
    { version: before.analyses?.receipt?.version, usage: { attempts: 1 } },
  ]);
  expect(gemini.requests).toHaveLength(0);
}

/** Each photo has its answer of before, once, and a new one. */
async function expectOldResults(user: Client, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const results = await resultsOf(user, id);
    expect(results).toMatchObject([{ version: OLD, output: { merchant: 'harbour' } }]);
    const { analyses } = await user.get(id);
    expect(analyses?.receipt?.version).not.toBe(OLD);
    expect(analyses?.receipt).toMatchObject({ status: 'completed', usage: { cached: false } });
  }
}

function expectWithin(share: number, told: number | null, came: number | null): void {
  expect(told).not.toBeNull();
  expect(Math.abs((told ?? 0) - (came ?? 0))).toBeLessThanOrEqual(share * (came ?? 0));
}
