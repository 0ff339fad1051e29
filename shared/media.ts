/**
 * Media: one submitted photo or video and its record. The Firestore document, the JSON of the API
 * and this type have the same field names, so no code has to map one to the other.
 */
import { z } from 'zod';
import type { AnalysisOutputs } from './analyses.gen.ts';
import { analyticsSchema, tierSchema, usageSchema } from './analytics.ts';
import { editsSchema } from './edits.ts';
import { errorCodeSchema } from './errors.ts';
import { type Docs, defineRoutes, OBJECT, ONE } from './routes.ts';
import { MEDIA_STATUSES } from './status.ts';

const timestampSchema = z.iso.datetime();

/**
 * A fault or limit, for which a media waits until `retry_at`; `no_place`: other media of its owner come first; or `no_bytes`: it
 * was announced, and its sender has not said yet that all its bytes are there.
 */
const waitCodeSchema = z.enum([...errorCodeSchema.options, 'no_place', 'no_bytes']);

/** A limit in US dollars for the analyses of a day (UTC): of one owner, or of all owners together. */
const waitLimitSchema = z.object({
  /** The limit in US dollars a day. */
  usd: z.number().nonnegative(),
  /** `owner`: of each owner; `project`: of all owners together. */
  of: z.enum(['owner', 'project']),
});

const analysisResultSchema = z.object({
  /** `pending`: it was asked for, and is not made yet. */
  status: z.enum(['pending', 'completed', 'failed']),
  /** What its caller gave, such as the question of `ask`; otherwise empty. */
  input: z.record(z.string(), z.unknown()),
  /** By the schema in `analyses/NAME.prompt`. Null until there is one; while it is made again, the last one. */
  output: z.record(z.string(), z.unknown()).nullable(),
  /** The model that answered. */
  model: z.string().nullable(),
  /** Of the prompt and the schema. */
  version: z.string().nullable(),
  /** What this answer cost; without an answer, what the calls that failed have cost. It is part of the media's `usage`. */
  usage: usageSchema.nullable(),
  /** Why the analysis failed; null unless `status` is `failed`. */
  error_code: errorCodeSchema.nullable(),
  /** The same for a person, in English: what happened and what to do now. */
  error_message: z.string().nullable(),
  /** ISO 8601: when this was last written. */
  updated_at: timestampSchema,
});
/** One analysis of a media, other than `describe`: where it stands, and its answer. */
export type AnalysisResult<Output = Record<string, unknown>> = Omit<
  z.infer<typeof analysisResultSchema>,
  'output'
> & {
  /** By the schema in `analyses/NAME.prompt`. Null until there is one; while it is made again, the last one. */
  output: Output | null;
};

/** The answers of the analyses of `analyses/`, each with the type that its schema says. */
export type AnalysisResults = {
  /** One analysis. */
  [Name in keyof AnalysisOutputs]?: AnalysisResult<AnalysisOutputs[Name]>;
} & { [name: string]: AnalysisResult };

const heldSchema = z.enum(['unchecked', 'unsafe', 'rejected']);
/**
 * The reason for which preview and original of a media are held back.
 * - `unchecked`: no model has judged it, or not yet. One whose work has ended, such as one that is only stored, stays so
 *   until it is described or an operator approves it
 * - `unsafe`: a model calls it unsafe, and no operator has decided yet
 * - `rejected`: an operator has decided that it is not shown
 */
export type Held = z.infer<typeof heldSchema>;

