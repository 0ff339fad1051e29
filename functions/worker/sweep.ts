/**
 * Every few minutes, enqueues again each media that is not finished and that no delivery works on. This makes
 * "write the document, then enqueue" safe, although the two steps are not atomic.
 */
import { type Firestore, Timestamp } from '@google-cloud/firestore';
import { isTerminal, MEDIA_STATUSES } from '@media-analysis/shared/status';
import { MEDIA_COLLECTION, type MediaRecord } from '../media/record.ts';
import type { TaskQueue } from '../media/task-queue.ts';
import type { Logger } from '../process/log.ts';
import type { ObjectStore } from '../storage/objects.ts';
import { enqueueNext } from './delivery.ts';

export interface SweepDeps {
  firestore: Firestore;
  objects: Pick<ObjectStore, 'stagedSize'>;
  queue: TaskQueue;
  logger: Logger;
  /** If nothing was written to a media for this time, its task counts as lost. In milliseconds. */
  quietMs: number;
  now: () => number;
}

const PAGE = 300;
const AT_A_TIME = 20;

/** How long bytes may take to arrive: the staging bucket keeps them for as long. */
const ARRIVAL_MS = 24 * 3600 * 1_000;

/** @returns how many media were enqueued again */
export async function sweep(deps: SweepDeps): Promise<number> {
  const quietSince = deps.now() - deps.quietMs;
  const unfinished = MEDIA_STATUSES.filter((status) => !isTerminal(status));
  let query = deps.firestore
    .collection(MEDIA_COLLECTION)
    .where('status', 'in', unfinished)
    .where('updated_at', '<', Timestamp.fromMillis(quietSince))
    .orderBy('updated_at')
    .limit(PAGE);
  let swept = 0;
  for (;;) {
    const { docs } = await query.get();
    const records = docs.map((snapshot) => snapshot.data() as MediaRecord);
    const abandoned = records.filter((record) => isAbandoned(record, quietSince));
    for (let start = 0; start < abandoned.length; start += AT_A_TIME) {
      const batch = abandoned.slice(start, start + AT_A_TIME);
      const created = await Promise.all(batch.map((record) => putBack(record, deps)));
      swept += created.filter(Boolean).length;
    }
    const last = docs.at(-1);
    if (docs.length < PAGE || !last) return swept;
    query = query.startAfter(last);
  }
}

/** Whether no delivery has held the media, and no quota has kept it waiting, for the quiet time. */
function isAbandoned(
  { lease, retry_at }: Pick<MediaRecord, 'lease' | 'retry_at'>,
  quietSinceMs: number,
): boolean {
  const busyUntil = lease?.expires_at.toMillis() ?? 0;
  const waitsUntil = retry_at?.toMillis() ?? 0;
  return Math.max(busyUntil, waitsUntil) <= quietSinceMs;
}

/**
 * The task's name contains the revision. So a media that waits in a long queue gets only one more task, even
 * if it is swept often, and another one only after its next write.
 *
 * An error with one media must not stop the sweep of the others.
 */
async function putBack(record: MediaRecord, deps: SweepDeps): Promise<boolean> {
  const { queue, logger, now } = deps;
  const { id: media_id, status, attempts: attempt, revision, updated_at } = record;
  try {
    if (await isStillArriving(record, deps)) return false;
    const created = await enqueueNext(record, queue, `-r${revision}`);
    if (created) {
      const quiet_s = Math.round((now() - updated_at.toMillis()) / 1_000);
      logger.warn({ media_id, attempt, status, quiet_s }, 'enqueued again');
    }
    return created;
  } catch (error) {
    logger.error({ media_id, attempt, status, error }, 'not swept; the next sweep tries again');
    return false;
  }
}

/**
 * Bytes that a browser sends straight to the bucket may take long. After a day the media is enqueued without
 * them, and the worker fails it with `media_missing`.
 */
async function isStillArriving(
  { object, staging_object, created_at }: MediaRecord,
  { objects, now }: SweepDeps,
): Promise<boolean> {
  if (object !== null || staging_object === null) return false;
  if (now() - created_at.toMillis() > ARRIVAL_MS) return false;
  return (await objects.stagedSize(staging_object)) === undefined;
}
