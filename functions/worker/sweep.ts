/**
 * Every few minutes: whatever is neither finished nor worked on is put on its queue again. This is
 * what makes "write the document, then enqueue" safe, though the two are not atomic.
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
  /** How long nothing may have happened to a media before its task is taken for lost. */
  quietMs: number;
  now: () => number;
}

const PAGE = 300;
const AT_A_TIME = 20;

/** How long bytes may be on their way: as long as the staging bucket keeps them. */
const ARRIVAL_MS = 24 * 3600 * 1_000;

/** @returns how many media were put on a queue again. */
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

/** Neither held by a delivery nor waiting for a quota, and not only since a moment ago. */
export function isAbandoned(
  { lease, retry_at }: Pick<MediaRecord, 'lease' | 'retry_at'>,
  quietSinceMs: number,
): boolean {
  const busyUntil = lease?.expires_at.toMillis() ?? 0;
  const waitsUntil = retry_at?.toMillis() ?? 0;
  return Math.max(busyUntil, waitsUntil) <= quietSinceMs;
}

/**
 * The name of the task holds the revision: a media that only waits its turn in a long queue gets one
 * more task, however often it is swept, and another one only after something has happened to it.
 *
 * One media that cannot be put back must not keep the others from it.
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
 * Bytes that a browser sends straight to the bucket take their time. After a day the worker is sent
 * to look for them all the same, and fails the media with `media_missing`.
 */
async function isStillArriving(
  { object, staging_object, created_at }: MediaRecord,
  { objects, now }: SweepDeps,
): Promise<boolean> {
  if (object !== null || staging_object === null) return false;
  if (now() - created_at.toMillis() > ARRIVAL_MS) return false;
  return (await objects.stagedSize(staging_object)) === undefined;
}
