/**
 * Every few minutes: whatever is neither finished nor worked on is put on its queue again. This is
 * what makes "write the document, then enqueue" safe, though the two are not atomic.
 */
import type { Firestore } from '@google-cloud/firestore';
import { Timestamp } from '@google-cloud/firestore';
import { isTerminal, MEDIA_STATUSES } from '@media-analysis/shared/media';
import type { Logger } from '../cloud/log.ts';
import { MEDIA_COLLECTION, type MediaRecord } from '../cloud/media.ts';
import type { TaskQueue } from '../cloud/queue.ts';
import { enqueueNext } from './delivery.ts';

interface SweepDeps {
  firestore: Firestore;
  queue: TaskQueue;
  logger: Logger;
  now: () => number;
}

/** A task that is only waiting its turn changes nothing for a while; do not take it for lost at once. */
const QUIET_MS = 2 * 60 * 1_000;
const PAGE = 300;

/** @returns how many media were put on a queue again. */
export async function sweep({ firestore, queue, logger, now }: SweepDeps): Promise<number> {
  const unfinished = MEDIA_STATUSES.filter((status) => !isTerminal(status));
  const quietSince = Timestamp.fromMillis(now() - QUIET_MS);
  let query = firestore
    .collection(MEDIA_COLLECTION)
    .where('status', 'in', unfinished)
    .where('updated_at', '<', quietSince)
    .orderBy('updated_at')
    .limit(PAGE);
  let swept = 0;
  for (;;) {
    const { docs } = await query.get();
    for (const snapshot of docs) {
      const record = snapshot.data() as MediaRecord;
      if (!isAbandoned(record, now())) continue;
      // The revision makes the name new whenever something has happened since the last sweep.
      await enqueueNext(record, queue, `-r${record.revision}`);
      logger.warn({ media_id: record.id, status: record.status }, 'enqueued again');
      swept++;
    }
    const last = docs.at(-1);
    if (docs.length < PAGE || !last) return swept;
    query = query.startAfter(last);
  }
}

/** Neither held by a delivery nor waiting for a quota. */
export function isAbandoned(record: MediaRecord, nowMs: number): boolean {
  const busyUntil = record.lease?.expires_at.toMillis() ?? 0;
  const waitsUntil = record.retry_at?.toMillis() ?? 0;
  return Math.max(busyUntil, waitsUntil) <= nowMs;
}
