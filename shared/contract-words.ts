/** What readers of the API's document are told: about each route, each error code and each event, with examples. */
import { ACCEPTED_TYPES_TEXT } from './accepted.ts';
import type { Operation } from './contract.ts';
import type { ErrorCode } from './error-codes.ts';
import type { Import } from './imports.ts';
import type { Media } from './media.ts';
import type { Reanalysis } from './reanalyses.ts';
import type { Webhook, WebhookDelivery } from './webhooks.ts';

interface Words {
  group: Group;
  /** A few words. */
  title: string;
  /** What it does, and what to know of it. */
  text?: string;
}

export const GROUPS = {
  Upload: 'Photos and videos come in: in a form, or one by one, straight to Cloud Storage.',
  Media: 'What is stored and what is known of it.',
  Analyses: 'What a media can be asked, and its earlier answers.',
  Reanalyses:
    'One analysis again over many media: first a quote, then, once it is confirmed, the work.',
  Imports:
    'For a backend with a service key: files that lie in a bucket, or at addresses of the web, become media of the user whom `X-On-Behalf-Of` names.',
  Streams: 'Each change as it happens, as Server-Sent Events.',
  Webhooks:
    'For a backend with a service key of the scope `admin`: it is told how media end. With `X-On-Behalf-Of` those of one user, else of all.',
  Account: 'What it has cost.',
  Document: 'This document. It needs no token.',
} as const;
type Group = keyof typeof GROUPS;

const TWICE = 'Said again, it changes nothing.';

