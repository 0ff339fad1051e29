/** These tests use the local Firestore, a queue in memory, and a clock that they move. */
import { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type WebhookTask, webhookPayloadSchema } from '@media-analysis/shared/webhooks';
import pino from 'pino';
import { startFirestore } from '../../../local-cloud/firestore/server.ts';
import { Moments } from '../../core/media/moments.ts';
import {
  type MediaRecord,
  newMediaRecord,
  nextAttempt,
  recordOf,
} from '../../core/media/record.ts';
import { Lease } from '../../core/work/lease.ts';
import { ServiceKeys } from '../../http/service-keys.ts';
import { deliverWebhook, WAITS_S, type WebhookDeps } from './deliver.ts';
import { toDelivery, WebhookDeliveries } from './deliveries.ts';
import { webhooksInWorker } from './moments.ts';
import { WebhookOutbox } from './outbox.ts';
import { PostError } from './post.ts';
import { Receivers } from './receivers.ts';
import { webhookHeaders } from './signature.ts';
import { sweepWebhooks } from './sweep.ts';
import { secretsOf, type WebhookRecord, Webhooks } from './webhooks.ts';

const HOUR_MS = 3_600_000;

let service: Awaited<ReturnType<typeof startFirestore>>;
let firestore: Firestore;
let nowMs: number;
/** Tasks by name. As in Cloud Tasks, a used name stays taken. */
let tasks: Map<string, { task: WebhookTask; dueMs: number; isDone: boolean; isSlow: boolean }>;
let isQueueAway: boolean;
let received: {
  url: string;
  id: string;
  body: string;
  headers: Record<string, string>;
  at: number;
}[];
/** The receiver's answer. */
let answer: () => number;
let webhooks: Webhooks;
let keys: ServiceKeys;
let outbox: WebhookOutbox;
let receivers: Receivers;
let lines: Record<string, unknown>[];
let count = 0;

const logger = pino({ level: 'info' }, { write: (line) => lines.push(JSON.parse(line)) });
const now = () => nowMs;
const queue = {
  enqueueWebhook: async (task: WebhookTask, { delayMs = 0, isSlow = false } = {}, suffix = '') => {
    if (isQueueAway) throw new Error('away');
    const name = `${isSlow}/${task.delivery_id}-${task.round}-${task.tries}${suffix}`;
    if (tasks.has(name)) return false;
    tasks.set(name, { task, dueMs: nowMs + delayMs, isDone: false, isSlow });
    return true;
  },
};

beforeAll(async () => {
  service = await startFirestore();
  const { host, port } = service;
  process.env.METADATA_SERVER_DETECTION ??= 'none';
  firestore = new Firestore({ projectId: 'hooks', host: `${host}:${port}`, ssl: false });
});
afterAll(async () => {
  await firestore.terminate();
  await service.close();
});
beforeEach(async () => {
  nowMs = Date.parse('2026-11-27T10:00:00Z');
  tasks = new Map();
  isQueueAway = false;
  received = [];
  lines = [];
  answer = () => 200;
  for (const name of ['media', 'webhooks', 'webhook_deliveries', 'webhook_receivers']) {
    await firestore.recursiveDelete(firestore.collection(name));
  }
  webhooks = new Webhooks(firestore, now);
  keys = new ServiceKeys(async () => firestore, now);
  receivers = new Receivers(firestore, now);
  outbox = new WebhookOutbox({ firestore, webhooks, receivers, queue, logger, now });
});

function deps() {
  const post = async (url: string, headers: Record<string, string>, body: string) => {
    received.push({ url, id: headers['webhook-id'] ?? '', body, headers, at: nowMs });
    const status = answer();
    if (status === 0) throw new PostError('timeout');
    return status;
  };
  const services = { firestore, webhooks, keys, outbox, queue, post, receivers, logger, now };
  return { ...services, loopback: 'refuse' as const, random: () => 0 };
}

const deliver = (task: WebhookTask, more: Partial<WebhookDeps> = {}, isInSlowQueue = false) =>
  deliverWebhook(
    task,
    { ...deps(), ...more },
    { signal: new AbortController().signal, isInSlowQueue },
  );

