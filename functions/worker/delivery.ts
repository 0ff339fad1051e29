/** One delivery of a task: claim, work, write what came of it, answer Cloud Tasks. */

import { type DocumentReference, Timestamp } from '@google-cloud/firestore';
import { AppError, ERRORS } from '@media-analysis/shared/errors';
import type { Phase, TaskPayload } from '@media-analysis/shared/media';
import { type ClaimDecision, claim } from '../media/claim.ts';
import type { Lease } from '../media/lease.ts';
import { type MediaRecord, nextPhase, taskOf } from '../media/record.ts';
import type { MediaStore } from '../media/store.ts';
import type { TaskQueue } from '../media/task-queue.ts';
import type { Logger } from '../process/log.ts';
import { type ObjectStore, stagingName } from '../storage/objects.ts';
import { decideOutcome, type Outcome } from './outcome.ts';

export interface WorkerDeps {
  media: MediaStore;
  objects: ObjectStore;
  queue: TaskQueue;
  logger: Logger;
  leaseMs: number;
  maxDeliveries: number;
  /** How long one delivery may work, in milliseconds. */
  budgetMs: number;
  now: () => number;
}

/** Whether Cloud Tasks is to forget the task or to deliver it again, and when. */
export type Answer = { done: true } | { done: false; status: 429 | 503; retryAfterMs: number };

const DONE: Answer = { done: true };

/** Does the work of one phase under `lease`, and releases it with what came of it. */
export type Work = (
  lease: Lease,
  limits: { signal: AbortSignal; deadline: number },
) => Promise<void>;

/**
 * @param signal Aborted when Cloud Tasks hangs up, or the instance is shutting down.
 * @param isFirst Whether this task was never delivered before, as far as Cloud Tasks knows.
 */
export async function deliver(
  phase: Phase,
  payload: TaskPayload,
  deps: WorkerDeps,
  work: Work,
  signal: AbortSignal,
  isFirst = false,
): Promise<Answer> {
  const ref = deps.media.ref(payload.media_id);
  const { decision, lease } = await claim(ref, phase, payload, { ...deps, isFirst });
  if (!lease) {
    deps.logger.info({ decision: decision.kind }, 'not claimed');
    return answerUnclaimed(decision, payload, deps);
  }
  const isExhausted = decision.kind === 'exhausted';
  deps.logger.info({ deliveries: lease.record.deliveries }, isExhausted ? 'exhausted' : 'claimed');
  const stop = AbortSignal.any([lease.signal, signal, AbortSignal.timeout(deps.budgetMs)]);
  try {
    if (isExhausted) {
      throw new AppError(
        'internal',
        `The work on "${lease.record.file_name}" broke off ${deps.maxDeliveries} times. Try again.`,
      );
    }
    const limits = { signal: stop, deadline: deps.now() + deps.budgetMs };
    await untilAborted(work(lease, limits), stop);
    return DONE;
  } catch (thrown) {
    // An abort surfaces as whatever the library underneath makes of it; the signal knows better.
    const error = stop.aborted ? stop.reason : thrown;
    const { deliveries } = lease.record;
    const outcome = decideOutcome(error, { deliveries, maxDeliveries: deps.maxDeliveries });
    // Of what stops all files alike the log has been told, once and as an error.
    const isOfService = outcome.kind === 'reschedule' && !outcome.isCounted;
    if (isOfService) deps.logger.info({ code: outcome.code }, 'waits for the service');
    else deps.logger.warn({ outcome: outcome.kind, deliveries, error }, 'work failed');
    return await applyOutcome(outcome, phase, ref, lease, deps);
  } finally {
    lease.abandon();
  }
}

/** A call that never answers must not keep the lease alive for ever. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function answerUnclaimed(
  decision: ClaimDecision,
  payload: TaskPayload,
  { objects, queue }: WorkerDeps,
): Promise<Answer> {
  switch (decision.kind) {
    case 'wait': {
      const status = decision.reason === 'quota' ? 429 : 503;
      return { done: false, status, retryAfterMs: decision.ms };
    }
    case 'stored':
      // The delivery that stored it may have died before it put the next task on its queue.
      await queue.enqueue('analyze', taskOf(decision.record));
      await objects.unstage(stagingName(payload.media_id));
      return DONE;
    case 'gone':
      // Whoever deleted it, or worked on it then, may have died before the objects were removed.
      await objects.removeAll(payload.media_id);
      return DONE;
    default:
      return DONE;
  }
}

async function applyOutcome(
  outcome: Outcome,
  phase: Phase,
  ref: DocumentReference,
  lease: Lease,
  { objects, logger, now }: WorkerDeps,
): Promise<Answer> {
  const { id, staging_object, deliveries } = lease.record;
  switch (outcome.kind) {
    case 'stop':
      // Deleted while we worked: what we stored meanwhile belongs to nobody.
      if (!(await ref.get()).exists) await objects.removeAll(id);
      return { done: false, status: 503, retryAfterMs: 1_000 };
    case 'redeliver':
      // What could not be done after the release, the next delivery does.
      if (!lease.isReleased) await lease.release({});
      return { done: false, status: 503, retryAfterMs: 0 };
    case 'reschedule': {
      const { retryAtMs, code, isCounted } = outcome;
      await lease.release({
        retry_at: Timestamp.fromMillis(retryAtMs),
        wait_code: code,
        deliveries: isCounted ? deliveries : deliveries - 1,
      });
      return { done: false, status: 429, retryAfterMs: Math.max(0, retryAtMs - now()) };
    }
    case 'fail': {
      const isFinal = phase === 'upload' && !ERRORS[outcome.code].retryable;
      await lease.release({
        status: 'failed',
        error_code: outcome.code,
        error_message: outcome.message,
        ...(isFinal && { staging_object: null }),
      });
      // Bytes that can never become a media are of no use; others wait for the owner's retry.
      if (isFinal && staging_object !== null) await objects.unstage(staging_object);
      // What is not the file's fault somebody should look at.
      const level = ERRORS[outcome.code].retryable ? 'error' : 'warn';
      logger[level]({ code: outcome.code, deliveries }, 'failed');
      return DONE;
    }
  }
}

/** Puts what is left to do of a media on its queue. @returns whether it was not there already. */
export async function enqueueNext(
  record: MediaRecord,
  queue: TaskQueue,
  suffix = '',
): Promise<boolean> {
  return queue.enqueue(nextPhase(record), taskOf(record), suffix);
}
