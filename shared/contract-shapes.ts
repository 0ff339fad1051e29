/** What each route of the contract takes, and what it answers. */
import { z } from 'zod';
import {
  analysisListSchema,
  analysisNamesSchema,
  analyzeMediaResponseSchema,
  askSchema,
  batchIdSchema,
  closeUploadsResponseSchema,
  createUploadsResponseSchema,
  createUploadsSchema,
  frameFieldsSchema,
  languageSchema,
  mediaListSchema,
  monthSchema,
  signedUrlSchema,
  uploadMediaResponseSchema,
  usageReportSchema,
} from './api.ts';
import { binListSchema, deletedSchema, deleteManySchema, restoredSchema } from './bin.ts';
import type { Operation } from './contract.ts';
import { editMediaSchema } from './edits.ts';
import { errorCodeSchema, problemSchema } from './errors.ts';
import { EXPORT_FORMATS, exportManySchema } from './export.ts';
import { createImportSchema, importListSchema, importSchema } from './imports.ts';
import { locationListSchema } from './locations.ts';
import { manySchema } from './many.ts';
import { mediaSchema } from './media.ts';
import { momentSchema } from './moment.ts';
import {
  createReanalysisSchema,
  earlierResultsSchema,
  reanalysisListSchema,
  reanalysisSchema,
} from './reanalyses.ts';
import {
  mediaFiltersSchema,
  mediaMonthsSchema,
  mediaSearchSchema,
  monthListSchema,
} from './search.ts';
import {
  createWebhookSchema,
  webhookDeliveryListSchema,
  webhookDeliverySchema,
  webhookListSchema,
  webhookSchema,
  webhookUrlSchema,
  webhookWithSecretSchema,
} from './webhooks.ts';

/** The errors of an answer: what `toProblem` makes, and what the units add to it. */
export const problemAnswerSchema = z.object({
  ...problemSchema.shape,
  /** The same as in the header `X-Request-Id`. */
  request_id: z.string(),
  /** If every file was rejected: why. */
  rejected: analyzeMediaResponseSchema.shape.rejected.optional(),
  /** Of `reanalysis_conflict`: the reanalysis that is under way. */
  reanalysis_id: z.string().optional(),
});

/** The data of the event `problem`. */
export const streamProblemSchema = z.object({
  /** The id that was asked for. */
  media_id: z.string(),
  /** Why it is not shown. */
  code: errorCodeSchema,
});

/** The data of the event `removed`. */
export const streamRemovedSchema = z.object({
  /** The media that was deleted. */
  media_id: z.string(),
});

/** The data of the event `since`. */
export const streamSinceSchema = z.object({
  /** ISO 8601: each change since then is sent. */
  since: z.iso.datetime(),
});

/** The data of the event `done`. */
export const streamDoneSchema = z.object({
  /** How many are completed. */
  completed: z.number().int().nonnegative(),
  /** How many have failed. */
  failed: z.number().int().nonnegative(),
});

/** The form of a request with files: its fields, and how many files there may be. */
interface FormBody {
  fields: z.ZodObject;
  files: 'one' | 'many';
}

/** An answer: JSON of a schema, bytes of one of some types, events, or nothing. */
type Answer =
  | { json: z.ZodType }
  | { types: readonly string[] }
  | { events: 'media' | 'library' | 'reanalysis' }
  | { redirect: true }
  | { nothing: true };

/** What a route takes, and what it answers. */
export interface Shape {
  query?: z.ZodObject;
  json?: z.ZodType;
  form?: FormBody;
  answers: Readonly<Record<number, Answer>>;
}

const MEDIA = { json: mediaSchema };
const FILES = { types: ['text/csv', 'application/json', 'application/x-ndjson'] };
const ADDRESS = { 200: { json: signedUrlSchema }, 302: { redirect: true } } as const;
const MEDIA_EVENTS = { 200: { events: 'media' }, 204: { nothing: true } } as const;

