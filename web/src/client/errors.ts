/** The one kind of error that this client throws, besides the reason of a signal that was aborted. */
import type { RejectedFile } from '@media-analysis/shared/api';
import type { ErrorCode, Problem } from '@media-analysis/shared/errors';

interface MediaClientErrorOptions {
  /** HTTP status; 0 when there was no answer. */
  status: number;
  /** How long the server asked us to wait, in milliseconds. */
  retryAfterMs?: number | undefined;
  rejected?: RejectedFile[];
  cause?: unknown;
}

/** `message` is meant for people: what happened, and what to do now. */
export class MediaClientError extends Error {
  override readonly name = 'MediaClientError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  /** The files of a request that was refused as a whole, each with its own reason. */
  readonly rejected: RejectedFile[];

  constructor(code: ErrorCode, message: string, options: MediaClientErrorOptions) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.rejected = options.rejected ?? [];
  }
}

/** Whether the same request can succeed a little later. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof MediaClientError)) return false;
  return [0, 408, 425, 429].includes(error.status) || error.status >= 500;
}

export function networkError(cause: unknown): MediaClientError {
  return new MediaClientError(
    'unavailable',
    'The server cannot be reached. Check your connection and try again.',
    { status: 0, cause },
  );
}

/** A file whose media somebody deleted before it had arrived. */
export function goneMeanwhile({ name }: File): MediaClientError {
  return new MediaClientError('not_found', `“${name}” was removed while it was being sent.`, {
    status: 404,
  });
}

/**
 * What an answer other than the hoped-for one says. It may come from something in between that does
 * not speak `application/problem+json`: then only its status counts.
 */
export function errorOfAnswer(
  status: number,
  retryAfter: string | null,
  body: string,
): MediaClientError {
  const problem = parseProblem(body);
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  return new MediaClientError(problem?.code ?? codeOf(status), problem?.detail ?? textOf(status), {
    status,
    retryAfterMs: Number.isNaN(seconds) ? undefined : seconds * 1_000,
    rejected: (problem?.rejected as RejectedFile[] | undefined) ?? [],
  });
}

function parseProblem(body: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null) return undefined;
    const { code, detail } = value as Partial<Problem>;
    if (typeof code !== 'string' || typeof detail !== 'string') return undefined;
    return value as Problem;
  } catch {
    return undefined;
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return 'unauthenticated';
  if (status === 404) return 'not_found';
  if (status === 413) return 'body_too_large';
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'unavailable' : 'invalid_request';
}

function textOf(status: number): string {
  if (status === 413) return 'This is more than fits into one request. Send less at a time.';
  if (status === 429) return 'Too much is going on just now. Try again in a moment.';
  if (status >= 500) return 'The service is not available just now. Try again in a moment.';
  return `The request was refused (${status}).`;
}
