/** The only kind of error that this client throws, apart from the reason of an aborted signal. */
import {
  type ErrorCode,
  type ErrorKind,
  ERRORS as KINDS,
} from '@media-analysis/shared/error-codes';
import type { DayLimit, Problem } from '@media-analysis/shared/errors';
import type { RejectedFile } from '@media-analysis/shared/uploads';
import { boundedWait } from '@media-analysis/shared/wait';
import { parseJson } from './json.ts';

type ErrorOptions = { status: number; cause?: unknown } & Partial<
  Pick<MediaClientError, 'retryAfterMs' | 'rejected' | 'dayLimit' | 'requestId'>
>;

/**
 * Every error of this package. Decide by `code`. Show `message` to the user: it says in English what happened and what to do.
 * @example
 * await client.analyze(files).catch((error: unknown) => {
 *   show(error instanceof MediaClientError ? error.message : 'It was stopped.');
 * });
 */
export class MediaClientError extends Error {
  /** Always `MediaClientError`. */
  override readonly name = 'MediaClientError';
  /** A stable name of the error. */
  declare readonly code: ErrorCode;
  /** HTTP status; 0 if no answer came, or if the client itself refused the files. */
  declare readonly status: number;
  /** How long the server asked us to wait, in milliseconds, an hour at most; undefined if it did not. */
  declare readonly retryAfterMs: number | undefined;
  /** The daily limit that was reached, if that is the cause. */
  declare readonly dayLimit: DayLimit | undefined;
  /** The rejected files and their reasons, if a request was rejected as a whole. */
  declare readonly rejected: RejectedFile[];
  /** The operator finds the request in the log of the service by this id; undefined if the service did not answer. */
  declare readonly requestId: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions) {
    const { cause, rejected = [], ...rest } = options;
    super(message, { cause });
    Object.assign(this, { code, rejected, ...rest });
  }
}

/**
 * The HTTP status and the title of each error, and whether another try can succeed.
 * @example
 * if (media.error_code !== null && ERRORS[media.error_code].retryable) await client.retry(id);
 */
export const ERRORS: Readonly<Record<ErrorCode, ErrorKind>> = KINDS;

/** True if the same request may succeed later. */
export function isTransient(error: unknown): error is MediaClientError {
  return (
    error instanceof MediaClientError &&
    ([0, 408, 425, 429].includes(error.status) || error.status >= 500)
  );
}

/**
 * The error of a server that cannot be reached, for your own calls beside the client's. `ErrorNotice` shows it in the user's
 * language.
 * @example
 * const profile = await fetch('/profile').catch((cause) => Promise.reject(networkError(cause)));
 */
export function networkError(cause: unknown): MediaClientError {
  return new MediaClientError(
    'unavailable',
    'The server cannot be reached, or the connection broke off. Check your connection and try again.',
    { status: 0, cause },
  );
}

/** Fails the call: a part of the client could not be loaded. */
export function notLoaded(cause: unknown): never {
  throw networkError(cause);
}

/** An answer that breaks off, or that is a web page. Unlike a server that cannot be reached, this may never change. */
export class BrokenAnswerError extends MediaClientError {
  constructor(cause: unknown) {
    const message =
      'Another server answers, or each answer breaks off. Check your connection and try again.';
    super('unavailable', message, { status: 0, cause });
  }
}

/** The error for a file whose media was deleted before all bytes had arrived. */
export function deletedWhileSending({ name }: File): MediaClientError {
  return new MediaClientError('not_found', `“${name}” was removed while it was being sent.`, {
    status: 404,
  });
}

/** Turns an answer that is not 2xx into an error. In a proxy's answer, only the status has a meaning. */
export function errorOfAnswer(
  status: number,
  retryAfter: string | null,
  body: string,
): MediaClientError {
  const { code, detail, ...problem } = (parseJson(body) ?? {}) as Partial<Problem>;
  const isOurs = typeof code === 'string' && typeof detail === 'string';
  return new MediaClientError(isOurs ? code : codeOf(status), isOurs ? detail : textOf(status), {
    status,
    // A timer ends at once if it is longer than 25 days.
    retryAfterMs: boundedWait(Number.parseFloat(retryAfter ?? '') * 1_000),
    rejected: (problem.rejected ?? []) as RejectedFile[],
    dayLimit: problem.day_limit,
    requestId: problem.request_id,
  });
}

const CODES: Partial<Record<number, ErrorCode>> = {
  401: 'unauthenticated',
  403: 'unauthenticated',
  404: 'not_found',
  408: 'request_timeout',
  413: 'body_too_large',
  429: 'rate_limited',
};

function codeOf(status: number): ErrorCode {
  return CODES[status] ?? (status >= 500 ? 'unavailable' : 'invalid_request');
}

function textOf(status: number): string {
  return status === 429 || status >= 500
    ? 'The service is not available now. Try again in a moment.'
    : `The request was refused (${status}).`;
}
