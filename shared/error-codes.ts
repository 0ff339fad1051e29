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
  /** Whether a retry of the failed media can succeed without a new upload. */
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
  file_too_large: { status: 413, title: 'File too large', retryable: false },
  body_too_large: { status: 413, title: 'Request too large', retryable: false },
  too_many_files: { status: 413, title: 'Too many files', retryable: false },
  not_multipart: { status: 415, title: 'Not a multipart form', retryable: false },
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
 * What went wrong, as a stable name. Decide by the code, and show the message that comes with it.
 * `unavailable` also stands for "the server cannot be reached".
 */
export type ErrorCode = keyof typeof ERRORS;

/** For readers of the API's document: what each code means, and what to do. */
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
  file_too_large: 'A file has more bytes than one may have. Send a smaller version of it.',
  body_too_large: 'The request, or what it asks for, is too large. Make several requests of it.',
  too_many_files: 'There are more files than one request may have. Send them in several requests.',
  not_multipart: 'Files come as `multipart/form-data`.',
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
