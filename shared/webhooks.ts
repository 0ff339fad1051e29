/** Webhooks: their registration, their events, and the deliveries of these. `docs/webhooks.md` has more. */
import { z } from 'zod';
import { errorCodeSchema } from './errors.ts';
import { importSchema } from './imports.ts';
import { EXAMPLE_TIME } from './media.ts';
import { externalIdSchema, metadataSchema } from './metadata.ts';
import { momentSchema } from './moment.ts';
import { pageQuery } from './pages.ts';
import { reanalysisSchema } from './reanalyses.ts';
import { CHANGED, COMMON, type Docs, defineRoutes, JSON_BODY, NEW, ONE } from './routes.ts';

const WEBHOOK_EVENTS = [
  'media.created',
  'media.completed',
  'media.failed',
  'media.deleted',
  'media.restored',
  'analysis.completed',
  'batch.completed',
  'import.ended',
  'reanalysis.ended',
] as const;
const webhookEventSchema = z.enum(WEBHOOK_EVENTS);
export type WebhookEvent = z.infer<typeof webhookEventSchema>;

const webhookUrlSchema = z.string().min(1).max(1_000);

/** The body of `POST /api/webhooks`. */
export const createWebhookSchema = z.strictObject({
  /** Where the events go: `https://…` on port 443 or 8443. */
  url: webhookUrlSchema,
  /** Default: all that there are when it is registered. */
  events: z
    .array(webhookEventSchema)
    .min(1)
    .default([...WEBHOOK_EVENTS]),
});

/** The body of `PATCH /api/webhooks/{id}`. */
export const editWebhookSchema = z
  .strictObject({
    /** The new address, under the conditions of the first one. */
    url: webhookUrlSchema.optional(),
    /** All events that it gets from now on. */
    events: z.array(webhookEventSchema).min(1).optional(),
  })
  .refine(({ url, events }) => (url ?? events) !== undefined, 'name url, events, or both');
export type EditWebhook = z.infer<typeof editWebhookSchema>;

export const webhookSchema = z.object({
  /** Id of the webhook. */
  id: z.string(),
  /** Where the events go. */
  url: z.string(),
  /** The events that it gets. */
  events: z.array(webhookEventSchema),
  /** The user whose events it gets. Null: events of all users. */
  owner_id: z.string().nullable(),
  /** `disabled`: it gets no more events. */
  state: z.enum(['enabled', 'disabled']),
  /** `gone`: the receiver has answered 410. `failing`: it has accepted nothing for days. Null: the webhook is enabled. */
  disabled_because: z.enum(['gone', 'failing']).nullable(),
  /** Since when the receiver has accepted nothing. Null: it has accepted the last delivery. */
  failing_since: z.iso.datetime().nullable(),
  /** When it was registered. */
  created_at: z.iso.datetime(),
});
export type Webhook = z.infer<typeof webhookSchema>;

/** The answer of `POST /api/webhooks` and of `…/rotate`: only these show the secret. */
export const webhookWithSecretSchema = webhookSchema.extend({
  /** The key that checks the signatures: `whsec_…`. */
  secret: z.string(),
});
export type WebhookWithSecret = z.infer<typeof webhookWithSecretSchema>;

export const webhookListSchema = z.object({
  /** The webhooks of the user, or of all users, the newest first. */
  webhooks: z.array(webhookSchema),
  /** Token of the next page. Absent on the last page. */
  next_page_token: z.string().optional(),
});
export type WebhookList = z.infer<typeof webhookListSchema>;

const attemptSchema = z.object({
  /** When it was sent. */
  at: z.iso.datetime(),
  /** Status of the answer. Null if none came. */
  status: z.number().int().nullable(),
  /** Why no answer came, in one word. */
  error: z.string().nullable(),
  /** How long the answer took. */
  duration_ms: z.number().int().nonnegative(),
});
export type WebhookAttempt = z.infer<typeof attemptSchema>;

const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;

