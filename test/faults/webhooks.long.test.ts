/**
 * 15 % of the receiver's answers fail, 15 % of the calls to each service get a fault, and workers are killed: each event
 * arrives at least once, with one id, and those about one media in the order of its revisions.
 */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { WebhookPayload } from '@media-analysis/shared/webhooks';
import { Webhooks } from '../../functions/features/webhooks/webhooks.ts';
import { ServiceKeys } from '../../functions/http/service-keys.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { createRandom } from '../../local-cloud/faults/random.ts';
import {
  client,
  databaseOf,
  eventually,
  file,
  form,
  type Stack,
  startStack,
} from '../support/stack.ts';
import { type Receiver, startReceiver } from '../support/webhook-receiver.ts';

const RATE = 0.15;
const REQUESTS = 5;
const PHOTOS = ['02-cat.png', '03-coffee.webp', '08-lake.jpg', '05-dogs.jpg'];

let faults: FaultPlan;
let stack: Stack;
let firestore: Firestore;
let receiver: Receiver;
let key: string;

beforeAll(async () => {
  const random = createRandom(18, 'receiver');
  receiver = await startReceiver((response) => {
    if (random.next() >= RATE) {
      response.end();
      return true;
    }
    const kind = random.pick(['refused', 'reset', 'lost'] as const);
    if (kind === 'refused') response.writeHead(503).end();
    else response.destroy();
    // It was taken, and the answer does not arrive.
    return kind === 'lost';
  });
  faults = new FaultPlan({ seed: 18, maxDelayMs: 500 });
  stack = await startStack({
    faults,
    sweepIntervalMs: 3_000,
    environment: { LEASE_S: '4', SWEEP_QUIET_S: '3' },
  });
  firestore = databaseOf(stack);
  key = (await new ServiceKeys(async () => firestore).add('shop', ['read', 'write'])).key;
  const events = [
    'media.created',
    'media.completed',
    'media.failed',
    'batch.completed',
    'analysis.completed',
  ] as const;
  const given = { url: receiver.url, events: [...events], owner_id: null, key_id: 'key' };
  await new Webhooks(firestore).create(given);
});
afterAll(async () => {
  faults.rate = 0;
  await receiver.close();
  await firestore.terminate();
  await stack.close();
});

/** What happened, without the id that it was given. */
const happened = ({ type, data }: WebhookPayload) =>
  JSON.stringify([
    type,
    'media_id' in data && [data.media_id, data.attempt],
    'batch_id' in data && 'total' in data && [data.batch_id, data.total, data.failed],
    'analysis' in data ? data.analysis : '',
  ]);

test('each event arrives at least once, with one id, and those of one media in their order', async () => {
  faults.rate = RATE;
  const { call } = client(stack, key);
  const ids: string[] = [];
  const again = new Map<string, string>();
  for (let n = 0; n < REQUESTS; n++) {
    const body = form(await Promise.all(PHOTOS.map(file)));
    const headers = { 'X-On-Behalf-Of': `user${n}`, 'Idempotency-Key': `request${n}` };
    const sent = await eventually(async () => {
      const response = await call('/api/agent/analyze-media', { method: 'POST', body, headers });
      return response.status === 202
        ? ((await response.json()) as { media_ids: string[] })
        : void (await response.arrayBuffer());
    });
    ids.push(...sent.media_ids);
    if (n === 0) for (const id of sent.media_ids) again.set(id, `user${n}`);
    const { pid } = stack.units.worker;
    if (pid !== undefined && n % 2 === 1) process.kill(pid, 'SIGKILL');
  }
  // A file that could not be stored is refused, and its sender knows it.
  expect(ids.length).toBeGreaterThan((REQUESTS * PHOTOS.length) / 2);
  // Again, as soon as a media has ended: then it has messages of two attempts.
  for (const [id, user] of again) {
    const headers = { 'X-On-Behalf-Of': user };
    await eventually(async () => {
      const path = `/api/media/${id}/analyses/describe`;
      const response = await call(path, { method: 'POST', headers });
      await response.arrayBuffer();
      return response.status === 202 ? true : undefined;
    });
  }
  const told = () => [...receiver.taken.values()].map(({ payload }) => payload);
  const ofType = (type: string) => told().filter((payload) => payload.type === type).length;
  await eventually(async () => {
    const ends = ofType('media.completed') + ofType('media.failed');
    const isOver = ends >= ids.length + again.size && ofType('batch.completed') >= REQUESTS;
    return isOver && ofType('analysis.completed') >= ofType('media.completed') ? true : undefined;
  });
  faults.rate = 0;
  await eventually(async () => {
    const all = firestore.collection('webhook_deliveries');
    const { docs } = await all.where('state', '==', 'pending').get();
    return docs.length === 0 ? true : undefined;
  });
  const ended = told().flatMap((payload) =>
    payload.type === 'media.completed' || payload.type === 'media.failed'
      ? [payload.data.media_id]
      : [],
  );
  expect(new Set(ended)).toEqual(new Set(ids));
  const created = told().flatMap(({ type, data }) =>
    type === 'media.created' && 'media_id' in data ? [data.media_id] : [],
  );
  expect(created.toSorted()).toEqual(ids.toSorted());
  const idsOf = new Map<string, Set<string>>();
  for (const { id, payload } of receiver.all) {
    const event = happened(payload);
    idsOf.set(event, (idsOf.get(event) ?? new Set()).add(id));
  }
  expect([...idsOf].filter(([, each]) => each.size > 1)).toEqual([]);
  for (const id of ids) {
    const revisions = receiver.all.flatMap(({ payload: { data } }) =>
      'media_id' in data && data.media_id === id ? [data.revision] : [],
    );
    const first = [...new Set(revisions)];
    expect(first).toEqual(first.toSorted((a, b) => a - b));
  }
  // The faults were there: something was sent more than once.
  expect(receiver.all.length).toBeGreaterThan(receiver.taken.size);
});