/** Moves the clock to each task in order. */
async function runTasks(
  untilMs = Number.POSITIVE_INFINITY,
  more: Partial<WebhookDeps> = {},
): Promise<void> {
  for (;;) {
    const waiting = [...tasks.values()].filter(({ isDone }) => !isDone);
    const [next] = waiting.sort((a, b) => a.dueMs - b.dueMs);
    if (!next || next.dueMs > untilMs) return;
    nowMs = Math.max(nowMs, next.dueMs);
    expect(await deliver(next.task, more, next.isSlow)).toEqual({ done: true });
    next.isDone = true;
  }
}

const register = (more: Partial<WebhookRecord> = {}) =>
  webhooks.create({
    url: 'https://app.example/hook',
    owner_id: null,
    key_id: 'key_1',
    events: ['media.completed', 'media.failed'],
    ...more,
  });

async function newMedia(more: Partial<MediaRecord> = {}): Promise<MediaRecord> {
  const id = `media${++count}`;
  const record = {
    ...newMediaRecord(
      {
        id,
        file_name: 'a.jpg',
        content_type: 'image/jpeg',
        size: 1,
        owner_id: 'alice',
        analyze: true,
        language: 'en',
        staging_object: id,
        queue_state: 'queued',
      },
      nowMs,
    ),
    ...more,
  };
  await firestore.collection('media').doc(id).set(record);
  return record;
}

async function leaseOf(id: string) {
  const ref = firestore.collection('media').doc(id);
  const snapshot = await ref.get();
  const record = recordOf(snapshot) as MediaRecord;
  const fields = { token: 'abcdef', leaseMs: 30_000, budgetMs: 60_000, now, copies: [] };
  const feature = webhooksInWorker({ ...deps(), quietMs: 120_000 });
  const moments = new Moments([feature]);
  const lease = new Lease(ref, record, snapshot.updateTime as never, { ...fields, moments });
  return Object.assign(lease, { tell: () => moments.ended(lease, new AbortController().signal) });
}

/** Ends a media as a worker does. */
async function end({ id }: MediaRecord, status: 'completed' | 'failed' = 'completed') {
  const lease = await leaseOf(id);
  await lease.take('analyze');
  await lease.release(
    status === 'completed'
      ? { status, wanted: [], analytics: {} as never }
      : { status, wanted: [], error_code: 'media_corrupt', error_message: 'no' },
  );
  return lease;
}

const kept = async () =>
  (await firestore.collection('webhook_deliveries').get()).docs.map((doc) => doc.data());

