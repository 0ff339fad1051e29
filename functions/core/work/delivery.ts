/** One delivery of a task: claim the media, do the work, write the outcome, answer Cloud Tasks. */

import { type DocumentSnapshot, Timestamp } from '@google-cloud/firestore';
import { AppError, ERRORS, type ErrorCode } from '@media-analysis/shared/errors';
import type { Phase, TaskPayload } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';
import { RetryLaterError, ServiceWaitError } from '../../analysis/index.ts';
import type { FileInspector } from '../../inspect/inspector.ts';
import type { Logger } from '../../process/log.ts';
import { isRefusedAccess } from '../../process/service-fault.ts';
import { startTimeLimit, untilAborted } from '../../process/time-limit.ts';
import { type ObjectStore, stagedFramesName, stagingName } from '../../storage/objects.ts';
import type { Moments } from '../media/moments.ts';
import type { Places } from '../media/places.ts';
import { type MediaRecord, NEWER_MS, taskOf, wantedOf } from '../media/record.ts';
import type { Analyst } from '../media/same-content.ts';
import type { MediaStore } from '../media/store.ts';
import type { TaskQueue } from '../media/task-queue.ts';
import { afterFailure } from './attempt.ts';
import { CALLS_SHARE } from './budget.ts';
import { type ClaimDecision, claim } from './claim.ts';
import { type Lease, LeaseLostError, type Sleep } from './lease.ts';
import { decideOutcome, type Outcome } from './outcome.ts';

export interface WorkerDeps {
  media: MediaStore;
  objects: ObjectStore;
  inspector: FileInspector;
  queue: TaskQueue;
  places: Places;
  logger: Logger;
  leaseMs: number;
  maxDeliveries: number;
  /** Who analyses the media. Absent: the analysis of each completed copy can be copied. */
  analyst?: Analyst;
  moments: Moments;
  /** How long one delivery may work, in milliseconds. */
  budgetMs: number;
  /** The same in the tier `flex`; absent: as long. */
  flexBudgetMs?: number;
  now: () => number;
  random: () => number;
  /** Absent: real time. */
  sleep?: Sleep;
}

/** The answer to Cloud Tasks: the task is done, or it must be delivered again after a time. */
export type Answer = { done: true } | { done: false; status: 429 | 503; retryAfterMs: number };

const DONE: Answer = { done: true };

interface WorkLimits {
  signal: AbortSignal;
  deadline: number;
  /** See `TaskPayload`. */
  alone?: true | undefined;
  /** Called when Cloud Storage has answered. */
  onStorageAnswer?: () => void;
}

/** Does the work of one phase under `lease`, and releases the lease with the result. */
export type Work = (lease: Lease, limits: WorkLimits) => Promise<void>;

/**
 * @param signal Aborted when Cloud Tasks disconnects, or when the instance shuts down.
 * @param isFirst Whether this is the first delivery of the task, as far as Cloud Tasks knows.
 */
export async function deliver(
  phase: Phase,
  payload: TaskPayload,
  deps: WorkerDeps,
  work: Work,
  signal: AbortSignal,
  isFirst = false,
): Promise<Answer> {
  const { media_id: id, removing_since: since } = payload;
  if (since !== undefined) return checkRemoval(since, id, deps);
  const ref = deps.media.ref(id);
  const { flexBudgetMs = deps.budgetMs } = deps;
  const budgetMs = payload.tier === 'flex' ? flexBudgetMs : deps.budgetMs;
  const options = { ...deps, budgetMs, isFirst };
  const { decision, lease, snapshot } = await claim(ref, phase, payload, options);
  if (!lease) {
    deps.logger.info({ decision: decision.kind }, 'not claimed');
    return answerUnclaimed(decision, snapshot, phase, payload, deps);
  }
  const isExhausted = decision.kind === 'exhausted';
  deps.logger.info({ deliveries: lease.record.deliveries }, isExhausted ? 'exhausted' : 'claimed');
  const budget = startTimeLimit(budgetMs);
  const stop = AbortSignal.any([lease.signal, signal, budget.signal]);
  try {
    if (isExhausted) {
      throw new AppError(
        'internal',
        `The work on "${lease.record.file_name}" broke off ${deps.maxDeliveries} times. Try again.`,
      );
    }
    const { alone } = payload;
    const deadline = deps.now() + CALLS_SHARE * budgetMs;
    const limits = { signal: stop, deadline, alone };
    // A call without an answer must not keep the lease for ever.
    await untilAborted(work(lease, limits), stop);
    return DONE;
  } catch (thrown) {
    // Libraries throw errors of their own after an abort. The signal has the real reason.
    const error = errorOf(stop.aborted ? stop.reason : thrown, budget.signal);
    const { deliveries, waits = 0 } = lease.record;
    const outcome = outcomeOf(error, lease, deps);
    if (outcome.kind === 'stop') return await stopWork(error, lease, deps);
    const isOfService = outcome.kind === 'reschedule' && !outcome.isCounted;
    if (isOfService) logWait(outcome.code, waits, error, deps.logger);
    else deps.logger.warn({ outcome: outcome.kind, deliveries, error }, 'work failed');
    return await applyOutcome(outcome, phase, lease, deps).catch((failure: unknown) => {
      if (failure instanceof LeaseLostError) return stopWork(failure, lease, deps);
      throw failure;
    });
  } finally {
    budget.clear();
    lease.abandon();
    await Promise.all([passOnPlace(lease.record, payload, deps), deps.moments.ended(lease)]);
  }
}

