/** The shapes of the HTTP API and of the event stream, for server and client. */
import { z } from 'zod';
import { dayLimitSchema, errorCodeSchema } from './errors.ts';
import { MAX_FRAMES } from './frames.ts';
import { mediaSchema } from './media.ts';

/** Names what was chosen together, if it comes in several requests: it is worked on in the order in which it arrives. */
export const batchIdSchema = z
  .string()
  .regex(/^[\w-]{1,64}$/, '1 to 64 letters, digits, "-" and "_"');

/** A BCP 47 tag, loosely checked: the model writes in this language. */
export const languageSchema = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'must be a language tag, such as "en" or "ja"');

const rejectedFileSchema = z.object({
  /** Position of the file in the request, from 0. The client's `analyze` counts in its list of files. */
  index: z.number().int().nonnegative(),
  /** The name that the sender gave the file. */
  file_name: z.string(),
  /** Why the file was not accepted. */
  code: errorCodeSchema,
  /** The same for a person, in English: what happened and what to do now. */
  message: z.string(),
  /** Of `rate_limited`: the limit of the day, if that is what was reached. */
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
/** Which files of a request were accepted, and which were not. */
export type AnalyzeMediaResponse = z.infer<typeof analyzeMediaResponseSchema>;

/** What `POST /api/media` answers. */
export const uploadMediaResponseSchema = z.object({
  /** The id of `media`. */
  media_id: z.string(),
  /** The file as it was accepted. */
  media: mediaSchema,
});

export const closeUploadsResponseSchema = z.object({
  /** The ids of all media that the request made, also of those that were deleted since then. Empty if it made none. */
  media_ids: z.array(z.string()),
  /** Those of them that are there, in the same order. */
  media: z.array(mediaSchema),
  /** The files of the request that were not accepted. */
  rejected: z.array(rejectedFileSchema),
});
/** What a request has made whose answer did not reach its sender. */
export type CloseUploadsResponse = z.infer<typeof closeUploadsResponseSchema>;

/** Names of analyses, in the order in which they are to be made. */
export const analysisNamesSchema = z
  .array(
    z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be the name of an analysis, such as "describe"'),
  )
  .min(1)
  .max(20);

/** The body of `POST /api/media/{id}/analyses/{name}`. */
export const askSchema = z.strictObject({
  /** Of the answer, from now on; absent: the one that the file was sent with. */
  language: languageSchema.optional(),
  /** What the analysis needs to know, by its `input`: `ask` needs a `question`. */
  input: z
    .record(z.string(), z.union([z.string().max(2_000), z.number(), z.boolean()]))
    .default({}),
});
export type Ask = z.input<typeof askSchema>;

const analysisInfoSchema = z.object({
  /** Of the file in `analyses/`, such as `receipt`. */
  name: z.string(),
  /** For people, in English. */
  title: z.string(),
  /** What it is for, in English. */
  description: z.string(),
  /** The same in other languages, by their tags; `labels` by the paths of fields, such as `items.name`. */
  translations: z.record(
    z.string(),
    z.object({
      title: z.string().optional(),
      description: z.string().optional(),
      labels: z.record(z.string(), z.string()).optional(),
    }),
  ),
  /** JSON Schema of each value that a caller gives. */
  input: z.record(z.string(), z.looseObject({})),
  /** The values that a caller has to give. */
  required: z.array(z.string()),
  /** JSON Schema of the answer. Null for `describe`, whose answer is `analytics`. */
  output: z.looseObject({}).nullable(),
  /** Changes with what the model is told, and with the schema. */
  version: z.string(),
  /** Whether the model of this service can make it. */
  offered: z.boolean(),
});
/** One analysis that a media can be asked for. */
export type AnalysisInfo = z.infer<typeof analysisInfoSchema>;

export const analysisListSchema = z.object({
  /** In the order in which they are shown. */
  analyses: z.array(analysisInfoSchema),
});
/** What `GET /api/analyses` answers. */
export type AnalysisList = z.infer<typeof analysisListSchema>;

/** Announces files that the client will send straight to Cloud Storage. */
export const createUploadsSchema = z.strictObject({
  /** The files, in the order in which they are to be worked on. */
  files: z.array(
    z.strictObject({
      /** For display, and found by a search. */
      file_name: z.string().min(1).max(1_000),
      /** Its MIME type. What the bytes are is looked at once they are there. */
      content_type: z.string().max(255),
      /** The exact number of bytes. */
      size: z.number().int().nonnegative(),
    }),
  ),
  /** False: the files are only stored. */
  analyze: z.boolean().default(true),
  /** Absent: `describe`. */
  analyses: analysisNamesSchema.optional(),
  /** Of the answers, such as `ja`. */
  language: languageSchema.default('en'),
  /** Absent: what is announced here is a batch of its own. */
  batch_id: batchIdSchema.optional(),
  /** Where a backend with a service key is told how the media end (`docs/webhooks.md`). */
  callback_url: z.string().min(1).max(1_000).optional(),
});
export type CreateUploads = z.input<typeof createUploadsSchema>;

export const createUploadsResponseSchema = z.object({
  /** The files that may be sent. */
  uploads: z.array(
    z.object({
      /** Position in the request's `files`, from 0. */
      index: z.number().int().nonnegative(),
      /** The media that it becomes. */
      media_id: z.string(),
      /**
       * The address of a resumable session of Cloud Storage. It is a secret: anyone who has it can send the
       * bytes. Null in the answer to a repeated request if all bytes have arrived already.
       */
      upload_url: z.string().nullable(),
      /** Bytes of each request to the session, except the last: Cloud Storage requires a multiple of 256 KiB. */
      chunk_size: z.number().int().positive(),
    }),
  ),
  /** The files that were not accepted. */
  rejected: z.array(rejectedFileSchema),
});
export type CreateUploadsResponse = z.infer<typeof createUploadsResponseSchema>;

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
  /** Which of them is shown in place of the video, from 0. */
  poster: z.coerce.number().int().min(0).max(MAX_FRAMES).default(0),
});