describe('a media that ends', () => {
  test('is told once, with the signature of the webhook, and without its name', async () => {
    const webhook = await register();
    const media = await newMedia({ batch_id: 'batch' });
    const lease = await end(media);
    await lease.tell();
    await runTasks();
    expect(received).toHaveLength(1);
    const [{ id, body, headers } = { id: '', body: '', headers: {} }] = received;
    expect(webhookPayloadSchema.parse(JSON.parse(body))).toMatchObject({
      type: 'media.completed',
      data: {
        owner_id: 'alice',
        media_id: media.id,
        batch_id: 'batch',
        attempt: 1,
        error_code: null,
      },
    });
    expect(JSON.parse(body).data.revision).toBe(lease.record.revision);
    expect(body).not.toContain('a.jpg');
    expect(headers).toMatchObject(webhookHeaders(id, nowMs, body, secretsOf(webhook, nowMs)));
    expect(await kept()).toMatchObject([{ state: 'delivered', due_at: null }]);
  });

  test('costs no write and no document where nobody is told', async () => {
    await register({ owner_id: 'bob' });
    await register({ events: ['batch.completed'] });
    const lease = await end(await newMedia());
    await lease.tell();
    expect(tasks.size).toBe(0);
    expect(await kept()).toEqual([]);
  });

  test('is told although the process dies before it makes the task', async () => {
    await register();
    await end(await newMedia());
    expect(tasks.size).toBe(0);
    nowMs += 121_000;
    expect(await sweepWebhooks({ ...deps(), quietMs: 120_000 })).toBe(1);
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'messages swept', overdue_s: 121 }),
    );
    await runTasks();
    expect(received).toHaveLength(1);
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'message tried', outcome: 'taken' }),
    );
    // Nothing is left to sweep.
    nowMs += HOUR_MS;
    expect(await sweepWebhooks({ ...deps(), quietMs: 120_000 })).toBe(0);
  });

  test('is not told to a webhook of another user, nor of another event', async () => {
    await register({ owner_id: 'bob' });
    await register({ events: ['media.failed'], url: 'https://failed.example/' });
    await register({ owner_id: 'alice', url: 'https://alice.example/' });
    const leases = [await end(await newMedia()), await end(await newMedia(), 'failed')];
    for (const lease of leases) await lease.tell();
    await runTasks();
    expect(received.map(({ url }) => url).toSorted()).toEqual([
      'https://alice.example/',
      'https://alice.example/',
      'https://failed.example/',
    ]);
  });

  test('is told to the address of its request, signed with the secret of its key', async () => {
    const { record } = await keys.add('shop', ['write']);
    const callback = { url: 'https://shop.example/done', key_id: record.id };
    const lease = await end(await newMedia({ callback }));
    await lease.tell();
    await runTasks();
    const [{ url, id, body, headers } = { url: '', id: '', body: '', headers: {} }] = received;
    expect(url).toBe(callback.url);
    expect(headers).toMatchObject(webhookHeaders(id, nowMs, body, [record.callback_secret]));
    // A revoked key signs nothing more.
    await keys.revoke(record.id);
    const late = await end(await newMedia({ callback }));
    await late.tell();
    await runTasks();
    expect(received).toHaveLength(1);
  });
});

