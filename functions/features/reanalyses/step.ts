/**
 * One step of a reanalysis: count the media that have ended, and ask about the next ones.
 *
 * A step first writes which media it will ask about, and which attempt of each, in the same commit as the counts. Then it asks.
 * If it dies in between, the next step goes on: a media that has reached the attempt was asked about, any other was not. Two steps
 * at the same time cannot both commit. So nothing is asked twice, and nothing is counted twice.
 */
import type { DocumentReference, Firestore, Query, Timestamp } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { WhileAsking } from '../../core/media/attempts.ts';
import type { Moments } from '../../core/media/moments.ts';
import { readOwned } from '../../core/media/owned-media.ts';
import type { Places } from '../../core/media/places.ts';
import { MEDIA_COLLECTION, type MediaRecord, type QueueState } from '../../core/media/record.ts';
import type { MediaStore } from '../../core/media/store.ts';
import type { Answer } from '../../core/work/work.ts';
import { ABORTED, FAILED_PRECONDITION, hasCode, NOT_FOUND } from '../../process/grpc-status.ts';
import type { Logger } from '../../process/log.ts';
import { candidatesFrom } from './candidates.ts';
import { LOOK_MS, type PlannedStep, ReanalysisPlan } from './plan.ts';
import type { ReanalysisQueue } from './queue.ts';
import {
  type Cursor,
  REANALYSES_COLLECTION,
  type ReanalysisRecord,
  toReanalysis,
} from './record.ts';

export interface ReanalyseDeps {
  firestore: Firestore;
  media: MediaStore;
  moments: Moments;
  queue: Pick<ReanalysisQueue, 'enqueueStep'>;
  places: Places;
  logger: Logger;
  /** Number of media that are analysed at a time. */
  inFlight: number;
  now: () => number;
}

/** A step starts again if another step, or the owner, changes the run at the same moment. This is how often. */
const ROUNDS = 5;

export async function reanalysisStep(id: string, deps: ReanalyseDeps): Promise<Answer> {
  const ref = deps.firestore.collection(REANALYSES_COLLECTION).doc(id);
  for (let round = 0; round < ROUNDS; round++) {
    const snapshot = await ref.get();
    const run = snapshot.data() as ReanalysisRecord | undefined;
    if (!run || !isUnfinished(run)) return { done: true };
    const step = await plan(run, deps);
    if (!(await write(ref, step, snapshot.updateTime, deps))) continue;
    await ask(ref, step, deps);
    await enqueueNext(step, deps);
    return { done: true };
  }
  return { done: false, status: 503, retryAfterMs: 1_000 };
}

/** A paused or cancelled run still counts the media that it has asked about. */
function isUnfinished({ state, asked }: ReanalysisRecord): boolean {
  return state === 'running' || asked.length > 0;
}

async function plan(run: ReanalysisRecord, deps: ReanalyseDeps): Promise<PlannedStep> {
  const asked = run.asked.map(({ media_id }) => media_id);
  const limits = { inFlight: deps.inFlight, nowMs: deps.now() };
  const step = new ReanalysisPlan(
    run,
    await readOwned(deps.firestore, asked, run.owner_id),
    limits,
  );
  if (run.state !== 'running') return step.finish(false);
  const isWaiting = await hasFreshWork(step.askedIds, run, deps);
  if (!isWaiting) await chooseNext(step, run, deps);
  return step.finish(isWaiting);
}

async function chooseNext(
  step: ReanalysisPlan,
  run: ReanalysisRecord,
  deps: ReanalyseDeps,
): Promise<void> {
  for (let read = step.nextRead(); read; read = step.nextRead()) {
    if ('cursor' in read) step.addPage(await candidatesFrom(deps.firestore, run, read.cursor));
    else {
      const records = await readOwned(deps.firestore, read.ids, run.owner_id);
      for (const [n, id] of read.ids.entries()) step.choose(id, records[n]);
    }
  }
}

