/**
 * All errors that a person can meet, in one table. The `code` of an `application/problem+json`
 * answer (RFC 9457) and the `error_code` of a failed media both come from here. Free of zod, so
 * that the table adds only a few hundred bytes to a page.
 */
export interface ErrorKind {
  /** HTTP status of an answer with this error. */
  status: number;
  /** The RFC 9457 `title`: the same text for every occurrence. */
  title: string;
  /** True: a retry of the failed media can succeed without a new upload. */
  retryable: boolean;
}

export const ERRORS = {
  invalid_request: { status: 400, title: 'Invalid request', retryable: false },
  malformed_body: { status: 400, title: 'Malformed request body', retryable: false },
  no_file: { status: 400, title: 'No file in the request', retryable: false },
  empty_file: { status: 400, title: 'Empty file', retryable: false },
  unauthenticated: { status: 401, title: 'Not signed in', retryable: false },
  forbidden: { status: 403, title: 'Not allowed', retryable: false },
  media_held: { status: 403, title: 'Held back', retryable: false },
  not_found: { status: 404, title: 'Not found', retryable: false },
  method_not_allowed: { status: 405, title: 'Method not allowed', retryable: false },
  request_timeout: { status: 408, title: 'Request took too long', retryable: true },
  not_retryable: { status: 409, title: 'Nothing to retry', retryable: false },
  not_ready: { status: 409, title: 'Not ready yet', retryable: false },
  quote_expired: { status: 409, title: 'Quote expired', retryable: false },
  reanalysis_conflict: { status: 409, title: 'Not now', retryable: false },
  upload_incomplete: { status: 409, title: 'Upload not complete', retryable: false },
  precondition_failed: { status: 412, title: 'Changed meanwhile', retryable: false },
  file_too_large: { status: 413, title: 'File too large', retryable: false },
  body_too_large: { status: 413, title: 'Request too large', retryable: false },
  too_many_files: { status: 413, title: 'Too many files', retryable: false },
  not_multipart: { status: 415, title: 'Not a multipart form', retryable: false },
  not_json: { status: 415, title: 'Not JSON', retryable: false },
  unsupported_media_type: { status: 415, title: 'Unsupported file type', retryable: false },
  upload_size_differs: { status: 422, title: 'Not the announced size', retryable: false },
  media_corrupt: { status: 422, title: 'File cannot be decoded', retryable: false },
  media_too_complex: { status: 422, title: 'Picture too large to decode', retryable: false },
  idempotency_key_reused: { status: 422, title: 'Idempotency key reused', retryable: false },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  media_missing: { status: 410, title: 'Uploaded bytes are gone', retryable: false },
  analysis_not_offered: { status: 422, title: 'Analysis not offered', retryable: false },
  analysis_blocked: { status: 422, title: 'Analysis refused by the model', retryable: false },
  analysis_language: { status: 422, title: 'Model cannot write this language', retryable: false },
  analysis_recitation: { status: 422, title: 'Model may not repeat this text', retryable: false },
  analysis_cut_off: { status: 422, title: 'Answer too long', retryable: true },
  analysis_too_costly: { status: 422, title: 'Analysis costs too much', retryable: true },
  video_too_long: { status: 422, title: 'Video too long to be analysed', retryable: false },
  video_without_frames: { status: 422, title: 'Video without frames', retryable: false },
  analysis_rejected: { status: 502, title: 'Analysis request refused', retryable: true },
  analysis_invalid_output: { status: 502, title: 'Unusable analysis result', retryable: true },
  analysis_quota: { status: 429, title: 'Analysis quota used up', retryable: true },
  analysis_model_missing: { status: 503, title: 'Analysis model not available', retryable: true },
  analysis_spend_cap: { status: 429, title: 'Spending limit of the day reached', retryable: true },
  analysis_unpaid: { status: 503, title: 'Analysis budget used up', retryable: true },
  analysis_no_access: { status: 503, title: 'No access to the analysis model', retryable: true },
  analysis_unavailable: { status: 503, title: 'Analysis unavailable', retryable: true },
  analysis_timeout: { status: 504, title: 'Analysis took too long', retryable: true },
  unavailable: { status: 503, title: 'Temporarily unavailable', retryable: true },
  internal: { status: 500, title: 'Internal error', retryable: true },
} as const satisfies Record<string, ErrorKind>;

/**
 * The stable name of an error. Decide by the code, and show the message that comes with it.
 * `unavailable` also stands for "the server cannot be reached".
 */
export type ErrorCode = keyof typeof ERRORS;
