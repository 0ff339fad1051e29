/**
 * Every route that people and programs call, in one table, and the errors by which it refuses. The units register their routes
 * from it, the OpenAPI document is made of it, and tests hold each answer against it. `contract-shapes.ts` has what each route
 * takes and answers, and `contract-words.ts` what a reader is told. Free of zod: the stream starts without most schemas.
 */
import type { ErrorCode } from './error-codes.ts';

export interface Contract {
  /** `webhooks`: the api has it, for service keys alone. `every`: each unit that people call has it. */
  unit: 'api' | 'stream' | 'webhooks' | 'every';
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** With `{name}` for each value in it. */
  path: string;
  /** Absent: a token is needed. */
  open?: true;
  /** What a service key needs for it. Absent: `read` for a GET, `write` for the others. */
  scope?: 'read' | 'write' | 'admin';
  /** All parameters of the address; another one is refused. Absent: there are none. */
  parameters?: readonly string[];
  /** `optional`: it makes something, and makes it once for each key. Every POST that makes something has it. */
  idempotencyKey?: 'optional' | 'required';
  /** `done`: after it there is nothing more. `since`: the stream goes on after it. */
  lastEventId?: 'done' | 'since';
  /** A body may be missing. */
  bodyOptional?: true;
  codes: readonly ErrorCode[];
}

/** The errors of each route that needs a token. */
const COMMON = [
  'invalid_request',
  'unauthenticated',
  'forbidden',
  'rate_limited',
  'unavailable',
  'internal',
] as const;
const JSON_BODY = [...COMMON, 'malformed_body', 'body_too_large', 'request_timeout'] as const;
const FORM_BODY = [
  ...JSON_BODY,
  'not_multipart',
  'empty_file',
  'file_too_large',
  'too_many_files',
  'unsupported_media_type',
] as const;
const NEW_FILES = [...FORM_BODY, 'no_file', 'idempotency_key_reused'] as const;
/** Of what makes something: it may be removed before the request is sent again. */
const NEW = [...JSON_BODY, 'not_found', 'idempotency_key_reused'] as const;
const ONE = [...COMMON, 'not_found'] as const;
const OBJECT = [...ONE, 'not_ready', 'media_held'] as const;
const SEARCH = [...ONE, 'not_ready'] as const;
const CHANGE = [...ONE, 'quote_expired', 'reanalysis_conflict'] as const;

/** Of a list by time: words have another order. */
const BY_TIME = [
  'people',
  'from',
  'to',
  'taken_from',
  'taken_to',
  'kind',
  'status',
  'safety',
  'sort',
] as const;

const FILTERS = [
  'q',
  'today',
  'similar_to',
  'tag',
  'text',
  'place',
  'camera',
  ...BY_TIME,
  'start',
] as const;