export const mediaSchema = z.object({
  /** Names the media in every call. */
  id: z.string(),
  /** The name that the sender gave the file. For display only: never used as a path. */
  file_name: z.string(),
  /** MIME type: the sender's claim until the bytes were checked, afterwards the type of the bytes. */
  content_type: z.string(),
  /** Bytes of the original. */
  size: z.number().int().nonnegative(),
  /** Where the work stands. */
  status: z.enum(MEDIA_STATUSES),
  /** The same for all that was sent together. Absent from what came by itself, e.g. by an import, and from services of earlier versions. */
  batch_id: z.string().optional(),
  /** 0 to 1: 0.5 when the media is stored, 1 when it is completed. It never falls within an attempt. */
  progress: z.number().min(0).max(1),
  /** 1 at first; each retry by the owner adds one. */
  attempts: z.number().int().positive(),
  /** Why the media failed; null unless `status` is `failed`. */
  error_code: errorCodeSchema.nullable(),
  /** The same for a person, in English: what happened and what to do now. */
  error_message: z.string().nullable(),
  /** ISO 8601: when the service tries again, if a fault or a limit makes the media wait; otherwise null. */
  retry_at: timestampSchema.nullable(),
  /**
   * Why the media waits: a fault or limit, until `retry_at`; `no_place`, if other media of its owner come first; or
   * `no_bytes`, if its bytes are still being sent, or nobody sends them any more. Null if it does not wait, or if the reason
   * is not known.
   */
  wait_code: waitCodeSchema.nullable(),
  /**
   * The limit that is reached, if `wait_code` is `analysis_spend_cap`; otherwise null. Absent from services of earlier
   * versions.
   */
  wait_limit: waitLimitSchema.nullish(),
  /** Path of the original, once it is stored. A request for it gets 302 to a signed URL. */
  url: z.string().nullable(),
  /**
   * Of a video: the pictures that its sender has cut from it and sent along, in order. One of them is its preview. They are
   * what the sender says is in the video. Absent: there are none.
   */
  frames: z
    .array(
      z.object({
        /** Seconds from the start of the video. */
        time_s: z.number().nonnegative(),
        /** Bytes of its JPEG. `GET /api/media/{id}/frames` has all of them, one after the other. */
        size: z.number().int().positive(),
      }),
    )
    .optional(),
  /** Why preview and original are held back: a request for them gets 403. Absent: they are not. */
  held: heldSchema.optional(),
  /**
   * When it was taken, by the clock of the camera, as soon as the file was read: `2019-04-14T16:02:11`. Absent: the file does not say
   * it, or was not read yet.
   */
  taken_at: z.string().optional(),
  /** The result; null before the analysis is complete, and for media that are only stored. */
  analytics: analyticsSchema.nullable(),
  /** What the owner has written in place of the model's words; `analytics` has it already. Absent: nothing. */
  edits: editsSchema.optional(),
  /**
   * The other analyses that were asked for, by their names; `describe` is `analytics`. Absent from services of earlier
   * versions.
   */
  analyses: z.record(z.string(), analysisResultSchema).optional(),
  /**
   * The id of another media of its owner with the same bytes, of which an answer was copied. It may be deleted since. Absent: no
   * answer was.
   */
  same_as: z.string().optional(),
  /** What all analyses cost; null before the first one. */
  usage: usageSchema.nullable(),
  /** Grows by one with every write: of two states the one with the higher revision is newer. */
  revision: z.number().int().nonnegative(),
  /** ISO 8601: when the media was accepted. */
  created_at: timestampSchema,
  /** ISO 8601: when the record was last written. */
  updated_at: timestampSchema,
});
/** One submitted photo or video: where the work on it stands, and its result. */
export type Media = Omit<z.infer<typeof mediaSchema>, 'analyses'> & {
  /** The other analyses that were asked for, by their names; `describe` is `analytics`. */
  analyses?: AnalysisResults | undefined;
};

/** The limit of a day for which a media waits. */
export type WaitLimit = z.infer<typeof waitLimitSchema>;

/** The two phases of the work. Each has its own queue. */
const PHASES = ['upload', 'analyze'] as const;
export type Phase = (typeof PHASES)[number];

/** Body of a Cloud Tasks task. It carries ids, never bytes: a task is limited to 1 MB. */
export const taskPayloadSchema = z.strictObject({
  media_id: z.string().regex(/^[\w-]{1,128}$/),
  attempt: z.number().int().positive(),
  /** Only in an analyze task: one query by this key finds the media and its copies of the same content. */
  content_key: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** Its delivery may take longer than others, and it is in a queue of its own. */
  tier: tierSchema.optional(),
  /** Its owner had few media in the queues when the task was created: none of them waits for the end of this one. */
  alone: z.literal(true).optional(),
  /**
   * Only in the task that looks after a media was deleted: when that began, in milliseconds since the epoch. Such a
   * task never works on the media.
   */
  removing_since: z.number().int().optional(),
});
export type TaskPayload = z.infer<typeof taskPayloadSchema>;

/** Body of the task that makes the next step of a reanalysis. */
export const stepPayloadSchema = z.strictObject({
  reanalysis_id: z.string().regex(/^[A-Za-z0-9]{1,64}$/),
});
export type StepPayload = z.infer<typeof stepPayloadSchema>;

