/**
 * Every few minutes, brings back each media that is not finished and that no task leads to. This makes "write the
 * document, then enqueue" safe, although the two steps are not atomic.
 *
 * Its parts run side by side, with those of the features. Each has its own query and its own limits, so none can starve another.
 * The parts for media go on where the last sweep had to stop (`sweep-cursors.ts`). Late parts of features follow, one by one.
 */
import {
  FieldPath,
  type Firestore,
  type Query,
  type QueryDocumentSnapshot,
  Timestamp,
} from '@google-cloud/firestore';
import { isTerminal, MEDIA_STATUSES } from '@media-analysis/shared/status';
import { FAILED_PRECONDITION, hasCode, NOT_FOUND } from '../../process/grpc-status.ts';
import type { Logger } from '../../process/log.ts';
import type { ObjectStore } from '../../storage/objects.ts';
import type { Moments } from '../media/moments.ts';
import type { Places } from '../media/places.ts';
import {
  awaitsBytes,
  isNewer,
  MEDIA_COLLECTION,
  type MediaRecord,
  nextPhase,
  type QueueState,
  taskOf,
} from '../media/record.ts';
import type { TaskQueue } from '../media/task-queue.ts';
import { type Cursor, SweepCursors, type SweepPart } from './sweep-cursors.ts';

export interface SweepDeps {
  firestore: Firestore;
  objects: Pick<ObjectStore, 'stagedSize' | 'keepStaged'>;
  queue: TaskQueue;
  places: Places;
  logger: Logger;
  /** If nothing was written to a media for this time, its task counts as lost. In milliseconds. */
  quietMs: number;
  now: () => number;
  moments: Moments;
}

const PAGE = 300;
const AT_A_TIME = 20;

/** A part that takes longer goes on in the next sweep. */
const PART_MS = 120_000;
/** The same in pages: it limits the reads, and a look into the bucket for each announced media. */
const PAGES = { queued: 50, resting: 50, announced: 10, stateless: 1 };

/** How long bytes may take to arrive: the staging bucket keeps them a day longer. */
const ARRIVAL_MS = 24 * 3600 * 1_000;

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

const NOT_SWEPT = 'not swept; the next sweep tries again';

/** @returns how many media were brought back */
export async function sweep(deps: SweepDeps): Promise<number> {
  const cursors = await SweepCursors.read(deps.firestore);
  const parts: Record<SweepPart, () => Promise<number>> = {
    queued: () => sweepQueued(deps, cursors),
    waiting: () => sweepWaiting(deps, cursors),
    resting: () => sweepResting(deps, cursors),
    announced: () => sweepAnnounced(deps, cursors),
    stateless: () => sweepStateless(deps, cursors),
  };
  const { sweeps } = deps.moments;
  const all = [
    ...Object.values(parts),
    ...sweeps.filter(({ isLate }) => !isLate).map((sweep) => () => sweep.run()),
  ];
  const results = await Promise.allSettled(all.map(async (part) => part()));
  await cursors.write();
  for (const late of sweeps.filter(({ isLate }) => isLate)) {
    try {
      await late.run();
    } catch (error) {
      deps.logger.error({ error }, NOT_SWEPT);
    }
  }
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  const enqueued = results.reduce((sum, result) => {
    return sum + (result.status === 'fulfilled' ? result.value : 0);
  }, 0);
  deps.logger.info({ enqueued, oldest_s: await oldestSeconds(deps) }, 'swept');
  return enqueued;
}

/**
 * Media that have a place in the queues, and whose task may be lost: the one that is quiet for longest comes first. During
 * a release an instance of an earlier version, which knows no places, may end a media that has one.
 */
function sweepQueued(deps: SweepDeps, cursors: SweepCursors): Promise<number> {
  const query = inState('queued', deps);
  return walk('queued', query, deps, cursors, async (docs) => {
    const ended = docs.filter((doc) => isTerminal(dataOf(doc).status));
    await each(ended, (doc) => change(doc, null, deps));
    const abandoned = docs.map(dataOf).filter((record) => isAbandoned(record, deps));
    const created = await each(abandoned, (record) => putBack(record, deps));
    return created.filter(Boolean).length;
  });
}