export const webhookDeliverySchema = z.object({
  /** Id of the delivery, to send it again. */
  id: z.string(),
  /** The header `webhook-id`, the same each time that the event is sent. */
  event_id: z.string(),
  /** Type of the event. */
  type: z.enum([...WEBHOOK_EVENTS, 'webhook.test']),
  /** `pending`: it waits for its first or next try. `failed`: the receiver has not accepted it. */
  state: z.enum(DELIVERY_STATES),
  /** The body, as it is sent. */
  body: z.string(),
  /** The last attempts, in their order. */
  attempts: z.array(attemptSchema),
  /** Time of the next try. Null if there is none, or if an earlier event of the same media comes first. */
  next_at: z.iso.datetime().nullable(),
  /** When the delivery was created. */
  created_at: z.iso.datetime(),
});
export type WebhookDelivery = z.infer<typeof webhookDeliverySchema>;

export const webhookDeliveryListSchema = z.object({
  /** Newest first. */
  deliveries: z.array(webhookDeliverySchema),
  /** Token of the next page. Absent on the last page. */
  next_page_token: z.string().optional(),
});
export type WebhookDeliveryList = z.infer<typeof webhookDeliveryListSchema>;

const deliveryFilterSchema = z.object({
  /** Only deliveries in this state. */
  status: z.enum(DELIVERY_STATES).optional(),
  /** Events of this time or later. */
  from: momentSchema.optional(),
  /** Events before this time. Default: now. */
  to: momentSchema.optional(),
});
export type DeliveryFilter = z.infer<typeof deliveryFilterSchema>;

/** The body of `POST /api/webhooks/{id}/deliveries/resend`. */
export const resendManySchema = z
  .strictObject({
    /** Events of this time or later. */
    from: momentSchema,
    /** Events before this time. Default: now. */
    to: momentSchema.optional(),
    /** Only deliveries in this state. */
    status: z.enum(DELIVERY_STATES).default('failed'),
    /** `next_page_token` of the answer before. */
    page_token: pageQuery(1).shape.page_token,
  })
  .refine(({ from, to }) => !to || Date.parse(from) < Date.parse(to), 'from must be before to');

export const resentSchema = z.object({
  /** How many are sent again: at most 500 at a call. */
  resent: z.number().int().nonnegative(),
  /** Send the same body with it as `page_token` to go on. Absent when nothing is left. */
  next_page_token: z.string().optional(),
});
export type Resent = z.infer<typeof resentSchema>;

const mediaNewsSchema = z.object({
  /** The user whose media it is. */
  owner_id: z.string(),
  /** The media of the event. */
  media_id: z.string(),
  /** The batch of the media; null if it is in none. */
  batch_id: z.string().nullable(),
  /** Revision of the media, as in its stream. Of two events of one media, the higher revision is newer. */
  revision: z.number().int(),
  /** Attempt of the media: 1 at first; each retry by the owner adds one. */
  attempt: z.number().int(),
  /** The metadata of the media. Absent if it has none. */
  metadata: metadataSchema.optional(),
  /** The sender's own id of the media. Absent if it has none. */
  external_id: externalIdSchema.optional(),
});

const eventSchema = <Type extends z.ZodType, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({
    /** Type of the event. */
    type,
    /** ISO 8601: when it happened. */
    timestamp: z.iso.datetime(),
    /** What it is about. */
    data,
  });

const mediaEndedSchema = mediaNewsSchema.extend({
  /** Why the media failed; null unless it did. */
  error_code: errorCodeSchema.nullable(),
});
const mediaDeletedSchema = mediaNewsSchema.extend({
  /** True: it is erased. False: it is in the bin, and may come back. */
  permanently: z.boolean(),
});
const analysisNewsSchema = mediaNewsSchema.extend({
  /** The name of the analysis. */
  analysis: z.string(),
});
const batchNewsSchema = z.object({
  /** The user whose batch it is. */
  owner_id: z.string(),
  /** Id of the batch. */
  batch_id: z.string(),
  /** Media of the batch that still exist. */
  total: z.number().int(),
  /** How many of them have failed. */
  failed: z.number().int(),
});
const importNewsSchema = importSchema
  .pick({ state: true, found: true, accepted: true, skipped: true, done: true, failed: true })
  .extend({
    /** The user whose import it is. */
    owner_id: z.string(),
    /** Id of the import. */
    import_id: z.string(),
    /** Media in work now. They are finished even after a cancellation. */
    in_flight: importSchema.shape.in_flight,
  });
