/** What was sent to a webhook, and what became of it: the log of a week, and sending something again. */
import { FieldPath, type Firestore, Timestamp } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { WebhookDelivery } from '@media-analysis/shared/webhooks';
import { type Page, readPage } from './media-query.ts';
import {
  DELIVERIES_COLLECTION,
  type DeliveryRecord,
  deliveryRef,
  KEPT_MS,
} from './webhook-outbox.ts';

export class WebhookDeliveries {
  readonly #firestore: Firestore;
  readonly #now: () => number;

  constructor(firestore: Firestore, now: () => number = Date.now) {
    this.#firestore = firestore;
    this.#now = now;
  }

  /** Newest first. @throws {AppError} `invalid_request` for a bad token */
  list(webhookId: string, limit: number, pageToken?: string): Promise<Page<DeliveryRecord>> {
    const query = this.#firestore
      .collection(DELIVERIES_COLLECTION)
      .where('webhook_id', '==', webhookId)
      .orderBy('created_at', 'desc')
      .orderBy(FieldPath.documentId(), 'desc');
    return readPage<DeliveryRecord>(query, limit, pageToken);
  }

  /**
   * Begins a new round of tries, with the same body and the same id of the event.
   * @throws {AppError} `not_found`, also for that of another webhook
   */
  async resend(id: string, webhookId: string): Promise<DeliveryRecord> {
    const unknown = () => new AppError('not_found', 'This webhook has no delivery of that id.');
    if (!/^[\w-]{1,100}$/.test(id)) throw unknown();
    return this.#firestore.runTransaction(async (transaction) => {
      const ref = deliveryRef(this.#firestore, id);
      const record = (await transaction.get(ref)).data() as DeliveryRecord | undefined;
      if (record?.webhook_id !== webhookId || record.body === null) throw unknown();
      const due_at = Timestamp.fromMillis(this.#now());
      const expires_at = Timestamp.fromMillis(this.#now() + KEPT_MS);
      const round = record.round + 1;
      const patch = { state: 'pending' as const, round, tries: 0, due_at, expires_at };
      transaction.update(ref, patch);
      return { ...record, ...patch };
    });
  }
}

export function toDelivery(record: DeliveryRecord): WebhookDelivery {
  const { id, event_id, type, state, body, attempts, due_at, created_at } = record;
  return {
    ...{ id, event_id, type, state, body: body ?? '' },
    attempts: attempts.map((each) => ({ ...each, at: toIso(each.at) })),
    next_at: due_at && toIso(due_at),
    created_at: toIso(created_at),
  };
}

const toIso = (time: Timestamp) => time.toDate().toISOString();