describe('a receiver', () => {
  async function told(): Promise<string> {
    const lease = await end(await newMedia());
    await lease.tell();
    const told = (await kept()).find(({ media_id }) => media_id === lease.record.id);
    return told?.event_id ?? '';
  }

  test('that is away for a day gets everything, with the same id and body each time', async () => {
    await register();
    const upMs = nowMs + 24 * HOUR_MS;
    answer = () => (nowMs < upMs ? 503 : 200);
    const events = [await told()];
    for (let hour = 1; hour <= 24; hour++) {
      await runTasks(nowMs);
      nowMs += HOUR_MS;
      events.push(await told());
    }
    await runTasks();
    const taken = received.filter(({ at }) => at >= upMs);
    expect(taken.map(({ id }) => id).toSorted()).toEqual(events.toSorted());
    expect(nowMs - upMs).toBeLessThanOrEqual(4 * HOUR_MS);
    for (const event of events) {
      const bodies = received.filter(({ id }) => id === event).map(({ body }) => body);
      expect(new Set(bodies).size).toBe(1);
    }
    const [webhook] = (await webhooks.list(undefined, 1)).records;
    expect(webhook).toMatchObject({ state: 'enabled', failing_since: null });
  });

  test('that does not take it is asked again after waits that grow, for more than a day', async () => {
    await register();
    answer = () => 0;
    await told();
    const beganMs = nowMs;
    await runTasks();
    expect(received).toHaveLength(WAITS_S.length + 1);
    expect(nowMs - beganMs).toBeGreaterThan(24 * HOUR_MS);
    const times = received.map(({ at }) => at);
    const waits = times.slice(1).map((at, i) => at - (times[i] ?? 0));
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    expect(await kept()).toMatchObject([{ state: 'failed', due_at: null }]);
  });

  test('that says it is gone (410) gets nothing more', async () => {
    const { id } = await register();
    answer = () => 410;
    await told();
    await told();
    await runTasks();
    expect(received).toHaveLength(1);
    expect(await webhooks.find(id)).toMatchObject({ state: 'disabled', disabled_because: 'gone' });
    nowMs += 11_000;
    await told();
    await runTasks();
    expect(received).toHaveLength(1);
  });

  test('that moves while its old address says that it is gone stays enabled, and gets the message', async () => {
    const webhook = await register();
    const url = 'https://new.example/hook';
    const { post: send } = deps();
    const post = async (...sent: Parameters<typeof send>) => {
      await webhooks.edit(webhook, { url });
      return send(...sent);
    };
    answer = () => (received.at(-1)?.url === url ? 200 : 410);
    await told();
    await runTasks(undefined, { post });
    expect(received.map((each) => each.url)).toEqual([webhook.url, url]);
    expect(await webhooks.find(webhook.id)).toMatchObject({ state: 'enabled' });
    expect(await kept()).toMatchObject([{ state: 'delivered' }]);
  });

  test('that takes nothing for days is disabled, and the log says so; enabled again it gets what comes', async () => {
    const webhook = await register();
    answer = () => 500;
    for (let day = 0; day < 5; day++) {
      await told();
      await runTasks(nowMs);
      const dayEndMs = nowMs + 24 * HOUR_MS;
      await runTasks(dayEndMs);
      nowMs = Math.max(nowMs, dayEndMs);
    }
    expect(await webhooks.find(webhook.id)).toMatchObject({
      state: 'disabled',
      disabled_because: 'failing',
    });
    expect(lines.some(({ msg }) => /webhook disabled/.test(String(msg)))).toBe(true);
    await webhooks.enable(webhook);
    nowMs += 11_000;
    answer = () => 200;
    const event = await told();
    await runTasks();
    expect(received.at(-1)?.id).toBe(event);
  });

  test('that fails now and then is not', async () => {
    const webhook = await register();
    for (let day = 0; day < 8; day++) {
      let isFirst = true;
      answer = () => {
        const status = isFirst ? 500 : 200;
        isFirst = false;
        return status;
      };
      await told();
      await runTasks();
      nowMs += 24 * HOUR_MS;
    }
    expect(await webhooks.find(webhook.id)).toMatchObject({ state: 'enabled' });
  });

  test('whose secret is replaced gets both signatures for a day', async () => {
    const webhook = await register();
    const [before = ''] = secretsOf(webhook, nowMs);
    const [after = ''] = secretsOf(await webhooks.rotate(webhook), nowMs);
    const signatures = async () => {
      await told();
      await runTasks();
      const { id, body, headers } = received.at(-1) ?? { id: '', body: '', headers: {} };
      const of = (secret: string) => webhookHeaders(id, nowMs, body, [secret])['webhook-signature'];
      const known = [
        [of(before), 'before'],
        [of(after), 'after'],
      ] as const;
      const sent = (headers as Record<string, string>)['webhook-signature']?.split(' ') ?? [];
      return sent.map((each) => known.find(([signature]) => signature === each)?.[1]);
    };
    expect(await signatures()).toEqual(['after', 'before']);
    nowMs += 24 * HOUR_MS + 1;
    expect(await signatures()).toEqual(['after']);
  });

  test('gets what was given up again, on request, with the same id', async () => {
    const webhook = await register();
    answer = () => 500;
    const event = await told();
    await runTasks();
    answer = () => 200;
    const deliveries = new WebhookDeliveries(firestore, now);
    const { records } = await deliveries.list(webhook.id, 10);
    expect(records).toMatchObject([{ state: 'failed', event_id: event }]);
    const again = await deliveries.resend(records[0]?.id ?? '', webhook.id);
    await outbox.send([again]);
    await runTasks();
    expect(received.at(-1)?.id).toBe(event);
    expect((await deliveries.list(webhook.id, 10)).records).toMatchObject([{ state: 'delivered' }]);
    const other = deliveries.resend(records[0]?.id ?? '', 'wh_other');
    await expect(other).rejects.toMatchObject({ code: 'not_found' });
  });

  test('hears nothing of a media whose bytes have not arrived, nor when all of an owner goes', async () => {
    await register({ events: ['media.created', 'media.deleted'] });
    const announced = await newMedia({ status: 'pending', queue_state: 'announced' });
    expect(await outbox.moved(announced, 'accepted')).toBeUndefined();
    expect(await outbox.moved(announced, 'erased')).toBeUndefined();
    const arrived: MediaRecord = { ...announced, queue_state: 'waiting' };
    expect(await outbox.moved(arrived, 'accepted')).toBeDefined();
    expect(await outbox.moved(arrived, 'owner')).toBeUndefined();
  });

  test('gets all that was given up in a time again, in calls of a bounded size', async () => {
    const webhook = await register();
    answer = () => 500;
    await told();
    await runTasks();
    const [failed] = (await new WebhookDeliveries(firestore, now).list(webhook.id, 1)).records;
    const batch = firestore.batch();
    for (let n = 0; n < 500; n++) {
      const id = `${failed?.id}${n}`;
      batch.create(firestore.doc(`webhook_deliveries/${id}`), { ...failed, id });
    }
    await batch.commit();
    tasks.clear();
    const log = new WebhookDeliveries(firestore, now);
    const from = failed?.created_at.toDate().toISOString();
    const filter = { status: 'failed', from } as const;
    const resend = (token?: string) =>
      log.resendMany(webhook.id, filter, (records) => outbox.send(records), token);
    const first = await resend();
    expect(first).toEqual({ resent: 500, next_page_token: expect.any(String) });
    expect(await resend(first.next_page_token)).toEqual({ resent: 1 });
    expect(tasks.size).toBe(501);
    // They are on their way: nothing is sent twice.
    expect(await resend()).toEqual({ resent: 0 });
  });

  test('that does not answer is asked by the last try of each message, and by what is sent by hand', async () => {
    const webhook = await register();
    answer = () => {
      nowMs += 2_000;
      return 0;
    };
    await told();
    await runTasks(nowMs);
    // No other task is due.
    await told();
    await runTasks(nowMs);
    expect(received).toHaveLength(1);
    const log = new WebhookDeliveries(firestore, now);
    const { records } = await log.list(webhook.id, 10);
    expect(records.map(({ attempts }) => attempts[0]?.error)).toEqual(['silent', 'timeout']);
    await outbox.send([await log.resend(records[0]?.id ?? '', webhook.id)]);
    await runTasks(nowMs);
    expect(received).toHaveLength(2);
    await runTasks();
    const ends = (await kept()).map(({ state, attempts }) => [state, attempts.at(-1).error]);
    expect(ends).toEqual([
      ['failed', 'timeout'],
      ['failed', 'timeout'],
    ]);
  });

  test('gets nothing for a task that is delivered late, or twice', async () => {
    await register();
    answer = () => 500;
    await told();
    const [first] = [...tasks.values()];
    await deliver(first?.task as WebhookTask);
    await deliver(first?.task as WebhookTask);
    expect(received).toHaveLength(1);
  });

  test('whose answer an instance that shuts down does not wait for is asked again, and no try counts', async () => {
    await register();
    await told();
    const [first] = [...tasks.values()];
    const stop = AbortSignal.abort(new Error('SIGTERM'));
    const aborted = { ...deps(), post: async () => Promise.reject(stop.reason) };
    const again = await deliverWebhook(first?.task as WebhookTask, aborted, {
      signal: stop,
      isInSlowQueue: false,
    });
    expect(again).toMatchObject({ done: false, status: 503 });
    expect(await kept()).toMatchObject([{ state: 'pending', tries: 0, attempts: [] }]);
  });

  test('is asked again although the task for that cannot be made', async () => {
    await register();
    answer = () => 500;
    await told();
    isQueueAway = true;
    await runTasks(nowMs);
    isQueueAway = false;
    answer = () => 200;
    nowMs += 200_000;
    await sweepWebhooks({ ...deps(), quietMs: 120_000 });
    await runTasks();
    expect(received).toHaveLength(2);
  });
});

