/** Webhooks: how they are registered, what they tell, and what became of it. `docs/webhooks.md` has more. */
import { z } from 'zod';
import { errorCodeSchema } from './errors.ts';

const WEBHOOK_EVENTS = [
  'media.completed',
  'media.failed',
  'analysis.completed',
  'batch.completed',
] as const;
const webhookEventSchema = z.enum(WEBHOOK_EVENTS);
export type WebhookEvent = z.infer<typeof webhookEventSchema>;

export const webhookUrlSchema = z.string().min(1).max(1_000);

/** The body of `POST /api/webhooks`. */
export const createWebhookSchema = z.strictObject({
  /** Where the events go: `https://…` on port 443 or 8443. */
  url: webhookUrlSchema,
  /** Absent: all. */
  events: z
    .array(webhookEventSchema)
    .min(1)
    .default([...WEBHOOK_EVENTS]),
});

export const webhookSchema = z.object({
  /** Names it in every call. */
  id: z.string(),
  /** Where the events go. */
  url: z.string(),
  /** Those that it is told of. */
  events: z.array(webhookEventSchema),
  /** The user of whose media it tells. Null: of those of all users. */
  owner_id: z.string().nullable(),
  /** `disabled`: it gets nothing more. */
  state: z.enum(['enabled', 'disabled']),
  /** `gone`: it has answered 410. `failing`: it has taken nothing for days. Null: it is enabled. */
  disabled_because: z.enum(['gone', 'failing']).nullable(),
  /** Since when nothing was taken. Null: the last delivery was taken. */
  failing_since: z.iso.datetime().nullable(),
  /** When it was registered. */
  created_at: z.iso.datetime(),
});
export type Webhook = z.infer<typeof webhookSchema>;

/** What `POST /api/webhooks` and `…/rotate` answer: only they show the secret. */
export const webhookWithSecretSchema = webhookSchema.extend({
  /** `whsec_…`: checks the signatures. */
  secret: z.string(),
});
export type WebhookWithSecret = z.infer<typeof webhookWithSecretSchema>;

export const webhookListSchema = z.object({
  /** Those of the user, or of all users. */
  webhooks: z.array(webhookSchema),
});
export type WebhookList = z.infer<typeof webhookListSchema>;

const attemptSchema = z.object({
  /** When it was sent. */
  at: z.iso.datetime(),
  /** Of the answer. Null: there was none. */
  status: z.number().int().nullable(),
  /** Why there was none, in one word. */
  error: z.string().nullable(),
  /** How long the answer took. */
  duration_ms: z.number().int().nonnegative(),
});
export type WebhookAttempt = z.infer<typeof attemptSchema>;

export const webhookDeliverySchema = z.object({
  /** Names it when it is sent again. */
  id: z.string(),
  /** As in the header `webhook-id`: the same however often it is sent. */
  event_id: z.string(),
  /** What it tells. */
  type: webhookEventSchema,
  /** `pending`: it is sent, or sent again. `failed`: nobody has taken it. */
  state: z.enum(['pending', 'delivered', 'failed']),
  /** The body, as it is sent. */
  body: z.string(),
  /** The last ones, in their order. */
  attempts: z.array(attemptSchema),
  /** When it is sent again. Null: it is not, or it waits for an earlier message about the same media. */
  next_at: z.iso.datetime().nullable(),
  /** When it was first to be sent. */
  created_at: z.iso.datetime(),
});
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

export const webhookDeliveryListSchema = z.object({
  /** Newest first. */
  deliveries: z.array(webhookDeliverySchema),
  /** Asks for the next page; absent on the last page. */
  next_page_token: z.string().optional(),
});
export type WebhookDeliveryList = z.infer<typeof webhookDeliveryListSchema>;

const mediaNewsSchema = z.object({
  /** The user whose media it is. */
  owner_id: z.string(),
  /** The media that it tells of. */
  media_id: z.string(),
  /** The batch of the media; null if it is in none. */
  batch_id: z.string().nullable(),
  /** Of the media, as in its stream: of two events of one media, that with the higher revision is the newer. */
  revision: z.number().int(),
  /** Of the media: 1 at first; each retry by the owner adds one. */
  attempt: z.number().int(),
});

/** What is sent. Names, pictures and results are not in it: `GET /api/media/{id}` has them. */
export const webhookPayloadSchema = z.discriminatedUnion('type', [
  z.object({
    /** What has happened. */
    type: z.enum(['media.completed', 'media.failed']),
    /** ISO 8601: when it happened. */
    timestamp: z.iso.datetime(),
    /** To which media or batch. */
    data: mediaNewsSchema.extend({
      /** Why the media failed; null unless it did. */
      error_code: errorCodeSchema.nullable(),
    }),
  }),
  z.object({
    /** What has happened. */
    type: z.literal('analysis.completed'),
    /** ISO 8601: when it happened. */
    timestamp: z.iso.datetime(),
    /** To which media or batch. */
    data: mediaNewsSchema.extend({
      /** The name of the analysis. */
      analysis: z.string(),
    }),
  }),
  z.object({
    /** What has happened. */
    type: z.literal('batch.completed'),
    /** ISO 8601: when it happened. */
    timestamp: z.iso.datetime(),
    /** To which media or batch. */
    data: z.object({
      /** The user whose batch it is. */
      owner_id: z.string(),
      /** Names the batch. */
      batch_id: z.string(),
      /** Media of the batch that are there. */
      total: z.number().int(),
      /** How many of them have failed. */
      failed: z.number().int(),
    }),
  }),
]);
export type WebhookPayload = z.infer<typeof webhookPayloadSchema>;

/** Body of the task that sends one delivery. `round` and `tries` say for which try the task was made. */
export const webhookTaskSchema = z.strictObject({
  delivery_id: z.string().regex(/^[\w-]{1,100}$/),
  round: z.number().int().nonnegative(),
  tries: z.number().int().nonnegative(),
});
export type WebhookTask = z.infer<typeof webhookTaskSchema>;
