/** Tells the fault of one of Google's services apart from a fault of ours or of a file. */
import { AppError } from '@media-analysis/shared/errors';
import { hasCode } from './grpc-status.ts';

const CANCELLED = 1;
const UNKNOWN = 2;
const DEADLINE_EXCEEDED = 4;
const RESOURCE_EXHAUSTED = 8;
const ABORTED = 10;
const INTERNAL = 13;
const UNAVAILABLE = 14;
/** A token that expired on its way. */
const UNAUTHENTICATED = 16;

/** https://cloud.google.com/storage/docs/retry-strategy#retryable */
const TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;

/** The connection could not be made, or broke: codes of Node and of its `fetch`. */
const NETWORK = /^(E(CONN|HOST|NET|AI_AGAIN|NOTFOUND|TIMEDOUT)|UND_ERR_)/;

/** How many causes of an error are looked at. */
const MAX_DEPTH = 5;

/** Whether a call to Firestore or Cloud Tasks failed in a way that another call may not. */
export function isGrpcFault(error: unknown): boolean {
  return someCause(error, (each) =>
    hasCode(
      each,
      ...[CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED],
      ...[ABORTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED],
    ),
  );
}

/** Whether Cloud Storage did not answer, or answered that it cannot at the moment. */
export function isStorageFault(error: unknown): boolean {
  return someCause(error, (each) => {
    const { code } = each as { code?: unknown };
    if (typeof code === 'string') return NETWORK.test(code);
    return code === TIMEOUT || code === TOO_MANY_REQUESTS || Number(code) >= 500;
  });
}

/**
 * Whether a service is at fault, and not the file: another delivery may succeed.
 * @example if (isServiceFault(error)) throw new ServiceWaitError('unavailable', now);
 */
export function isServiceFault(error: unknown): boolean {
  return isGrpcFault(error) || isStorageFault(error);
}

/** An error of ours that has a code has been understood already, so its causes say nothing more. */
function someCause(error: unknown, test: (error: object) => boolean): boolean {
  let each = error;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (typeof each !== 'object' || each === null) return false;
    if (each instanceof AppError && each.code !== 'internal') return false;
    if (test(each)) return true;
    each = (each as { cause?: unknown }).cause;
  }
  return false;
}