describe('messages about one media', () => {
  const both = { wanted: ['describe', 'receipt'] };
  const everything = {
    events: ['analysis.completed' as const, 'media.completed' as const, 'media.failed' as const],
  };

  /** Makes two analyses in one delivery, as a worker does. */
  async function analyse({ id }: MediaRecord): Promise<void> {
    const lease = await leaseOf(id);
    await lease.take('analyze');
    await lease.write({ wanted: ['receipt'], analytics: {} as never });
    const analyses = { receipt: { status: 'completed' } as never };
    await lease.release({ status: 'completed', wanted: [], analyses });
    await lease.tell();
  }

  const named = ({ body }: { body: string }) => {
    const { type, data } = JSON.parse(body);
    return `${data.attempt} ${data.analysis ?? type}`;
  };
  const FIRST = ['1 describe', '1 receipt', '1 media.completed'];
  const firstArrivals = () => [...new Set(received.map(named))];

  test('are sent one after another, each at once when the one before it was taken', async () => {
    await register(everything);
    const upMs = nowMs + 30_000;
    answer = () => (nowMs < upMs ? 503 : 200);
    await analyse(await newMedia(both));
    await runTasks();
    expect(received.map(named)).toEqual([...Array(3).fill('1 describe'), ...FIRST]);
    // All waiting messages were sent when the first one was taken.
    expect(new Set(received.slice(3).map(({ at }) => at)).size).toBe(1);
    expect(new Set((await kept()).map(({ state }) => state))).toEqual(new Set(['delivered']));
  });

  test('keep their order over a day without a receiver, and over attempts', async () => {
    const { id } = await register(everything);
    const upMs = nowMs + 24 * HOUR_MS;
    answer = () => (nowMs < upMs ? 0 : 200);
    const media = await newMedia(both);
    await analyse(media);
    await runTasks(nowMs + HOUR_MS);
    const { records } = await new WebhookDeliveries(firestore, now).list(id, 10);
    expect(records.map(toDelivery).filter(({ next_at }) => next_at === null)).toHaveLength(2);
    const ref = firestore.collection('media').doc(media.id);
    const again = nextAttempt(recordOf(await ref.get()) as MediaRecord, 'queued', nowMs);
    await ref.update({ ...again, ...both });
    await analyse(media);
    expect(received.map(named)).not.toContain('1 receipt');
    await runTasks();
    const second = FIRST.map((each) => each.replace('1', '2'));
    expect(firstArrivals()).toEqual([...FIRST, ...second]);
    expect(nowMs - upMs).toBeLessThanOrEqual(4.4 * HOUR_MS);
  });

  test('go on when one is given up', async () => {
    await register(everything);
    answer = () => (named(received.at(-1) ?? { body: '' }) === '1 describe' ? 500 : 200);
    const beganMs = nowMs;
    await analyse(await newMedia(both));
    await runTasks();
    expect(firstArrivals()).toEqual(FIRST);
    const [, ...others] = received.filter((each) => named(each) !== '1 describe');
    expect(others[0]?.at).toBe(received.findLast((each) => named(each) === '1 describe')?.at);
    expect(nowMs - beganMs).toBeGreaterThan(24 * HOUR_MS);
  });

  test('do not wait for one that is sent again by hand, and it waits for none', async () => {
    const { id } = await register(everything);
    answer = () => 500;
    await analyse(await newMedia(both));
    const log = new WebhookDeliveries(firestore, now);
    const { records } = await log.list(id, 10);
    const idOf = (name: string) =>
      records.find(({ body }) => named({ body: body ?? '' }) === name)?.id ?? '';
    const [describe, receipt] = [idOf('1 describe'), idOf('1 receipt')];
    await runTasks(nowMs);
    await outbox.send([await log.resend(receipt, id)]);
    await runTasks(nowMs);
    expect(received.map(named)).toEqual(['1 describe', '1 receipt']);
    // Given up, sent again and refused again. The next message has gone in the meantime.
    await runTasks();
    await outbox.send([await log.resend(describe, id)]);
    const sent = received.length;
    await runTasks(nowMs);
    expect(received.slice(sent).map(named)).toEqual(['1 describe']);
    answer = () => 200;
    await outbox.send([await log.resend(receipt, id)]);
    await runTasks(nowMs);
    expect(received.at(-1)?.at).toBe(nowMs);
    expect(named(received.at(-1) ?? { body: '' })).toBe('1 receipt');
  });

  test('go on although the process dies when one was taken', async () => {
    await register(everything);
    await analyse(await newMedia(both));
    const [first] = [...tasks.values()];
    isQueueAway = true;
    // Cloud Tasks must deliver the task again.
    expect(await deliver(first?.task as WebhookTask)).toMatchObject({ done: false });
    isQueueAway = false;
    await runTasks();
    expect(received.map(named)).toEqual(FIRST);
  });

  test('keep their order if a task comes while the message before it is on its way', async () => {
    await register(everything);
    const media = await newMedia({ ...both, batch_id: 'batch' });
    const lease = await leaseOf(media.id);
    await lease.take('analyze');
    await lease.write({ wanted: ['receipt'], analytics: {} as never });
    await lease.tell();
    const [first] = [...tasks.values()];
    const taken = Promise.withResolvers<number>();
    const slow = { ...deps(), post: () => taken.promise };
    const { signal } = new AbortController();
    const sending = deliverWebhook(first?.task as WebhookTask, slow, {
      signal,
      isInSlowQueue: false,
    });
    const analyses = { receipt: { status: 'completed' } as never };
    await lease.release({ status: 'completed', wanted: [], analyses });
    await lease.tell();
    const [, second] = [...tasks.values()];
    expect(await deliver(second?.task as WebhookTask)).toEqual({ done: true });
    expect(received).toEqual([]);
    taken.resolve(200);
    await sending;
    for (const task of [first, second]) if (task) task.isDone = true;
    await runTasks(nowMs);
    expect(received.map(named)).toEqual(FIRST.slice(1));
  });
});