const reanalysisNewsSchema = reanalysisSchema
  .pick({ state: true, done: true, failed: true, skipped: true, in_flight: true, cost_usd: true })
  .extend({
    /** The user whose reanalysis it is. */
    owner_id: z.string(),
    /** Id of the reanalysis. */
    reanalysis_id: z.string(),
  });
const testNewsSchema = z.object({
  /** The user whose events the webhook gets. Null: events of all users. */
  owner_id: z.string().nullable(),
  /** The webhook that is tested. */
  webhook_id: z.string(),
});

export const webhookPayloadSchema = z.discriminatedUnion('type', [
  eventSchema(z.enum(['media.completed', 'media.failed']), mediaEndedSchema),
  eventSchema(z.literal('analysis.completed'), analysisNewsSchema),
  eventSchema(z.literal('batch.completed'), batchNewsSchema),
  eventSchema(z.enum(['media.created', 'media.restored']), mediaNewsSchema),
  eventSchema(z.literal('media.deleted'), mediaDeletedSchema),
  eventSchema(z.literal('import.ended'), importNewsSchema),
  eventSchema(z.literal('reanalysis.ended'), reanalysisNewsSchema),
  eventSchema(z.literal('webhook.test'), testNewsSchema),
]);
/** The body of an event. File names, pictures and results are not in it: `GET /api/media/{id}` has them. */
export type WebhookPayload = z.infer<typeof webhookPayloadSchema>;

/** Body of the task that sends one delivery. `round` and `tries` name the try for which the task was made. */
export const webhookTaskSchema = z.strictObject({
  delivery_id: z.string().regex(/^[\w-]{1,100}$/),
  round: z.number().int().nonnegative(),
  tries: z.number().int().nonnegative(),
});
export type WebhookTask = z.infer<typeof webhookTaskSchema>;

/** Only for service keys with the scope `admin`. */
export const webhookRoutes = defineRoutes({
  createWebhook: {
    scope: 'admin',
    method: 'POST',
    path: '/api/webhooks',
    idempotencyKey: 'optional',
    json: createWebhookSchema,
    answers: { 201: { json: webhookWithSecretSchema, etag: true } },
    codes: NEW,
  },
  listWebhooks: {
    scope: 'admin',
    method: 'GET',
    path: '/api/webhooks',
    query: pageQuery(100),
    answers: { 200: { json: webhookListSchema } },
    codes: COMMON,
  },
  getWebhook: {
    scope: 'admin',
    method: 'GET',
    path: '/api/webhooks/{id}',
    answers: { 200: { json: webhookSchema, etag: true }, 304: { nothing: true, etag: true } },
    codes: ONE,
  },
  editWebhook: {
    scope: 'admin',
    method: 'PATCH',
    path: '/api/webhooks/{id}',
    json: editWebhookSchema,
    answers: { 200: { json: webhookSchema, etag: true } },
    codes: [...JSON_BODY, 'not_found', 'precondition_failed'],
  },
  removeWebhook: {
    scope: 'admin',
    method: 'DELETE',
    path: '/api/webhooks/{id}',
    answers: { 204: { nothing: true } },
    codes: CHANGED,
  },
  rotateSecret: {
    scope: 'admin',
    method: 'POST',
    path: '/api/webhooks/{id}/rotate',
    // The earlier secrets still sign for a day.
    idempotencyKey: 'none',
    answers: { 200: { json: webhookWithSecretSchema, etag: true } },
    codes: CHANGED,
  },
  enableWebhook: {
    scope: 'admin',
    method: 'POST',
    path: '/api/webhooks/{id}/enable',
    idempotencyKey: 'none',
    answers: { 200: { json: webhookSchema, etag: true } },
    codes: CHANGED,
  },
  testWebhook: {
    scope: 'admin',
    method: 'POST',
    path: '/api/webhooks/{id}/test',
    // It says nothing but that a message arrives.
    idempotencyKey: 'none',
    answers: { 202: { json: webhookDeliverySchema } },
    codes: [...ONE, 'not_ready'],
  },
  listDeliveries: {
    scope: 'admin',
    method: 'GET',
    path: '/api/webhooks/{id}/deliveries',
    query: pageQuery(20).extend(deliveryFilterSchema.shape),
    answers: { 200: { json: webhookDeliveryListSchema } },
    codes: ONE,
  },
  resendMany: {
    scope: 'admin',
    method: 'POST',
    path: '/api/webhooks/{id}/deliveries/resend',
    // Receivers know each event by its id.
    idempotencyKey: 'none',
    json: resendManySchema,
    answers: { 202: { json: resentSchema } },
    codes: [...JSON_BODY, 'not_found', 'not_ready'],
  },
  resend: {
    scope: 'admin',
    method: 'POST',
    path: '/api/webhooks/{id}/deliveries/{delivery}/resend',
    // Receivers know the event by its id.
    idempotencyKey: 'none',
    answers: { 202: { json: webhookDeliverySchema } },
    codes: [...ONE, 'not_ready'],
  },
});

