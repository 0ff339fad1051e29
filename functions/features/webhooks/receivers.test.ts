/**
 * Good, slow and silent receivers at the same time, with the deployed numbers of slots in the two queues, and a new instance for each
 * delivery. It uses the local Firestore, and a clock that moves only when every delivery waits for a receiver.
 */
import { Firestore, Timestamp } from '@google-cloud/firestore';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { WebhookTask } from '@media-analysis/shared/webhooks';
import pino from 'pino';
import { AT_A_TIME } from '../../../local/base/provision.ts';
import { startFirestore } from '../../../local-cloud/firestore/server.ts';
import { isLong } from '../../../test/support/long-test.ts';
import { deliverWebhook } from './deliver.ts';
import { type DeliveryRecord, deliveryRef } from './delivery-record.ts';
import { WebhookOutbox } from './outbox.ts';
import { PostError } from './post.ts';
import { Receivers, receiverAt } from './receivers.ts';
import { Webhooks } from './webhooks.ts';

const PHOTOS = isLong ? 64 : 40;
/** Photos end one after another. */
const BETWEEN_MS = 250;
/** Time that the good receiver needs. */
const ANSWER_MS = 100;
const GOOD = 'https://good.example/hook';
const SILENT = 'https://silent.example/hook';
const SLOW = Array.from({ length: 20 }, (_, n) => `https://slow${n}.example/hook`);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

interface Sent {
  url: string;
  /** The number of the photo. */
  photo: number;
  beganMs: number;
  endedMs: number;
  isTaken: boolean;
}

let service: Awaited<ReturnType<typeof startFirestore>>;
let firestore: Firestore;

beforeAll(async () => {
  service = await startFirestore();
  const { host, port } = service;
  process.env.METADATA_SERVER_DETECTION ??= 'none';
  firestore = new Firestore({ projectId: 'receivers', host: `${host}:${port}`, ssl: false });
});
afterAll(async () => {
  await firestore.terminate();
  await service.close();
});
beforeEach(async () => {
  for (const name of ['webhooks', 'webhook_deliveries', 'webhook_receivers']) {
    await firestore.recursiveDelete(firestore.collection(name));
  }
});

/** Two queues with their slots, and receivers that need time. */
class World {
  nowMs = Date.parse('2026-12-01T10:00:00Z');
  readonly beganMs = this.nowMs;
  readonly sent: Sent[] = [];
  /** Time that each receiver needs; infinity for no answer. */
  answerMs = (url: string): number =>
    url === GOOD ? ANSWER_MS : url === SILENT ? Number.POSITIVE_INFINITY : 5 * SECOND;
  readonly #tasks: { task: WebhookTask; isSlow: boolean; dueMs: number }[] = [];
  readonly #names = new Set<string>();
  readonly #running = { webhook: 0, slow_webhook: 0 };
  readonly #alarms: { atMs: number; ring: () => void }[] = [];
  /** Deliveries that do not wait for a receiver. */
  #busy = 0;
  readonly #failures: unknown[] = [];
  #changed = Promise.withResolvers<void>();

  readonly #queue = {
    enqueueWebhook: async (
      task: WebhookTask,
      { delayMs = 0, isSlow = false } = {},
      suffix = '',
    ) => {
      const name = `${isSlow}/${task.delivery_id}-${task.round}-${task.tries}${suffix}`;
      if (this.#names.has(name)) return false;
      this.#names.add(name);
      this.#tasks.push({ task, isSlow, dueMs: this.nowMs + delayMs });
      return true;
    },
  };

