/** An analysis that is asked for again over many media: quoted, confirmed, stopped, limited; and the results of before. */
import { Firestore, Timestamp } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import type { CreateReanalysis } from '@media-analysis/shared/reanalyses';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { ownerHash } from '../../functions/core/media/owner-hash.ts';
import { dayOf } from '../../functions/features/spend/usage.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { type RunningGemini, replies, startGemini } from '../support/gemini-server.ts';
import { inLongRun, longTest } from '../support/long-test.ts';
import { STRICT_IN_LONG_RUN } from '../support/mode.ts';
import { needing } from '../support/needing.ts';
import { client, eventually, file, type Stack, startStack, tokenOf } from '../support/stack.ts';
import {
  becomes,
  type Client,
  change,
  expectAllDoneAgain,
  get,
  listRuns,
  makeStale,
  post,
  quote,
  restore,
  resultsOf,
  store,
  variedReplies,
  watch,
} from './reanalyses.ts';

type Only = NonNullable<CreateReanalysis['filter']>['only'];

const longIt = inLongRun(needing('signals'));

const faults = new FaultPlan();
let gemini: RunningGemini;
let stack: Stack;
let firestore: Firestore;
/** Somebody else in each test. */
let user: Client;
let users = 0;

beforeAll(async () => {
  gemini = await startGemini({ respond: variedReplies(7) });
  stack = await startStack({
    mode: STRICT_IN_LONG_RUN,
    faults,
    sweepIntervalMs: 2_000,
    environment: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
      LEASE_S: '3',
      SWEEP_QUIET_S: '3',
      MAX_OWNER_USD_PER_DAY: '0.5',
    },
  });
  const { FIRESTORE_EMULATOR_HOST: host = '', GOOGLE_CLOUD_PROJECT: projectId = '' } =
    stack.environment;
  firestore = new Firestore({ projectId, host, ssl: false });
});
afterAll(async () => {
  await firestore.terminate();
  await stack.close();
  await gemini.close();
});
beforeEach(async () => {
  user = client(stack, await tokenOf(stack, `user-${users++}`));
});
afterEach(() => {
  gemini.reset();
  faults.clearScript();
});

longIt('stored photos are done again, through kills of the worker and lost answers', async () => {
  const much = { photos: 8, kills: 3 };
  await expectAllDoneAgain({ stack, firestore, gemini, faults, user, inFlight: 2 }, much);
});