export const WORDS: Record<Operation, Words> = {
  analyzeMedia: {
    group: 'Upload',
    title: 'Send files to be analysed',
    text: `A form with the files. It answers as soon as they are stored for the work; \`media\` says which were accepted and \`rejected\` which were not. It is a problem only if every file is rejected. Accepted are ${ACCEPTED_TYPES_TEXT}. On Cloud Run a request may have 32 MiB: announce what is larger.`,
  },
  uploadMedia: {
    group: 'Upload',
    title: 'Store one file without an analysis',
    text: 'Under moderation it is held back until it is described or an operator approves it.',
  },
  announceMedia: {
    group: 'Upload',
    title: 'Announce files that go straight to Cloud Storage',
    text: 'For files that are too large for a request. Send the bytes of each to its `upload_url`, at once or in pieces of `chunk_size` bytes, then say `uploaded`.',
  },
  closeUploads: {
    group: 'Upload',
    title: 'Ask what a request without an answer has made',
    text: 'A request with this `Idempotency-Key` makes nothing from now on; what it has made is the answer.',
  },
  confirmMedia: {
    group: 'Upload',
    title: 'Say that all bytes of an announced file are sent',
    text: 'The work begins.',
  },
  addFrames: {
    group: 'Upload',
    title: 'Send frames of a video',
    text: 'Before `uploaded`: up to eight JPEGs of at most 300,000 bytes, cut from the video, for models that look at pictures only. `times` names the second of each, and `poster` the one that is the preview.',
  },
  listMedia: {
    group: 'Media',
    title: 'List and search media',
    text: 'With `ids`: those of up to 100 ids that are the caller’s, and no other parameter. Otherwise pages, the newest first, or by what is searched for. Words are looked for in title, summary, tags, objects, text in the picture, file name and the place where it was taken, in any language; and what is near in meaning is found too. A date among them, also yesterday or 先月, narrows to what was taken then or says so. In the place of a word of `q` that none of the caller’s media has, the nearest one is searched for, and `corrected` says so.',
  },
  listMonths: {
    group: 'Media',
    title: 'Count media by month',
    text: 'The months that have media, in the order of the list and with its filters, but without words. By when they were taken, by the clock of the camera, with `sort=taken`, `sort=taken_asc`, `taken_from` or `taken_to`; otherwise by when they were accepted.',
  },
  exportMedia: {
    group: 'Media',
    title: 'Export all that is found',
    text: 'As a table or as JSON, with the filters of a search: the media that it finds, also where it searches for another word than was typed.',
  },
  exportMany: { group: 'Media', title: 'Export up to 500 media that are named' },
  downloadMany: {
    group: 'Media',
    title: 'Download the originals of up to 500 media',
    text: 'One ZIP of at most 1 GiB. What is not stored, or is held back, is named in a text in it.',
  },
  getMedia: { group: 'Media', title: 'Read one media' },
  getContent: {
    group: 'Media',
    title: 'Get the original',
    text: 'A redirect to a signed address; with `Accept: application/json` the address itself.',
  },
  getPreview: {
    group: 'Media',
    title: 'Get the preview',
    text: 'A small upright JPEG. As with the original: a redirect, or the address.',
  },
  getFrames: {
    group: 'Media',
    title: 'Get the frames of a video',
    text: 'One JPEG after the other: `frames` of the media has their sizes. As with the original: a redirect, or the address.',
  },
  retryMedia: {
    group: 'Media',
    title: 'Try a failed media again',
    text: 'Its next attempt begins.',
  },
  editMedia: {
    group: 'Media',
    title: 'Write a title or tags of one’s own',
    text: 'They are shown in place of the model’s, found by a search, and kept when the media is analysed again.',
  },
  deleteMedia: {
    group: 'Media',
    title: 'Delete one media',
    text: 'It goes to the bin for 30 days; with `permanently=true` it is erased at once, also from the bin. With `only_binned=true`, what is not in the bin stays as it is.',
  },
  deleteMany: {
    group: 'Media',
    title: 'Delete up to 500 media',
    text: 'May be repeated: what is deleted already counts as done. A list of the bin may be old: with `only_binned`, what was brought back since stays.',
  },
  restoreMany: { group: 'Media', title: 'Bring up to 500 media back from the bin' },
  restoreMedia: {
    group: 'Media',
    title: 'Bring one media back from the bin',
    text: 'Work that had not ended begins again.',
  },
  listLocations: {
    group: 'Media',
    title: 'List where media were taken',
    text: 'Those that tell it, the newest first, for a map. Photos and videos tell it only where the service keeps places (`CAPTURE_LOCATION=on`). What is in the bin is left out.',
  },
  listBin: {
    group: 'Media',
    title: 'List what can be brought back',
    text: 'The last that was deleted first.',
  },
  getAnalyses: {
    group: 'Analyses',
    title: 'List what a media can be asked',
    text: 'Titles, inputs, schemas of the answers, and which of them the model of this service can make.',
  },
  askMedia: {
    group: 'Analyses',
    title: 'Ask for one more analysis, or for the same again',
    text: 'What is there stays until there is a new answer in `analyses` (of `describe`: in `analytics`).',
  },
  listResults: {
    group: 'Analyses',
    title: 'List earlier results of a media',
    text: 'The newest first; ten of each analysis are kept.',
  },
  restoreResult: {
    group: 'Analyses',
    title: 'Make an earlier result the present one again',
    text: 'The present one becomes an earlier one. No model is asked.',
  },
  createReanalysis: {
    group: 'Reanalyses',
    title: 'Ask for a quote',
    text: 'Nothing runs, and nothing is paid for, before it is confirmed.',
  },
  listReanalyses: { group: 'Reanalyses', title: 'List the newest 50 reanalyses' },
  getReanalysis: { group: 'Reanalyses', title: 'Read one reanalysis' },
  confirmReanalysis: { group: 'Reanalyses', title: 'Confirm the quote: begin', text: TWICE },
  pauseReanalysis: { group: 'Reanalyses', title: 'Stop for a while', text: TWICE },
  resumeReanalysis: { group: 'Reanalyses', title: 'Go on', text: TWICE },
  cancelReanalysis: { group: 'Reanalyses', title: 'Stop for good', text: TWICE },
  createImport: {
    group: 'Imports',
    title: 'Begin an import',
    text: 'The objects of a bucket that an operator has named (`IMPORT_BUCKETS`), or the files at up to 1,000 public addresses (`urls`), become media, behind what the user sends. What was imported before is skipped, so it may be said again, also for what is new in the bucket. With `in_place` the objects stay in their bucket: deleting the media does not delete them. An import survives a crash, and waits while a limit of the day is reached.',
  },
  listImports: { group: 'Imports', title: 'List the newest 50 imports' },
  getImport: { group: 'Imports', title: 'Read one import' },
  pauseImport: { group: 'Imports', title: 'Stop for a while', text: TWICE },
  resumeImport: {
    group: 'Imports',
    title: 'Go on',
    text: 'Also one that has paused by itself, as `error_code` says, once that is mended.',
  },
  cancelImport: { group: 'Imports', title: 'Stop for good', text: TWICE },
  getUsage: {
    group: 'Account',
    title: 'Read what a month has cost',
    text: 'In all and by model. A month is one in UTC.',
  },
  getBinPreview: {
    group: 'Media',
    title: 'Get the preview of what is in the bin',
    text: 'As that of a media: a redirect, or the address.',
  },
  createWebhook: {
    group: 'Webhooks',
    title: 'Register a webhook',
    text: 'The answer has the secret, which signs what is sent (Standard Webhooks). It is not shown again.',
  },
  listWebhooks: { group: 'Webhooks', title: 'List webhooks' },
  getWebhook: { group: 'Webhooks', title: 'Read one webhook' },
  removeWebhook: {
    group: 'Webhooks',
    title: 'Remove a webhook',
    text: 'What was not sent yet is not sent any more.',
  },
  rotateSecret: {
    group: 'Webhooks',
    title: 'Make a new secret',
    text: 'The old one signs beside it for a day.',
  },
  enableWebhook: {
    group: 'Webhooks',
    title: 'Enable a webhook that was disabled',
    text: 'It gets what comes from now on.',
  },
  listDeliveries: {
    group: 'Webhooks',
    title: 'List what was sent in the last week',
    text: 'The newest first, with the answers.',
  },
  resend: {
    group: 'Webhooks',
    title: 'Send a delivery once more',
    text: 'With the same `webhook-id` and body.',
  },
  listCallbacks: {
    group: 'Webhooks',
    title: 'List what the callback_url of a media was told',
    text: 'For a service key that acts for its owner: of the media and of its batch, in the last week. The newest first, with the answers.',
  },
  resendCallback: {
    group: 'Webhooks',
    title: 'Send a delivery to the callback_url once more',
    text: 'With the same `webhook-id` and body.',
  },
  streamMany: { group: 'Streams', title: 'Watch up to 100 media' },
  streamLibrary: { group: 'Streams', title: 'Watch all media of the caller' },
  streamMedia: { group: 'Streams', title: 'Watch one media' },
  streamReanalysis: { group: 'Streams', title: 'Watch one reanalysis' },
  getOpenApi: { group: 'Document', title: 'This document as OpenAPI 3.1' },
  getDocs: { group: 'Document', title: 'This document as a page' },
  getDocsStyle: { group: 'Document', title: 'The style of the page' },
};