  /** A new instance. */
  #instance() {
    const now = () => this.nowMs;
    const webhooks = new Webhooks(firestore, now);
    const receivers = new Receivers(firestore, now);
    const logger = pino({ level: 'silent' });
    const queue = this.#queue;
    const shared = { firestore, webhooks, receivers, queue, logger, now };
    return {
      ...shared,
      outbox: new WebhookOutbox(shared),
      post: this.#post,
      keys: { callbackSecret: async () => 'whsec_c2VjcmV0' },
      loopback: 'refuse' as const,
      random: () => 0,
    };
  }

  readonly #post = async (
    url: string,
    _headers: Record<string, string>,
    body: string,
    { timeoutMs }: { timeoutMs: number },
  ): Promise<number> => {
    const isTaken = this.answerMs(url) <= timeoutMs;
    const endedMs = this.nowMs + Math.min(this.answerMs(url), timeoutMs);
    const { photo } = JSON.parse(body);
    this.sent.push({ url, photo, beganMs: this.nowMs, endedMs, isTaken });
    await this.#until(endedMs);
    if (!isTaken) throw new PostError('timeout');
    return 200;
  };

  async #until(atMs: number): Promise<void> {
    this.#rest();
    await new Promise<void>((ring) => {
      this.#alarms.push({ atMs, ring });
    });
  }

  #rest(): void {
    this.#busy--;
    this.#changed.resolve();
  }

  after(ms: number, happen: () => Promise<void>): void {
    const atMs = this.nowMs + ms;
    this.#alarms.push({ atMs, ring: () => this.#work(happen()) });
  }

  #work(work: Promise<void>): void {
    work.catch((error: unknown) => this.#failures.push(error)).finally(() => this.#rest());
  }

  /** Sends a message to each receiver, as the worker does at the end of a photo. */
  async tell(photo: number, to: readonly Partial<DeliveryRecord>[]): Promise<void> {
    const { outbox } = this.#instance();
    const at = Timestamp.fromMillis(this.nowMs);
    const records = to.map(
      (each): DeliveryRecord => ({
        id: `evt_${photo}-${each.webhook_id ?? each.receiver?.slice(8)}`,
        owner_id: 'alice',
        event_id: `evt_${photo}`,
        type: 'media.completed',
        media_id: `media${photo}`,
        batch_id: null,
        webhook_id: null,
        callback: null,
        body: JSON.stringify({ photo }),
        state: 'pending',
        round: 0,
        tries: 0,
        attempts: [],
        due_at: at,
        created_at: at,
        expires_at: at,
        ...each,
      }),
    );
    const batch = firestore.batch();
    for (const each of records) batch.set(deliveryRef(firestore, each.id), each);
    await batch.commit();
    await outbox.send(records);
  }

  /** @param isOver Called before each move of the clock. */
  async run(isOver: () => boolean = () => false): Promise<void> {
    for (;;) {
      this.#start();
      while (this.#busy > 0) {
        await this.#changed.promise;
        this.#changed = Promise.withResolvers();
        this.#start();
      }
      if (this.#failures.length > 0) throw this.#failures[0];
      const next = Math.min(
        ...this.#tasks.map(({ dueMs }) => dueMs).filter((dueMs) => dueMs > this.nowMs),
        ...this.#alarms.map(({ atMs }) => atMs),
      );
      if (isOver() || next === Number.POSITIVE_INFINITY) return;
      this.nowMs = next;
      const due = this.#alarms.filter(({ atMs }) => atMs <= this.nowMs);
      for (const alarm of due) this.#alarms.splice(this.#alarms.indexOf(alarm), 1);
      this.#busy += due.length;
      for (const { ring } of due) ring();
    }
  }

  /** Delivers each due task for which its queue has a slot. */
  #start(): void {
    for (const kind of ['webhook', 'slow_webhook'] as const) {
      while (this.#running[kind] < AT_A_TIME[kind]) {
        const [first] = this.#tasks
          .filter((each) => each.isSlow === (kind === 'slow_webhook') && each.dueMs <= this.nowMs)
          .toSorted((a, b) => a.dueMs - b.dueMs);
        if (!first) break;
        this.#tasks.splice(this.#tasks.indexOf(first), 1);
        this.#running[kind]++;
        this.#busy++;
        const { signal } = new AbortController();
        const options = { signal, isInSlowQueue: first.isSlow };
        this.#work(
          deliverWebhook(first.task, this.#instance(), options).then(({ done }) => {
            this.#running[kind]--;
            if (!done) throw new Error('A delivery was not done.');
          }),
        );
      }
    }
  }

  /** Time of each message to a receiver, since the beginning. */
  toldMs(url: string): number[] {
    return this.sent
      .filter((each) => each.url === url && each.isTaken)
      .toSorted((a, b) => a.photo - b.photo)
      .map(({ endedMs }) => endedMs - this.beganMs);
  }
}

/** A webhook of each address. */
async function register(urls: readonly string[], owner_id: string | null = null) {
  const webhooks = new Webhooks(firestore);
  const given = { events: ['media.completed' as const], owner_id, key_id: 'key_1' };
  const made = await Promise.all(urls.map((url) => webhooks.create({ ...given, url })));
  return made.map(({ id, url }) => ({ webhook_id: id, receiver: receiverAt(url) }));
}

