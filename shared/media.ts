/**
 * Media: one submitted photo or video and its record. The Firestore document, the JSON of the API
 * and this type have the same field names, so no code has to map one to the other.
 */
import { z } from 'zod';
import type { AnalysisOutputs } from './analyses.gen.ts';
import { analyticsSchema, tierSchema, usageSchema } from './analytics.ts';
import { editsSchema } from './edits.ts';
import { errorCodeSchema } from './errors.ts';
import { externalIdSchema, metadataSchema } from './metadata.ts';
import { type Docs, defineRoutes, OBJECT, ONE } from './routes.ts';
import { MEDIA_STATUSES } from './status.ts';

const timestampSchema = z.iso.datetime();

/**
 * Why a media waits. `no_place`: other media of its owner come first. `no_bytes`: the sender has not confirmed yet that all
 * bytes have arrived. Any other code: a fault or limit, until `retry_at`.
 */
const waitCodeSchema = z.enum([...errorCodeSchema.options, 'no_place', 'no_bytes']);

/** A daily limit (UTC) in US dollars for the analyses of one owner, or of all owners together. */
const waitLimitSchema = z.object({
  /** The limit in US dollars a day. */
  usd: z.number().nonnegative(),
  /** `owner`: of each owner; `project`: of all owners together. */
  of: z.enum(['owner', 'project']),
});

