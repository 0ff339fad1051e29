/** The log of a week: what was sent to a webhook or a `callback_url`, with the outcome. Each entry can be sent again. */
import { type Firestore, Timestamp } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type {
  DeliveryFilter,
  Resent,
  WebhookDelivery,
  WebhookDeliveryList,
} from '@media-analysis/shared/webhooks';
import { badToken, newestFirst, type Page, readPage, tokenOf } from '../../core/media/paging.ts';
import type { MediaRecord } from '../../core/media/record.ts';
import {
  DELIVERIES_COLLECTION,
  type DeliveryRecord,
  deliveryRef,
  KEPT_MS,
} from './delivery-record.ts';
import { ignoreMissing } from './webhooks.ts';

/** Deliveries that `resendMany` sends again at one call. */
const MAX_RESENT = 500;
const AT_A_TIME = 20;

type About = Pick<MediaRecord, 'id' | 'owner_id' | 'batch_id'>;

export class WebhookDeliveries {
  readonly #firestore: Firestore;
  readonly #now: () => number;

  constructor(firestore: Firestore, now: () => number = Date.now) {
    this.#firestore = firestore;
    this.#now = now;
  }

  /** Newest first. @throws {AppError} `invalid_request` for a bad token */
  list(webhookId: string, limit: number, pageToken?: string, filter: DeliveryFilter = {}) {
    const { status, from, to } = filter;
    const deliveries = this.#firestore.collection(DELIVERIES_COLLECTION);
    let all = deliveries.where('webhook_id', '==', webhookId);
    if (status !== undefined) all = all.where('state', '==', status);
    if (from !== undefined) all = all.where('created_at', '>=', toTimestamp(from));
    if (to !== undefined) all = all.where('created_at', '<', toTimestamp(to));
    return readPage<DeliveryRecord>(newestFirst(all), limit, pageToken);
  }

  /**
   * Messages to the `callback_url` about this media and its batch, newest first. They are few, so all are read for each page.
   * @throws {AppError} `invalid_request` for a bad token
   */
  async listCallbacks({ id, owner_id, batch_id }: About, limit: number, pageToken?: string) {
    const all = this.#firestore
      .collection(DELIVERIES_COLLECTION)
      .where('owner_id', '==', owner_id)
      .where('webhook_id', '==', null);
    const ofBatches = all.where('type', '==', 'batch.completed');
    const found = await Promise.all([
      all.where('media_id', '==', id).get(),
      ...(batch_id === undefined ? [] : [ofBatches.where('batch_id', '==', batch_id).get()]),
    ]);
    const sorted = found
      .flatMap(({ docs }) => docs.map((doc) => doc.data() as DeliveryRecord))
      .sort((a, b) => b.created_at.toMillis() - a.created_at.toMillis() || (a.id < b.id ? 1 : -1));
    const before = sorted.findIndex((each) => each.id === pageToken);
    if (pageToken !== undefined && before === -1) throw badToken();
    const records = sorted.slice(before + 1, before + 1 + limit);
    const isMore = sorted.length > before + 1 + limit;
    return { records, nextPageToken: isMore ? records.at(-1)?.id : undefined };
  }

  /** @throws {AppError} `not_found`, also for a delivery of another webhook */
  resend(id: string, webhookId: string): Promise<DeliveryRecord> {
    return this.#resend(id, ({ webhook_id }) => webhook_id === webhookId);
  }

  /**
   * Sends what the filter finds again, as often as it is called: receivers know each event by its id.
   * @throws {AppError} `invalid_request` for a bad token
   */
  async resendMany(
    webhookId: string,
    filter: DeliveryFilter,
    send: (records: readonly DeliveryRecord[]) => Promise<void>,
    pageToken?: string,
  ): Promise<Resent> {
    const page = await this.list(webhookId, MAX_RESENT, pageToken, filter);
    let resent = 0;
    for (let start = 0; start < page.records.length; start += AT_A_TIME) {
      const some = page.records.slice(start, start + AT_A_TIME).map(({ id }) =>
        // Another call may have sent it in the meantime. Then it is in another state.
        this.#resend(id, ({ state }) => state === filter.status).catch(ignoreMissing),
      );
      const again = (await Promise.all(some)).filter((record) => record !== undefined);
      await send(again);
      resent += again.length;
    }
    return { resent, ...tokenOf(page) };
  }

  /** @throws {AppError} `not_found`, also for a delivery to a webhook, and for one about another media */
  resendCallback(id: string, media: About): Promise<DeliveryRecord> {
    return this.#resend(
      id,
      ({ webhook_id, owner_id, media_id, batch_id }) =>
        webhook_id === null &&
        owner_id === media.owner_id &&
        (media_id === media.id || (media_id === null && batch_id === media.batch_id)),
    );
  }

  /** Begins a new round of tries with the same body and event id. */
  async #resend(id: string, isMeant: (record: DeliveryRecord) => boolean): Promise<DeliveryRecord> {
    const unknown = () => new AppError('not_found', 'There is no delivery of that id here.');
    // Firestore reserves names such as __x__.
    if (!/^evt_[\w-]{1,100}$/.test(id)) throw unknown();
    return this.#firestore.runTransaction(async (transaction) => {
      const ref = deliveryRef(this.#firestore, id);
      const record = (await transaction.get(ref)).data() as DeliveryRecord | undefined;
      if (!record || record.body === null || !isMeant(record)) throw unknown();
      const due_at = Timestamp.fromMillis(this.#now());
      const expires_at = Timestamp.fromMillis(this.#now() + KEPT_MS);
      const round = record.round + 1;
      const patch = { state: 'pending' as const, round, tries: 0, due_at, expires_at };
      transaction.update(ref, patch);
      return { ...record, ...patch };
    });
  }
}

export function toDeliveryList(page: Page<DeliveryRecord>): WebhookDeliveryList {
  // A record without a body only checks whether a batch has ended.
  const deliveries = page.records.filter(({ body }) => body !== null).map(toDelivery);
  return { deliveries, ...tokenOf(page) };
}

export function toDelivery(record: DeliveryRecord): WebhookDelivery {
  const { id, event_id, type, state, body, attempts, due_at, created_at } = record;
  const isBlocked = record.waits && record.round === 0 && record.tries === 0;
  return {
    id,
    event_id,
    type,
    state,
    body: body ?? '',
    attempts: attempts.map((each) => ({ ...each, at: toIso(each.at) })),
    next_at: isBlocked ? null : due_at && toIso(due_at),
    created_at: toIso(created_at),
  };
}

const toTimestamp = (time: string) => Timestamp.fromMillis(Date.parse(time));
const toIso = (time: Timestamp) => time.toDate().toISOString();
