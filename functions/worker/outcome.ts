/** What becomes of a media whose work failed: decided here as data, carried out by the delivery. */
import { AppError, ERRORS, type ErrorCode, toAppError } from '@media-analysis/shared/errors';
import { RetryLaterError, ServiceWaitError } from '../analysis/index.ts';
import { ShuttingDownError } from '../hosting/shutdown.ts';
import { LeaseLostError } from '../media/lease.ts';

export type Outcome =
  /** Not ours any more: say "come back later", and another delivery will see how it ended. */
  | { kind: 'stop' }
  /** It may go better next time: give the lease back and have the task delivered again. */
  | { kind: 'redeliver' }
  /** Not before a time; `isCounted`: among the deliveries after which it fails. */
  | { kind: 'reschedule'; retryAtMs: number; code: ErrorCode; isCounted: boolean }
  | { kind: 'fail'; code: ErrorCode; message: string };

/** Codes that speak of the service and not of the file: worth another delivery. */
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
