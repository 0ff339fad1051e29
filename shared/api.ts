/** Shapes of the HTTP API and of the event stream, used by server and client. */
import { z } from 'zod';
import { errorCodeSchema } from './errors.ts';
import { mediaSchema } from './media.ts';

/** A BCP 47 tag, checked loosely: the language in which the model writes the analysis. */
export const languageSchema = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'a language tag such as "en" or "ja"');

/** A file of a batch that was not accepted. The other files of the batch were. */
export const rejectedFileSchema = z.object({
  /** Position among the file parts of the request, from 0. */
  index: z.number().int().nonnegative(),
  file_name: z.string(),
  code: errorCodeSchema,
  message: z.string(),
});
export type RejectedFile = z.infer<typeof rejectedFileSchema>;

export const analyzeMediaResponseSchema = z.object({
  media_ids: z.array(z.string()),
  media: z.array(mediaSchema),
  rejected: z.array(rejectedFileSchema),
});
export type AnalyzeMediaResponse = z.infer<typeof analyzeMediaResponseSchema>;

/** Announces files that the client will send straight to Cloud Storage. */
export const createUploadsSchema = z.strictObject({
  files: z.array(
    z.strictObject({
      file_name: z.string().min(1).max(1_000),
      content_type: z.string().max(255),
      /** The exact size in bytes. */
      size: z.number().int().nonnegative(),
    }),
  ),
  /** True: store and analyse the files. False: only store them. */
  analyze: z.boolean().default(true),
  language: languageSchema.default('en'),
});
export type CreateUploads = z.input<typeof createUploadsSchema>;

export const createUploadsResponseSchema = z.object({
  uploads: z.array(
    z.object({
      /** Position in the request's `files`. */
      index: z.number().int().nonnegative(),
      media_id: z.string(),
      /**
       * The address of a resumable session of Cloud Storage. Anyone who knows the address can send
       * the bytes, so it is a secret. Null if the bytes are stored already, which happens when a
       * client repeats a request.
       */
      upload_url: z.string().nullable(),
      /** Bytes in each request except the last one. Cloud Storage wants a multiple of 256 KiB. */
      chunk_size: z.number().int().positive(),
    }),
  ),
  rejected: z.array(rejectedFileSchema),
});
export type CreateUploadsResponse = z.infer<typeof createUploadsResponseSchema>;

export const mediaListSchema = z.object({
  media: z.array(mediaSchema),
  next_page_token: z.string().optional(),
});
export type MediaList = z.infer<typeof mediaListSchema>;

/** `event: problem`: the id is unknown or belongs to another owner. A caller cannot tell which. */
export const streamProblemSchema = z.object({ media_id: z.string(), code: errorCodeSchema });
/** `event: removed`: the media was deleted while the stream watched it. */
export const streamRemovedSchema = z.object({ media_id: z.string() });
/** `event: done`: every watched media has a terminal status. The server ends the response. */
export const streamDoneSchema = z.object({
  completed: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
});

/** A month in UTC, as `GET /api/usage` reads and writes it. */
export const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month such as "2026-11"');

const sumsShape = {
  /** Media that were analysed, failed ones included. */
  items: z.number().int().nonnegative(),
  /** Those of `items` whose result was copied from an earlier analysis of the same content. */
  cached: z.number().int().nonnegative(),
  input_tokens: z.number().int().nonnegative(),
  output_tokens: z.number().int().nonnegative(),
  /** US dollars; null if the price of a model is not known. */
  cost_usd: z.number().nonnegative().nullable(),
};

const modelUsageSchema = z.object({ model: z.string(), ...sumsShape });
export type ModelUsage = z.infer<typeof modelUsageSchema>;

/** What the caller's analyses of one month cost. Media that were deleted later are included. */
export const usageReportSchema = z.object({
  month: monthSchema,
  ...sumsShape,
  models: z.array(modelUsageSchema),
});
export type UsageReport = z.infer<typeof usageReportSchema>;
