/** Shapes of the HTTP API and of the event stream, for server and client alike. */
import { z } from 'zod';
import { errorCodeSchema } from './errors.ts';
import { mediaSchema } from './media.ts';

/** BCP 47, loosely: the words of the analysis are asked for in this language. */
export const languageSchema = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'a language tag such as "en" or "ja"');

/** A file of a batch that was not taken; the others of the batch were. */
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

/** Files that are to be sent straight to Cloud Storage, as they are announced. */
export const createUploadsSchema = z.strictObject({
  files: z.array(
    z.strictObject({
      file_name: z.string().min(1).max(1_000),
      content_type: z.string().max(255),
      /** Bytes, exactly. */
      size: z.number().int().nonnegative(),
    }),
  ),
  /** Whether to analyse them, or only to store them. */
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
       * A resumable session of Cloud Storage. Whoever has the address may send the bytes: it is a secret.
       * Null if they are there already, in answer to a request that was sent again.
       */
      upload_url: z.string().nullable(),
      /** Bytes of each request to it but the last: a multiple of 256 KiB, as Cloud Storage wants it. */
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

/** `event: problem`: an id that is unknown or not the caller's; the two look the same. */
export const streamProblemSchema = z.object({ media_id: z.string(), code: errorCodeSchema });
/** `event: removed`: deleted while watched. */
export const streamRemovedSchema = z.object({ media_id: z.string() });
/** `event: done`: every watched media reached a terminal status; the server ends the response. */
export const streamDoneSchema = z.object({
  completed: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
});

/** A month as `GET /api/usage` takes and tells it, in UTC. */
export const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month such as "2026-11"');

const sumsShape = {
  /** Media that were analysed, failed ones included. */
  items: z.number().int().nonnegative(),
  /** Those of them whose answer was there already. */
  cached: z.number().int().nonnegative(),
  input_tokens: z.number().int().nonnegative(),
  output_tokens: z.number().int().nonnegative(),
  /** US dollars; null when a model's price is not known. */
  cost_usd: z.number().nonnegative().nullable(),
};

const modelUsageSchema = z.object({ model: z.string(), ...sumsShape });
export type ModelUsage = z.infer<typeof modelUsageSchema>;

/** What the caller's analyses of a month have cost, media that were deleted since included. */
export const usageReportSchema = z.object({
  month: monthSchema,
  ...sumsShape,
  models: z.array(modelUsageSchema),
});
export type UsageReport = z.infer<typeof usageReportSchema>;