const toCallback = (url: string) => ({
  webhook_id: null,
  callback: { url, key_id: 'key_1' },
  receiver: receiverAt(url),
});

/** Ends photos one after another, until the good receiver has all messages. */
async function sendPhotos(world: World, to: readonly Partial<DeliveryRecord>[], photos = PHOTOS) {
  for (let photo = 0; photo < photos; photo++) {
    world.after(photo * BETWEEN_MS, () => world.tell(photo, to));
  }
  await world.run(() => world.toldMs(GOOD).length === photos);
}

/** Delay of each message to the good receiver, compared with being the only receiver. */
const latenessOf = (world: World, sinceMs = 0) =>
  world.toldMs(GOOD).map((ms, photo) => ms - sinceMs - photo * BETWEEN_MS - ANSWER_MS);

const requestsTo = (world: World, ...urls: string[]) =>
  world.sent.filter(({ url }) => urls.includes(url));

describe('beside one silent and twenty slow receivers', () => {
  test('a good one is told of all photos as if it were alone, once it is known how the others are', async () => {
    const world = new World();
    const to = await register([SILENT, ...SLOW, GOOD]);
    expect(to.length).toBeGreaterThan(AT_A_TIME.webhook + AT_A_TIME.slow_webhook);
    await sendPhotos(world, to);
    const lateness = latenessOf(world);
    // Each of them has used one slot once, for the short time of a first request.
    const once = Math.ceil((to.length - 1) / AT_A_TIME.webhook) * 2 * SECOND;
    expect(Math.max(...lateness)).toBeLessThanOrEqual(once);
    // Messages that waited for that arrive two seconds later.
    const known = lateness.slice((once + 2 * SECOND) / BETWEEN_MS);
    expect(known.length).toBeGreaterThan(0);
    expect(new Set(known)).toEqual(new Set([0]));
    expect(requestsTo(world, SILENT).length).toBeLessThanOrEqual(3);
    // Messages that the slow receivers have not taken yet are not lost.
    await world.run(() => SLOW.every((url) => new Set(world.toldMs(url)).size >= 3));
  });

  test('is told at once hours later: it is still known how the others are', async () => {
    const world = new World();
    const to = await register([SILENT, ...SLOW.slice(0, 9), GOOD]);
    await sendPhotos(world, to, 1);
    // Hours later, without a message in between.
    world.nowMs += 5 * 60 * MINUTE;
    const sinceMs = world.nowMs - world.beganMs;
    const before = world.sent.length;
    for (let photo = 1; photo < 6; photo++) {
      world.after(0, () => world.tell(photo, to));
    }
    await world.run(() => world.toldMs(GOOD).length === 6);
    expect(world.toldMs(GOOD).slice(1)).toEqual(Array(5).fill(sinceMs + ANSWER_MS));
    expect(world.sent.slice(before).filter(({ url }) => url === GOOD)).toHaveLength(5);
  });

  test('addresses of requests at one host share what is its own', async () => {
    const world = new World();
    const [good] = await register([GOOD]);
    for (let photo = 0; photo < PHOTOS; photo++) {
      const to = toCallback(`https://silent.example/done/${photo}`);
      world.after(photo * BETWEEN_MS, () => world.tell(photo, [to, good ?? {}]));
    }
    world.answerMs = (url) => (url === GOOD ? ANSWER_MS : Number.POSITIVE_INFINITY);
    await world.run(() => world.toldMs(GOOD).length === PHOTOS);
    const silent = world.sent.filter(({ url }) => url !== GOOD);
    // Requests that began before the first one failed, and one request after a second.
    expect(silent.length).toBeLessThanOrEqual(AT_A_TIME.webhook + 2);
    expect(latenessOf(world).at(-1)).toBe(0);
  });
});

test('an owner who names new silent receivers without end holds places for some of them alone', async () => {
  const world = new World();
  const urls = Array.from({ length: 60 }, (_, n) => `https://new${n}.example/`);
  world.answerMs = () => Number.POSITIVE_INFINITY;
  for (const [photo, url] of urls.entries()) {
    world.after(photo * BETWEEN_MS, () => world.tell(photo, [toCallback(url)]));
  }
  await world.run(() => urls.every((url) => requestsTo(world, url).length > 0));
  const short = world.sent.filter(({ beganMs, endedMs }) => endedMs - beganMs <= 2 * SECOND);
  expect(short.length).toBeGreaterThanOrEqual(32);
  expect(short.length).toBeLessThan(32 + AT_A_TIME.webhook);
});