describe('a topic', () => {
  test('is told of everything, in order, and what it does not take is tried again', async () => {
    const published: { id: string; type: string; at: number }[] = [];
    const events = new WebhookOutbox({
      firestore,
      webhooks,
      receivers,
      queue,
      logger,
      now,
      hasTopic: true,
    });
    const media = await newMedia({ wanted: ['describe', 'receipt'], batch_id: 'batch' });
    outbox = events;
    const lease = await leaseOf(media.id);
    await lease.take('analyze');
    await lease.write({ wanted: ['receipt'], analytics: {} as never });
    const analyses = { receipt: { status: 'completed' } as never };
    await lease.release({ status: 'completed', wanted: [], analyses });
    await lease.tell();
    const upMs = nowMs + 10_000;
    const publish = async ({ event_id: id }: { event_id: string }, body: string) => {
      published.push({ id, type: JSON.parse(body).type, at: nowMs });
      return nowMs < upMs ? 503 : 200;
    };
    await runTasks(undefined, { publish });
    const taken = published.filter(({ at }) => at >= upMs).map(({ type }) => type);
    expect(taken.filter((type) => type !== 'batch.completed')).toEqual([
      'analysis.completed',
      'analysis.completed',
      'media.completed',
    ]);
    expect(taken).toContain('batch.completed');
    expect(received).toEqual([]);
    expect(new Set((await kept()).map(({ state }) => state))).toEqual(new Set(['delivered']));
  });

  test('that is there no more is told nothing', async () => {
    outbox = new WebhookOutbox({
      firestore,
      webhooks,
      receivers,
      queue,
      logger,
      now,
      hasTopic: true,
    });
    const lease = await end(await newMedia());
    await lease.tell();
    await runTasks();
    const givenUp = { state: 'failed', attempts: [{ error: 'no_receiver' }] };
    expect(await kept()).toMatchObject([givenUp, givenUp]);
  });
});

describe('a batch', () => {
  const all = { batch_id: 'batch' };

  test('is told once, when its last media has ended, however many end at once', async () => {
    await register({ events: ['batch.completed'] });
    const media = [await newMedia(all), await newMedia(all), await newMedia(all)];
    const [first, ...others] = media;
    const early = await end(first as MediaRecord, 'failed');
    await early.tell();
    await runTasks();
    expect(received).toEqual([]);
    const late = await Promise.all(others.map((each) => end(each)));
    for (const each of late) await each.tell();
    await Promise.all(
      [...tasks.values()].filter(({ isDone }) => !isDone).map(({ task }) => deliver(task)),
    );
    await runTasks();
    expect(received.map(({ body }) => JSON.parse(body))).toMatchObject([
      { type: 'batch.completed', data: { batch_id: 'batch', total: 3, failed: 1 } },
    ]);
    expect(await kept()).toHaveLength(1);
  });
});
