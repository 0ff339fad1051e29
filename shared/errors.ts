/** The errors that the code throws, and the problem documents that a request gets for them. */
import { z } from 'zod';
import { ERRORS, type ErrorCode } from './error-codes.ts';

export { ERRORS, type ErrorCode };

export const errorCodeSchema = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

interface AppErrorOptions {
  /** The error underneath. It goes to the log and is never shown to a person. */
  cause?: unknown;
  /** How long the server that refused the call asked us to wait, in milliseconds. */
  retryAfterMs?: number;
  /** Further members of the problem document, e.g. `{ rejected: [...] }`. */
  extensions?: Record<string, unknown>;
}

/**
 * An error with a stable code and a message that a person can act on. The message is public: it
 * says what happened, to which file, and what to do now. Internal details belong in `cause`.
 *
 * @example throw new AppError('not_found', 'There is no such media. Check the id.', { cause: error
 * });
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

/**
 * Turns any thrown value into an `AppError`. An unknown error becomes `internal`, and its text
 * stays hidden.
 */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('internal', 'Something went wrong on our side. Try again in a moment.', {
    cause: error,
  });
}

export const dayLimitSchema = z.object({
  /** How many files a day may have; absent if that is not what was reached. */
  files: z.number().int().positive().optional(),
  /** How many bytes a day may have; absent if that is not what was reached. */
  bytes: z.number().int().positive().optional(),
  /** When the day ends: from then on, the file may be sent. */
  ends_at: z.iso.datetime(),
  /** The same as the seconds from now, for those whose clock is wrong. */
  ends_in_s: z.number().int().positive(),
});
/** Why a file was not accepted: it would have been more than its owner may send in a day. */
export type DayLimit = z.infer<typeof dayLimitSchema>;

/** RFC 9457 problem document. */
export const problemSchema = z.looseObject({
  /** Where the code is explained. */
  type: z.string(),
  /** The code in a few words. */
  title: z.string(),
  /** The status of the answer. */
  status: z.number().int(),
  /** What went wrong, as a stable name: programs decide by it. */
  code: errorCodeSchema,
  /** What happened, and what to do now: for a person, in English. */
  detail: z.string(),
  /** The same as in the header `X-Request-Id`, and in the log of the service. Absent if no unit has answered. */
  request_id: z.string().optional(),
  /** Of `rate_limited`: the limit of the day, if that is what was reached. */
  day_limit: dayLimitSchema.optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** Where each code is explained. RFC 9457 §3.1.1 allows an address without a host, if it has its whole path. */
export const PROBLEM_TYPES = '/api/docs#';

/** The RFC 9457 document that answers a request which failed with `error`. */
export function toProblem(error: AppError): Problem {
  const { status, title } = ERRORS[error.code];
  return {
    ...error.extensions,
    type: `${PROBLEM_TYPES}${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.message,
  };
}
