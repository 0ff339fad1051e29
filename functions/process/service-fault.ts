/** Tells the fault of one of Google's services apart from a fault of ours or of a file. */
import { AppError, toAppError } from '@media-analysis/shared/errors';
import { ABORTED, DEADLINE_EXCEEDED, hasCode, UNAVAILABLE } from './grpc-status.ts';

const CANCELLED = 1;
const UNKNOWN = 2;
/** A role was taken away, an API or the billing switched off. */
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const INTERNAL = 13;
/** A token that expired on its way. */
const UNAUTHENTICATED = 16;

/** https://cloud.google.com/storage/docs/retry-strategy#retryable */
const TIMEOUT = 408;
const TOO_MANY_REQUESTS = 429;
/** What a proxy says of a connection that broke. */
const CLOSED_REQUEST = 499;
/** A key that was revoked, a role that was taken away, a project without billing. */
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const STATUSES: ReadonlySet<unknown> = new Set([
  ...[UNAUTHORIZED, FORBIDDEN],
  ...[TIMEOUT, TOO_MANY_REQUESTS, CLOSED_REQUEST],
]);

/** Answered with 404, as an object that is not there: https://cloud.google.com/storage/docs/json_api/v1/status-codes */
const NO_BUCKET = /bucket does not exist/i;

/** The connection could not be made, or broke: codes of Node and of its `fetch`. */
const NETWORK = /^(E(CONN|HOST|NET|AI_AGAIN|NOTFOUND|TIMEDOUT)|UND_ERR_)/;

/** How many causes of an error are looked at. */
const MAX_DEPTH = 5;

/** A service could not be reached, or what it sent is no answer to the question. */
export class UnusableAnswerError extends Error {
  override readonly name = 'UnusableAnswerError';
}

/** Whether a call to Firestore or Cloud Tasks failed in a way that another call may not. */
export function isGrpcFault(error: unknown): boolean {
  return someCause(error, (each) =>
    hasCode(
      each,
      ...[CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, PERMISSION_DENIED, RESOURCE_EXHAUSTED],
      ...[ABORTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED],
    ),
  );
}

/** Whether Cloud Storage did not answer, answered that it cannot at the moment, or lets nobody in. */
export function isStorageFault(error: unknown): boolean {
  return someCause(error, (each) => {
    if (each instanceof UnusableAnswerError) return true;
    const { code, message } = each as { code?: unknown; message?: unknown };
    if (typeof code === 'string') return NETWORK.test(code);
    if (code === 404) return NO_BUCKET.test(String(message));
    return STATUSES.has(code) || Number(code) >= 500;
  });
}

/** Whether a service lets us in no longer: it goes on like that until an operator acts. */
export function isRefusedAccess(error: unknown): boolean {
  return someCause(error, (each) => {
    return hasCode(each, UNAUTHORIZED, FORBIDDEN, PERMISSION_DENIED, UNAUTHENTICATED);
  });
}

/**
 * Whether a service is at fault, and not the file: another delivery may succeed.
 * @example if (isServiceFault(error)) throw new ServiceWaitError('unavailable', now);
 */
export function isServiceFault(error: unknown): boolean {
  return isGrpcFault(error) || isStorageFault(error);
}

/** What a caller is told: a service that does not answer now may do so in a moment, until then nothing else can be said. */
export function toCallerError(thrown: unknown): AppError {
  if (!isServiceFault(thrown) || isRefusedAccess(thrown)) return toAppError(thrown);
  const message = 'A service that this one needs does not answer now. Try again in a moment.';
  return new AppError('unavailable', message, { cause: thrown });
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