/** Other media of the owner in the queue, or waiting for it, go first. */
async function hasFreshWork(
  asked: readonly string[],
  { owner_id }: ReanalysisRecord,
  { firestore }: ReanalyseDeps,
): Promise<boolean> {
  const of = (state: QueueState): Query =>
    firestore
      .collection(MEDIA_COLLECTION)
      .where('queue_state', '==', state)
      .where('owner_id', '==', owner_id)
      .select()
      .limit(asked.length + 1);
  const found = await Promise.all([of('queued').get(), of('waiting').get()]);
  return found.some(({ docs }) => docs.some(({ id }) => !asked.includes(id)));
}

/** @returns false if another step or the owner has changed the run since it was read */
async function write(
  ref: DocumentReference,
  { run }: PlannedStep,
  lastUpdateTime: Timestamp | undefined,
  { firestore, moments, logger }: ReanalyseDeps,
): Promise<boolean> {
  const batch = firestore.batch();
  batch.update(ref, { ...run }, lastUpdateTime ? { lastUpdateTime } : {});
  const ended =
    run.state === 'completed' &&
    (await moments.jobEnding('reanalysis', run.owner_id, toReanalysis(run)));
  if (ended) ended.write(batch);
  try {
    await batch.commit();
    if (ended) {
      await ended.after();
      const { done, failed, skipped, cost_usd } = run;
      logger.info({ done, failed, skipped, cost_usd }, 'reanalysis completed');
    }
    return true;
  } catch (error) {
    if (hasCode(error, FAILED_PRECONDITION, NOT_FOUND, ABORTED)) return false;
    throw error;
  }
}

/** If something fails here, the next step does it: the record names each media. */
async function ask(
  ref: DocumentReference,
  { run, toAsk, stuck }: PlannedStep,
  { media, places, logger }: ReanalyseDeps,
): Promise<void> {
  const { owner_id, analysis: name, input, language, model, tier } = run;
  const asked: MediaRecord[] = [];
  for (const { media_id, attempt } of toAsk) {
    const asking = {
      name,
      input,
      language: language ?? undefined,
      model: model ?? undefined,
      tier: tier ?? undefined,
    };
    try {
      const state = await places.nextState(owner_id);
      asked.push(await media.ask(media_id, owner_id, asking, state, askedBy(ref, attempt)));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.info({ media_id, code: error.code }, 'not asked');
    }
  }
  if (asked.length > 0) await places.settle(owner_id, asked);
  if (stuck.length > 0) await places.resume(owner_id, stuck);
}

/**
 * Refuses if somebody else has asked in the meantime, if the run was stopped, or if the step is older than a pause: after a pause
 * the run has another plan.
 */
function askedBy(ref: DocumentReference, attempt: number): WhileAsking {
  return async (transaction, { id, attempts }) => {
    const run = (await transaction.get(ref)).data() as Partial<ReanalysisRecord> | undefined;
    const { state, asked = [] } = run ?? {};
    const isPlanned = asked.some((each) => each.media_id === id && each.attempt === attempt);
    if (state !== 'running' || !isPlanned || attempts !== attempt - 1) {
      throw new AppError(
        'not_ready',
        'The reanalysis has stopped, or somebody has asked before it.',
      );
    }
    return { asked_by: ref.id };
  };
}

/**
 * The task of a later check is named by its time, rounded to ten seconds. So the checks of many steps become one task.
 * @throws if the task cannot be created. Then Cloud Tasks delivers the present one again.
 */
async function enqueueNext(
  { run, nextMs }: PlannedStep,
  { queue, now }: ReanalyseDeps,
): Promise<void> {
  if (nextMs === undefined) return;
  if (nextMs === 0) {
    await queue.enqueueStep(run.id, `p${run.revision}-${positionOf(run.cursor)}`);
    return;
  }
  const at = Math.ceil((now() + nextMs) / LOOK_MS);
  await queue.enqueueStep(run.id, `t${at}`, { delayMs: Math.max(0, at * LOOK_MS - now()) });
}

/** Names the task of a step that follows at once. Each such step begins at another position. */
function positionOf(cursor: Cursor): string | number {
  if (typeof cursor === 'string') return cursor;
  return 'id' in cursor ? cursor.id : cursor.next;
}