/** The description at the top. */
export const INTRODUCTION = [
  'Photos and videos in, live progress, an AI analysis out.',
  'A caller sends `Authorization: Bearer TOKEN`; for `GET` a token in the cookie `__session` is enough. A backend sends a service key in place of a token, and names the user for whom it acts in `X-On-Behalf-Of`. Everything is JSON with names in snake_case. A parameter or field that is not known is refused.',
  'A refusal is a problem document (RFC 9457) with a stable `code`, and a `detail` for a person: what happened, and what to do now. `type` leads to what this page says of the code. What the platform refuses before it reaches the service, such as a body above 32 MiB, has neither.',
  'Each answer has the header `X-Request-Id`, and each problem the same as `request_id`. The log of the service has it too: name it when you ask for help. It is the id of a trace: a caller that sends a W3C `traceparent` gets the id of its own trace.',
  'Every POST that makes something takes an `Idempotency-Key`: the same request with the same key makes nothing new for a day, and is answered with what it made, as it is now, and the header `Idempotent-Replayed: true`. Another request with that key is refused. New fields may come at any time: ignore those that you do not know.',
].join('\n\n');

const STATES =
  'It begins with the state of each id and then sends each change. It carries state, not history: after a reconnect nothing is missing. The `id` of an event is its revision; the higher one is the newer. A stream ends after 50 to 55 minutes, and when the token of its caller does: connect again. After `done` send its id as `Last-Event-ID`, as every EventSource does, and the answer is 204.';

/** The description of each stream. */
export const STREAM_TEXT = {
  media: STATES,
  reanalysis: STATES,
  library:
    'It sends each media that is new, has changed or came back from the bin, whole, and `removed` for each that was deleted: whoever has done it. A state may come twice; the higher `revision` is the newer. The `id` of an event is a time: give the last one as `since`, or as `Last-Event-ID`, and the next stream goes on there. The first event says from when on nothing is missing. If that is later than the `since` that was asked for, because that was more than an hour or 1,000 changes ago, read the list. A media that is erased for good while no stream is open is not told. A stream ends after 50 to 55 minutes, and when the token of its caller does: connect again.',
} as const;