/** Body of the task that makes the next step of an import. */
export const importPayloadSchema = z.strictObject({
  import_id: z.string().regex(/^[A-Za-z0-9]{1,64}$/),
});
export type ImportPayload = z.infer<typeof importPayloadSchema>;

/** `GET /api/media/{id}/content` and `…/preview`, for a caller that accepts only JSON. */
export const signedUrlSchema = z.object({
  /** Works without a token for some minutes. */
  url: z.url(),
});
export type SignedUrl = z.infer<typeof signedUrlSchema>;

const addressQuery = z.object({
  /** `true`: the address gives a file to be saved, and nothing to be shown. */
  download: z.string().optional(),
});

export const previewQuery = addressQuery.extend({
  /** `small`: large enough for a tile, where there is such a one. Absent: the preview as it is. */
  size: z.enum(['small']).optional(),
});

/** A route to an object in Cloud Storage answers so. */
export const ADDRESS = { 200: { json: signedUrlSchema }, 302: { redirect: true } } as const;

export const mediaRoutes = defineRoutes({
  getMedia: {
    method: 'GET',
    path: '/api/media/{id}',
    answers: { 200: { json: mediaSchema } },
    codes: ONE,
  },
  getContent: {
    method: 'GET',
    path: '/api/media/{id}/content',
    query: addressQuery,
    answers: ADDRESS,
    codes: OBJECT,
  },
  getPreview: {
    method: 'GET',
    path: '/api/media/{id}/preview',
    query: previewQuery,
    answers: ADDRESS,
    codes: OBJECT,
  },
  getFrames: {
    method: 'GET',
    path: '/api/media/{id}/frames',
    query: addressQuery,
    answers: ADDRESS,
    codes: OBJECT,
  },
  retryMedia: {
    method: 'POST',
    path: '/api/media/{id}/retry',
    // It is refused while the media is worked on.
    idempotencyKey: 'none',
    answers: { 202: { json: mediaSchema } },
    codes: [...ONE, 'not_retryable'],
  },
});

export const EXAMPLE_TIME = '2026-11-01T12:00:00.000Z';

export const EXAMPLE_MEDIA: Media = {
  id: 'Zb1pGfJ3kT9qLwX2',
  file_name: 'cat.jpg',
  content_type: 'image/jpeg',
  size: 48_213,
  status: 'pending',
  progress: 0,
  attempts: 1,
  error_code: null,
  error_message: null,
  retry_at: null,
  wait_code: null,
  url: null,
  analytics: null,
  usage: null,
  revision: 1,
  created_at: EXAMPLE_TIME,
  updated_at: EXAMPLE_TIME,
};

/** An answer of the routes that lead to an object in Cloud Storage. */
export const EXAMPLE_URL = {
  url: 'https://storage.googleapis.com/media/0a1b?X-Goog-Signature=2c3d',
};

export const mediaDocs = (): Docs<typeof mediaRoutes> => ({
  routes: {
    getMedia: {
      group: 'Media',
      title: 'Read one media',
      answered: EXAMPLE_MEDIA,
    },
    getContent: {
      group: 'Media',
      title: 'Get the original',
      text: 'A redirect to a signed address; with `Accept: application/json` the address itself.',
      answered: EXAMPLE_URL,
    },
    getPreview: {
      group: 'Media',
      title: 'Get the preview',
      text: 'A small upright JPEG; with `size=small` a smaller one, for a tile. Where there is none, it is the preview. As with the original: a redirect, or the address.',
      answered: EXAMPLE_URL,
    },
    getFrames: {
      group: 'Media',
      title: 'Get the frames of a video',
      text: 'One JPEG after the other: `frames` of the media has their sizes. As with the original: a redirect, or the address.',
      answered: EXAMPLE_URL,
    },
    retryMedia: {
      group: 'Media',
      title: 'Try a failed media again',
      text: 'Its next attempt begins.',
      answered: { ...EXAMPLE_MEDIA, attempts: 2, revision: 9 },
    },
  },
  inPath: { id: 'The id of the media.' },
  answeredSchemas: {
    AnalysisResult: analysisResultSchema,
    Analytics: analyticsSchema,
    Color: analyticsSchema.shape.colors.element,
    DetectedObject: analyticsSchema.shape.objects.element,
    Frame: mediaSchema.shape.frames.unwrap().element,
    Media: mediaSchema,
    SignedUrl: signedUrlSchema,
    Usage: usageSchema,
  },
});
