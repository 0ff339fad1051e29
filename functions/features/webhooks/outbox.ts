/**
 * A transactional outbox. Each message is a document, written in the commit of the change that it tells of. So it is sent even if
 * the process dies right after the commit. A task sends it; if the task is lost, the sweeper creates another one.
 *
 * If no receiver wants a message, nothing is written.
 */
import { randomUUID } from 'node:crypto';
import { type Firestore, Timestamp } from '@google-cloud/firestore';
import { isTerminal } from '@media-analysis/shared/status';
import {
  type WebhookEvent,
  type WebhookPayload,
  webhookPayloadSchema,
} from '@media-analysis/shared/webhooks';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import type { Addition, Move } from '../../core/media/moments.ts';
import { isAnnounced, type MediaRecord, wantedOf } from '../../core/media/record.ts';
import type { EnqueueOptions } from '../../core/media/task-queue.ts';
import type { Logger } from '../../process/log.ts';
import {
  DELIVERIES_COLLECTION,
  type DeliveryRecord,
  deliveryRef,
  KEPT_MS,
  TOPIC,
} from './delivery-record.ts';
import { inOrder } from './order.ts';
import type { WebhookQueue } from './queue.ts';
import { type Receivers, receiverAt } from './receivers.ts';
import { eventId, type WebhookRecord, type Webhooks } from './webhooks.ts';

/** An event, before its receivers are known. */
interface News {
  event: string;
  type: WebhookEvent;
  payload: WebhookPayload | null;
}

type About = Pick<MediaRecord, 'owner_id' | 'callback'> & { id?: string; batch_id?: string | null };

/** `change` is for the media itself. The deliveries are due after the commit. */
export interface Announcement extends Addition {
  deliveries: readonly DeliveryRecord[];
}

/** Of all other events, a request's own address is not told. */
const AT_CALLBACKS: readonly string[] = ['media.completed', 'media.failed', 'batch.completed'];

interface OutboxDeps {
  firestore: Firestore;
  webhooks: Pick<Webhooks, 'of'>;
  receivers: Pick<Receivers, 'isSlow'>;
  queue: Pick<WebhookQueue, 'enqueueWebhook'>;
  logger: Logger;
  now?: () => number;
  /** True if the deployment has a topic. It gets every event. */
  hasTopic?: boolean;
}

