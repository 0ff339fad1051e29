/** Decides, as data, what happens to a media whose work failed. The delivery then does it. */
import { AppError, ERRORS, type ErrorCode, toAppError } from '@media-analysis/shared/errors';
import { RetryLaterError, ServiceWaitError } from '../analysis/index.ts';
import { ShuttingDownError } from '../hosting/shutdown.ts';
import { LeaseLostError } from '../media/lease.ts';

export type Outcome =
  /** Another delivery has the media now. Answer "come back later", so that the next delivery sees the end. */
  | { kind: 'stop' }
  /** Another try may succeed: release the lease, and let Cloud Tasks deliver the task again. */
  | { kind: 'redeliver' }
  /** Deliver again after a time. `isCounted`: this delivery counts among those after which the media fails. */
  | { kind: 'reschedule'; retryAtMs: number; code: ErrorCode; isCounted: boolean }
  | { kind: 'fail'; code: ErrorCode; message: string };

/** Faults of a service, not of the file: another delivery may succeed. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  'analysis_quota',
  'analysis_unavailable',
  'analysis_timeout',
  'analysis_invalid_output',
  'unavailable',
  'internal',
]);

export function decideOutcome(
  error: unknown,
  { deliveries, maxDeliveries }: { deliveries: number; maxDeliveries: number },
): Outcome {
  if (error instanceof LeaseLostError) return { kind: 'stop' };
  if (error instanceof ShuttingDownError) return { kind: 'redeliver' };
  const isLast = deliveries >= maxDeliveries;
  if (error instanceof RetryLaterError) {
    const isCounted = !(error instanceof ServiceWaitError);
    const { retryAt: retryAtMs, code } = error;
    if (!isCounted || !isLast) return { kind: 'reschedule', retryAtMs, code, isCounted };
    return {
      kind: 'fail',
      code: error.code,
      message: `${ERRORS[error.code].title}. Try again later.`,
    };
  }
  const { code, message } = describe(error);
  if (!isLast && TRANSIENT.has(code)) return { kind: 'redeliver' };
  return { kind: 'fail', code, message };
}

function describe(error: unknown): AppError {
  if ((error as { name?: unknown } | undefined)?.name === 'TimeoutError') {
    return new AppError('analysis_timeout', 'The work took too long. Try again.', { cause: error });
  }
  return toAppError(error);
}
