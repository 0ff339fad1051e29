/**
 * Media: one submitted photo or video and its record. The Firestore document, the JSON of the API
 * and this type share their field names, so there is no mapping layer to drift.
 */
import { z } from 'zod';
import { analyticsSchema, usageSchema } from './analytics.ts';
import { errorCodeSchema } from './errors.ts';
import { MEDIA_STATUSES } from './status.ts';

const timestampSchema = z.iso.datetime();

export const mediaSchema = z.object({
  id: z.string(),
  /** As the sender named it, for display only: never used as a path. */
  file_name: z.string(),
  /** Claimed by the sender until the bytes were checked, then what they are. */
  content_type: z.string(),
  /** Bytes. */
  size: z.number().int().nonnegative(),
  status: z.enum(MEDIA_STATUSES),
  /** 0 to 1; never falls within an attempt. */
  progress: z.number().min(0).max(1),
  /** User-visible tries, from 1. */
  attempts: z.number().int().positive(),
  error_code: errorCodeSchema.nullable(),
  error_message: z.string().nullable(),
  /** When the work goes on, if something else than its turn made it wait. */
  retry_at: timestampSchema.nullable(),
  /** What makes it wait until then. */
  wait_code: errorCodeSchema.nullable(),
  /** Path of the stored original, once there is one: answers 302 to a signed URL. */
  url: z.string().nullable(),
  analytics: analyticsSchema.nullable(),
  usage: usageSchema.nullable(),
  /** Grows by one with every write; the higher revision is the newer state. */
  revision: z.number().int().nonnegative(),
  created_at: timestampSchema,
  updated_at: timestampSchema,
});
export type Media = z.infer<typeof mediaSchema>;

/** The two steps of the work, each with a queue of its own. */
export const PHASES = ['upload', 'analyze'] as const;
export type Phase = (typeof PHASES)[number];

/** Body of a Cloud Tasks task: ids, never bytes (a task holds about 100 KB). */
export const taskPayloadSchema = z.strictObject({
  media_id: z.string().regex(/^[\w-]{1,128}$/),
  attempt: z.number().int().positive(),
  /** Of an analyze task: finds the media together with others of the same content. */
  content_key: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export type TaskPayload = z.infer<typeof taskPayloadSchema>;
