/**
 * One table of everything that can go wrong, used for both kinds of error a person meets: the
 * `code` of an `application/problem+json` answer (RFC 9457) and the `error_code` of a failed media.
 */
import { z } from 'zod';

interface ErrorKind {
  /** HTTP status when the error answers a request. */
  status: number;
  /** The RFC 9457 `title`: the same for every occurrence. */
  title: string;
  /** Whether trying a failed media again can help without uploading another file. */
  retryable: boolean;
}

export const ERRORS = {
  invalid_request: { status: 400, title: 'Invalid request', retryable: false },
  malformed_body: { status: 400, title: 'Malformed request body', retryable: false },
  no_file: { status: 400, title: 'No file in the request', retryable: false },
  empty_file: { status: 400, title: 'Empty file', retryable: false },
  unauthenticated: { status: 401, title: 'Not signed in', retryable: false },
  not_found: { status: 404, title: 'Not found', retryable: false },
  method_not_allowed: { status: 405, title: 'Method not allowed', retryable: false },
  not_retryable: { status: 409, title: 'Nothing to retry', retryable: false },
  not_ready: { status: 409, title: 'Not ready yet', retryable: false },
  file_too_large: { status: 413, title: 'File too large', retryable: false },
  body_too_large: { status: 413, title: 'Request too large', retryable: false },
  too_many_files: { status: 413, title: 'Too many files', retryable: false },
  not_multipart: { status: 415, title: 'Not a multipart form', retryable: false },
  unsupported_media_type: { status: 415, title: 'Unsupported file type', retryable: false },
  media_corrupt: { status: 422, title: 'File cannot be decoded', retryable: false },
  media_too_complex: { status: 422, title: 'Picture too large to decode', retryable: false },
  idempotency_key_reused: { status: 422, title: 'Idempotency key reused', retryable: false },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  media_missing: { status: 410, title: 'Uploaded bytes are gone', retryable: false },
  analysis_blocked: { status: 422, title: 'Analysis refused by the model', retryable: false },
  analysis_rejected: { status: 502, title: 'Analysis request refused', retryable: true },
  analysis_invalid_output: { status: 502, title: 'Unusable analysis result', retryable: true },
  analysis_quota: { status: 429, title: 'Analysis quota used up', retryable: true },
  analysis_unavailable: { status: 503, title: 'Analysis unavailable', retryable: true },
  analysis_timeout: { status: 504, title: 'Analysis took too long', retryable: true },
  unavailable: { status: 503, title: 'Temporarily unavailable', retryable: true },
  internal: { status: 500, title: 'Internal error', retryable: true },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERRORS;

export const errorCodeSchema = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

interface AppErrorOptions {
  /** What went wrong underneath; goes to the log, never to a person. */
  cause?: unknown;
  /** How long the server that refused asked us to wait, in milliseconds. */
  retryAfterMs?: number;
  /** Further members of the problem document, e.g. `{ rejected: [...] }`. */
  extensions?: Record<string, unknown>;
}

/**
 * An error with a stable code and a message that a person can act on. `message` is public: it says
 * what happened, to which file, and what to do now; whatever must stay inside goes to `cause`.
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;
  readonly extensions: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.extensions = options.extensions ?? {};
  }
}

/** Any thrown value as an `AppError`: what is not one already becomes `internal`, its text hidden. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('internal', 'Something went wrong on our side. Try again in a moment.', {
    cause: error,
  });
}

/** RFC 9457 problem document. */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: errorCodeSchema,
  detail: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

/** The problem document that answers a request which failed with `error`. */
export function toProblem(error: AppError): Problem {
  const { status, title } = ERRORS[error.code];
  return {
    ...error.extensions,
    type: `urn:media-analysis:problem:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
  };
}
