/**
 * One step of an import: count the media that have ended, list the bucket, and create the next media.
 *
 * One commit writes the new media, the sums of the day, and the import with its cursor and counts, on the condition that nobody has
 * changed the import since it was read. A step that dies before has done nothing. So nothing is imported twice, and nothing is
 * counted twice.
 */
import type {
  DocumentReference,
  Firestore,
  Query,
  QueryDocumentSnapshot,
  Timestamp,
} from '@google-cloud/firestore';
import type { Storage } from '@google-cloud/storage';
import type { DailyUploads, Uploads } from '../../core/accept/daily-uploads.ts';
import type { Moments } from '../../core/media/moments.ts';
import { readOwned } from '../../core/media/owned-media.ts';
import type { Places } from '../../core/media/places.ts';
import { MEDIA_COLLECTION, type QueueState } from '../../core/media/record.ts';
import type { MediaStore } from '../../core/media/store.ts';
import type { Answer } from '../../core/work/work.ts';
import type { Loopback } from '../../outbound/allowed-address.ts';
import {
  ABORTED,
  ALREADY_EXISTS,
  FAILED_PRECONDITION,
  hasCode,
  NOT_FOUND,
} from '../../process/grpc-status.ts';
import type { Logger } from '../../process/log.ts';
import { BucketClosedError, listBucket } from '../../storage/list-bucket.ts';
import type { ObjectStore } from '../../storage/objects.ts';
import { closedText, notListedText } from './bucket-errors.ts';
import { Downloads } from './downloads.ts';
import { findKnownMedia } from './known-media.ts';
import { bucketOf, ImportPlan, LOOK_MS, type PlanLimits, type PlannedStep } from './plan.ts';
import type { ImportQueue } from './queue.ts';
import { IMPORTS_COLLECTION, type ImportRecord, toImport } from './record.ts';

export interface ImportDeps {
  firestore: Firestore;
  storage: Storage;
  media: MediaStore;
  objects: ObjectStore;
  dailyUploads: DailyUploads;
  queue: Pick<ImportQueue, 'enqueueImport'>;
  places: Places;
  moments: Moments;
  logger: Logger;
  /** Buckets that imports may read. */
  buckets: readonly string[];
  limits: Omit<PlanLimits, 'nowMs'>;
  loopback: Loopback;
  now: () => number;
}

/** A step starts again if another step, or the owner, changes the import at the same moment. This is how often. */
const ROUNDS = 5;
/** Objects of one listing. The record may keep all of them: it has at most 1 MiB, and a name has up to 1,024 bytes. */
const PAGE = 200;
/** Pages that one step lists at most. Then the next step goes on. */
const PAGES = 10;

/** @param task The name of the task of this step. */
export async function importStep(id: string, deps: ImportDeps, task?: string): Promise<Answer> {
  const ref = deps.firestore.collection(IMPORTS_COLLECTION).doc(id);
  const downloads = new Downloads(deps, task);
  for (let round = 0; round < ROUNDS; round++) {
    const snapshot = await ref.get();
    const run = snapshot.data() as ImportRecord | undefined;
    if (!run || !isUnfinished(run)) {
      await downloads.dropUnused();
      return { done: true };
    }
    const step = await plan(run, downloads, deps);
    if (step === 'download') {
      await downloads.make(run, snapshot);
      continue;
    }
    if (!(await write(ref, step, snapshot.updateTime, deps))) continue;
    await downloads.dropUnused(step.records);
    logFailures(run, step, deps);
    if (step.records.length > 0) await deps.places.settle(run.owner_id, step.records);
    if (step.stuck.length > 0) await deps.places.resume(run.owner_id, step.stuck);
    await enqueueNext(step, deps);
    return { done: true };
  }
  return { done: false, status: 503, retryAfterMs: 1_000 };
}

/** A paused or cancelled import still counts the media that it has begun. */
function isUnfinished({ state, working }: ImportRecord): boolean {
  return state === 'running' || working.length > 0;
}

async function plan(
  run: ImportRecord,
  downloads: Downloads,
  deps: ImportDeps,
): Promise<PlannedStep | 'download'> {
  const working = await readOwned(deps.firestore, run.working, run.owner_id);
  const step = new ImportPlan(run, working, { ...deps.limits, nowMs: deps.now() });
  if (run.state === 'running' && (await fill(step, run, downloads, deps)) === 'download') {
    return 'download';
  }
  if (downloads.hasLock) step.unlock();
  const { files } = step.accepted;
  return step.finish(files > 0 ? await deps.places.toMark(run.owner_id, files) : 0);
}

async function fill(
  step: ImportPlan,
  run: ImportRecord,
  downloads: Downloads,
  deps: ImportDeps,
): Promise<'filled' | 'download'> {
  const isOfBucket = 'bucket' in run.source;
  const bucket = bucketOf(run);
  if (isOfBucket && !deps.buckets.includes(bucket)) step.stop('forbidden', notListedText(bucket));
  else if (step.free <= 0) return 'filled';
  // Downloaded files go on: they have waited long enough.
  else if (!downloads.hasLock && (await hasFreshWork(run, deps))) step.waitForFreshWork();
  else {
    const left = await deps.dailyUploads.remaining(run.owner_id);
    if (isOfBucket) await fillFromBucket(step, run, left, deps);
    else if (downloads.hasLock) step.addFetched(await downloads.all(), left);
    else if (!step.needsDownload(downloads.task)) return 'filled';
    else if (left.files <= 0 || left.bytes <= 0) step.waitForTomorrow();
    else return 'download';
  }
  return 'filled';
}

