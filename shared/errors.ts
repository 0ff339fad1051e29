/** The errors that the code throws, and the problem documents that a request gets for them. */
import { z } from 'zod';
import { ERRORS, type ErrorCode } from './error-codes.ts';

export { ERRORS, type ErrorCode };

export const errorCodeSchema = z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]);

/** What one caller may have in `windowS` seconds, and what is left of it. `unit`: by default requests. */
export interface Quota {
  name: string;
  most: number;
  left: number;
  windowS: number;
  unit?: 'content-bytes' | undefined;
}

interface AppErrorOptions {
  /** The underlying error. It goes to the log and is never shown to a person. */
  cause?: unknown;
  /** The wait that the refusing server asked for, in milliseconds. */
  retryAfterMs?: number;
  /** The limit that was reached; with `retryAfterMs`. */
  quota?: Quota;
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
  readonly quota: Quota | undefined;
  readonly extensions: Record<string, unknown>;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
    this.quota = options.quota;
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
  /** Files a day. Only if this limit was reached. */
  files: z.number().int().positive().optional(),
  /** Bytes a day. Only if this limit was reached. */
  bytes: z.number().int().positive().optional(),
  /** The end of the day. From then on, the file may be sent. */
  ends_at: z.iso.datetime(),
  /** Seconds until then, for callers whose clock is wrong. */
  ends_in_s: z.number().int().positive(),
});
/** The daily limit of an owner. The service refused a file that would have exceeded it. */
export type DayLimit = z.infer<typeof dayLimitSchema>;

/** RFC 9457 problem document. */
export const problemSchema = z.looseObject({
  /** Address of the explanation of the code. */
  type: z.string(),
  /** The code in a few words. */
  title: z.string(),
  /** The status of the answer. */
  status: z.number().int(),
  /** Stable name of the error: programs decide by it. */
  code: errorCodeSchema,
  /** Tells a person, in English, what happened and what to do now. */
  detail: z.string(),
  /** The same as in the header `X-Request-Id` and in the log of the service. Only if a unit has answered. */
  request_id: z.string().optional(),
  /** With `rate_limited`: the daily limit, if it was reached. */
  day_limit: dayLimitSchema.optional(),
});
export type Problem = z.infer<typeof problemSchema>;

/** The page that explains each code. RFC 9457 §3.1.1 allows an address without a host, if it has its whole path. */
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

/** The meaning of each code, and what to do, for readers of the API's document. */
export const ERROR_WORDS: Record<ErrorCode, string> = {
  invalid_request:
    'A parameter, a field or a header has a value that is not allowed, or is not known. `detail` names it.',
  malformed_body: 'The body is not JSON, or not a whole form. Send it again as a whole.',
  no_file: 'The request has no file.',
  empty_file: 'The file has no bytes. Choose a file with content.',
  unauthenticated:
    'There is no token, or it is not valid any more. Sign in, and send the new token.',
  forbidden:
    'A service key has no scope for this, or a user asks for what only a service key may have.',
  media_held:
    'Moderation holds the picture back: it was not checked yet, it is unsafe, or an operator has rejected it.',
  not_found:
    'There is nothing of that name or id that is the caller’s. What belongs to somebody else looks the same.',
  method_not_allowed:
    'The address exists, but not with this method. The header `Allow` names those that it has.',
  request_timeout:
    'The body came too slowly. Send the files in smaller requests, or announce them.',
  not_retryable:
    'The media is not failed, or trying again would fail in the same way. `detail` says what helps.',
  not_ready:
    'What is asked for is not there yet, or work on the media is under way. Ask again in a moment.',
  quote_expired: 'The quote is too old to be confirmed. Ask for a new one.',
  reanalysis_conflict:
    'The reanalysis is not in a state from which this is possible, or another one runs already.',
  upload_incomplete:
    'Not all bytes of the announced file have arrived. Send the rest to its `upload_url` first.',
  precondition_failed:
    'It is not as `If-Match` says: somebody has changed it since you read it, or the work on it has. Read it again, and send your change with the new `ETag`.',
  file_too_large: 'A file has more bytes than one may have. Send a smaller version of it.',
  body_too_large: 'The request, or what it asks for, is too large. Make several requests of it.',
  too_many_files: 'There are more files than one request may have. Send them in several requests.',
  not_multipart: 'Files come as `multipart/form-data`.',
  not_json: 'The body is JSON: send it with `Content-Type: application/json`.',
  unsupported_media_type: 'The file is of a type that is not accepted.',
  upload_size_differs:
    'Another number of bytes has arrived than was announced. Announce the file again.',
  media_corrupt: 'The file cannot be decoded. Send another one.',
  media_too_complex: 'The picture has too many pixels. Send a smaller one.',
  idempotency_key_reused: 'Another request had this `Idempotency-Key`. Use a new one.',
  rate_limited:
    'The caller’s share is used up: requests at a time, or files, bytes or quotes of a time. `Retry-After` says when there is more, if that is known.',
  media_missing: 'The bytes of the upload are gone before they were stored. Send the file again.',
  analysis_not_offered:
    'The model of this service cannot make this analysis. `GET /api/analyses` says which it can make.',
  analysis_blocked: 'The model refuses to describe this picture.',
  analysis_language: 'The model cannot write this language. Ask for another one.',
  analysis_recitation: 'The model may not repeat what is written in the picture.',
  analysis_cut_off: 'The answer of the model was too long. Try again.',
  analysis_too_costly:
    'The model was asked about this media as often as may be paid for in a day. Try again tomorrow (UTC).',
  video_too_long: 'The video is too long for the model. Send a part of it.',
  video_without_frames:
    'The model looks at pictures only, and no frames came with the video. Send it again with frames.',
  analysis_rejected:
    'The provider of the model refused the request. Try again; an operator can read why in the log.',
  analysis_invalid_output: 'The answer of the model could not be used. Try again.',
  analysis_quota: 'The quota of the model is used up. Try again later.',
  analysis_model_missing: 'The model is not there any more. An operator has to choose another one.',
  analysis_spend_cap:
    'The limit of the day in dollars is reached. The media waits for the next day (UTC).',
  analysis_unpaid: 'The budget of the model’s provider is used up. An operator has to pay.',
  analysis_no_access: 'The service may not use the model. An operator has to give it access.',
  analysis_unavailable: 'The model does not answer now. Try again later.',
  analysis_timeout: 'The model took too long. Try again.',
  unavailable:
    'Something that the service needs does not answer now. Try again; `Retry-After` says when, if that is known.',
  internal: 'A mistake of ours. Try again; if it stays, ask for help and name the `request_id`.',
};
