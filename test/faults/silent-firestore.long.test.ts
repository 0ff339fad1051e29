/** A Firestore that takes calls and answers none, or another service that does so: whoever calls us gets an answer soon, and nothing is done twice. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { CONTRACT, OPERATIONS, type Operation } from '@media-analysis/shared/contract';
import { TASK_ROUTES } from '../../functions/core/media/task-queue.ts';
import { IMPORT_ROUTE } from '../../functions/features/imports/queue.ts';
import { REANALYSE_ROUTE } from '../../functions/features/reanalyses/queue.ts';
import { WEBHOOK_ROUTE } from '../../functions/features/webhooks/queue.ts';
import { ServiceKeys } from '../../functions/http/service-keys.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { documentedRequest } from '../support/documented-request.ts';
import { within } from '../support/hang-limit.ts';
import {
  client,
  databaseOf,
  eventually,
  file,
  form,
  type Stack,
  startStack,
} from '../support/stack.ts';

/** As short as a busy machine allows. Deployed it is 12 s. */
const ANSWER_S = 3;

const faults = new FaultPlan();
let stack: Stack;
let firestore: Firestore;
let backend: ReturnType<typeof client>;
let webhook: string;
/** Media that are analysed. */
let ids: string[];

beforeAll(async () => {
  stack = await startStack({
    faults,
    environment: {
      FIRESTORE_ANSWER_S: `${ANSWER_S}`,
      IMPORT_BUCKETS: 'shop-photos',
      LEASE_S: '4',
      DELIVERY_BUDGET_S: '8',
      SWEEP_QUIET_S: '3',
    },
  });
  firestore = databaseOf(stack);
  const keys = new ServiceKeys(async () => firestore);
  backend = client(stack, (await keys.add('all', ['read', 'write', 'admin'])).key);
  const url = 'https://shop.example/hooks';
  const hook = JSON.stringify({ url, events: ['media.completed'] });
  const made = await call('/api/webhooks', { method: 'POST', body: hook });
  ({ id: webhook } = (await made.json()) as { id: string });
  const body = form([await file('02-cat.png'), await file('05-dogs.jpg')]);
  const sent = await call('/api/agent/analyze-media', { method: 'POST', body });
  ({ media_ids: ids } = (await sent.json()) as { media_ids: string[] });
  await eventually(async () =>
    (await statuses()).every((s) => s === 'completed') ? true : undefined,
  );
});
afterEach(() => {
  for (const service of ['firestore', 'tasks', 'storage'] as const) {
    faults.endSilence(service);
    faults.endOutage(service);
  }
});
afterAll(async () => {
  await firestore.terminate();
  await stack.close();
});

const call = (path: string, init: RequestInit = {}) =>
  backend.call(path, { ...init, headers: { 'X-On-Behalf-Of': 'alice', ...init.headers } });

async function statuses() {
  const all = await firestore.getAll(...ids.map((id) => firestore.doc(`media/${id}`)));
  return all.map((media) => media.get('status') as unknown);
}

/** Asks a route as its documentation does, for media that are there. */
async function ask(name: Operation): Promise<Response> {
  // What is removed is another one than what is read.
  const media = ids[name.startsWith('delete') ? 1 : 0];
  const id = CONTRACT[name].path.startsWith('/api/webhooks/') ? webhook : media;
  const [path, init] = await documentedRequest(name, `${id}`);
  return call(path, { ...init, headers: { 'Idempotency-Key': name } });
}

/** How many are under way: fewer than one key may have. */
const AT_ONCE = 20;

interface Answered {
  name: string;
  status: number;
  seconds: number;
  /** The header `Retry-After`. */
  again: string | null;
}

/** What each route answers, and after how many seconds. */
async function askAll(): Promise<Answered[]> {
  const left = [...OPERATIONS];
  const answers: Answered[] = [];
  const askLeft = async () => {
    for (let name = left.shift(); name; name = left.shift()) {
      const started = performance.now();
      const response = await ask(name);
      const seconds = (performance.now() - started) / 1_000;
      await response.body?.cancel();
      const again = response.headers.get('Retry-After');
      if (response.status === 429) {
        // As many exports as may be at once are under way.
        await sleep(1_000 * Number(again));
        left.push(name);
      } else answers.push({ name, status: response.status, seconds, again });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, askLeft));
  return answers;
}

/** The limit of a request, and what a busy machine needs beside. Google's clients would go on for minutes. */
const LONGEST_S = 2 * ANSWER_S + 20;

/** They read nothing. */
const OPEN = ['getAnalyses', 'getOpenApi', 'getDocs', 'getDocsStyle'];