/** The deliveries to the `callback_url` of a media, for callers who may read the media. */
export const callbackRoutes = defineRoutes({
  listCallbacks: {
    method: 'GET',
    path: '/api/media/{id}/deliveries',
    query: pageQuery(100),
    answers: { 200: { json: webhookDeliveryListSchema } },
    codes: ONE,
  },
  resendCallback: {
    method: 'POST',
    path: '/api/media/{id}/deliveries/{delivery}/resend',
    // Receivers know the event by its id.
    idempotencyKey: 'none',
    answers: { 202: { json: webhookDeliverySchema } },
    codes: ONE,
  },
});

const EXAMPLE: Webhook = {
  id: 'wh_kT2vQ8',
  url: 'https://shop.example/hooks',
  events: ['media.completed'],
  owner_id: null,
  state: 'enabled',
  disabled_because: null,
  failing_since: null,
  created_at: EXAMPLE_TIME,
};

const EXAMPLE_DELIVERY: WebhookDelivery = {
  id: 'dl_5Hs0',
  event_id: 'msg_9Wq1',
  type: 'media.completed',
  state: 'delivered',
  body: '{"type":"media.completed", …}',
  attempts: [{ at: EXAMPLE_TIME, status: 204, error: null, duration_ms: 48 }],
  next_at: null,
  created_at: EXAMPLE_TIME,
};