/** Owners whose media wait although there may be free places: one read an owner finds them, however many media wait. */
async function sweepWaiting(deps: SweepDeps, cursors: SweepCursors): Promise<number> {
  const stop = deps.now() + PART_MS;
  let [after = ''] = cursors.get('waiting') as [string?];
  for (;;) {
    const owners: string[] = [];
    while (owners.length < AT_A_TIME) {
      const { docs } = await deps.firestore
        .collection(MEDIA_COLLECTION)
        .where('queue_state', '==', 'waiting')
        .where('owner_id', '>', after)
        .orderBy('owner_id')
        .orderBy('created_at', 'desc')
        .limit(1)
        .get();
      const [first] = docs;
      if (!first) break;
      after = dataOf(first).owner_id;
      owners.push(after);
    }
    await Promise.all(owners.map((owner) => deps.places.refill(owner)));
    const isOver = owners.length < AT_A_TIME;
    if (!isOver && deps.now() < stop) continue;
    cursors.set('waiting', isOver ? [] : [after]);
    return 0;
  }
}

/** Media whose rest is long over: the task that should have asked for a place is lost. */
function sweepResting(deps: SweepDeps, cursors: SweepCursors): Promise<number> {
  return walk('resting', overdue(deps), deps, cursors, (docs) => bringAllBack(docs, deps));
}

/** Media whose bytes have arrived without a word of their sender, or have not arrived in time. */
function sweepAnnounced(deps: SweepDeps, cursors: SweepCursors): Promise<number> {
  const query = inState('announced', deps);
  return walk('announced', query, deps, cursors, (docs) => bringAllBack(docs, deps));
}

/** Unfinished media without a state, which earlier versions have written: each gets one. */
function sweepStateless(deps: SweepDeps, cursors: SweepCursors): Promise<number> {
  const unfinished = MEDIA_STATUSES.filter((status) => !isTerminal(status));
  const query = deps.firestore.collection(MEDIA_COLLECTION).where('status', 'in', unfinished);
  return walk('stateless', quiet(query, deps), deps, cursors, async (docs) => {
    const stateless = docs.filter((doc) => !dataOf(doc).queue_state);
    return bringAllBack(
      stateless.filter((doc) => isAbandoned(dataOf(doc), deps)),
      deps,
    );
  });
}

const dataOf = (doc: QueryDocumentSnapshot) => doc.data() as MediaRecord;

function inState(state: QueueState, deps: SweepDeps): Query {
  const media = deps.firestore.collection(MEDIA_COLLECTION);
  return quiet(media.where('queue_state', '==', state), deps);
}

/** Media that rest until tomorrow are not read before. */
function overdue({ firestore, now, quietMs }: SweepDeps): Query {
  return firestore
    .collection(MEDIA_COLLECTION)
    .where('queue_state', '==', 'resting')
    .where('retry_at', '<', Timestamp.fromMillis(now() - quietMs))
    .orderBy('retry_at')
    .orderBy(FieldPath.documentId());
}

function quiet(query: Query, { now, quietMs }: SweepDeps): Query {
  return query
    .where('updated_at', '<', Timestamp.fromMillis(now() - quietMs))
    .orderBy('updated_at')
    .orderBy(FieldPath.documentId());
}

/** The field by which the query of each part is sorted. */
const SORTED_BY = {
  queued: 'updated_at',
  resting: 'retry_at',
  announced: 'updated_at',
  stateless: 'updated_at',
} as const;

/**
 * Goes through the results of a query, page by page, from the cursor on to the end or to the limits. What a later release has
 * written is left to its own sweep.
 */
async function walk(
  part: keyof typeof PAGES,
  query: Query,
  { now }: SweepDeps,
  cursors: SweepCursors,
  handle: (docs: QueryDocumentSnapshot[]) => Promise<number>,
): Promise<number> {
  const stop = now() + PART_MS;
  let handled = 0;
  for (let page = 1; ; page++) {
    const cursor = cursors.get(part);
    const { docs } = await (cursor.length > 0 ? query.startAfter(...cursor) : query)
      .limit(PAGE)
      .get();
    handled += await handle(docs.filter((doc) => !isNewer(dataOf(doc))));
    const last = docs.length < PAGE ? undefined : docs.at(-1);
    const next: Cursor = last ? [dataOf(last)[SORTED_BY[part]], last.id] : [];
    cursors.set(part, next);
    if (!last || page >= PAGES[part] || now() >= stop) return handled;
  }
}

/** Like `Promise.all` over `items`, a few at a time. */
async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += AT_A_TIME) {
    results.push(...(await Promise.all(items.slice(start, start + AT_A_TIME).map(work))));
  }
  return results;
}

/** True if no delivery has held the media, and no quota has kept it waiting, for the quiet time. */
function isAbandoned(
  { lease, retry_at, status }: MediaRecord,
  { now, quietMs }: SweepDeps,
): boolean {
  const busyUntil = lease?.expires_at.toMillis() ?? 0;
  const waitsUntil = retry_at?.toMillis() ?? 0;
  return !isTerminal(status) && Math.max(busyUntil, waitsUntil) <= now() - quietMs;
}