describe('the quote', () => {
  test('counts what is missing, stale, failed and up to date, each by itself', async () => {
    const ids = await store(user, 5, { seed: 2 });
    await makeStale(firestore, ids.slice(0, 2));
    gemini.enqueue(replies.blockedPrompt());
    await ask(ids[2] ?? '', 'receipt');
    await store(user, 1, { seed: 3, analyses: 'describe' });
    const counted = async (only: Only, more = {}) => {
      const { media, up_to_date } = (
        await quote(user, { analysis: 'receipt', filter: { only, ...more } })
      ).quote;
      return [media, up_to_date];
    };
    expect(await counted('any')).toEqual([4, 2]);
    expect(await counted('stale')).toEqual([2, 2]);
    expect(await counted('missing')).toEqual([1, 2]);
    expect(await counted('failed')).toEqual([1, 2]);
    expect(await counted('any', { ids: ids.slice(0, 1) })).toEqual([1, 0]);
    expect(await counted('any', { kind: 'video' })).toEqual([0, 0]);
    expect(await counted('any', { to: '2020-01-01T00:00:00Z' })).toEqual([0, 0]);
    expect(await counted('any', { from: '2020-01-01T00:00:00+09:00' })).toEqual([4, 2]);
  });

  test('says in words that there is no receipt to learn from', async () => {
    await store(user, 1, { analyses: 'describe' });
    const { id } = (await listed())[0] as Media;
    await firestore.collection('media').doc(id).update({ usage: null, made: {} });
    const quoted = await quote(user, { analysis: 'receipt' });
    expect(quoted.quote).toMatchObject({
      media: 1,
      input_tokens: null,
      output_tokens: null,
      cost_usd: null,
      minutes: null,
      receipts: 0,
      note: expect.stringContaining('You have no receipt of'),
    });
  });

  longTest('learns from the other analyses of the model', async () => {
    await store(user, 1, { analyses: 'describe' });
    const [described] = await listed();
    const quoted = await quote(user, { analysis: 'receipt' });
    const { input_tokens } = described?.usage ?? {};
    expect(quoted.quote).toMatchObject({ input_tokens, receipts: 1, note: null });
  });

  test('is the mean of the receipts times the number of media, and the least and greatest', async () => {
    const ids = await store(user, 3, { seed: 4 });
    await makeStale(firestore, ids);
    for (const [n, cost_usd] of [0.1, 0.2, 0.6].entries()) {
      const usage = { 'made.receipt.usage.cost_usd': cost_usd };
      await firestore
        .collection('media')
        .doc(ids[n] ?? '')
        .update({ ...usage, 'made.receipt.usage.input_tokens': 100 * cost_usd });
    }
    expect((await quote(user, { analysis: 'receipt' })).quote).toMatchObject({
      media: 3,
      stale: 3,
      missing: 0,
      failed: 0,
      input_tokens: 90,
      cost_usd: 0.9,
      cost_range_usd: [0.3, 1.8],
      receipts: 3,
      note: null,
    });
  });

  test('asks no model and changes no media', async () => {
    await store(user, 2);
    const before = await listed();
    gemini.reset();
    await quote(user, { analysis: 'alt-text' });
    expect(await listed()).toEqual(before);
    expect(gemini.requests).toHaveLength(0);
  });

  test('is asked for twenty times an hour at most, because each one reads all media', async () => {
    for (let n = 0; n < 20; n++) await quote(user, { analysis: 'receipt' });
    const refused = await post(user, '/api/reanalyses', { analysis: 'receipt' });
    expect(refused.status).toBe(429);
    const { headers } = refused;
    expect(headers.get('ratelimit-policy')).toBe('"hourly-quotes";q=20;w=3600');
    expect(headers.get('ratelimit')).toBe(`"hourly-quotes";r=0;t=${headers.get('retry-after')}`);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test.each([
    ['an unknown analysis', { analysis: 'prices' }, 404],
    ['a model that the deployment does not name', { analysis: 'receipt', model: 'x/y' }, 400],
    ['a tier that the model does not have', { analysis: 'receipt', tier: 'slow' }, 400],
    ['a question that is missing', { analysis: 'ask' }, 400],
    ['a field that there is not', { analysis: 'receipt', force: true }, 400],
    ['too many ids', { analysis: 'receipt', filter: { ids: Array(1_001).fill('a') } }, 400],
  ])('refuses %s', async (_title, body, status) => {
    expect((await post(user, '/api/reanalyses', body)).status).toBe(status);
  });

  test('names the models that there are', async () => {
    const response = await post(user, '/api/reanalyses', { analysis: 'receipt', model: 'x/y' });
    const { detail } = (await response.json()) as { detail: string };
    expect(detail).toContain(`googleai/${EXAMPLE_GEMINI}`);
  });
});

describe('a run', () => {
  test('is one at a time, and its changes are harmless twice', async () => {
    await storeStale(3);
    const first = await quote(user, { analysis: 'receipt' });
    const second = await quote(user, { analysis: 'receipt' });
    const open = holdModel();
    expect(await change(user, first, 'confirm')).toMatchObject({ state: 'running' });
    expect(await change(user, first, 'confirm')).toMatchObject({ state: 'running' });
    const refused = await post(user, `/api/reanalyses/${second.id}/confirm`);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      code: 'reanalysis_conflict',
      reanalysis_id: first.id,
    });
    open();
    await becomes(user, first, ({ state }) => state === 'completed');
    expect((await listRuns(user)).map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(await change(user, first, 'cancel')).toMatchObject({ state: 'completed' });
    expect((await post(user, `/api/reanalyses/${first.id}/resume`)).status).toBe(409);
  });

  test('that nobody confirms asks about nothing', async () => {
    await storeStale(2);
    const quoted = await quote(user, { analysis: 'receipt' });
    const paused = await post(user, `/api/reanalyses/${quoted.id}/pause`);
    expect(await paused.json()).toMatchObject({
      code: 'reanalysis_conflict',
      detail: 'It has not begun: it is only a quote. Confirm it first.',
    });
    // What the queue would bring, if a task were made.
    const answer = await stack.callWorker('/tasks/reanalyse', { reanalysis_id: quoted.id });
    expect(answer.status).toBe(204);
    expect(await get(user, quoted)).toEqual(quoted);
    expect(gemini.requests).toHaveLength(0);
    expect((await post(user, `/api/reanalyses/${quoted.id}/resume`)).status).toBe(409);
  });

  test('whose quote is older than an hour is not confirmed', async () => {
    await storeStale(1);
    const quoted = await quote(user, { analysis: 'receipt' });
    await runRef(quoted.id).update({ 'quote.expires_at': new Date(Date.now() - 1).toISOString() });
    const refused = await post(user, `/api/reanalyses/${quoted.id}/confirm`);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: 'quote_expired' });
  });

  test('that is paused begins nothing, and goes on when it is resumed', async () => {
    await storeStale(6);
    const quoted = await quote(user, { analysis: 'receipt' });
    const open = holdModel();
    await change(user, quoted, 'confirm');
    await eventually(async () => gemini.requests[1]);
    expect(await change(user, quoted, 'pause')).toMatchObject({ state: 'paused' });
    open();
    const paused = await becomes(user, quoted, ({ in_flight }) => in_flight === 0);
    expect(paused).toMatchObject({ state: 'paused', done: 2 });
    expect(gemini.requests).toHaveLength(2);
    await change(user, quoted, 'resume');
    const ended = await becomes(user, quoted, ({ state }) => state === 'completed');
    expect(ended).toMatchObject({ done: 6, failed: 0, skipped: 0 });
    expect(gemini.requests).toHaveLength(6);
  });

  test('that is cancelled stops what is not begun, and counts what was', async () => {
    await storeStale(6);
    const quoted = await quote(user, { analysis: 'receipt' });
    const open = holdModel();
    await change(user, quoted, 'confirm');
    await eventually(async () => gemini.requests[1]);
    await change(user, quoted, 'cancel');
    const watching = watch(user, quoted);
    open();
    const states = await watching;
    expect(states.at(-1)).toMatchObject({ state: 'cancelled', done: 2, in_flight: 0 });
    expect(gemini.requests).toHaveLength(2);
    const untouched = (await listed()).filter(({ attempts }) => attempts === 1);
    expect(untouched).toHaveLength(4);
  });

  longTest('lets fresh uploads go first', async () => {
    await storeStale(4);
    const quoted = await quote(user, { analysis: 'receipt' });
    const open = holdModel(2);
    await change(user, quoted, 'confirm');
    await eventually(async () => gemini.requests[1]);
    // The two that it has asked about go on; these come before its next ones.
    const openFresh = holdModel(2);
    const fresh = await user.analyze([await file('05-dogs.jpg'), await file('06-osprey.jpg')]);
    await eventually(async () => gemini.requests[3]);
    open();
    const waiting = await becomes(user, quoted, ({ wait_code }) => wait_code !== null);
    expect(waiting).toMatchObject({ state: 'running', wait_code: 'fresh_uploads', done: 2 });
    expect(gemini.requests).toHaveLength(4);
    openFresh();
    await user.results(fresh.media_ids);
    const ended = await becomes(user, quoted, ({ state }) => state === 'completed');
    expect(ended).toMatchObject({ done: 4, wait_code: null });
  });

  test('counts what fails and what was deleted, and keeps the answers that were there', async () => {
    const ids = await storeStale(3);
    const quoted = await quote(user, { analysis: 'receipt' });
    await user.call(`/api/media/${ids[0]}`, { method: 'DELETE' });
    gemini.enqueue(replies.blockedPrompt());
    await change(user, quoted, 'confirm');
    const ended = await becomes(user, quoted, ({ state }) => state === 'completed');
    expect(ended).toMatchObject({ done: 1, failed: 1, skipped: 1 });
    const results = (await listed()).map(({ analyses }) => analyses?.receipt);
    expect(results.map((result) => result?.status).sort()).toEqual(['completed', 'failed']);
    expect(results.every((result) => result?.output)).toBe(true);
  });

  longTest('stops at the limit in dollars with the reason, and does not go beyond it', async () => {
    await giveToPoor(await storeStale(3));
    const quoted = await quote(user, { analysis: 'receipt' });
    await change(user, quoted, 'confirm');
    const waiting = await becomes(user, quoted, ({ wait_code }) => wait_code !== null);
    expect(waiting).toMatchObject({ state: 'running', wait_code: 'analysis_spend_cap', done: 0 });
    expect(gemini.requests).toHaveLength(0);
    expect(waiting.in_flight).toBe(2);
    await change(user, quoted, 'cancel');
  });

  test('passes over a media that was asked about as often as may be paid for in a day', async () => {
    const [id = ''] = await storeStale(1);
    await firestore.collection('media').doc(id).update({
      'analyses.receipt.status': 'failed',
      paid_calls: 8,
      'analyses.receipt.error_code': 'analysis_too_costly',
    });
    const quoted = await quote(user, { analysis: 'receipt' });
    await change(user, quoted, 'confirm');
    const ended = await becomes(user, quoted, ({ state }) => state === 'completed');
    expect(ended).toMatchObject({ done: 0, failed: 0, skipped: 1 });
    expect(gemini.requests).toHaveLength(0);
  });

  longTest('describes photos that were only stored', async () => {
    const body = new FormData();
    body.append('files', await file('02-cat.png'));
    const sent = await user.call('/api/media', { method: 'POST', body });
    const { media_id } = (await sent.json()) as { media_id: string };
    await user.results([media_id]);
    const quoted = await quote(user, { analysis: 'describe', filter: { only: 'missing' } });
    expect(quoted.quote.media).toBe(1);
    await change(user, quoted, 'confirm');
    await becomes(user, quoted, ({ state }) => state === 'completed');
    expect(await user.get(media_id)).toMatchObject({ analytics: { title: 'harbour' } });
    // The model answers under its own name, and is up to date all the same.
    expect((await quote(user, { analysis: 'describe' })).quote).toMatchObject({
      media: 0,
      up_to_date: 1,
    });
  });
});

