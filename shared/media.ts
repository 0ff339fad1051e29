/**
 * Media: one submitted photo or video and its record. The Firestore document, the JSON of the API
 * and this type have the same field names, so no code has to translate between them.
 */
import { z } from 'zod';
import { analyticsSchema, usageSchema } from './analytics.ts';
import { errorCodeSchema } from './errors.ts';
import { MEDIA_STATUSES } from './status.ts';

const timestampSchema = z.iso.datetime();

export const mediaSchema = z.object({
  id: z.string(),
  /** The sender's name for the file. For display only: never used as a path. */
  file_name: z.string(),
  /** The sender's type until the worker has checked the bytes; from then on the real type. */
  content_type: z.string(),
  /** Bytes. */
  size: z.number().int().nonnegative(),
  status: z.enum(MEDIA_STATUSES),
  /** 0 to 1; never falls within an attempt. */
  progress: z.number().min(0).max(1),
  /** Number of tries that a person can see, from 1. */
  attempts: z.number().int().positive(),
  error_code: errorCodeSchema.nullable(),
  error_message: z.string().nullable(),
  /** When the work goes on, if it waits for something other than a free place. */
  retry_at: timestampSchema.nullable(),
  /** Why the work waits until `retry_at`. */
  wait_code: errorCodeSchema.nullable(),
  /**
   * Path of the stored original, null until the original is stored. A GET answers 302 to a signed
   * URL.
   */
  url: z.string().nullable(),
  analytics: analyticsSchema.nullable(),
  usage: usageSchema.nullable(),
  /** Grows by one with every write. The higher revision is the newer state. */
  revision: z.number().int().nonnegative(),
  created_at: timestampSchema,
  updated_at: timestampSchema,
});
export type Media = z.infer<typeof mediaSchema>;

/** The two phases of the work. Each has its own queue. */
export const PHASES = ['upload', 'analyze'] as const;
export type Phase = (typeof PHASES)[number];

/** Body of a Cloud Tasks task. It carries ids, never bytes: a task is limited to 1 MB. */
export const taskPayloadSchema = z.strictObject({
  media_id: z.string().regex(/^[\w-]{1,128}$/),
  attempt: z.number().int().positive(),
  /** Set in an analyze task: the key by which a query finds this media and its copies. */
  content_key: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});
export type TaskPayload = z.infer<typeof taskPayloadSchema>;
