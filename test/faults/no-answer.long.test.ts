/** A Firestore that takes calls and does not answer: each call ends, and what was given up is not done later. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { withRequestDeadline } from '../../functions/process/answer-limit.ts';
import { createFirestore, createTasksClient } from '../../functions/process/clients.ts';
import { isGrpcFault } from '../../functions/process/service-fault.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { type RunningService, startFirestore } from '../../local-cloud/firestore/server.ts';
import { eventually } from '../support/eventually.ts';
import { orHang } from '../support/hang-limit.ts';
import { startTasksStack } from '../support/tasks.ts';

const ANSWER_S = 2;

const faults = new FaultPlan();
let server: RunningService;
let firestore: Firestore;

beforeAll(async () => {
  server = await startFirestore({ faults });
  process.env.FIRESTORE_EMULATOR_HOST = `127.0.0.1:${server.port}`;
  firestore = await open({ FIRESTORE_ANSWER_S: ANSWER_S });
  await firestore.doc('media/m1').set({ n: 1 });
});
afterEach(() => faults.endSilence('firestore'));
afterAll(async () => {
  await firestore.terminate();
  await server.close();
});

const open = (limit: { FIRESTORE_ANSWER_S?: number }) =>
  createFirestore({
    GOOGLE_CLOUD_PROJECT: 'faults',
    FIRESTORE_DATABASE: '(default)',
    FIRESTORE_EMULATOR_HOST: process.env.FIRESTORE_EMULATOR_HOST,
    ...limit,
  });

const one = () => firestore.doc('media/m1');
const inTransaction = () =>
  firestore.runTransaction(async (transaction) => {
    transaction.update(one(), { n: ((await transaction.get(one())).get('n') as number) + 1 });
  });

const CALLS: [string, string, () => Promise<unknown>][] = [
  ['a document', 'BatchGetDocuments', () => one().get()],
  ['several documents', 'BatchGetDocuments', () => firestore.getAll(one())],
  ['a query', 'RunQuery', () => firestore.collection('media').get()],
  ['a count', 'RunAggregationQuery', () => firestore.collection('media').count().get()],
  ['a write', 'Commit', () => one().update({ by: 'a write' })],
  ['a batch', 'Commit', () => firestore.batch().update(one(), { by: 'a batch' }).commit()],
  ['the read of a transaction', 'BatchGetDocuments', inTransaction],
  ['the write of a transaction', 'Commit', inTransaction],
];

test.each(CALLS)('%s ends as a fault of Firestore', async (_, operation, call) => {
  faults.beginSilence('firestore', operation);
  const error: unknown = await orHang(
    call().then(
      () => 'an answer',
      (reason: unknown) => reason,
    ),
    operation,
  );
  expect(error).toMatchObject({ code: 4 });
  expect(isGrpcFault(error)).toBe(true);
});

test.each(['silence', 'outage'] as const)(
  'a call to Cloud Tasks ends in a time of %s',
  async (kind) => {
    const tasks = await startTasksStack({ faults });
    const client = await createTasksClient({
      GOOGLE_CLOUD_PROJECT: 'faults',
      CLOUD_TASKS_EMULATOR_HOST: `127.0.0.1:${tasks.port}`,
      FIRESTORE_ANSWER_S: ANSWER_S,
    });
    if (kind === 'silence') faults.beginSilence('tasks');
    else faults.beginOutage('tasks');
    const name = 'projects/faults/locations/local/queues/q/tasks/t';
    await expect(orHang(client.deleteTask({ name }), 'a deletion')).rejects.toMatchObject({
      name: 'NoAnswerError',
    });
    faults.endSilence('tasks');
    faults.endOutage('tasks');
    await client.close();
    await tasks.close();
  },
);

test('a refusal that Google’s client repeats for minutes ends, too', async () => {
  faults.beginOutage('firestore');
  const write = one().update({ by: 'an outage' });
  await expect(orHang(write, 'a write')).rejects.toMatchObject({ code: 4 });
  faults.endOutage('firestore');
});

test('what was given up is not asked for again', async () => {
  faults.beginOutage('firestore');
  await expect(orHang(one().update({ by: 'nobody' }), 'a write')).rejects.toThrow();
  await expect(orHang(inTransaction(), 'a transaction')).rejects.toThrow();
  const asked = () => faults.counts.get('firestore.refuse') ?? 0;
  const before = asked();
  faults.endOutage('firestore');
  // Google's client waits half as long again each time, and has waited for at most two seconds.
  await sleep(4_000);
  expect(asked()).toBe(before);
  expect((await one().get()).get('by')).not.toBe('nobody');
});

test('a request that has waited once waits a tenth of that for what else it asks', async () => {
  faults.beginSilence('firestore');
  const times = await withRequestDeadline(
    () => 60_000,
    async () => [await one().get().catch(String), await one().get().catch(String)],
  );
  expect(times).toEqual([
    'NoAnswerError: Firestore did not answer within 2000 ms.',
    'NoAnswerError: Firestore did not answer within 200 ms.',
  ]);
});

test('a request waits for no longer than it has time', async () => {
  faults.beginSilence('firestore');
  let leftMs = 500;
  const times = await withRequestDeadline(
    () => leftMs,
    async () => {
      const first = await one().get().catch(String);
      leftMs = 0;
      faults.endSilence('firestore');
      return [first, await one().update({ by: 'a late one' }).catch(String)];
    },
  );
  expect(times).toEqual([
    'NoAnswerError: Firestore did not answer within 500 ms.',
    'NoAnswerError: Firestore did not answer within 0 ms.',
  ]);
  expect((await one().get()).get('by')).not.toBe('a late one');
});

test('an answer that begins and does not go on is given up', async () => {
  // The first message has the id of the transaction, and the document would be the second one.
  faults.script('firestore', 'BatchGetDocuments', { kind: 'stall' });
  await expect(orHang(inTransaction(), 'a transaction')).rejects.toMatchObject({ code: 4 });
});

test('an injected break in an answer of two messages is heard at once, also without a limit', async () => {
  const unlimited = await open({});
  const [first, second] = [unlimited.doc('media/m1'), unlimited.doc('media/m4')];
  await second.set({ n: 4 });
  faults.script('firestore', 'BatchGetDocuments', { kind: 'cut', ms: 0 });
  // The client asks for the second document once more. Were it not told of the break, it would wait for five minutes.
  const documents = await orHang(unlimited.getAll(first, second), 'two documents');
  expect(documents.map(({ exists }) => exists)).toEqual([true, true]);
  await unlimited.terminate();
});

test('what a call has begun goes on after it', async () => {
  let later: Promise<unknown> | undefined;
  await firestore.runTransaction(async (transaction) => {
    await transaction.get(firestore.doc('media/m3'));
    later = sleep(1_000 * ANSWER_S + 500).then(() => firestore.doc('media/m3').set({ n: 3 }));
  });
  await later;
  expect((await firestore.doc('media/m3').get()).get('n')).toBe(3);
});

test('a listener without news goes on', async () => {
  const heard: unknown[] = [];
  const other = firestore.doc('media/m2');
  const stop = other.onSnapshot((snapshot) => heard.push(snapshot.get('heard')));
  await eventually(async () => heard.length > 0 || undefined);
  await sleep(1_000 * ANSWER_S + 500);
  await other.set({ heard: 'yes' });
  await eventually(async () => heard.includes('yes') || undefined);
  stop();
});
