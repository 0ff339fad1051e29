/**
 * The result of an analysis, one schema for every model, and the record of what the analysis cost.
 */
import { z } from 'zod';

const share = z.number().min(0).max(1);

/** Corners in fractions of the upright picture's width and height, origin top left. */
export const boxSchema = z.object({ x: share, y: share, width: share, height: share });

/** The part of the analytics that a model writes. */
export const modelOutputSchema = z.object({
  title: z.string().min(1).max(200).describe('A short title for the picture'),
  summary: z.string().min(1).max(2_000).describe('One to three sentences: what is to be seen'),
  tags: z
    .array(z.string().min(1).max(60))
    .max(30)
    .describe('Lower-case English keywords, most important first'),
  objects: z
    .array(
      z.object({
        label: z.string().min(1).max(100),
        confidence: share,
        box: boxSchema.nullish().describe('Where it is, if known, in fractions of the picture'),
      }),
    )
    .max(100),
  people_count: z
    .number()
    .int()
    .nonnegative()
    .nullable()
    .describe('How many people are visible; null if that was not determined'),
  text: z.string().max(10_000).nullable().describe('What is written in the picture, verbatim'),
  scene: z.string().max(200).nullable().describe('Kind of place, e.g. "street", "kitchen"'),
  mood: z.string().max(200).nullable(),
  safety: z.object({
    verdict: z.enum(['safe', 'sensitive', 'unsafe', 'unknown']),
    categories: z.array(z.string().max(60)).max(20),
  }),
  segments: z
    .array(
      z.object({
        start_s: z.number().nonnegative(),
        end_s: z.number().nonnegative(),
        summary: z.string().min(1).max(500),
      }),
    )
    .max(50)
    .nullish()
    .describe('Of a video: what happens when, in seconds from its start'),
});
export type ModelOutput = z.infer<typeof modelOutputSchema>;

/**
 * What a person should know about how the model answered.
 * - `text_left_out`: the picture shows published text that the model may not repeat, so `text` is
 *   null.
 * - `shortened`: a full description did not fit into one answer, so the model was asked for a short
 *   one.
 */
export const analysisNoteSchema = z.enum(['text_left_out', 'shortened']);
export type AnalysisNote = z.infer<typeof analysisNoteSchema>;

/** What the model wrote, and what a person should know about how the model answered. */
export const descriptionSchema = modelOutputSchema.extend({
  /** Absent if there is nothing to say. */
  notes: z.array(analysisNoteSchema).optional(),
});
export type Description = z.infer<typeof descriptionSchema>;

/** What the worker measures from the pixels, whichever model describes the picture. */
export const measuredSchema = z.object({
  /** Most common first. `share` is the fraction of the pixels that have this colour. */
  colors: z.array(z.object({ hex: z.string().regex(/^#[0-9a-f]{6}$/), share })).max(8),
  quality: z
    .object({
      /** Variance of the Laplacian of the preview's luma, scaled to 0..1: higher is sharper. */
      sharpness: share,
      /** Mean luma, 0 black to 1 white. */
      brightness: share,
      /** Standard deviation of luma, scaled to 0..1. */
      contrast: share,
      exposure: z.enum(['dark', 'balanced', 'bright']),
      verdict: z.enum(['good', 'fair', 'poor']),
    })
    .nullable(),
});

/** What the file's own metadata says about how the picture was taken. */
export const captureSchema = z.object({
  /** The time on the camera's clock, without a time zone: `2019-04-14T16:02:11`. */
  taken_at: z.string().nullable(),
  camera: z.string().nullable(),
  /** Set only with `CAPTURE_LOCATION=on`. */
  place: z.object({ latitude: z.number(), longitude: z.number() }).nullish(),
});

export const analyticsSchema = z.object({
  ...descriptionSchema.shape,
  ...measuredSchema.shape,
  capture: captureSchema,
  /** Pixels of the upright picture. */
  width: z.number().int().positive().nullable(),
  height: z.number().int().positive().nullable(),
  orientation: z.enum(['landscape', 'portrait', 'square']).nullable(),
  /** Seconds; videos only. */
  duration_s: z.number().nonnegative().nullish(),
  /**
   * BCP 47 tag of the language that the text is written in. The tags are English words in every
   * language.
   */
  language: z.string(),
  model: z.string(),
  prompt_version: z.string(),
});
export type Analytics = z.infer<typeof analyticsSchema>;

/** What the analysis of a media cost: every call that was made for it, failed calls included. */
export const usageSchema = z.object({
  /** The model that answered; if none did, the model that was asked last. */
  model: z.string(),
  input_tokens: z.number().int().nonnegative(),
  output_tokens: z.number().int().nonnegative(),
  /** US dollars; null if the model's price is not in the price table. */
  cost_usd: z.number().nonnegative().nullable(),
  cached: z.boolean(),
  /**
   * Calls to a model, failed ones included; 0 if the result was copied from an earlier analysis.
   */
  attempts: z.number().int().nonnegative(),
  duration_ms: z.number().nonnegative(),
});
export type Usage = z.infer<typeof usageSchema>;