/** The events of a stream: what each says, and the schema of its data. */
export const EVENTS = {
  media: [
    {
      event: 'message',
      schema: 'Media',
      text: 'The whole state of a media. The event has no name.',
    },
    {
      event: 'problem',
      schema: 'StreamProblem',
      text: 'The media cannot be shown: `not_found`, if it is unknown or not the caller’s, or `unavailable`, if a later release has written it.',
    },
    { event: 'removed', schema: 'StreamRemoved', text: 'The media was deleted.' },
    {
      event: 'done',
      schema: 'StreamDone',
      text: 'Each media has ended. The stream ends with this event.',
    },
  ],
  library: [
    {
      event: 'since',
      schema: 'StreamSince',
      text: 'The first event: each change since then is sent.',
    },
    {
      event: 'message',
      schema: 'Media',
      text: 'The whole state of a media that has changed. The event has no name.',
    },
    { event: 'removed', schema: 'StreamRemoved', text: 'The media was deleted.' },
  ],
  reanalysis: [
    { event: 'reanalysis', schema: 'Reanalysis', text: 'The whole state of the reanalysis.' },
    { event: 'problem', schema: 'StreamProblem', text: 'It cannot be shown.' },
    { event: 'removed', schema: 'StreamRemoved', text: 'It is gone.' },
    {
      event: 'done',
      schema: 'StreamDone',
      text: 'It is completed or cancelled. The stream ends with this event.',
    },
  ],
} as const;

