/** The result of an analysis: one schema for every model, and the receipt that comes with it. */
import { z } from 'zod';

const share = z.number().min(0).max(1);

/** A rectangle in fractions (0 to 1) of the upright picture. */
const boxSchema = z.object({
  /** Left edge, from the left of the picture. */
  x: share,
  /** Upper edge, from the top of the picture. */
  y: share,
  /** In fractions of the picture's width. */
  width: share,
  /** In fractions of the picture's height. */
  height: share,
});

/** The part of the analytics that a model writes. */
export const modelOutputSchema = z.object({
  /** A short title, at most 200 characters. */
  title: z.string().min(1).max(200).describe('A short title for the picture'),
  /** One to three sentences about the picture. */
  summary: z.string().min(1).max(2_000).describe('One to three sentences: what is to be seen'),
  /** Up to 30 English keywords in lower case, the most important first. */
  tags: z
    .array(z.string().min(1).max(60))
    .max(30)
    .describe('Lower-case English keywords, most important first'),
  /** Things and faces in the picture, at most 100. */
  objects: z
    .array(
      z.object({
        /** Kind of object, e.g. `cat`. */
        label: z.string().min(1).max(100),
        /** How sure the model is, 0 to 1. */
        confidence: share,
        /** Where the object is; null or absent if the model did not say. */
        box: boxSchema.nullish().describe('Where it is, if known, in fractions of the picture'),
      }),
    )
    .max(100),
  /** How many people are visible; null if the model did not count them. */
  people_count: z
    .number()
    .int()
    .nonnegative()
    .nullable()
    .describe('How many people are visible; null if that was not determined'),
  /** The text in the picture, word for word; null if there is none. */
  text: z.string().max(10_000).nullable().describe('What is written in the picture, verbatim'),
  /** The kind of place, e.g. `street`; null if the model did not say. */
  scene: z.string().max(200).nullable().describe('Kind of place, e.g. "street", "kitchen"'),
  /** The mood of the picture, e.g. `calm`; null if the model did not say. */
  mood: z.string().max(200).nullable(),
  /** Whether the picture can offend. */
  safety: z.object({
    /** `unknown`: the model does not judge this. */
    verdict: z.enum(['safe', 'sensitive', 'unsafe', 'unknown']),
    /** Kinds of offensive content, e.g. `violence`. */
    categories: z.array(z.string().max(60)).max(20),
  }),
  /** Only for a video: its parts, in order. */
  segments: z
    .array(
      z.object({
        /** Seconds from the start of the video. */
        start_s: z.number().nonnegative(),
        /** Seconds from the start of the video. */
        end_s: z.number().nonnegative(),
        /** Description of this part. */
        summary: z.string().min(1).max(500),
      }),
    )
    .max(50)
    .nullish()
    .describe('Of a video: what happens when, in seconds from its start'),
});
export type ModelOutput = z.infer<typeof modelOutputSchema>;

/**
 * Notes for a person about how an analysis was made.
 * - `text_left_out`: the picture shows published text, which the model may not repeat. So `text` is null.
 * - `from_frames`: the model did not see the video, only pictures that the sender calls its frames.
 * - `shortened`: a full description did not fit into one answer of the model. So it wrote a short one.
 */
const analysisNoteSchema = z.enum(['text_left_out', 'shortened', 'from_frames']);
export type AnalysisNote = z.infer<typeof analysisNoteSchema>;

/** The words of a model, with notes about how they were made. */
export const descriptionSchema = modelOutputSchema.extend({
  /** Absent if there is nothing to note. */
  notes: z.array(analysisNoteSchema).optional(),
});
export type Description = z.infer<typeof descriptionSchema>;

