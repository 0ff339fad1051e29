/** Separates faults of Google's services from our own faults, and from faults of a file. */
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
/** A proxy reports a broken connection. */
const CLOSED_REQUEST = 499;
/** A key that was revoked, a role that was taken away, a project without billing. */
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;
const STATUSES: ReadonlySet<unknown> = new Set([
  ...[UNAUTHORIZED, FORBIDDEN],
  ...[TIMEOUT, TOO_MANY_REQUESTS, CLOSED_REQUEST],
]);

/** A missing object has the same status, 404: https://cloud.google.com/storage/docs/json_api/v1/status-codes */
const NO_BUCKET = /bucket does not exist/i;

/** Codes of Node and of its `fetch` for connections that failed or broke. */
const NETWORK = /^(E(CONN|HOST|NET|AI_AGAIN|NOTFOUND|TIMEDOUT)|UND_ERR_)/;

/** Causes of an error that are checked. */
const MAX_DEPTH = 5;

/** A service could not be reached, or sent an answer that makes no sense. */
export class UnusableAnswerError extends Error {
  override readonly name = 'UnusableAnswerError';
}

/** True if another call to Firestore or Cloud Tasks may succeed. */
export function isGrpcFault(error: unknown): boolean {
  return someCause(error, (each) =>
    hasCode(
      each,
      ...[CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, PERMISSION_DENIED, RESOURCE_EXHAUSTED],
      ...[ABORTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED],
    ),
  );
}

/** True if Cloud Storage did not answer, is not able to at the moment, or lets nobody in. */
export function isStorageFault(error: unknown): boolean {
  return someCause(error, (each) => {
    if (each instanceof UnusableAnswerError) return true;
    const { code, message } = each as { code?: unknown; message?: unknown };
    if (typeof code === 'string') return NETWORK.test(code);
    if (code === 404) return NO_BUCKET.test(String(message));
    return STATUSES.has(code) || Number(code) >= 500;
  });
}

/** True if a service no longer lets us in. This lasts until an operator acts. */
export function isRefusedAccess(error: unknown): boolean {
  return someCause(error, (each) => {
    return hasCode(each, UNAUTHORIZED, FORBIDDEN, PERMISSION_DENIED, UNAUTHENTICATED);
  });
}

/**
 * True if a service is at fault and not the file, so that another delivery may succeed.
 * @example if (isServiceFault(error)) throw new ServiceWaitError('unavailable', now);
 */
export function isServiceFault(error: unknown): boolean {
  return isGrpcFault(error) || isStorageFault(error);
}

/** A caller may try again in a moment if a service is at fault. Refused access lasts longer, so it stays an internal error. */
export function toCallerError(thrown: unknown): AppError {
  if (!isServiceFault(thrown) || isRefusedAccess(thrown)) return toAppError(thrown);
  const message = 'A service that this one needs does not answer now. Try again in a moment.';
  return new AppError('unavailable', message, { cause: thrown });
}

/** Stops at our own errors with a code: they say more than their causes. */
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