/** What each code means, and what to do. */
export const CODES: Record<ErrorCode, string> = {
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

const TIME = '2026-11-01T12:00:00.000Z';

const media: Media = {
  id: 'Zb1pGfJ3kT9qLwX2',
  file_name: 'cat.jpg',
  content_type: 'image/jpeg',
  size: 48_213,
  status: 'pending',
  progress: 0,
  attempts: 1,
  error_code: null,
  error_message: null,
  retry_at: null,
  wait_code: null,
  url: null,
  analytics: null,
  usage: null,
  revision: 1,
  created_at: TIME,
  updated_at: TIME,
};

const reanalysis: Reanalysis = {
  id: 'pT4vY8cN2mQ7sA1d',
  analysis: 'describe',
  input: {},
  language: 'ja',
  model: null,
  tier: null,
  filter: { only: 'stale' },
  state: 'quoted',
  wait_code: null,
  quote: {
    media: 120,
    up_to_date: 3,
    not_possible: 0,
    input_tokens: 156_000,
    output_tokens: 48_000,
    cost_usd: 0.11,
    minutes: 8,
    receipts: 40,
    note: null,
    expires_at: '2026-11-01T13:00:00.000Z',
  },
  done: 0,
  failed: 0,
  skipped: 0,
  in_flight: 0,
  input_tokens: 0,
  output_tokens: 0,
  cost_usd: 0,
  created_at: TIME,
  updated_at: TIME,
  ended_at: null,
  revision: 1,
};

const imported: Import = {
  id: 'c7Wq2LxN9vB4tR6e',
  source: { gs: 'gs://shop-photos/2026/' },
  in_place: false,
  analyze: true,
  analyses: ['describe'],
  language: 'en',
  state: 'running',
  wait_code: null,
  error_code: null,
  error_message: null,
  found: 200,
  accepted: 42,
  skipped: 0,
  done: 37,
  failed: 1,
  in_flight: 5,
  failures: [
    {
      name: '2026/notes.pdf',
      media_id: null,
      code: 'unsupported_media_type',
      message: '"notes.pdf" is application/pdf. Send JPEG, PNG, … photos and MP4, … videos.',
    },
  ],
  created_at: TIME,
  updated_at: TIME,
  ended_at: null,
  revision: 12,
};

const webhook: Webhook = {
  id: 'wh_kT2vQ8',
  url: 'https://shop.example/hooks',
  events: ['media.completed'],
  owner_id: null,
  state: 'enabled',
  disabled_because: null,
  failing_since: null,
  created_at: TIME,
};

const delivery: WebhookDelivery = {
  id: 'dl_5Hs0',
  event_id: 'msg_9Wq1',
  type: 'media.completed',
  state: 'delivered',
  body: '{"type":"media.completed", …}',
  attempts: [{ at: TIME, status: 204, error: null, duration_ms: 48 }],
  next_at: null,
  created_at: TIME,
};

/** Of the request: its body or its form. A form has the names of its files. */
export const ASKED: { [Name in Operation]?: Record<string, unknown> } = {
  analyzeMedia: { files: ['cat.jpg'], language: 'en', analyses: 'describe,receipt' },
  uploadMedia: { files: 'cat.jpg' },
  announceMedia: {
    files: [{ file_name: 'beach.mp4', content_type: 'video/mp4', size: 83_886_080 }],
    language: 'en',
  },
  addFrames: { files: ['1.jpg', '2.jpg'], times: '0.5,3', poster: 0 },
  exportMany: { ids: [media.id], format: 'ndjson' },
  downloadMany: { ids: [media.id] },
  askMedia: { input: { question: 'What colour is the cat?' }, language: 'en' },
  editMedia: { title: 'Our cat', tags: ['cat', 'garden'] },
  deleteMany: { ids: [media.id] },
  restoreMany: { ids: [media.id] },
  createWebhook: { url: 'https://shop.example/hooks', events: ['media.completed'] },
  createReanalysis: { analysis: 'describe', language: 'ja', filter: { only: 'stale' } },
  createImport: { source: { gs: 'gs://shop-photos/2026/' }, language: 'en' },
};

/** Of the answer, where it is JSON. */
export const ANSWERED: { [Name in Operation]?: unknown } = {
  analyzeMedia: { media_ids: [media.id], media: [media], rejected: [] },
  uploadMedia: { media_id: media.id, media },
  announceMedia: {
    uploads: [
      {
        index: 0,
        media_id: media.id,
        upload_url: 'https://storage.googleapis.com/upload/storage/v1/b/staging/o?upload_id=…',
        chunk_size: 8_388_608,
      },
    ],
    rejected: [],
  },
  closeUploads: { media_ids: [media.id], media: [media], rejected: [] },
  confirmMedia: media,
  addFrames: { ...media, frames: [{ time_s: 0.5, size: 21_004 }] },
  listMedia: { media: [media] },
  listMonths: { months: [{ month: '2026-11', count: 2 }] },
  getMedia: media,
  getContent: { url: 'https://storage.googleapis.com/media/0a1b?X-Goog-Signature=2c3d' },
  getPreview: { url: 'https://storage.googleapis.com/media/0a1b?X-Goog-Signature=2c3d' },
  getFrames: { url: 'https://storage.googleapis.com/media/0a1b?X-Goog-Signature=2c3d' },
  retryMedia: { ...media, attempts: 2, revision: 9 },
  askMedia: { ...media, attempts: 2, revision: 9 },
  editMedia: { ...media, edits: { title: 'Our cat', tags: ['cat', 'garden'] } },
  deleteMany: { media_ids: [media.id], failed: [] },
  restoreMany: { media: [media], failed: [] },
  restoreMedia: media,
  listLocations: { locations: [{ media_id: media.id, latitude: 48.8606, longitude: 2.3376 }] },
  listBin: { media: [{ ...media, binned_at: TIME, erase_at: '2026-12-01T12:00:00.000Z' }] },
  listResults: { results: [] },
  restoreResult: media,
  createReanalysis: reanalysis,
  listReanalyses: { reanalyses: [reanalysis] },
  getReanalysis: reanalysis,
  confirmReanalysis: { ...reanalysis, state: 'running', revision: 2 },
  pauseReanalysis: { ...reanalysis, state: 'paused', revision: 3 },
  resumeReanalysis: { ...reanalysis, state: 'running', revision: 4 },
  cancelReanalysis: { ...reanalysis, state: 'cancelled', ended_at: TIME, revision: 5 },
  createImport: imported,
  listImports: { imports: [imported] },
  getImport: imported,
  pauseImport: { ...imported, state: 'paused', revision: 13 },
  resumeImport: { ...imported, revision: 14 },
  cancelImport: { ...imported, state: 'cancelled', ended_at: TIME, revision: 15 },
  getBinPreview: { url: 'https://storage.googleapis.com/media/0a1b?X-Goog-Signature=2c3d' },
  createWebhook: { ...webhook, secret: 'whsec_…' },
  listWebhooks: { webhooks: [webhook] },
  getWebhook: webhook,
  rotateSecret: { ...webhook, secret: 'whsec_…' },
  enableWebhook: webhook,
  listDeliveries: { deliveries: [delivery] },
  resend: delivery,
  listCallbacks: { deliveries: [delivery] },
  resendCallback: delivery,
  getUsage: {
    month: '2026-11',
    items: 2,
    cached: 1,
    input_tokens: 1_290,
    output_tokens: 402,
    cost_usd: 0.0009,
    models: [],
  },
};
