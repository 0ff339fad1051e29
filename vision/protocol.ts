/** The messages between the service and its vision process. */
import { z } from 'zod';

/** The most findings of each kind that an answer holds. */
export const MAX_OBJECTS = 20;
export const MAX_FACES = 30;
export const MAX_CODES = 10;

/** The scripts that can be told apart. Only Latin, Chinese and Japanese are read. */
export const SCRIPTS = [
  'Latin',
  'Cyrillic',
  'Greek',
  'Arabic',
  'Hebrew',
  'Devanagari',
  'Thai',
  'Korean',
  'Japanese',
] as const;
export type Script = (typeof SCRIPTS)[number];

const fraction = z.number().min(0).max(1);
const scored = z.object({
  score: fraction,
  box: z.object({ left: fraction, top: fraction, right: fraction, bottom: fraction }),
});

export const pictureRequestSchema = z.object({
  /** Upright JPEG. */
  jpeg: z.instanceof(Uint8Array),
  /** BCP 47 tag of the language of the analysis. Text in the picture is probably in the same language. */
  language: z.string(),
});
export type PictureRequest = { jpeg: Uint8Array; language: string };

/** Null: the network failed. An empty list: it found nothing. */
export const detectionsSchema = z.object({
  objects: z.array(scored.extend({ label: z.string() })).nullable(),
  faces: z.array(scored).nullable(),
  /** Rows of text in reading order. Pieces beside each other are one row. */
  text: z.array(scored.extend({ text: z.string() })).nullable(),
  /** The script of writing that could not be read. */
  unread: z.enum([...SCRIPTS, 'unknown']).nullable(),
  codes: z.array(scored.extend({ format: z.string(), text: z.string() })).nullable(),
});
export type Detections = z.infer<typeof detectionsSchema>;
