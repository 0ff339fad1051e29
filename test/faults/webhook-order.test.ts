/**
 * Messages about one media, with a receiver that fails, calls that fail, deliveries that come twice or end half way, in any
 * order: each receiver gets them in the order in which they happened. The clock is moved by hand.
 */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type WebhookTask, webhookPayloadSchema } from '@media-analysis/shared/webhooks';
import pino from 'pino';
import { Moments } from '../../functions/core/media/moments.ts';
import {
  type MediaRecord,
  newMediaRecord,
  nextAttempt,
  recordOf,
} from '../../functions/core/media/record.ts';
import { Lease } from '../../functions/core/work/lease.ts';
import { deliverWebhook } from '../../functions/features/webhooks/deliver.ts';
import { webhooksInWorker } from '../../functions/features/webhooks/moments.ts';
import { WebhookOutbox } from '../../functions/features/webhooks/outbox.ts';
import { PostError } from '../../functions/features/webhooks/post.ts';
import { Receivers } from '../../functions/features/webhooks/receivers.ts';
import { sweepWebhooks } from '../../functions/features/webhooks/sweep.ts';
import { Webhooks } from '../../functions/features/webhooks/webhooks.ts';
import { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { createRandom } from '../../local-cloud/faults/random.ts';
import { startFirestore } from '../../local-cloud/firestore/server.ts';

const RATE = 0.15;
const MEDIA = 6;
const ATTEMPTS = 2;
const MESSAGES = MEDIA * ATTEMPTS * 3;
const URLS = ['https://one.example/', 'https://two.example/'];

let plan: FaultPlan;
let service: Awaited<ReturnType<typeof startFirestore>>;
let firestore: Firestore;

beforeAll(async () => {
  plan = new FaultPlan();
  service = await startFirestore({ faults: plan });
  const { host, port } = service;
  firestore = new Firestore({ projectId: 'order', host: `${host}:${port}`, ssl: false });
});
afterAll(async () => {
  await firestore.terminate();
  await service.close();
});

/** Whether a receiver takes what it gets is noted by transactions, which wait for seconds after a fault. */
class Patient extends Webhooks {
  override async noteOutcome(): Promise<void> {}
}

interface Task {
  task: WebhookTask;
  isSlow: boolean;
  dueMs: number;
}

interface Arrival {
  url: string;
  body: string;
  isTaken: boolean;
}

test('messages about one media arrive in their order, whatever fails', async () => {
  const random = createRandom(46, 'order');
  const isUnlucky = () => random.next() < RATE;
  let nowMs = Date.parse('2026-11-27T10:00:00Z');
  const now = () => nowMs;
  const awayMs = nowMs + 24 * 3_600_000;
  const waiting: Task[] = [];
  const names = new Set<string>();
  const arrived: Arrival[] = [];
  const queue = {
    enqueueWebhook: async (
      task: WebhookTask,
      { delayMs = 0, isSlow = false } = {},
      suffix = '',
    ) => {
      if (isUnlucky()) throw new Error('away');
      const name = `${isSlow}/${task.delivery_id}-${task.round}-${task.tries}${suffix}`;
      if (names.has(name)) return false;
      names.add(name);
      waiting.push({ task, isSlow, dueMs: nowMs + delayMs });
      return true;
    },
  };
  const post = async (url: string, _headers: object, body: string) => {
    // One of the two is away for a day, after a while in which it has failed now and then.
    const isAway = url === URLS[0] && arrived.length > MESSAGES / 4 && nowMs < awayMs;
    // Few tries are left after the day.
    const isTaken = !isAway && (nowMs >= awayMs || random.next() >= 2 * RATE);
    arrived.push({ url, body, isTaken });
    // It was taken, and its answer is lost.
    if (isTaken && isUnlucky()) {
      nowMs += 3_000;
      throw new PostError('timeout');
    }
    return isTaken ? 200 : 503;
  };
  const logger = pino({ level: 'silent' });
  const webhooks = new Patient(firestore, now);
  const events = ['analysis.completed' as const, 'media.completed' as const];
  for (const url of URLS) await webhooks.create({ url, events, owner_id: null, key_id: 'key' });
  const receivers = new Receivers(firestore, now);
  const outbox = new WebhookOutbox({ firestore, webhooks, receivers, queue, logger, now });
  const keys = { callbackSecret: async () => undefined };
  const deps = {
    firestore,
    webhooks,
    keys,
    outbox,
    queue,
    post,
    logger,
    now,
    receivers,
    loopback: 'refuse' as const,
    random: random.next.bind(random),
  };
  const moments = new Moments([webhooksInWorker({ ...deps, quietMs: 120_000 })]);
  const { signal } = new AbortController();

  /** As Cloud Tasks: what was not done comes again, and now and then what was done does, too. */
  async function deliver({ task, isSlow }: Task): Promise<void> {
    const options = { signal, isInSlowQueue: isSlow };
    const answer = await deliverWebhook(task, deps, options).catch(() => undefined);
    if (!answer?.done || isUnlucky()) waiting.push({ task, isSlow, dueMs: nowMs + 1_000 });
  }

  /** Some of those that are due at the same time are delivered side by side. */
  async function deliverDue(): Promise<boolean> {
    const due = waiting.filter(({ dueMs }) => dueMs <= nowMs);
    if (due.length === 0) return false;
    const chosen = Array.from({ length: 4 }, () => random.pick(due));
    const several = [...new Set(chosen)];
    for (const each of several) waiting.splice(waiting.indexOf(each), 1);
    const kind = random.pick(['refuse', 'lose'] as const);
    // The client does not repeat the call after this code.
    if (isUnlucky()) plan.script('firestore', 'Commit', { kind, code: 'DEADLINE_EXCEEDED' });
    await Promise.all(several.map(deliver));
    plan.clearScript();
    return true;
  }

  async function analyse(id: string): Promise<void> {
    const ref = firestore.collection('media').doc(id);
    const snapshot = await ref.get();
    const fields = { token: 'abcdef', leaseMs: 30_000, budgetMs: 60_000, now, copies: [] };
    const lease = new Lease(ref, recordOf(snapshot) as MediaRecord, snapshot.updateTime as never, {
      ...fields,
      moments,
    });
    await lease.take('analyze');
    await lease.write({ wanted: ['receipt'], analytics: {} as never });
    const analyses = { receipt: { status: 'completed' } as never };
    await lease.release({ status: 'completed', wanted: [], analyses });
    // Some processes die here.
    if (!isUnlucky()) await moments.ended(lease, new AbortController().signal);
  }

  const wanted = ['describe', 'receipt'];
  const ids = Array.from({ length: MEDIA }, (_, n) => `media${n}`);
  for (const id of ids) {
    const media = {
      id,
      file_name: 'a.jpg',
      content_type: 'image/jpeg',
      size: 1,
      owner_id: 'alice',
      analyze: true,
      wanted,
      language: 'en',
      staging_object: id,
    };
    const record = newMediaRecord({ ...media, queue_state: 'queued' }, nowMs);
    await firestore.collection('media').doc(id).set(record);
  }
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    for (const id of ids) {
      if (attempt > 1) {
        const ref = firestore.collection('media').doc(id);
        const next = nextAttempt(recordOf(await ref.get()) as MediaRecord, 'queued', nowMs);
        await ref.update({ ...next, wanted });
      }
      await analyse(id);
      await deliverDue();
    }
  }
  const all = firestore.collection('webhook_deliveries');
  const pending = async () => (await all.where('state', '==', 'pending').get()).size;
  while (waiting.length > 0 || (await pending()) > 0) {
    if (await deliverDue()) continue;
    // Only the messages whose task could not be made are left to the sweeper.
    const isOver = waiting.length === 0;
    nowMs = isOver ? nowMs + 3_600_000 : Math.min(...waiting.map(({ dueMs }) => dueMs));
    if (isOver) await sweepWebhooks({ ...deps, quietMs: 120_000 });
  }
  for (const url of URLS) {
    const taken = arrived.filter((each) => each.url === url && each.isTaken);
    for (const id of ids) {
      const about = taken
        .map(({ body }) => webhookPayloadSchema.parse(JSON.parse(body)).data)
        .filter((data) => 'media_id' in data)
        .filter(({ media_id }) => media_id === id);
      // What one write has made has one revision: the analysis is told before the end of the media.
      const places = about.map((data) => 2 * data.revision + ('analysis' in data ? 0 : 1));
      const first = [...new Set(places)];
      expect(first).toHaveLength(3 * ATTEMPTS);
      expect(first).toEqual(first.toSorted((a, b) => a - b));
    }
  }
  expect(arrived.length).toBeGreaterThan(2 * MESSAGES);
});