describe('a receiver', () => {
  const addressee = { receiver: 'https://a.example', registrant: 'alice' };
  const late = { status: null, duration_ms: 2_000 };
  const slow = { status: 200, duration_ms: 1_001 };
  const quick = { status: 200, duration_ms: 1_000 };
  let nowMs: number;
  beforeEach(() => {
    nowMs = Date.parse('2026-12-01T10:00:00Z');
  });
  /** Each call uses a new instance. */
  const receivers = () => new Receivers(firestore, () => nowMs);
  const turn = (isInSlowQueue: boolean, force?: 'by_hand') =>
    receivers().turn(addressee, isInSlowQueue, force);

  /** Sends a message and notes the outcome. @returns the kind of turn, if nothing was sent */
  async function ask(isInSlowQueue: boolean, outcome: typeof quick | typeof late) {
    const now = await turn(isInSlowQueue);
    if (now.kind !== 'send') return now.kind;
    await receivers().note(addressee, now.seen, outcome);
    return outcome;
  }
  const kept = async () => (await firestore.collection('webhook_receivers').get()).size;

  test('that is quick costs no document', async () => {
    expect(await ask(false, quick)).toBe(quick);
    expect(await kept()).toBe(0);
    expect(await receivers().isSlow(addressee.receiver)).toBe(false);
  });

  test('that was slow is in the queue of slow receivers until it was quick there, after a minute', async () => {
    await ask(false, slow);
    expect(await receivers().isSlow(addressee.receiver)).toBe(true);
    expect(await turn(false)).toEqual({ kind: 'move' });
    expect(await ask(true, quick)).toBe(quick);
    expect(await turn(false)).toEqual({ kind: 'move' });
    nowMs += MINUTE;
    expect(await ask(true, slow)).toBe(slow);
    expect(await turn(false)).toEqual({ kind: 'move' });
    expect(await ask(true, quick)).toBe(quick);
    expect(await turn(false)).toMatchObject({ kind: 'send' });
  });

  test('that is slow by turns stays slow for twice as long each time', async () => {
    for (const minutes of [1, 2, 4, 8]) {
      await ask(false, late);
      nowMs += minutes * MINUTE - 1;
      await ask(true, quick);
      expect(await turn(false)).toEqual({ kind: 'move' });
      nowMs += 1;
      await ask(true, quick);
      expect(await turn(false)).toMatchObject({ kind: 'send' });
    }
  });

  test('that does not answer is asked by one message at a time, after pauses that grow', async () => {
    await ask(false, late);
    expect(await turn(true)).toEqual({ kind: 'silent' });
    for (const seconds of [1, 5, 30, 120, 600, 600]) {
      nowMs += seconds * SECOND - 1;
      expect(await turn(true)).toEqual({ kind: 'silent' });
      nowMs += 1;
      const turns = await Promise.all(Array.from({ length: 8 }, () => turn(true)));
      const [asking, ...others] = turns.filter(({ kind }) => kind === 'send');
      expect(others).toEqual([]);
      if (asking?.kind !== 'send') throw new Error('Nobody asks.');
      nowMs += asking.timeoutMs;
      await receivers().note(addressee, asking.seen, late);
    }
  });

  test('that does not answer is asked by one message at a time, however many are sent again by hand', async () => {
    await ask(false, late);
    for (let round = 0; round < 7; round++) {
      const asking = await turn(true, 'by_hand');
      if (asking.kind !== 'send') throw new Error('Nobody asks.');
      nowMs += asking.timeoutMs - 1;
      expect(await turn(true, 'by_hand')).toEqual({ kind: 'silent' });
      nowMs += 1;
      await receivers().note(addressee, asking.seen, late);
      // Without a word by hand the pause counts.
      expect(await turn(true)).toEqual({ kind: 'silent' });
    }
  });

  test('that answers again, however slowly, is asked by all messages', async () => {
    await ask(false, late);
    nowMs += SECOND;
    await ask(true, slow);
    const turns = await Promise.all([turn(true), turn(true), turn(true)]);
    expect(turns.map(({ kind }) => kind)).toEqual(['send', 'send', 'send']);
  });

  test('whose request was broken off is asked again later', async () => {
    await ask(false, late);
    nowMs += SECOND;
    expect(await turn(true)).toMatchObject({ kind: 'send' });
    nowMs += 16 * SECOND;
    expect(await turn(true)).toMatchObject({ kind: 'send' });
  });
});
