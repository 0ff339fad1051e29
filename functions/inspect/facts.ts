/** The facts that were measured or read from a file: plain JSON in the media document. */
import { captureSchema, measuredSchema } from '@media-analysis/shared/analytics';
import { z } from 'zod';

export const mediaFactsSchema = z.object({
  kind: z.enum(['image', 'video']),
  /** For example `jpeg`, `heic` or `mp4`. */
  format: z.string(),
  /** Pixels of the upright original. */
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** The file has more than one frame. Only the first one was measured. */
  animated: z.boolean(),
  /** The photo has no colours. A video and records of earlier releases do not have this field. */
  grayscale: z.boolean().optional(),
  /** Seconds; null for a photo. */
  duration_s: z.number().nonnegative().nullable(),
  capture: captureSchema,
  /** `colors` is empty and `quality` null for a video, because its frames are not decoded. */
  ...measuredSchema.shape,
});
export type MediaFacts = z.infer<typeof mediaFactsSchema>;
