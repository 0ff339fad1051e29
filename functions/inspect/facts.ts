/** What was measured of a file: plain JSON, kept in the media document beside what a person sees. */
import { captureSchema, measuredSchema } from '@media-analysis/shared/analytics';
import { z } from 'zod';

export const mediaFactsSchema = z.object({
  kind: z.enum(['image', 'video']),
  /** Short name of the coding: `jpeg`, `heic`, `mp4`. */
  format: z.string(),
  /** Upright pixels of the original. */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** More than one frame, of which the first was measured. */
  animated: z.boolean(),
  /** Video only: seconds. */
  duration_s: z.number().nonnegative().nullable(),
  capture: captureSchema,
  /** Empty and null for a video: its frames are not decoded here. */
  ...measuredSchema.shape,
});
export type MediaFacts = z.infer<typeof mediaFactsSchema>;
