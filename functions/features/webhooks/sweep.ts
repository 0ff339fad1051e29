/** Creates tasks for messages that are long overdue: their tasks were lost, or never created. */
import { type Firestore, type QueryDocumentSnapshot, Timestamp } from '@google-cloud/firestore';
import type { Logger } from '../../process/log.ts';
import { DELIVERIES_COLLECTION, type DeliveryRecord } from './delivery-record.ts';
import type { WebhookOutbox } from './outbox.ts';

interface SweepDeps {
  firestore: Firestore;
  outbox: Pick<WebhookOutbox, 'enqueue'>;
  logger: Logger;
  /** A message that is overdue for this time has lost its task. In milliseconds. */
  quietMs: number;
  now: () => number;
}

const PAGE = 300;
const PAGES = 10;
const AT_A_TIME = 20;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** @returns the number of new tasks */
export async function sweepWebhooks(deps: SweepDeps): Promise<number> {
  const { firestore, logger, now, quietMs } = deps;
  const overdue = firestore
    .collection(DELIVERIES_COLLECTION)
    .where('due_at', '<', Timestamp.fromMillis(now() - quietMs))
    .orderBy('due_at')
    .limit(PAGE);
  let made = 0;
  let overdueMs = 0;
  let last: QueryDocumentSnapshot | undefined;
  for (let page = 0; page < PAGES; page++) {
    const { docs } = await (last ? overdue.startAfter(last) : overdue).get();
    for (let start = 0; start < docs.length; start += AT_A_TIME) {
      const created = docs.slice(start, start + AT_A_TIME).map((doc) => enqueue(doc, deps));
      made += (await Promise.all(created)).filter(Boolean).length;
    }
    const dueAt: unknown = page === 0 ? docs[0]?.get('due_at') : undefined;
    if (dueAt instanceof Timestamp) overdueMs = now() - dueAt.toMillis();
    last = docs.at(-1);
    if (docs.length < PAGE) break;
  }
  // An alert reads `overdue_s`, the age of the oldest message.
  logger.info({ overdue_s: Math.round(overdueMs / 1_000), enqueued: made }, 'messages swept');
  return made;
}

/**
 * A message may only be waiting in a long queue. So it gets at most one more task an hour, or one at once if this hour's task is
 * gone. An error with one message must not stop the others.
 */
async function enqueue(
  doc: QueryDocumentSnapshot,
  { outbox, logger, now }: SweepDeps,
): Promise<boolean> {
  const record = doc.data() as DeliveryRecord;
  const suffix = `-h${Math.floor(now() / HOUR_MS)}`;
  try {
    return await outbox.enqueue(record, { ifGone: `-m${Math.floor(now() / MINUTE_MS)}` }, suffix);
  } catch (error) {
    logger.error({ delivery_id: record.id, error }, 'not swept; the next sweep tries again');
    return false;
  }
}
