/** Photos and videos that come in a form, to be analysed or only stored, and the frames of videos. */
import { z } from 'zod';
import { ACCEPTED_TYPES_TEXT } from './accepted.ts';
import { languageSchema } from './analyses.ts';
import { dayLimitSchema, errorCodeSchema } from './errors.ts';
import { MAX_FRAMES } from './frames.ts';
import { EXAMPLE_MEDIA, mediaSchema } from './media.ts';
import { COMMON, type Docs, defineRoutes, FORM_BODY } from './routes.ts';

/** Names a batch: files that a person chose together, in several requests. The order of arrival is the order of work. */
export const batchIdSchema = z
  .string()
  .regex(/^[\w-]{1,64}$/, '1 to 64 letters, digits, "-" and "_"');

export const callbackUrlSchema = z.string().min(1).max(1_000);

export const rejectedFileSchema = z.object({
  /** Position of the file in the request, from 0. The client's `analyze` counts in its list of files. */
  index: z.number().int().nonnegative(),
  /** The name that the sender gave the file. */
  file_name: z.string(),
  /** Why the file was not accepted. */
  code: errorCodeSchema,
  /** The same for a person, in English: what happened and what to do now. */
  message: z.string(),
  /** With `rate_limited`: the daily limit, if it was reached. */
  day_limit: dayLimitSchema.optional(),
});
/** A file of a request that was not accepted. The other files of the request are not affected. */
export type RejectedFile = z.infer<typeof rejectedFileSchema>;

export const analyzeMediaResponseSchema = z.object({
  /** The ids of `media`, in the same order. */
  media_ids: z.array(z.string()),
  /** The accepted files as media, in the order in which they were given. */
  media: z.array(mediaSchema),
  /** The files that were not accepted. */
  rejected: z.array(rejectedFileSchema),
});
/** The files of a request that were accepted, and those that were not. */
export type AnalyzeMediaResponse = z.infer<typeof analyzeMediaResponseSchema>;

const uploadMediaResponseSchema = z.object({
  /** The id of `media`. */
  media_id: z.string(),
  /** The file as it was accepted. */
  media: mediaSchema,
});

export const closeUploadsResponseSchema = z.object({
  /** The ids of all media that the request made, deleted ones included. Empty if it made none. */
  media_ids: z.array(z.string()),
  /** The media among them that still exist, in the same order. */
  media: z.array(mediaSchema),
  /** The files of the request that were not accepted. */
  rejected: z.array(rejectedFileSchema),
});
/** The media of a request whose answer did not reach its sender. */
export type CloseUploadsResponse = z.infer<typeof closeUploadsResponseSchema>;

/** The fields of the form of `POST /api/media/{id}/frames`, beside its JPEGs. */
export const frameFieldsSchema = z.object({
  /** The time of each frame, in their order: seconds from the start of the video, such as `0.5,3,12.25`. */
  times: z
    .string()
    .regex(/^\d{1,5}(\.\d{1,6})?(,\d{1,5}(\.\d{1,6})?)*$/, 'must be seconds, such as "0.5,3,12.25"')
    .transform((text) => text.split(',').map(Number))
    .refine((times) => times.length <= MAX_FRAMES, `must be at most ${MAX_FRAMES} times`)
    .refine(
      (times) => times.every((time, n) => n === 0 || time > (times[n - 1] ?? 0)),
      'must rise',
    ),
  /** Index of the frame that is shown in place of the video, from 0. */
  poster: z.coerce.number().int().min(0).max(MAX_FRAMES).default(0),
});

const uploadFields = z.object({
  /** Language of the answers, such as `ja`. Default: `en`. */
  language: languageSchema.optional(),
  /** The same for several requests: the order of arrival is the order of work. */
  batch_id: batchIdSchema.optional(),
  /** The address that gets each outcome, for callers with a service key. */
  callback_url: callbackUrlSchema.optional(),
  /** JSON: up to 20 keys of 1 to 40 characters, each with a text of at most 500. All files of the form get them. */
  metadata: z.string().optional(),
  /** The sender's own id of the file. For several files: a JSON array with an id or null for each, in their order. */
  external_id: z.string().optional(),
});
const analyzeFields = uploadFields.extend({
  /** Names of analyses, such as `describe,receipt`. Default: `describe`. */
  analyses: z.string().max(1_000).optional(),
});