/**
 * Opening a file has a limit of its own (`functions/inspect/inspector.ts`), and so has a call to a model. So if the time of
 * a delivery is over, it was a slow service, and no file can help it.
 */
function errorOf(error: unknown, budget: AbortSignal): unknown {
  const isOver = budget.aborted && error === budget.reason;
  return isOver ? new ServiceWaitError('unavailable', 0, { cause: error }) : error;
}

/** A media whose work has ended, or that rests, leaves its place to the next one of its owner. */
async function passOnPlace(
  { status, queue_state, owner_id }: MediaRecord,
  { alone }: TaskPayload,
  { places }: WorkerDeps,
): Promise<void> {
  const isFree = isTerminal(status) || queue_state === 'resting';
  if (isFree && !alone) await places.refill(owner_id);
}

/** How long the deletion of a document may take. */
const REMOVAL_MS = 10 * 60_000;
const REMOVAL_CHECK_MS = 60_000;

/** Removes what is left of a media whose document is gone. If the deletion has failed, the media stays as it is. */
async function checkRemoval(sinceMs: number, id: string, deps: WorkerDeps): Promise<Answer> {
  const { logger, now } = deps;
  if (await removeIfGone(id, deps)) return DONE;
  if (now() - sinceMs < REMOVAL_MS) {
    return { done: false, status: 503, retryAfterMs: REMOVAL_CHECK_MS };
  }
  logger.info('not removed: its deletion has failed');
  return DONE;
}

/** After so many waits in a row, about 40 minutes, an operator should know. */
const LONG_WAIT = 20;

/** What is in the bin keeps its objects. @returns whether the media is gone */
async function removeIfGone(id: string, { media, objects }: WorkerDeps): Promise<boolean> {
  const isGone = await media.isGone(id);
  if (isGone) await objects.removeAll(id);
  return isGone;
}

/**
 * A fault that stops all files must not fill the log: a media says at first why it waits, and once that it waits long. A
 * service that refuses us is said each time, because an operator has to act; the breaker sees to it that few ask.
 */
function logWait(code: ErrorCode, waits: number, error: unknown, logger: Logger): void {
  if (!(error instanceof RetryLaterError) && isRefusedAccess(error)) {
    const what_to_do =
      'Give the service account of the worker its roles again (`terraform apply` sees what is missing), enable the API or the billing; the error says which. What waits goes on by itself.';
    logger.error({ code, waits, what_to_do, error }, 'refused by a service');
    return;
  }
  const cause = waits === 0 || waits === LONG_WAIT ? { error } : {};
  if (waits === LONG_WAIT) logger.error({ code, waits, ...cause }, 'waits long');
  else logger.info({ code, waits, ...cause }, 'waits for the service');
}

function outcomeOf(error: unknown, lease: Lease, deps: WorkerDeps): Outcome {
  // Firestore refuses all that this delivery would still write.
  if (lease.signal.aborted && !lease.isReleased) return { kind: 'stop' };
  // The work is done: only its last write failed, or what follows it.
  if (lease.isUnwritten || lease.isReleased) return { kind: 'redeliver', isCounted: true };
  const { deliveries, waits = 0 } = lease.record;
  const { maxDeliveries, now, random } = deps;
  return decideOutcome(error, { deliveries, maxDeliveries, waits, nowMs: now(), random });
}

/** The lease is lost: another delivery has the media now, or its owner has deleted it, which is nobody's fault. */
async function stopWork(error: unknown, lease: Lease, deps: WorkerDeps): Promise<Answer> {
  const { media, logger } = deps;
  const { id, deliveries } = lease.record;
  const { exists } = await media.ref(id).get();
  if (exists) logger.warn({ outcome: 'stop', deliveries, error }, 'work failed');
  else logger.info({ deliveries }, 'deleted during the work');
  // Objects that we stored after the deletion must not stay.
  await removeIfGone(id, deps);
  return { done: false, status: 503, retryAfterMs: 1_000 };
}