/** An earlier route is found first: `/api/media/export` and `/api/media/locations` before `/api/media/{id}`. */
export const CONTRACT = {
  analyzeMedia: {
    unit: 'api',
    method: 'POST',
    path: '/api/agent/analyze-media',
    idempotencyKey: 'optional',
    codes: [...NEW_FILES, 'not_found', 'analysis_not_offered'],
  },
  uploadMedia: {
    unit: 'api',
    method: 'POST',
    path: '/api/media',
    idempotencyKey: 'optional',
    codes: [...NEW_FILES, 'not_found'],
  },
  announceMedia: {
    unit: 'api',
    method: 'POST',
    path: '/api/media/uploads',
    idempotencyKey: 'optional',
    codes: [
      ...JSON_BODY,
      'no_file',
      'empty_file',
      'file_too_large',
      'too_many_files',
      'unsupported_media_type',
      'idempotency_key_reused',
      'not_found',
      'analysis_not_offered',
    ],
  },
  closeUploads: {
    unit: 'api',
    method: 'POST',
    path: '/api/media/uploads/close',
    idempotencyKey: 'required',
    codes: COMMON,
  },
  confirmMedia: {
    unit: 'api',
    method: 'POST',
    path: '/api/media/{id}/uploaded',
    codes: [...ONE, 'upload_incomplete', 'upload_size_differs'],
  },
  addFrames: {
    unit: 'api',
    method: 'POST',
    path: '/api/media/{id}/frames',
    codes: [...FORM_BODY, 'not_found', 'not_ready'],
  },
  listMedia: {
    unit: 'api',
    method: 'GET',
    path: '/api/media',
    parameters: [...FILTERS, 'limit', 'page_token', 'ids'],
    codes: SEARCH,
  },
  listMonths: {
    unit: 'api',
    method: 'GET',
    path: '/api/media/months',
    parameters: [...BY_TIME, 'time_zone'],
    codes: COMMON,
  },
  exportMedia: {
    unit: 'api',
    method: 'GET',
    path: '/api/media/export',
    parameters: [...FILTERS, 'format'],
    codes: SEARCH,
  },
  exportMany: {
    unit: 'api',
    scope: 'read',
    method: 'POST',
    path: '/api/media/export',
    codes: JSON_BODY,
  },
  downloadMany: {
    unit: 'api',
    scope: 'read',
    method: 'POST',
    path: '/api/media/download',
    codes: [...JSON_BODY, 'not_found', 'not_ready', 'media_held'],
  },
  listLocations: {
    unit: 'api',
    method: 'GET',
    path: '/api/media/locations',
    parameters: ['limit', 'page_token'],
    codes: COMMON,
  },
  streamLibrary: {
    unit: 'stream',
    method: 'GET',
    path: '/api/media/stream',
    parameters: ['since'],
    lastEventId: 'since',
    codes: COMMON,
  },
  getMedia: {
    unit: 'api',
    method: 'GET',
    path: '/api/media/{id}',
    codes: ONE,
  },
  getContent: {
    unit: 'api',
    method: 'GET',
    path: '/api/media/{id}/content',
    parameters: ['download'],
    codes: OBJECT,
  },
  getPreview: {
    unit: 'api',
    method: 'GET',
    path: '/api/media/{id}/preview',
    parameters: ['download'],
    codes: OBJECT,
  },
  getFrames: {
    unit: 'api',
    method: 'GET',
    path: '/api/media/{id}/frames',
    parameters: ['download'],
    codes: OBJECT,
  },
  retryMedia: {
    unit: 'api',
    method: 'POST',
    path: '/api/media/{id}/retry',
    codes: [...ONE, 'not_retryable'],
  },
  askMedia: {
    unit: 'api',
    method: 'POST',
    path: '/api/media/{id}/analyses/{name}',
    bodyOptional: true,
    idempotencyKey: 'optional',
    codes: [...NEW, 'not_ready', 'not_retryable', 'analysis_not_offered'],
  },
  getAnalyses: {
    unit: 'api',
    method: 'GET',
    path: '/api/analyses',
    codes: COMMON,
  },
  editMedia: {
    unit: 'api',
    method: 'PATCH',
    path: '/api/media/{id}',
    codes: [...JSON_BODY, 'not_found'],
  },
  deleteMedia: {
    unit: 'api',
    method: 'DELETE',
    path: '/api/media/{id}',
    parameters: ['permanently', 'only_binned'],
    codes: ONE,
  },
  deleteMany: {
    unit: 'api',
    method: 'POST',
    path: '/api/media/delete',
    codes: JSON_BODY,
  },
  restoreMany: {
    unit: 'api',
    method: 'POST',
    path: '/api/media/restore',
    codes: JSON_BODY,
  },
  restoreMedia: {
    unit: 'api',
    method: 'POST',
    path: '/api/media/{id}/restore',
    codes: ONE,
  },
  listBin: {
    unit: 'api',
    method: 'GET',
    path: '/api/bin',
    parameters: ['limit', 'page_token'],
    codes: COMMON,
  },
  getBinPreview: {
    unit: 'api',
    method: 'GET',
    path: '/api/bin/{id}/preview',
    parameters: ['download'],
    codes: OBJECT,
  },
  listResults: {
    unit: 'api',
    method: 'GET',
    path: '/api/media/{id}/results',
    parameters: ['analysis'],
    codes: ONE,
  },
  restoreResult: {
    unit: 'api',
    method: 'POST',
    path: '/api/media/{id}/results/{result}/restore',
    codes: OBJECT,
  },
  createReanalysis: {
    unit: 'api',
    method: 'POST',
    path: '/api/reanalyses',
    idempotencyKey: 'optional',
    codes: [...NEW, 'analysis_not_offered'],
  },
  listReanalyses: {
    unit: 'api',
    method: 'GET',
    path: '/api/reanalyses',
    codes: COMMON,
  },
  getReanalysis: {
    unit: 'api',
    method: 'GET',
    path: '/api/reanalyses/{id}',
    codes: ONE,
  },
  confirmReanalysis: {
    unit: 'api',
    method: 'POST',
    path: '/api/reanalyses/{id}/confirm',
    codes: CHANGE,
  },
  pauseReanalysis: {
    unit: 'api',
    method: 'POST',
    path: '/api/reanalyses/{id}/pause',
    codes: CHANGE,
  },
  resumeReanalysis: {
    unit: 'api',
    method: 'POST',
    path: '/api/reanalyses/{id}/resume',
    codes: CHANGE,
  },
  cancelReanalysis: {
    unit: 'api',
    method: 'POST',
    path: '/api/reanalyses/{id}/cancel',
    codes: CHANGE,
  },
  createImport: {
    unit: 'api',
    method: 'POST',
    path: '/api/imports',
    idempotencyKey: 'optional',
    codes: [...NEW, 'analysis_not_offered'],
  },
  listImports: {
    unit: 'api',
    method: 'GET',
    path: '/api/imports',
    codes: COMMON,
  },
  getImport: {
    unit: 'api',
    method: 'GET',
    path: '/api/imports/{id}',
    codes: ONE,
  },
  pauseImport: {
    unit: 'api',
    method: 'POST',
    path: '/api/imports/{id}/pause',
    codes: SEARCH,
  },
  resumeImport: {
    unit: 'api',
    method: 'POST',
    path: '/api/imports/{id}/resume',
    codes: SEARCH,
  },
  cancelImport: {
    unit: 'api',
    method: 'POST',
    path: '/api/imports/{id}/cancel',
    codes: ONE,
  },
  getUsage: {
    unit: 'api',
    method: 'GET',
    path: '/api/usage',
    parameters: ['month'],
    codes: COMMON,
  },
  createWebhook: {
    unit: 'webhooks',
    scope: 'admin',
    method: 'POST',
    path: '/api/webhooks',
    idempotencyKey: 'optional',
    codes: NEW,
  },
  listWebhooks: {
    unit: 'webhooks',
    scope: 'admin',
    method: 'GET',
    path: '/api/webhooks',
    codes: COMMON,
  },
  getWebhook: {
    unit: 'webhooks',
    scope: 'admin',
    method: 'GET',
    path: '/api/webhooks/{id}',
    codes: ONE,
  },
  removeWebhook: {
    unit: 'webhooks',
    scope: 'admin',
    method: 'DELETE',
    path: '/api/webhooks/{id}',
    codes: ONE,
  },
  rotateSecret: {
    unit: 'webhooks',
    scope: 'admin',
    method: 'POST',
    path: '/api/webhooks/{id}/rotate',
    codes: ONE,
  },
  enableWebhook: {
    unit: 'webhooks',
    scope: 'admin',
    method: 'POST',
    path: '/api/webhooks/{id}/enable',
    codes: ONE,
  },
  listDeliveries: {
    unit: 'webhooks',
    scope: 'admin',
    method: 'GET',
    path: '/api/webhooks/{id}/deliveries',
    parameters: ['limit', 'page_token'],
    codes: ONE,
  },
  resend: {
    unit: 'webhooks',
    scope: 'admin',
    method: 'POST',
    path: '/api/webhooks/{id}/deliveries/{delivery}/resend',
    codes: SEARCH,
  },
  listCallbacks: {
    unit: 'api',
    method: 'GET',
    path: '/api/media/{id}/deliveries',
    codes: ONE,
  },
  resendCallback: {
    unit: 'api',
    method: 'POST',
    path: '/api/media/{id}/deliveries/{delivery}/resend',
    codes: ONE,
  },
  streamMany: {
    unit: 'stream',
    method: 'GET',
    path: '/api/agent/analyze-media/stream',
    parameters: ['ids'],
    lastEventId: 'done',
    codes: ONE,
  },
  streamMedia: {
    unit: 'stream',
    method: 'GET',
    path: '/api/media/{id}/stream',
    lastEventId: 'done',
    codes: ONE,
  },
  streamReanalysis: {
    unit: 'stream',
    method: 'GET',
    path: '/api/reanalyses/{id}/stream',
    lastEventId: 'done',
    codes: ONE,
  },
  getOpenApi: {
    unit: 'every',
    method: 'GET',
    path: '/api/openapi.json',
    open: true,
    codes: ['invalid_request', 'internal'],
  },
  getDocs: {
    unit: 'every',
    method: 'GET',
    path: '/api/docs',
    open: true,
    codes: ['invalid_request', 'internal'],
  },
  getDocsStyle: {
    unit: 'every',
    method: 'GET',
    path: '/api/docs.css',
    open: true,
    codes: ['invalid_request', 'internal'],
  },
} as const satisfies Record<string, Contract>;

export type Operation = keyof typeof CONTRACT;

/** The routes of one unit. */
export type OperationOf<Unit extends Contract['unit']> = {
  [Name in Operation]: (typeof CONTRACT)[Name]['unit'] extends Unit ? Name : never;
}[Operation];

/** The names of the routes, in their order. */
export const OPERATIONS = Object.keys(CONTRACT) as Operation[];

/** The names of the routes of a unit, in their order. */
export function operationsOf<Unit extends Contract['unit']>(unit: Unit): OperationOf<Unit>[] {
  return OPERATIONS.filter((name): name is OperationOf<Unit> => CONTRACT[name].unit === unit);
}