const analysisResultSchema = z.object({
  /** `pending`: it was requested, and is not made yet. */
  status: z.enum(['pending', 'completed', 'failed']),
  /** The caller's input, such as the question of `ask`; otherwise empty. */
  input: z.record(z.string(), z.unknown()),
  /** The answer, by the schema in `analyses/NAME.prompt`. Null before the first; the last one while a new one is made. */
  output: z.record(z.string(), z.unknown()).nullable(),
  /** The model that answered. */
  model: z.string().nullable(),
  /** Version of the prompt and the schema. */
  version: z.string().nullable(),
  /** Cost of this answer, or of the failed calls without an answer. It is part of the media's `usage`. */
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
  /** The answer, by the schema in `analyses/NAME.prompt`. Null before the first; the last one while a new one is made. */
  output: Output | null;
};

/** The answers of the analyses in `analyses/`, typed by their schemas. */
export type AnalysisResults = {
  /** One analysis. */
  [Name in keyof AnalysisOutputs]?: AnalysisResult<AnalysisOutputs[Name]>;
} & { [name: string]: AnalysisResult };

const heldSchema = z.enum(['unchecked', 'unsafe', 'rejected']);
/**
 * Why the preview and the original of a media are held back.
 * - `unchecked`: no model has judged the media. If its work has ended, as for a file that is only stored, this stays until
 *   a model describes it or an operator approves it
 * - `unsafe`: a model calls it unsafe, and no operator has decided yet
 * - `rejected`: an operator has decided not to show it
 */
export type Held = z.infer<typeof heldSchema>;

export const mediaSchema = z.object({
  /** Id of the media. */
  id: z.string(),
  /** The name that the sender gave the file. For display only: never used as a path. */
  file_name: z.string(),
  /** MIME type: the sender's claim until the bytes were checked, afterwards the type of the bytes. */
  content_type: z.string(),
  /** Bytes of the original. */
  size: z.number().int().nonnegative(),
  /** State of the work. */
  status: z.enum(MEDIA_STATUSES),
  /** The same for all files that were sent together. Absent for other media, e.g. from an import, and in older services. */
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
   * Why the media waits. `no_place`: other media of its owner come first. `no_bytes`: not all its bytes have arrived, and
   * perhaps nobody sends them any more. Any other code: a fault or limit, until `retry_at`. Null if it does not wait, or
   * if the reason is not known.
   */
  wait_code: waitCodeSchema.nullable(),
  /** The limit that is reached, if `wait_code` is `analysis_spend_cap`; otherwise null. Absent in older services. */
  wait_limit: waitLimitSchema.nullish(),
  /** Path of the original, once it is stored. A request for it gets 302 to a signed URL. */
  url: z.string().nullable(),
  /**
   * Pictures that the sender of a video has cut from it and sent along, in order. One of them is the preview. Only the
   * sender says that they are in the video. Absent if there are none.
   */
  frames: z
    .array(
      z.object({
        /** Seconds from the start of the video. */
        time_s: z.number().nonnegative(),
        /** Bytes of its JPEG. `GET /api/media/{id}/frames` answers all JPEGs, one after the other. */
        size: z.number().int().positive(),
      }),
    )
    .optional(),
  /** Why the preview and the original are held back: requests for them get 403. Absent if they are not. */
  held: heldSchema.optional(),
  /**
   * When the picture was taken, by the camera's clock: `2019-04-14T16:02:11`. Absent if the file does not say it, or was not
   * read yet.
   */
  taken_at: z.string().optional(),
  /** The result; null before the analysis is complete, and for media that are only stored. */
  analytics: analyticsSchema.nullable(),
  /** The owner's words in place of the model's, if any. `analytics` already has them. */
  edits: editsSchema.optional(),
  /** Texts of the sender's own, by keys of the sender's own. Absent if there are none. */
  metadata: metadataSchema.optional(),
  /** The sender's own id of the media. Several media may have the same one. Absent if it has none. */
  external_id: externalIdSchema.optional(),
  /** The other analyses that were asked for, by their names; `describe` is `analytics`. Absent in older services. */
  analyses: z.record(z.string(), analysisResultSchema).optional(),
  /** Id of a media of the same owner with the same bytes, if an answer was copied from it. That media may be deleted. */
  same_as: z.string().optional(),
  /** Cost of all analyses; null before the first one. */
  usage: usageSchema.nullable(),
  /** Grows by one with every write: of two states the one with the higher revision is newer. */
  revision: z.number().int().nonnegative(),
  /** ISO 8601: when the media was accepted. */
  created_at: timestampSchema,
  /** ISO 8601: when the record was last written. */
  updated_at: timestampSchema,
});
/** One submitted photo or video: the state of its work, and its result. */
export type Media = Omit<z.infer<typeof mediaSchema>, 'analyses'> & {
  /** The other analyses that were asked for, by their names; `describe` is `analytics`. */
  analyses?: AnalysisResults | undefined;
};

/** The daily limit that makes a media wait. */
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
  /** The task has a queue of its own, and its delivery may take longer. */
  tier: tierSchema.optional(),
  /** When the task was created, its owner had few media in the queues: none of them waits for the end of this task. */
  alone: z.literal(true).optional(),
  /**
   * Only in a task that checks a deletion: when the deletion began, in milliseconds since the epoch. This task never
   * works on the media.
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

/** The answer of `GET /api/media/{id}/content` and `…/preview` for a caller that accepts only JSON. */
export const signedUrlSchema = z.object({
  /** Signed address. It works without a token for some minutes. */
  url: z.url(),
});
export type SignedUrl = z.infer<typeof signedUrlSchema>;

const addressQuery = z.object({
  /** `true`: a browser saves the file and does not show it. */
  download: z.string().optional(),
});

export const previewQuery = addressQuery.extend({
  /** `small`: a picture for a tile, if there is one. By default the preview. */
  size: z.enum(['small']).optional(),
});

/** The answers of a route to an object in Cloud Storage. */
export const ADDRESS = { 200: { json: signedUrlSchema }, 302: { redirect: true } } as const;

export const mediaRoutes = defineRoutes({
  getMedia: {
    method: 'GET',
    path: '/api/media/{id}',
    answers: { 200: { json: mediaSchema, etag: true }, 304: { nothing: true, etag: true } },
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
    // The service refuses a retry while it works on the media.
    idempotencyKey: 'none',
    answers: { 202: { json: mediaSchema, etag: true } },
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
    Box: analyticsSchema.shape.objects.element.shape.box.unwrap().unwrap(),
    Color: analyticsSchema.shape.colors.element,
    DetectedObject: analyticsSchema.shape.objects.element,
    Frame: mediaSchema.shape.frames.unwrap().element,
    Media: mediaSchema,
    Metadata: metadataSchema,
    Place: analyticsSchema.shape.capture.shape.place.unwrap().unwrap(),
    Quality: analyticsSchema.shape.quality.unwrap(),
    Segment: analyticsSchema.shape.segments.unwrap().unwrap().element,
    SignedUrl: signedUrlSchema,
    Usage: usageSchema,
    WaitLimit: waitLimitSchema,
  },
});