async function fillFromBucket(
  step: ImportPlan,
  run: ImportRecord,
  left: Uploads,
  deps: ImportDeps,
): Promise<void> {
  const bucket = bucketOf(run);
  try {
    await choose(step, run, left, deps);
  } catch (error) {
    if (!(error instanceof BucketClosedError)) throw error;
    deps.logger.warn({ bucket, error }, 'a bucket cannot be listed');
    step.stop(error.code === 403 ? 'forbidden' : 'not_found', closedText(bucket, error));
  }
}

/** While all objects are known, each lookup takes four times as many of them. */
async function choose(
  step: ImportPlan,
  run: ImportRecord,
  left: Uploads,
  deps: ImportDeps,
): Promise<void> {
  let count = step.free;
  for (let pages = 0; ; ) {
    if (step.needsPage) {
      if (pages++ === PAGES) return step.cutShort();
      const prefix = 'prefix' in run.source ? run.source.prefix : '';
      const range = { prefix, after: step.cursor, limit: PAGE };
      const { objects, isEnd } = await listBucket(deps.storage, bucketOf(run), range);
      step.addPage(objects, isEnd);
      continue;
    }
    const objects = step.take(count);
    if (objects.length === 0) return;
    const known = await findKnownMedia(
      deps.firestore,
      objects.map((object) => step.idOf(object)),
    );
    if (!step.choose(objects, known, left) || step.free <= 0) return;
    count = Math.min(PAGE, count * 4);
  }
}

/** Other media of the owner in the queue, or waiting for it, go first. Those of a reanalysis do not count: it waits too. */
async function hasFreshWork(
  { owner_id, working }: ImportRecord,
  { firestore, limits }: ImportDeps,
): Promise<boolean> {
  const of = (state: QueueState): Query =>
    firestore
      .collection(MEDIA_COLLECTION)
      .where('queue_state', '==', state)
      .where('owner_id', '==', owner_id)
      .select('asked_by')
      .limit(limits.inFlight + MAX_OF_REANALYSIS);
  const isFresh = (doc: QueryDocumentSnapshot) =>
    !working.includes(doc.id) && doc.get('asked_by') === undefined;
  const found = await Promise.all([of('queued').get(), of('waiting').get()]);
  return found.some(({ docs }) => docs.some(isFresh));
}
/** `REANALYSIS_IN_FLIGHT` is at most 20. */
const MAX_OF_REANALYSIS = 21;

/** @returns false if another step, the owner, or another import of the same objects was quicker */
async function write(
  ref: DocumentReference,
  { run, records }: PlannedStep,
  lastUpdateTime: Timestamp | undefined,
  { media, dailyUploads, moments, logger }: ImportDeps,
): Promise<boolean> {
  const batch = media.batch();
  const ended =
    run.state === 'completed' && (await moments.jobEnding('import', run.owner_id, toImport(run)));
  if (ended) ended.write(batch);
  batch.update(ref, { ...run }, lastUpdateTime ? { lastUpdateTime } : {});
  if (records.length > 0) {
    const bytes = records.reduce((sum, { size }) => sum + size, 0);
    dailyUploads.addTo(batch, run.owner_id, { bytes, files: records.length });
  }
  try {
    await media.create(records, batch);
    for (const { id, size } of records) logger.info({ media_id: id, size }, 'accepted');
    if (ended) {
      await ended.after();
      const { found, accepted, skipped, failed } = run;
      logger.info({ found, accepted, skipped, failed }, 'import completed');
    }
    return true;
  } catch (error) {
    if (hasCode(error, ALREADY_EXISTS, FAILED_PRECONDITION, NOT_FOUND, ABORTED)) return false;
    throw error;
  }
}

/** The log has no names of files. The record names the first failures. */
function logFailures(before: ImportRecord, { run }: PlannedStep, { logger }: ImportDeps): void {
  const failed = run.failed - before.failed;
  if (failed > 0) logger.info({ failed }, 'not imported');
}

/**
 * The task of a later check is named by its time, rounded to ten seconds. So the checks of many steps become one task.
 * @throws if the task cannot be created. Then Cloud Tasks delivers the present one again.
 */
async function enqueueNext(
  { run, nextMs }: PlannedStep,
  { queue, now }: ImportDeps,
): Promise<void> {
  if (nextMs === undefined) return;
  const downloads = run.addresses !== undefined;
  if (nextMs === 0) {
    await queue.enqueueImport(run.id, `p${run.revision}`, { downloads });
    return;
  }
  const at = Math.ceil((now() + nextMs) / LOOK_MS);
  const delayMs = Math.max(0, at * LOOK_MS - now());
  await queue.enqueueImport(run.id, `t${at}`, { delayMs, downloads });
}
