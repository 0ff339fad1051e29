/** What the service and its vision process say to each other. */
import { z } from 'zod';

/** No more of each are told. */
export const MAX_OBJECTS = 20;
export const MAX_FACES = 30;

const fraction = z.number().min(0).max(1);
const scored = z.object({
  score: fraction,
  box: z.object({ left: fraction, top: fraction, right: fraction, bottom: fraction }),
});

export const pictureRequestSchema = z.object({
  id: z.number(),
  /** Upright JPEG. */
  jpeg: z.instanceof(Uint8Array),
  /** Language of whoever asks, and likely of what is written. */
  language: z.string(),
});
export type PictureRequest = { id: number; jpeg: Uint8Array; language: string };

/** What was found; null is what could not be looked for, which is not the same as nothing. */
export const detectionsSchema = z.object({
  objects: z.array(scored.extend({ label: z.string() })).nullable(),
  faces: z.array(scored).nullable(),
  text: z.array(scored.extend({ text: z.string() })).nullable(),
});
export type Detections = z.infer<typeof detectionsSchema>;

export const pictureAnswerSchema = z.union([
  z.object({ id: z.number(), detections: detectionsSchema }),
  /** Of a bad picture there is no use in asking again. */
  z.object({ id: z.number(), error: z.string(), bad_picture: z.boolean() }),
]);
export type PictureAnswer = z.infer<typeof pictureAnswerSchema>;
