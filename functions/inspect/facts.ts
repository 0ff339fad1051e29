/** The facts of a file, measured or read from it: plain JSON in the media document. */
import { captureSchema, measuredSchema } from '@media-analysis/shared/analytics';
import { z } from 'zod';

export const mediaFactsSchema = z.object({
  kind: z.enum(['image', 'video']),
  /** Short name of the coding: `jpeg`, `heic`, `mp4`. */
  format: z.string(),
  /** Upright pixels of the original. */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** Whether the file has more than one frame. Only the first one was measured. */
  animated: z.boolean(),
  /** Whether a photo has no colours; absent for a video, and in records of earlier releases. */
  grayscale: z.boolean().optional(),
  /** Video only: seconds. */
  duration_s: z.number().nonnegative().nullable(),
  capture: captureSchema,
  /** Empty and null for a video, because its frames are not decoded. */
  ...measuredSchema.shape,
});
export type MediaFacts = z.infer<typeof mediaFactsSchema>;
