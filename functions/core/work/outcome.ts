/** Decides, as data, what happens to a media whose work failed. The delivery then does it. */
import { AppError, ERRORS, type ErrorCode, toAppError } from '@media-analysis/shared/errors';
import type { WaitLimit } from '@media-analysis/shared/media';
import {
  CallLimitError,
  RetryLaterError,
  ServiceWaitError,
  SpendCapError,
} from '../../analysis/index.ts';
import { ShuttingDownError } from '../../hosting/shutdown.ts';
import { isServiceFault } from '../../process/service-fault.ts';
import { LeaseLostError } from './lease.ts';

export type Outcome =
  /** Another delivery has the media now, or it was deleted. Answer "come back later": the next delivery sees the end. */
  | { kind: 'stop' }
  /**
   * Another try may succeed: release the lease, and let Cloud Tasks deliver the task again. `isCounted`: this delivery
   * counts among those after which the media fails.
   */
  | { kind: 'redeliver'; isCounted: boolean }
  /** Deliver again after a time. `rests`: the wait is so long that the media gives its place in the queues away. */
  | {
      kind: 'reschedule';
      retryAtMs: number;
      code: ErrorCode;
      /** The limit of the day that is reached, if that is the reason. */
      limit?: WaitLimit;
      isCounted: boolean;
      rests: boolean;
    }
  | { kind: 'fail'; code: ErrorCode; message: string };

/** Errors that another delivery may not meet, although no service is known to be at fault. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set([
  'analysis_unavailable',
  'analysis_timeout',
  'unavailable',
  'internal',
]);

interface DeliveryState {
  /** How often the media was delivered, with this delivery. */
  deliveries: number;
  maxDeliveries: number;
  /** How often the media was made to wait before, in a row. */
  waits: number;
  nowMs: number;
  /** 0 ≤ x < 1. */
  random: () => number;
}

export function decideOutcome(error: unknown, state: DeliveryState): Outcome {
  if (error instanceof LeaseLostError) return { kind: 'stop' };
  if (error instanceof ShuttingDownError) return { kind: 'redeliver', isCounted: false };
  const isLast = state.deliveries >= state.maxDeliveries;
  const wait = waitOf(error);
  if (wait && !(wait.isCounted && isLast)) {
    const { code, isCounted } = wait;
    const retryAtMs = Math.max(spread(wait.retryAtMs, state), state.nowMs + waitMs(state));
    const rests = retryAtMs - state.nowMs >= (code === 'analysis_quota' ? MINUTE_MS : REST_MS);
    const limit = error instanceof SpendCapError && { limit: error.limit };
    return { kind: 'reschedule', retryAtMs, code, ...limit, isCounted, rests };
  }
  if (wait) {
    const message = `${ERRORS[wait.code].title}. Try again later.`;
    return { kind: 'fail', code: wait.code, message };
  }
  const { code, message } = describe(error);
  const isFinal = isLast || error instanceof CallLimitError;
  if (!isFinal && TRANSIENT.has(code)) return { kind: 'redeliver', isCounted: true };
  return { kind: 'fail', code, message };
}

/** A fault of a service is waited for, and never counts against the file. */
function waitOf(
  error: unknown,
): { code: ErrorCode; retryAtMs: number; isCounted: boolean } | undefined {
  if (error instanceof RetryLaterError) {
    const { code, retryAt: retryAtMs } = error;
    return { code, retryAtMs, isCounted: !(error instanceof ServiceWaitError) };
  }
  return isServiceFault(error)
    ? { code: 'unavailable', retryAtMs: 0, isCounted: false }
    : undefined;
}

const WAIT_STEP_MS = 15_000;
const MAX_WAIT_MS = 3_600_000;

/**
 * Each wait is longer than the one before by the same step, so a wait is always short beside the outage: about 2
 * minutes after 10 minutes, and 7 after 2 hours. The random half keeps media that failed together from returning
 * together.
 */
function waitMs({ waits, random }: DeliveryState): number {
  return Math.min(MAX_WAIT_MS, WAIT_STEP_MS * (waits + 1)) * (0.5 + random() / 2);
}

const MAX_SPREAD_MS = 10 * 60_000;

/** Thousands of media may wait for the same moment, such as midnight. They must not fill the queues at that moment. */
function spread(retryAtMs: number, { nowMs, random }: DeliveryState): number {
  return retryAtMs + random() * Math.min(MAX_SPREAD_MS, Math.max(0, retryAtMs - nowMs) / 10);
}

/**
 * A media that waits this long or longer gives its place away. The first wait of an outage is shorter, so a service that
 * fails for a moment costs no further write. All later waits are longer, so an outage of the model does not stop storing.
 */
const REST_MS = 15_000;
/** A quota of a minute lets some media through all the time: they keep their places for so long. */
const MINUTE_MS = 60_000;

function describe(error: unknown): AppError {
  if ((error as { name?: unknown } | undefined)?.name === 'TimeoutError') {
    return new AppError('analysis_timeout', 'The work took too long. Try again.', { cause: error });
  }
  return toAppError(error);
}