const NEW_FILES = [...FORM_BODY, 'no_file', 'idempotency_key_reused'] as const;

export const uploadRoutes = defineRoutes({
  analyzeMedia: {
    method: 'POST',
    path: '/api/agent/analyze-media',
    idempotencyKey: 'optional',
    form: { fields: analyzeFields, files: 'many' },
    answers: { 202: { json: analyzeMediaResponseSchema, limits: true } },
    codes: [...NEW_FILES, 'not_found', 'analysis_not_offered'],
  },
  uploadMedia: {
    method: 'POST',
    path: '/api/media',
    idempotencyKey: 'optional',
    form: { fields: uploadFields, files: 'one' },
    answers: { 202: { json: uploadMediaResponseSchema, limits: true } },
    codes: [...NEW_FILES, 'not_found'],
  },
  closeUploads: {
    method: 'POST',
    path: '/api/media/uploads/close',
    idempotencyKey: 'required',
    answers: { 200: { json: closeUploadsResponseSchema } },
    codes: COMMON,
  },
  addFrames: {
    method: 'POST',
    path: '/api/media/{id}/frames',
    // Repeated frames replace the earlier ones.
    idempotencyKey: 'none',
    form: { fields: frameFieldsSchema, files: 'many' },
    answers: { 200: { json: mediaSchema, etag: true } },
    codes: [...FORM_BODY, 'not_found', 'not_ready'],
  },
});

export const uploadDocs = (): Docs<typeof uploadRoutes> => ({
  routes: {
    analyzeMedia: {
      group: 'Upload',
      title: 'Send files to be analysed',
      text: `A form with the files. It answers as soon as they are stored for the work; \`media\` says which were accepted and \`rejected\` which were not. It is a problem only if every file is rejected. Accepted are ${ACCEPTED_TYPES_TEXT}. On Cloud Run a request may have 32 MiB: announce what is larger.`,
      asked: { files: ['cat.jpg'], language: 'en', analyses: 'describe,receipt' },
      answered: { media_ids: [EXAMPLE_MEDIA.id], media: [EXAMPLE_MEDIA], rejected: [] },
    },
    uploadMedia: {
      group: 'Upload',
      title: 'Store one file without an analysis',
      text: 'Under moderation it is held back until it is described or an operator approves it.',
      asked: { files: 'cat.jpg' },
      answered: { media_id: EXAMPLE_MEDIA.id, media: EXAMPLE_MEDIA },
    },
    closeUploads: {
      group: 'Upload',
      title: 'Ask what a request without an answer has made',
      text: 'A request with this `Idempotency-Key` makes nothing from now on; what it has made is the answer.',
      answered: { media_ids: [EXAMPLE_MEDIA.id], media: [EXAMPLE_MEDIA], rejected: [] },
    },
    addFrames: {
      group: 'Upload',
      title: 'Send frames of a video',
      text: 'Before `uploaded`: up to eight JPEGs of at most 300,000 bytes, cut from the video, for models that look at pictures only. `times` names the second of each, and `poster` the one that is the preview.',
      asked: { files: ['1.jpg', '2.jpg'], times: '0.5,3', poster: 0 },
      answered: { ...EXAMPLE_MEDIA, frames: [{ time_s: 0.5, size: 21_004 }] },
    },
  },
  inPath: { id: 'The id of the media.' },
  answeredSchemas: {
    AcceptedFile: uploadMediaResponseSchema,
    AcceptedFiles: analyzeMediaResponseSchema,
    ClosedUploads: closeUploadsResponseSchema,
    RejectedFile: rejectedFileSchema,
  },
});
