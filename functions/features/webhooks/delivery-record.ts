/** The document of one message to one receiver. */
import type { DocumentReference, Firestore, Timestamp } from '@google-cloud/firestore';
import type { WebhookAttempt, WebhookDelivery } from '@media-analysis/shared/webhooks';
import type { MediaRecord } from '../../core/media/record.ts';

export const DELIVERIES_COLLECTION = 'webhook_deliveries';

/** Stands for the id of a webhook: the Pub/Sub topic, which gets all events. */
export const TOPIC = 'topic';

export const KEPT_MS = 7 * 24 * 3_600_000;

export interface DeliveryRecord {
  id: string;
  event_id: string;
  type: WebhookDelivery['type'];
  /** `topic` for the topic of the deployment; null for `callback`. */
  webhook_id: string | null;
  callback: MediaRecord['callback'] | null;
  /** See `receivers.ts`. Earlier versions did not write it. */
  receiver?: string;
  owner_id: string;
  /** Null if the message is about a batch. Earlier versions did not write it. */
  media_id?: string | null;
  batch_id: string | null;
  /** Sent byte for byte. Null if the delivery only checks whether a batch has ended. */
  body: string | null;
  state: WebhookDelivery['state'];
  /** Grows each time that somebody sends it again. */
  round: number;
  /** Number of tries in this round. */
  tries: number;
  /** The message about the same media that this receiver must get first, if there is one. */
  after?: string;
  /** True until it was taken or given up for the first time: the next message waits for it. Messages without an order lack it. */
  holds?: boolean;
  /** True while it waits for the message in `after`, whose end creates the task of this one. */
  waits?: boolean;
  attempts: (Omit<WebhookAttempt, 'at'> & { at: Timestamp })[];
  /** Time of the next try; null if there is none. */
  due_at: Timestamp | null;
  created_at: Timestamp;
  /** The TTL policy of the collection reads it. */
  expires_at: Timestamp;
}

export function deliveryRef(firestore: Firestore, id: string): DocumentReference {
  return firestore.collection(DELIVERIES_COLLECTION).doc(id);
}