/** Measured from the pixels, the same for every model. */
export const measuredSchema = z.object({
  /** Up to 8 colours, the most common first. */
  colors: z
    .array(
      z.object({
        /** `#rrggbb` in lower case. */
        hex: z.string().regex(/^#[0-9a-f]{6}$/),
        /** Fraction of the pixels, 0 to 1. */
        share,
      }),
    )
    .max(8),
  /** How well the photo was taken; null for a video. */
  quality: z
    .object({
      /** 0 (blurred) to 1 (sharp): variance of the Laplacian of the preview's luma, scaled. */
      sharpness: share,
      /** Mean luma, 0 (black) to 1 (white). */
      brightness: share,
      /** Standard deviation of luma, scaled to 0 to 1. */
      contrast: share,
      /** Whether the photo is too dark or too bright. */
      exposure: z.enum(['dark', 'balanced', 'bright']),
      /** All of the above in one word. */
      verdict: z.enum(['good', 'fair', 'poor']),
    })
    .nullable(),
});

/** Facts from the metadata of the file: how the picture was taken. */
export const captureSchema = z.object({
  /** Local time of the camera, without a time zone: `2019-04-14T16:02:11`. */
  taken_at: z.string().nullable(),
  /** Maker and model of the camera. */
  camera: z.string().nullable(),
  /** Where the picture was taken. Only with `CAPTURE_LOCATION=on`. */
  place: z
    .object({
      /** Degrees, north is positive. */
      latitude: z.number(),
      /** Degrees, east is positive. */
      longitude: z.number(),
      /** City, town or village at or near this place, in English, such as `Paris`; null if there is none. Names are GeoNames' (CC BY 4.0). */
      city: z.string().nullish(),
      /** State, prefecture or province, in English, such as `California`; null if it is not known. */
      region: z.string().nullish(),
      /** ISO 3166-1 country code of two letters, such as `FR`. Absent far from all places. */
      country: z.string().optional(),
      /** The same names in other languages, where they are known. */
      translations: z
        .object({
          /** In Japanese. */
          ja: z.object({
            /** City, such as `パリ`. */
            city: z.string().nullable(),
            /** Region, such as `カリフォルニア州`. */
            region: z.string().nullable(),
          }),
        })
        .optional(),
    })
    .nullish(),
});

export const analyticsSchema = z.object({
  ...descriptionSchema.shape,
  ...measuredSchema.shape,
  /** Facts from the file's metadata. A field is null if the file does not have the fact. */
  capture: captureSchema,
  /** Pixels of the upright picture. */
  width: z.number().int().positive().nullable(),
  /** Pixels of the upright picture. */
  height: z.number().int().positive().nullable(),
  /** The shape of the upright picture. */
  orientation: z.enum(['landscape', 'portrait', 'square']).nullable(),
  /** Only for a video: its length in seconds. */
  duration_s: z.number().nonnegative().nullish(),
  /** BCP 47 tag of the language of title, summary, scene and mood; `tags` are always English. */
  language: z.string(),
  /** The model that answered, e.g. `local/vision`. */
  model: z.string(),
  /** Which version of the prompt the model got. */
  prompt_version: z.string(),
});
export type Analytics = z.infer<typeof analyticsSchema>;

/** `flex` costs half. Its answer may take a quarter of an hour. */
export const tierSchema = z.enum(['flex']);
export type Tier = z.infer<typeof tierSchema>;

/** The cost of a media's analyses: of all calls that were made for it, failed ones included. */
export const usageSchema = z.object({
  /** The model that answered; if none did, the one that was asked last. */
  model: z.string(),
  /** Tokens that the model read. */
  input_tokens: z.number().int().nonnegative(),
  /** Tokens that the model wrote. */
  output_tokens: z.number().int().nonnegative(),
  /** US dollars; null if the price table does not have the model. */
  cost_usd: z.number().nonnegative().nullable(),
  /**
   * True if a number is an estimate. Either a call was cut off: its largest possible cost counts. Or the model that
   * answered has no known price: the price of the model that was asked counts.
   */
  estimated: z.boolean().optional(),
  /** Price tier. Absent if the calls had the ordinary price, or both prices. */
  tier: tierSchema.optional(),
  /** Whether the answer was copied from a media of the same content. Then no model was asked. */
  cached: z.boolean(),
  /** Calls to a model, failed ones included; 0 for a copied answer. */
  attempts: z.number().int().nonnegative(),
  /** How long the analysis took, waits between calls included, in milliseconds. */
  duration_ms: z.number().nonnegative(),
});
export type Usage = z.infer<typeof usageSchema>;
