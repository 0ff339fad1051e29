/**
 * What webhooks are told. Each message is a document, written in the commit that makes it true: what has happened is told
 * even if the process dies right afterwards. Then a task sends it; where that task is lost, the sweeper makes another one.
 *
 * Where nobody is told of a media, nothing is written.
 */
import { type Firestore, Timestamp, type WriteBatch } from '@google-cloud/firestore';
import { isTerminal } from '@media-analysis/shared/status';
import type { WebhookEvent, WebhookPayload } from '@media-analysis/shared/webhooks';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import { type MediaRecord, wantedOf } from '../../core/media/record.ts';
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
import { eventId, type Webhooks } from './webhooks.ts';

/** One event, before it is known who is told. */
interface News {
  event: string;
  type: WebhookEvent;
  payload: WebhookPayload | null;
}

/** Writes that belong to the same commit as a change of a media, and the deliveries that are due after it. */
export interface Announcement {
  write(batch: WriteBatch): void;
  /** Of the media itself. */
  change: Pick<MediaRecord, 'told'>;
  deliveries: readonly DeliveryRecord[];
}

interface OutboxDeps {
  firestore: Firestore;
  webhooks: Pick<Webhooks, 'of'>;
  receivers: Pick<Receivers, 'isSlow'>;
  queue: Pick<WebhookQueue, 'enqueueWebhook'>;
  logger: Logger;
  now?: () => number;
  /** Whether there is a topic, which is told of everything. Absent: there is none. */
  hasTopic?: boolean;
}

export class WebhookOutbox {
  readonly #deps: OutboxDeps;
  readonly #now: () => number;

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    this.#now = deps.now ?? Date.now;
  }

  /** Reads who is told, so that a media which ends does not have to wait for it. What fails here is met again. */
  prepare(ownerId: string): void {
    this.#deps.webhooks.of(ownerId).catch(() => undefined);
  }

  /** @returns undefined if nobody is told of the change */
  async announce(before: MediaRecord, after: MediaRecord): Promise<Announcement | undefined> {
    const news = newsOf(before, after, this.#now());
    if (news.length === 0) return undefined;
    const { owner_id, callback } = after;
    const webhooks = await this.#deps.webhooks.of(owner_id);
    const deliveries = news.flatMap((each) => [
      ...webhooks
        .filter(({ events }) => events.includes(each.type))
        .map(({ id, url }) => {
          const to = { webhook_id: id, callback: null, receiver: receiverAt(url) };
          return this.#delivery(each, after, to);
        }),
      ...(callback && each.type !== 'analysis.completed'
        ? [
            this.#delivery(each, after, {
              webhook_id: null,
              callback,
              receiver: receiverAt(callback.url),
            }),
          ]
        : []),
      ...(this.#deps.hasTopic
        ? [this.#delivery(each, after, { webhook_id: TOPIC, callback: null, receiver: TOPIC })]
        : []),
    ]);
    return deliveries.length === 0 ? undefined : this.#announcement(deliveries, before);
  }

  /**
   * The message that a batch has ended. All its media that find this out make the same one; it is another one only if there
   * are more media by then, or others of them have failed.
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

  /**
   * Has each one sent that does not wait for another one. Never fails: what is left undone is in the documents, and the sweeper
   * does it.
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

  /** Makes the task of the next try, in the queue of its receiver. @returns whether a new task was created */
  async enqueue(
    { id: delivery_id, round, tries, receiver }: DeliveryRecord,
    options: EnqueueOptions = {},
    suffix = '',
  ): Promise<boolean> {
    const { queue, receivers } = this.#deps;
    // A task in the wrong queue is moved when it is delivered.
    const isSlow = receiver !== undefined && (await receivers.isSlow(receiver).catch(() => false));
    return queue.enqueueWebhook({ delivery_id, round, tries }, { ...options, isSlow }, suffix);
  }

  /** Has the message sent that comes after this one, which was taken or given up. To call it twice makes one task. */
  async sendNext({ id, holds }: DeliveryRecord): Promise<void> {
    if (holds === undefined) return;
    const all = this.#deps.firestore.collection(DELIVERIES_COLLECTION);
    const { docs } = await all.where('after', '==', id).limit(1).get();
    const next = docs[0]?.data() as DeliveryRecord | undefined;
    if (next?.state !== 'pending' || next.round > 0 || next.tries > 0) return;
    // The name of the task that has found it waiting is used up.
    await this.enqueue(next, {}, next.waits ? '-next' : '');
  }

  #announcement(unordered: readonly DeliveryRecord[], before: MediaRecord): Announcement {
    const { ordered: deliveries, told } = inOrder(unordered, before.told);
    return {
      deliveries,
      change: { told },
      // `set`: its id is that of the event and the receiver, so a commit that is repeated writes the same.
      write: (batch) => {
        for (const each of deliveries) batch.set(deliveryRef(this.#deps.firestore, each.id), each);
      },
    };
  }

  #delivery(
    { event, type, payload }: News,
    { id, owner_id, batch_id = null }: { id?: string; owner_id: string; batch_id?: string | null },
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

/** What a write changes that somebody may want to know. */
export function newsOf(before: MediaRecord, after: MediaRecord, nowMs: number): News[] {
  const { id: media_id, owner_id, attempts: attempt, revision, batch_id = null, status } = after;
  const timestamp = new Date(nowMs).toISOString();
  const about = { owner_id, media_id, batch_id, revision, attempt };
  const news: News[] = [];
  const analysis = madeBetween(before, after);
  if (analysis !== undefined) {
    const type = 'analysis.completed' as const;
    const event = eventId(type, media_id, attempt, analysis);
    news.push({ event, type, payload: { type, timestamp, data: { ...about, analysis } } });
  }
  if (!isTerminal(status) || isTerminal(before.status)) return news;
  const type = status === 'completed' ? ('media.completed' as const) : ('media.failed' as const);
  const data = { ...about, error_code: after.error_code };
  news.push({ event: eventId(type, media_id, attempt), type, payload: { type, timestamp, data } });
  if (batch_id !== null) {
    // Whether it was the last one is found out when this is sent: no media waits for that.
    const event = eventId('batch of', media_id, attempt);
    news.push({ event, type: 'batch.completed', payload: null });
  }
  return news;
}

/** The analysis that was made with this write; undefined: none was, or it has failed. */
function madeBetween(before: MediaRecord, after: MediaRecord): string | undefined {
  const [name, ...rest] = wantedOf(before);
  if (name === undefined || wantedOf(after).length !== rest.length) return undefined;
  const isMade =
    name === DESCRIBE
      ? !after.failure && after.analytics !== null
      : after.analyses?.[name]?.status === 'completed';
  return isMade ? name : undefined;
}