async function answerUnclaimed(
  decision: ClaimDecision,
  media: DocumentSnapshot,
  phase: Phase,
  payload: TaskPayload,
  deps: WorkerDeps,
): Promise<Answer> {
  const { objects, queue, places, now } = deps;
  switch (decision.kind) {
    case 'wait': {
      const status = decision.reason === 'quota' ? 429 : 503;
      return { done: false, status, retryAfterMs: decision.ms };
    }
    case 'newer': {
      // Deliveries side by side make one task together, because its name has the time in steps of `NEWER_MS`.
      const suffix = `-n${Math.floor(now() / NEWER_MS)}`;
      return deliverLater(phase, payload, suffix, NEWER_MS, queue);
    }
    case 'placeless':
      return (await places.ask(media)) ? DONE : { done: false, status: 503, retryAfterMs: 1_000 };
    case 'stored':
      // The delivery that stored the bytes may have died before it enqueued the next task.
      await queue.enqueue('analyze', taskOf(decision.record));
      await objects.unstage(stagingName(payload.media_id));
      return DONE;
    case 'gone':
      // The process that deleted the media, or worked on it, may have died before it removed the objects.
      await removeIfGone(payload.media_id, deps);
      return DONE;
    default:
      return DONE;
  }
}

/** @throws {LeaseLostError} */
async function applyOutcome(
  outcome: Exclude<Outcome, { kind: 'stop' }>,
  phase: Phase,
  lease: Lease,
  deps: WorkerDeps,
): Promise<Answer> {
  const { objects, queue, logger, now } = deps;
  const { id, staging_object, staged_frames, deliveries, waits = 0 } = lease.record;
  switch (outcome.kind) {
    case 'redeliver':
      // If the error came after the release, the next delivery does the rest.
      if (!lease.isReleased) {
        await lease.release(outcome.isCounted ? {} : { deliveries: deliveries - 1 });
      }
      return { done: false, status: 503, retryAfterMs: 0 };
    case 'reschedule': {
      const { retryAtMs, code, limit, isCounted, rests } = outcome;
      await lease.release({
        retry_at: Timestamp.fromMillis(retryAtMs),
        wait_code: code,
        wait_limit: limit ?? null,
        waits: waits + 1,
        waits_since: Timestamp.fromMillis(now()),
        ...(rests && { queue_state: 'resting' }),
        deliveries: isCounted ? deliveries : deliveries - 1,
      });
      const { record } = lease;
      const suffix = `-w${record.revision}`;
      return deliverLater(phase, taskOf(record), suffix, Math.max(0, retryAtMs - now()), queue);
    }
    case 'fail': {
      // Log as an error if the cause is our service and not the file.
      const level = ERRORS[outcome.code].retryable ? 'error' : 'warn';
      const [analysis] = phase === 'analyze' ? wantedOf(lease.record) : [];
      if (analysis !== undefined) {
        const { patch, isLast } = afterFailure(lease.upcoming, outcome, now());
        await lease.release(patch);
        logger[level]({ analysis, code: outcome.code, deliveries }, 'failed');
        // The next delivery makes the next analysis.
        return isLast ? DONE : { done: false, status: 503, retryAfterMs: 0 };
      }
      const isFinal = phase === 'upload' && !ERRORS[outcome.code].retryable;
      await lease.release({
        status: 'failed',
        error_code: outcome.code,
        error_message: outcome.message,
        ...(isFinal && { staging_object: null }),
        ...(isFinal && staged_frames && { staged_frames: null }),
      });
      // Bytes that can never become a media are removed. Other bytes stay for the owner's retry.
      if (isFinal && staging_object !== null) await objects.unstage(staging_object);
      if (isFinal && staged_frames) await objects.unstage(stagedFramesName(id));
      logger[level]({ code: outcome.code, deliveries }, 'failed');
      return DONE;
    }
  }
}

/**
 * Replaces the task by one for that time. An answer of 429 would do as well, but Cloud Tasks slows down the whole queue
 * for it ("Backoff errors and enforced rates": https://cloud.google.com/tasks/docs/common-pitfalls).
 */
async function deliverLater(
  phase: Phase,
  payload: TaskPayload,
  suffix: string,
  delayMs: number,
  queue: TaskQueue,
): Promise<Answer> {
  try {
    await queue.enqueue(phase, payload, suffix, { delayMs });
    return DONE;
  } catch {
    // Cloud Tasks keeps the task that is there.
    return { done: false, status: 429, retryAfterMs: delayMs };
  }
}