describe('an earlier result', () => {
  longTest('is kept at each new one, ten at most, and goes with its media', async () => {
    const [id = ''] = await store(user, 1);
    for (let n = 0; n < 11; n++) await ask(id, 'receipt');
    const results = await resultsOf(user, id);
    expect(results).toHaveLength(10);
    const times = results.map(({ made_at }) => made_at ?? '');
    expect(times).toEqual([...times].sort().reverse());
    await user.call(`/api/media/${id}?permanently=true`, { method: 'DELETE' });
    const left = await firestore.collection('earlier_results').where('media_id', '==', id).get();
    expect(left.size).toBe(0);
  });

  longTest('has the question that it answers', async () => {
    const [id = ''] = await store(user, 1);
    await ask(id, 'ask', { question: 'Who is it?' });
    await ask(id, 'ask', { question: 'Where is it?' });
    const results = await resultsOf(user, id, 'ask');
    expect(results).toMatchObject([{ input: { question: 'Who is it?' }, usage: { attempts: 1 } }]);
    const back = await restore(user, id, results[0]?.id ?? '');
    expect(back.analyses?.ask).toMatchObject({ input: { question: 'Who is it?' } });
  });

  test('of a description comes back, also to a media that has failed since', async () => {
    const [id = ''] = await store(user, 1, { analyses: 'describe' });
    gemini.enqueue(replies.answer({ title: 'another' }));
    await ask(id, 'describe');
    gemini.enqueue(replies.blockedPrompt());
    expect(await ask(id, 'describe')).toMatchObject({ status: 'failed' });
    const [first] = await resultsOf(user, id, 'describe');
    expect(first).toMatchObject({ analytics: { title: 'harbour' }, output: null });
    expect(await restore(user, id, first?.id ?? '')).toMatchObject({
      status: 'completed',
      error_code: null,
      analytics: { title: 'harbour' },
    });
    expect(await resultsOf(user, id, 'describe')).toMatchObject([
      { analytics: { title: 'another' } },
    ]);
  });
});