export class WebhookOutbox {
  readonly #deps: OutboxDeps;
  readonly #now: () => number;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
  }

  /** Reads the webhooks ahead, so that the end of a media does not wait for them. `announce` meets an error again. */
  prepare(ownerId: string): void {
    this.#deps.webhooks.of(ownerId).catch(() => undefined);
  }

  /** @returns undefined if no receiver wants the change */
  async announce(before: MediaRecord, after: MediaRecord): Promise<Announcement | undefined> {
    const news = newsOf(before, after, this.#now());
    if (news.length === 0) return undefined;
    const deliveries = (await Promise.all(news.map((each) => this.#addressed(each, after)))).flat();
    return deliveries.length === 0 ? undefined : this.#announcement(deliveries, before);
  }

  /** That a media has come to the library, or has left it. */
  async moved(record: MediaRecord, how: Move): Promise<Addition | undefined> {
    // Nobody was told of a media without bytes. With an owner, all messages about the owner go.
    if (how === 'owner' || isAnnounced(record)) return undefined;
    const isLeaving = how !== 'accepted' && how !== 'restored';
    const revision = record.revision + (isLeaving ? 1 : 0);
    const deliveries = await this.#addressed(moveOf(record, how, revision, this.#now()), record);
    if (deliveries.length === 0) return undefined;
    const announcement = this.#announcement(deliveries, record);
    // In the bin too, so that the events of its return and of its erasure are newer.
    return { ...announcement, change: { ...announcement.change, ...(isLeaving && { revision }) } };
  }

  async jobEnded(kind: string, owner_id: string, job: { id: string }): Promise<Addition> {
    const timestamp = new Date(this.#now()).toISOString();
    const type = `${kind}.ended` as WebhookEvent;
    const data = { ...job, owner_id, [`${kind}_id`]: job.id };
    const payload = webhookPayloadSchema.parse({ type, timestamp, data });
    const news = { event: eventId(type, job.id), type, payload };
    return this.#announcement(await this.#addressed(news, { owner_id }), {});
  }

  /** The message to each receiver that wants it. */
  async #addressed(news: News, about: About): Promise<DeliveryRecord[]> {
    const { owner_id, callback } = about;
    const webhooks = await this.#deps.webhooks.of(owner_id);
    const wanted = webhooks.filter(({ events }) => events.includes(news.type));
    const own = callback && AT_CALLBACKS.includes(news.type) ? [callback] : [];
    const receivers = [
      ...wanted.map(({ id, url }) => ({ webhook_id: id, callback: null, at: receiverAt(url) })),
      ...own.map((each) => ({ webhook_id: null, callback: each, at: receiverAt(each.url) })),
      ...(this.#deps.hasTopic ? [{ webhook_id: TOPIC, callback: null, at: TOPIC }] : []),
    ];
    return receivers.map(({ at, ...to }) => this.#delivery(news, about, { ...to, receiver: at }));
  }

  /**
   * The message that a batch has ended. Several media may create it: its id is the same unless the number of media, or of failed
   * ones, differs.
   */
  batchCompleted(
    { webhook_id, callback, receiver, owner_id, batch_id }: DeliveryRecord,
    { total, failed }: { total: number; failed: number },
  ): DeliveryRecord {
    const batch = batch_id ?? '';
    const timestamp = new Date(this.#now()).toISOString();
    const event = eventId('batch', owner_id, batch, total, failed);
    const type = 'batch.completed' as const;
    const payload = { type, timestamp, data: { owner_id, batch_id: batch, total, failed } };
    const to = { webhook_id, callback, ...(receiver !== undefined && { receiver }) };
    return this.#delivery({ event, type, payload }, { owner_id, batch_id: batch }, to);
  }

  /** Sends a test event to one webhook. */
  async test({ id: webhook_id, url, owner_id }: WebhookRecord): Promise<DeliveryRecord> {
    const type = 'webhook.test' as const;
    const timestamp = new Date(this.#now()).toISOString();
    const payload = { type, timestamp, data: { owner_id, webhook_id } };
    const news = { event: eventId(type, randomUUID()), type, payload };
    const to = { webhook_id, callback: null, receiver: receiverAt(url) };
    const record = this.#delivery(news, { owner_id: owner_id ?? '' }, to);
    await deliveryRef(this.#deps.firestore, record.id).create(record);
    await this.send([record]);
    return record;
  }

  /**
   * Creates a task for each message that waits for no other. Never fails: the documents say what is left, and the sweeper does it.
   */
  async send(deliveries: readonly DeliveryRecord[]): Promise<void> {
    const tasks = deliveries
      .filter(({ waits, round }) => !waits || round > 0)
      .map((delivery) =>
        this.enqueue(delivery).catch((error: unknown) => {
          const { logger } = this.#deps;
          logger.error({ delivery_id: delivery.id, error }, 'not enqueued; the sweeper will do it');
        }),
      );
    await Promise.all(tasks);
  }

  /** @returns true if a new task was created */
  async enqueue(
    { id: delivery_id, round, tries, receiver }: DeliveryRecord,
    options: EnqueueOptions = {},
    suffix = '',
  ): Promise<boolean> {
    const { queue, receivers } = this.#deps;
    // If the queue is wrong, the delivery moves the task.
    const isSlow = receiver !== undefined && (await receivers.isSlow(receiver).catch(() => false));
    return queue.enqueueWebhook({ delivery_id, round, tries }, { ...options, isSlow }, suffix);
  }

  /** Call it when a message was taken or given up: the one that waits for it goes next. Two calls create one task. */
  async sendNext({ id, holds }: DeliveryRecord): Promise<void> {
    if (holds === undefined) return;
    const all = this.#deps.firestore.collection(DELIVERIES_COLLECTION);
    const { docs } = await all.where('after', '==', id).limit(1).get();
    const next = docs[0]?.data() as DeliveryRecord | undefined;
    if (next?.state !== 'pending' || next.round > 0 || next.tries > 0) return;
    // A task that found it waiting has used the plain name already.
    await this.enqueue(next, {}, next.waits ? '-next' : '');
  }

  #announcement(
    unordered: readonly DeliveryRecord[],
    before: Pick<MediaRecord, 'told'>,
  ): Announcement {
    const { ordered: deliveries, told } = inOrder(unordered, before.told);
    return {
      deliveries,
      change: { told },
      // `set`, because Firestore's client may repeat a commit. The id comes from the event and the receiver.
      write: (to) => {
        for (const each of deliveries) to.set(deliveryRef(this.#deps.firestore, each.id), each);
      },
      after: () => this.send(deliveries),
    };
  }

  #delivery(
    { event, type, payload }: Omit<News, 'type'> & Pick<DeliveryRecord, 'type'>,
    { id, owner_id, batch_id = null }: About,
    to: Pick<DeliveryRecord, 'webhook_id' | 'callback' | 'receiver'>,
  ): DeliveryRecord {
    const created_at = Timestamp.fromMillis(this.#now());
    return {
      id: `${event}-${to.webhook_id ?? 'callback'}`,
      event_id: event,
      ...to,
      type,
      owner_id,
      batch_id,
      media_id: type === 'batch.completed' ? null : (id ?? null),
      body: payload && JSON.stringify(payload),
      state: 'pending',
      round: 0,
      tries: 0,
      attempts: [],
      due_at: created_at,
      created_at,
      expires_at: Timestamp.fromMillis(this.#now() + KEPT_MS),
    };
  }
}

const MOVES: Partial<Record<Move, WebhookEvent>> = {
  accepted: 'media.created',
  restored: 'media.restored',
};

/** A media may be imported again after its erasure, with the same id: the time of its acceptance tells the two apart. */
function moveOf(record: MediaRecord, how: Move, revision: number, nowMs: number): News {
  const { id: media_id, owner_id, batch_id = null, attempts: attempt, created_at } = record;
  const { metadata, external_id } = record;
  const timestamp = new Date(nowMs).toISOString();
  const type = MOVES[how] ?? 'media.deleted';
  const permanently = how !== 'binned';
  const about = { owner_id, media_id, batch_id, revision, attempt, metadata, external_id };
  const data = { ...about, permanently };
  const payload = webhookPayloadSchema.parse({ type, timestamp, data });
  return { event: eventId(type, media_id, created_at.toMillis(), revision), type, payload };
}

export function newsOf(before: MediaRecord, after: MediaRecord, nowMs: number): News[] {
  const { id: media_id, owner_id, attempts: attempt, revision, batch_id = null, status } = after;
  const { metadata, external_id } = after;
  const acceptedMs = after.created_at.toMillis();
  const timestamp = new Date(nowMs).toISOString();
  const about = { owner_id, media_id, batch_id, revision, attempt, metadata, external_id };
  const news: News[] = [];
  const analysis = completedAnalysis(before, after);
  if (analysis !== undefined) {
    const type = 'analysis.completed' as const;
    const event = eventId(type, media_id, acceptedMs, attempt, analysis);
    news.push({ event, type, payload: { type, timestamp, data: { ...about, analysis } } });
  }
  if (!isTerminal(status) || isTerminal(before.status)) return news;
  const type = status === 'completed' ? ('media.completed' as const) : ('media.failed' as const);
  const data = { ...about, error_code: after.error_code };
  const event = eventId(type, media_id, acceptedMs, attempt);
  news.push({ event, type, payload: { type, timestamp, data } });
  if (batch_id !== null) {
    // The delivery finds out whether this was the last media. No media waits for that.
    const event = eventId('batch of', media_id, acceptedMs, attempt);
    news.push({ event, type: 'batch.completed', payload: null });
  }
  return news;
}

/** @returns the analysis that this write completes, if it does */
function completedAnalysis(before: MediaRecord, after: MediaRecord): string | undefined {
  const [name, ...rest] = wantedOf(before);
  if (name === undefined || wantedOf(after).length !== rest.length) return undefined;
  const isMade =
    name === DESCRIBE
      ? !after.failure && after.analytics !== null
      : after.analyses?.[name]?.status === 'completed';
  return isMade ? name : undefined;
}