const addressQuery = z.object({
  /** `true`: the address gives a file to be saved, and nothing to be shown. */
  download: z.string().optional(),
});

const uploadFields = z.object({
  /** Of the answers, such as `ja`; absent: `en`. */
  language: languageSchema.optional(),
  /** The same for several requests: their files are worked on in the order in which they come. */
  batch_id: batchIdSchema.optional(),
  /** Where a backend with a service key is told how the media end. */
  callback_url: webhookUrlSchema.optional(),
});
const analyzeFields = uploadFields.extend({
  /** Names of analyses, such as `describe,receipt`; absent: `describe`. */
  analyses: z.string().max(1_000).optional(),
});

export const SHAPES = {
  analyzeMedia: {
    form: { fields: analyzeFields, files: 'many' },
    answers: { 202: { json: analyzeMediaResponseSchema } },
  },
  uploadMedia: {
    form: { fields: uploadFields, files: 'one' },
    answers: { 202: { json: uploadMediaResponseSchema } },
  },
  announceMedia: {
    json: createUploadsSchema,
    answers: { 201: { json: createUploadsResponseSchema } },
  },
  closeUploads: {
    answers: { 200: { json: closeUploadsResponseSchema } },
  },
  confirmMedia: {
    answers: { 202: MEDIA },
  },
  addFrames: {
    form: { fields: frameFieldsSchema, files: 'many' },
    answers: { 200: MEDIA },
  },
  listMedia: {
    query: z.object({
      ...mediaSearchSchema.shape,
      /** With commas between them. No other parameter goes with it. */
      ids: z.string().optional(),
    }),
    answers: { 200: { json: mediaListSchema } },
  },
  listMonths: { query: mediaMonthsSchema, answers: { 200: { json: monthListSchema } } },
  exportMedia: {
    query: z.object({
      ...mediaFiltersSchema.shape,
      /** `csv`: a table for spreadsheets. `ndjson`: a media in each line. Absent: `csv`. */
      format: z.enum(EXPORT_FORMATS).default('csv'),
    }),
    answers: { 200: FILES },
  },
  exportMany: {
    json: exportManySchema,
    answers: { 200: FILES },
  },
  downloadMany: {
    json: manySchema,
    answers: { 200: { types: ['application/zip'] } },
  },
  getMedia: {
    answers: { 200: MEDIA },
  },
  getContent: {
    query: addressQuery,
    answers: ADDRESS,
  },
  getPreview: {
    query: addressQuery,
    answers: ADDRESS,
  },
  getFrames: {
    query: addressQuery,
    answers: ADDRESS,
  },
  retryMedia: {
    answers: { 202: MEDIA },
  },
  askMedia: {
    json: askSchema,
    answers: { 202: MEDIA },
  },
  getAnalyses: {
    answers: { 200: { json: analysisListSchema } },
  },
  editMedia: {
    json: editMediaSchema,
    answers: { 200: MEDIA },
  },
  deleteMedia: {
    query: z.object({
      /** `true`: erased at once, also from the bin. Absent: `false`. */
      permanently: z.enum(['true', 'false']).default('false'),
      /** `true`: what is not in the bin, also because it was brought back, stays as it is: 404. Absent: `false`. */
      only_binned: z.enum(['true', 'false']).default('false'),
    }),
    answers: { 204: { nothing: true } },
  },
  deleteMany: {
    json: deleteManySchema,
    answers: { 200: { json: deletedSchema } },
  },
  restoreMany: {
    json: manySchema,
    answers: { 200: { json: restoredSchema } },
  },
  restoreMedia: {
    answers: { 200: MEDIA },
  },
  listBin: {
    query: z.object({
      /** How many are on a page. Absent: 20. */
      limit: z.coerce.number().int().min(1).max(100).default(20),
      /** `next_page_token` of the page before. */
      page_token: z.string().max(200).optional(),
    }),
    answers: { 200: { json: binListSchema } },
  },
  getBinPreview: {
    query: addressQuery,
    answers: ADDRESS,
  },
  listResults: {
    query: z.object({
      /** Of this analysis alone. */
      analysis: analysisNamesSchema.element.optional(),
    }),
    answers: { 200: { json: earlierResultsSchema } },
  },
  restoreResult: {
    answers: { 200: MEDIA },
  },
  createReanalysis: {
    json: createReanalysisSchema,
    answers: { 201: { json: reanalysisSchema } },
  },
  listReanalyses: {
    answers: { 200: { json: reanalysisListSchema } },
  },
  getReanalysis: {
    answers: { 200: { json: reanalysisSchema } },
  },
  confirmReanalysis: {
    answers: { 202: { json: reanalysisSchema } },
  },
  pauseReanalysis: {
    answers: { 202: { json: reanalysisSchema } },
  },
  resumeReanalysis: {
    answers: { 202: { json: reanalysisSchema } },
  },
  cancelReanalysis: {
    answers: { 202: { json: reanalysisSchema } },
  },
  createImport: {
    json: createImportSchema,
    answers: { 202: { json: importSchema } },
  },
  listImports: { answers: { 200: { json: importListSchema } } },
  getImport: { answers: { 200: { json: importSchema } } },
  pauseImport: { answers: { 202: { json: importSchema } } },
  resumeImport: { answers: { 202: { json: importSchema } } },
  cancelImport: { answers: { 202: { json: importSchema } } },
  getUsage: {
    query: z.object({
      /** Such as `2026-11`; absent: the present one. */
      month: monthSchema.optional(),
    }),
    answers: { 200: { json: usageReportSchema } },
  },
  createWebhook: {
    json: createWebhookSchema,
    answers: { 201: { json: webhookWithSecretSchema } },
  },
  listWebhooks: { answers: { 200: { json: webhookListSchema } } },
  getWebhook: { answers: { 200: { json: webhookSchema } } },
  removeWebhook: { answers: { 204: { nothing: true } } },
  rotateSecret: { answers: { 200: { json: webhookWithSecretSchema } } },
  enableWebhook: { answers: { 200: { json: webhookSchema } } },
  listDeliveries: {
    query: z.object({
      /** How many are on a page. Absent: 20. */
      limit: z.coerce.number().int().min(1).max(100).default(20),
      /** `next_page_token` of the page before. */
      page_token: z.string().max(400).optional(),
    }),
    answers: { 200: { json: webhookDeliveryListSchema } },
  },
  resend: { answers: { 202: { json: webhookDeliverySchema } } },
  listCallbacks: { answers: { 200: { json: webhookDeliveryListSchema } } },
  resendCallback: { answers: { 202: { json: webhookDeliverySchema } } },
  streamMany: {
    query: z.object({
      /** With commas between them, at most 100. */
      ids: z.string(),
    }),
    answers: MEDIA_EVENTS,
  },
  listLocations: {
    query: z.object({
      /** How many are on a page. Absent: 1,000. */
      limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
      /** `next_page_token` of the page before. */
      page_token: z.string().max(200).optional(),
    }),
    answers: { 200: { json: locationListSchema } },
  },
  streamLibrary: {
    query: z.object({
      /** ISO 8601: where the last stream stood, at most an hour ago. Absent: now. */
      since: momentSchema.optional(),
    }),
    answers: { 200: { events: 'library' } },
  },
  streamMedia: {
    answers: MEDIA_EVENTS,
  },
  streamReanalysis: {
    answers: { 200: { events: 'reanalysis' }, 204: { nothing: true } },
  },
  getOpenApi: {
    answers: { 200: { types: ['application/json'] }, 304: { nothing: true } },
  },
  getDocs: {
    answers: { 200: { types: ['text/html'] }, 304: { nothing: true } },
  },
  getDocsStyle: {
    answers: { 200: { types: ['text/css'] }, 304: { nothing: true } },
  },
} as const satisfies Record<Operation, Shape>;