test('each route says that it cannot, and when to come back', async () => {
  faults.beginSilence('firestore');
  const all = await askAll();
  const others = all.filter(({ name, status, again }) =>
    OPEN.includes(name) ? status !== 200 : status !== 503 || !again,
  );
  expect(others).toEqual([]);
  expect(all.filter(({ seconds }) => seconds > LONGEST_S)).toEqual([]);
});

const KINDS = ['Commit', 'BatchGetDocuments', 'RunQuery', 'RunAggregationQuery'];

test.each(KINDS)('each route answers while no %s is answered', async (operation) => {
  faults.beginSilence('firestore', operation);
  const all = await askAll();
  expect(all.filter(({ status }) => status === 500)).toEqual([]);
  expect(all.filter(({ seconds }) => seconds > LONGEST_S)).toEqual([]);
});

test.each(['tasks', 'storage'] as const)(
  'each route answers while the service for %s does not',
  async (service) => {
    faults.beginSilence(service);
    const all = await askAll();
    expect(all.filter(({ status }) => status === 500)).toEqual([]);
    expect(all.filter(({ seconds }) => seconds > LONGEST_S)).toEqual([]);
  },
);

test('a file that waits for its work is deleted although Cloud Tasks is away', async () => {
  faults.beginOutage('tasks');
  const body = form([await file('08-lake.jpg')]);
  const sent = await call('/api/agent/analyze-media', { method: 'POST', body });
  const { media_ids } = (await sent.json()) as { media_ids: string[] };
  const deleted = call(`/api/media/${media_ids[0]}`, { method: 'DELETE' });
  expect((await within(deleted, 1_000 * LONGEST_S, 'DELETE')).status).toBe(204);
});

test('a file that Cloud Storage does not take is not accepted, and can be sent again', async () => {
  const send = async () => {
    const body = form([await file('08-lake.jpg')]);
    const headers = { 'Idempotency-Key': 'not taken', 'X-On-Behalf-Of': 'carol' };
    return call('/api/agent/analyze-media', { method: 'POST', body, headers });
  };
  faults.beginSilence('storage');
  const refused = await within(send(), 1_000 * LONGEST_S, 'POST');
  expect([refused.status, refused.headers.has('Retry-After')]).toEqual([503, true]);
  await refused.body?.cancel();
  faults.endSilence('storage');
  const sent = await send();
  expect(sent.status).toBe(202);
  const { media_ids } = (await sent.json()) as { media_ids: string[] };
  const { docs } = await firestore.collection('media').where('owner_id', '==', 'carol').get();
  expect(docs.map(({ id }) => id)).toEqual(media_ids);
});

test('each task is given back to its queue', async () => {
  faults.beginSilence('firestore');
  const task = { media_id: ids[0], attempt: 1 };
  const answers = await Promise.all([
    stack.callWorker(TASK_ROUTES.upload, task),
    stack.callWorker(TASK_ROUTES.analyze, task),
    stack.callWorker(REANALYSE_ROUTE, { reanalysis_id: 'r1' }),
    stack.callWorker(IMPORT_ROUTE, { import_id: 'i1' }),
    stack.callWorker(WEBHOOK_ROUTE, { delivery_id: 'evt_1-wh_1', round: 0, tries: 0 }),
    stack.callWorker('/tasks/sweep'),
  ]);
  // Cloud Tasks would slow the whole queue for 503.
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 500));
});

test('what is sent and worked on meanwhile is there once, and whoever sends it again gets the same', async () => {
  const send = async () => {
    const body = form([await file('08-lake.jpg')]);
    const headers = { 'Idempotency-Key': 'meanwhile', 'X-On-Behalf-Of': 'bob' };
    return call('/api/agent/analyze-media', { method: 'POST', body, headers });
  };
  faults.beginSilence('firestore', 'Commit');
  expect((await send()).status).toBe(503);
  faults.endSilence('firestore');
  const sent = await eventually(async () => {
    const response = await send();
    return response.status === 202 ? response : void (await response.body?.cancel());
  });
  const { media_ids } = (await sent.json()) as { media_ids: string[] };
  faults.beginSilence('firestore', 'Commit');
  const silences = () => faults.counts.get('firestore.silence') ?? 0;
  const before = silences();
  await eventually(async () => silences() > before + 1 || undefined);
  faults.endSilence('firestore');
  const own = firestore.collection('media').where('owner_id', '==', 'bob');
  const all = await eventually(async () => {
    const { docs } = await own.get();
    return docs.every((media) => media.get('status') === 'completed') ? docs : undefined;
  });
  expect(all.map(({ id }) => id)).toEqual(media_ids);
  expect(all.map((media) => media.get('attempts') as unknown)).toEqual([1]);
});