/**
 * The task's name contains the revision and the hour. So a media that waits in a long queue gets only one more task an
 * hour, even if it is swept often. If that task was purged, the next sweep makes one with another name: the name of a deleted
 * task stays taken (https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks/create).
 *
 * An error with one media must not stop the sweep of the others.
 */
async function putBack(record: MediaRecord, deps: SweepDeps): Promise<boolean> {
  const { queue, logger, now } = deps;
  const { id: media_id, status, attempts: attempt, revision, updated_at } = record;
  try {
    const hour = Math.floor(now() / HOUR_MS);
    const ifGone = `-m${Math.floor(now() / MINUTE_MS)}`;
    const created = await queue.enqueue(
      nextPhase(record),
      taskOf(record),
      `-r${revision}-h${hour}`,
      { ifGone },
    );
    if (created) {
      const quiet_s = Math.round((now() - updated_at.toMillis()) / 1_000);
      logger.warn({ media_id, attempt, status, quiet_s }, 'enqueued again');
    }
    return created;
  } catch (error) {
    logger.error({ media_id, attempt, status, error }, NOT_SWEPT);
    return false;
  }
}

/**
 * Gives an abandoned media the state that its bytes call for: `announced` while they may still be on their way.
 * @returns the media if it waits for a place now; undefined if there is nothing to do, or if that failed
 */
async function bringBack(
  doc: QueryDocumentSnapshot,
  deps: SweepDeps,
): Promise<MediaRecord | undefined> {
  const record = dataOf(doc);
  const { id: media_id, status, attempts: attempt } = record;
  try {
    const queue_state = (await isStillArriving(record, deps)) ? 'announced' : 'waiting';
    if (queue_state === record.queue_state) return undefined;
    const isChanged = await change(doc, queue_state, deps);
    return isChanged && queue_state === 'waiting' ? record : undefined;
  } catch (error) {
    deps.logger.error({ media_id, attempt, status, error }, NOT_SWEPT);
    return undefined;
  }
}

/** @returns false if its owner or a delivery has changed or deleted it at this moment */
async function change(
  doc: QueryDocumentSnapshot,
  queue_state: QueueState | null,
  { now }: SweepDeps,
): Promise<boolean> {
  const revision = dataOf(doc).revision + 1;
  const updated_at = Timestamp.fromMillis(now());
  const patch = { queue_state, retry_at: null, wait_code: null, revision, updated_at };
  try {
    await doc.ref.update(patch, { lastUpdateTime: doc.updateTime });
    return true;
  } catch (error) {
    if (hasCode(error, FAILED_PRECONDITION, NOT_FOUND)) return false;
    throw error;
  }
}

/** @returns how many media were brought back */
async function bringAllBack(
  docs: readonly QueryDocumentSnapshot[],
  deps: SweepDeps,
): Promise<number> {
  const found = (await each(docs, (doc) => bringBack(doc, deps))).flatMap((media) => media ?? []);
  const owners = new Set(found.map(({ owner_id }) => owner_id));
  await each([...owners], (owner) => deps.places.refill(owner));
  return found.length;
}

/**
 * Bytes that a browser sends straight to the bucket may take long. After a day the work begins without them, and the
 * worker fails the media with `media_missing`. Bytes that have arrived are kept as long as those of other media.
 */
async function isStillArriving(record: MediaRecord, { objects, now }: SweepDeps): Promise<boolean> {
  const { staging_object, created_at } = record;
  if (!awaitsBytes(record) || staging_object === null) return false;
  if (now() - created_at.toMillis() > ARRIVAL_MS) return false;
  if ((await objects.stagedSize(staging_object)) === undefined) return true;
  await objects.keepStaged(staging_object);
  return false;
}

/**
 * How long the media has stood still that has done so for longest, in seconds. An alert looks at it. A media that rests
 * stands still only after `retry_at`.
 */
async function oldestSeconds(deps: SweepDeps): Promise<number> {
  const queries = [inState('queued', deps), inState('waiting', deps), overdue(deps)];
  const found = await Promise.all(queries.map((query) => query.limit(1).get()));
  const times = found.flatMap(({ docs }) =>
    docs.map((doc) => (dataOf(doc).retry_at ?? dataOf(doc).updated_at).toMillis()),
  );
  return Math.round((deps.now() - Math.min(deps.now(), ...times)) / 1_000);
}