export const webhookDocs = (): Docs<typeof webhookRoutes> => {
  const [mediaEnded, analysisCompleted, batchCompleted, ...others] = webhookPayloadSchema.options;
  const [mediaMoved, mediaDeleted, importEnded, reanalysisEnded, webhookTest] = others;
  return {
    routes: {
      createWebhook: {
        group: 'Webhooks',
        title: 'Register a webhook',
        text: 'The answer has the secret, which signs what is sent (Standard Webhooks). It is not shown again.',
        asked: { url: 'https://shop.example/hooks', events: ['media.completed'] },
        answered: { ...EXAMPLE, secret: 'whsec_…' },
      },
      listWebhooks: {
        group: 'Webhooks',
        title: 'List webhooks',
        answered: { webhooks: [EXAMPLE] },
      },
      getWebhook: {
        group: 'Webhooks',
        title: 'Read one webhook',
        answered: EXAMPLE,
      },
      editWebhook: {
        group: 'Webhooks',
        title: 'Change the address or the events of a webhook',
        text: 'Id and secret stay. What waits, or is sent again, goes to the new address. Events count from now on.',
        asked: { url: 'https://shop.example/new-hooks' },
        answered: { ...EXAMPLE, url: 'https://shop.example/new-hooks' },
      },
      removeWebhook: {
        group: 'Webhooks',
        title: 'Remove a webhook',
        text: 'What was not sent yet is not sent any more.',
      },
      rotateSecret: {
        group: 'Webhooks',
        title: 'Make a new secret',
        text: 'The old one signs beside it for a day.',
        answered: { ...EXAMPLE, secret: 'whsec_…' },
      },
      enableWebhook: {
        group: 'Webhooks',
        title: 'Enable a webhook that was disabled',
        text: 'It gets what comes from now on.',
        answered: EXAMPLE,
      },
      testWebhook: {
        group: 'Webhooks',
        title: 'Send a test event',
        text: 'A `webhook.test`, whatever the `events` of the webhook, signed, repeated and listed like any other.',
        answered: { ...EXAMPLE_DELIVERY, type: 'webhook.test', body: '{"type":"webhook.test", …}' },
      },
      listDeliveries: {
        group: 'Webhooks',
        title: 'List what was sent in the last week',
        text: 'The newest first, with the answers.',
        answered: { deliveries: [EXAMPLE_DELIVERY] },
      },
      resendMany: {
        group: 'Webhooks',
        title: 'Send the deliveries of a time once more',
        text: 'After an outage: those that wait for their next try (`status`: `pending`), or by default those that have `failed` after the last one. At most 500 at a call, in no order, with the same `webhook-id` and body. May be repeated.',
        asked: { from: EXAMPLE_TIME },
        answered: { resent: 12 },
      },
      resend: {
        group: 'Webhooks',
        title: 'Send a delivery once more',
        text: 'With the same `webhook-id` and body.',
        answered: EXAMPLE_DELIVERY,
      },
    },
    inPath: { id: 'The id of the webhook.', delivery: 'The id of the delivery.' },
    askedSchemas: {
      CreateWebhook: createWebhookSchema,
      EditWebhook: editWebhookSchema,
      ResendMany: resendManySchema,
    },
    answeredSchemas: {
      AnalysisCompleted: analysisCompleted,
      BatchCompleted: batchCompleted,
      ImportEnded: importEnded,
      MediaDeleted: mediaDeleted,
      MediaEnded: mediaEnded,
      MediaMoved: mediaMoved,
      ReanalysisEnded: reanalysisEnded,
      Resent: resentSchema,
      Webhook: webhookSchema,
      WebhookAttempt: attemptSchema,
      WebhookDelivery: webhookDeliverySchema,
      WebhookDeliveryList: webhookDeliveryListSchema,
      WebhookList: webhookListSchema,
      WebhookTest: webhookTest,
      WebhookPayload: webhookPayloadSchema,
      WebhookWithSecret: webhookWithSecretSchema,
    },
  };
};

export const callbackDocs = (): Docs<typeof callbackRoutes> => ({
  routes: {
    listCallbacks: {
      group: 'Webhooks',
      title: 'List what the callback_url of a media was told',
      text: 'For a service key that acts for its owner: of the media and of its batch, in the last week. The newest first, with the answers.',
      answered: { deliveries: [EXAMPLE_DELIVERY] },
    },
    resendCallback: {
      group: 'Webhooks',
      title: 'Send a delivery to the callback_url once more',
      text: 'With the same `webhook-id` and body.',
      answered: EXAMPLE_DELIVERY,
    },
  },
  inPath: { id: 'The id of the media.', delivery: 'The id of the delivery.' },
});

/** The call that a receiver gets. */
export const RECEIVED_EVENT = {
  operationId: 'receiveEvent',
  summary: 'What has happened to a media, an analysis, a batch, an import or a reanalysis',
  description:
    'Signed by the Standard Webhooks convention: `webhook-id`, `webhook-timestamp`, `webhook-signature`. File names, pictures and results are not in it: ask for them. New types may come: answer 2xx to those that you do not know.',
  security: [],
  requestBody: {
    required: true,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/WebhookPayload' } } },
  },
  responses: { '2XX': { description: 'Taken. Any other answer: it is sent again.' } },
};
