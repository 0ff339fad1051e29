/** The document of one message to one receiver. */
import type { DocumentReference, Firestore, Timestamp } from '@google-cloud/firestore';
import type {
  WebhookAttempt,
  WebhookDelivery,
  WebhookEvent,
} from '@media-analysis/shared/webhooks';
import type { CollectionName } from '../../core/media/collections.ts';
import type { MediaRecord } from '../../core/media/record.ts';

export const DELIVERIES_COLLECTION: CollectionName = 'webhook_deliveries';

/** In place of the id of a webhook: the topic of Pub/Sub that gets all events. */
export const TOPIC = 'topic';

/** For so long a delivery can be looked at, and sent again. */
export const KEPT_MS = 7 * 24 * 3_600_000;

export interface DeliveryRecord {
  id: string;
  event_id: string;
  type: WebhookEvent;
  /** `topic`: the receiver is the topic of the deployment. Null: it is `callback`. */
  webhook_id: string | null;
  callback: MediaRecord['callback'] | null;
  /** Who answers there: see `receivers.ts`. Records of earlier versions do not have it. */
  receiver?: string;
  owner_id: string;
  /** Null: it is about a batch. Records of earlier versions do not have it. */
  media_id?: string | null;
  batch_id: string | null;
  /** What is sent, byte for byte. Null: it is yet to be found out whether a batch has ended. */
  body: string | null;
  state: WebhookDelivery['state'];
  /** Grows when somebody has it sent again. */
  round: number;
  /** How often it was tried in this round. */
  tries: number;
  /** The message about the same media that this receiver gets first. Absent: there is none, or it has no order. */
  after?: string;
  /** Whether the next one waits for it: until it was taken or given up for the first time. Absent: it has no order. */
  holds?: boolean;
  /** It waits for the one before it, whose end makes its task. */
  waits?: boolean;
  attempts: (Omit<WebhookAttempt, 'at'> & { at: Timestamp })[];
  /** When it is tried next. Null: it is not. */
  due_at: Timestamp | null;
  created_at: Timestamp;
  /** The TTL policy of the collection deletes the record by it. */
  expires_at: Timestamp;
}

export function deliveryRef(firestore: Firestore, id: string): DocumentReference {
  return firestore.collection(DELIVERIES_COLLECTION).doc(id);
}