async function listed(): Promise<Media[]> {
  const { media } = (await (await user.call('/api/media?limit=100')).json()) as { media: Media[] };
  return media;
}

async function storeStale(count: number): Promise<string[]> {
  const ids = await store(user, count, { seed: 4 });
  await makeStale(firestore, ids);
  gemini.reset();
  return ids;
}

async function ask(id: string, name: string, input?: object): Promise<Media> {
  expect((await post(user, `/api/media/${id}/analyses/${name}`, { input })).status).toBe(202);
  return ((await user.results([id])) as Media[])[0] as Media;
}

/** The next calls wait. @returns lets them go on */
function holdModel(calls = 2): () => void {
  const held = Promise.withResolvers<void>();
  gemini.enqueue(...Array.from({ length: calls }, () => ({ until: held.promise })));
  return held.resolve;
}

const runRef = (id: string) => firestore.collection('reanalyses').doc(id);

/** Gives media to an owner who has spent the limit of the day. No worker holds a part of that owner's money. */
async function giveToPoor(ids: readonly string[]): Promise<void> {
  const name = `poor-${users++}`;
  for (const id of ids) await firestore.collection('media').doc(id).update({ owner_id: name });
  const now = Timestamp.now();
  const day = dayOf(now.toMillis());
  await firestore
    .collection('daily_spend')
    .doc(`${day}-${ownerHash(name)}`)
    .set({
      spent_micro_usd: 0.5e6,
      held_micro_usd: 0,
      changed_at: now,
      expires_at: Timestamp.fromMillis(now.toMillis() + 48 * 3_600_000),
    });
  user = client(stack, await tokenOf(stack, name));
}