/** `GET /api/media/{id}/content` and `…/preview`, for a caller that accepts only JSON. */
export const signedUrlSchema = z.object({
  /** Works without a token for some minutes. */
  url: z.url(),
});
export type SignedUrl = z.infer<typeof signedUrlSchema>;

const correctionSchema = z.object({
  /** A word of `q` that none of the caller's media has, in small letters. */
  from: z.string(),
  /** The word that was searched for in its place. */
  to: z.string(),
});
/** A word of a search that may be typed wrong, or in part, and the one that was searched for in its place. */
export type Correction = z.infer<typeof correctionSchema>;

export const mediaListSchema = z.object({
  /** Newest first. */
  media: z.array(mediaSchema),
  /** Asks for the next page; absent on the last page. */
  next_page_token: z.string().optional(),
  /** Words of `q` that may be typed wrong, and what was searched for instead. Absent: all was searched for as it was typed. */
  corrected: z.array(correctionSchema).optional(),
  /** How many media a search by words, tags, texts or likeness finds on all its pages. Absent: they were not counted, or too many have its words. */
  total: z.number().int().nonnegative().optional(),
});
/** One page of the caller's media. */
export type MediaList = z.infer<typeof mediaListSchema>;

/** A month in UTC, as `GET /api/usage` reads and writes it. */
export const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month such as "2026-11"');

const sumsShape = {
  /** How many media were analysed, failed ones included. One that was analysed again counts again. */
  items: z.number().int().nonnegative(),
  /** How many of them got the answer of a media of the same content. */
  cached: z.number().int().nonnegative(),
  /** Tokens that models read. */
  input_tokens: z.number().int().nonnegative(),
  /** Tokens that models wrote. */
  output_tokens: z.number().int().nonnegative(),
  /** US dollars; null if the price of a model is not known. */
  cost_usd: z.number().nonnegative().nullable(),
};

const modelUsageSchema = z.object({
  /** The model's name, e.g. `googleai/gemini-3.5-flash-lite`. */
  model: z.string(),
  ...sumsShape,
});
export type ModelUsage = z.infer<typeof modelUsageSchema>;

export const usageReportSchema = z.object({
  /** The month in UTC, e.g. `2026-11`. */
  month: monthSchema,
  ...sumsShape,
  /** The same numbers for each model. */
  models: z.array(modelUsageSchema),
});
/** What the caller's analyses of a month cost. Media that were deleted later are included. */
export type UsageReport = z.infer<typeof usageReportSchema>;
