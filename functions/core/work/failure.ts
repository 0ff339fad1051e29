/** Ends a delivery whose work has failed, as `outcome.ts` decides. */
import { Timestamp } from '@google-cloud/firestore';
import { ERRORS, type ErrorCode } from '@media-analysis/shared/errors';
import type { Phase } from '@media-analysis/shared/media';
import { RetryLaterError } from '../../analysis/index.ts';
import type { Logger } from '../../process/log.ts';
import { isRefusedAccess } from '../../process/service-fault.ts';
import { stagedFramesName } from '../../storage/objects.ts';
import { taskOf, wantedOf } from '../media/record.ts';
import { afterFailure } from './attempt.ts';
import { type Lease, LeaseLostError } from './lease.ts';
import { decideOutcome, type Outcome } from './outcome.ts';
import { deliverLater, removeIfGone } from './unclaimed.ts';
import { type Answer, DONE, type WorkerDeps } from './work.ts';

/**
 * Writes how the delivery has ended, and says what Cloud Tasks is answered.
 * @param error The reason, as it is known when the work has ended.
 */
export async function endInFailure(
  error: unknown,
  phase: Phase,
  lease: Lease,
  deps: WorkerDeps,
): Promise<Answer> {
  const { deliveries, waits = 0 } = lease.record;
  const outcome = outcomeOf(error, lease, deps);
  if (outcome.kind === 'stop') return stopWork(error, lease, deps);
  const isOfService = outcome.kind === 'reschedule' && !outcome.isCounted;
  if (isOfService) logWait(outcome.code, waits, error, deps.logger);
  else deps.logger.warn({ outcome: outcome.kind, deliveries, error }, 'work failed');
  return applyOutcome(outcome, phase, lease, deps).catch((failure: unknown) => {
    if (failure instanceof LeaseLostError) return stopWork(failure, lease, deps);
    throw failure;
  });
}

/** After so many waits in a row, about 40 minutes, an operator should know. */
const LONG_WAIT = 20;

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
