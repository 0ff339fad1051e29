/** One delivery of a task: claim the media, do the work, write the outcome, answer Cloud Tasks. */
import { AppError } from '@media-analysis/shared/errors';
import type { Phase, TaskPayload } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';
import { ServiceWaitError } from '../../analysis/index.ts';
import { startTimeLimit, untilAborted } from '../../process/time-limit.ts';
import type { MediaRecord } from '../media/record.ts';
import { claim } from './claim.ts';
import { endInFailure } from './failure.ts';
import { answerUnclaimed, checkRemoval } from './unclaimed.ts';
import { type Answer, CALLS_SHARE, DONE, type Work, type WorkerDeps } from './work.ts';

interface TaskDelivery {
  phase: Phase;
  payload: TaskPayload;
  work: Work;
  /** Aborted when Cloud Tasks disconnects, or when the instance shuts down. */
  signal: AbortSignal;
  /** This is the first delivery of the task, as far as Cloud Tasks knows. */
  isFirst?: boolean;
}

export async function deliver(
  { phase, payload, work, signal, isFirst = false }: TaskDelivery,
  deps: WorkerDeps,
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
    return await endInFailure(error, phase, lease, deps);
  } finally {
    budget.clear();
    lease.abandon();
    await Promise.all([
      passOnPlace(lease.record, payload, deps),
      deps.moments.ended(lease, signal),
    ]);
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
