/** The routes of webhooks, for backends with a service key of the scope `admin`. With `X-On-Behalf-Of`: those of one user. */
import { AppError } from '@media-analysis/shared/errors';
import {
  createWebhookSchema,
  type WebhookDeliveryList,
  type WebhookList,
  type WebhookWithSecret,
} from '@media-analysis/shared/webhooks';
import { z } from 'zod';
import { parse, readJson } from '../http/body.ts';
import { queryOf } from '../http/query.ts';
import { sendJson, sendNothing } from '../http/respond.ts';
import type { Call, Route } from '../http/router.ts';
import type { AuthenticateService, ServiceCaller } from '../http/service-caller.ts';
import { toDelivery, type WebhookDeliveries } from '../media/webhook-deliveries.ts';
import type { WebhookOutbox } from '../media/webhook-outbox.ts';
import { secretsOf, toWebhook, type WebhookRecord, type Webhooks } from '../media/webhooks.ts';
import { withLogFields } from '../process/log.ts';
import { type Loopback, refusalOfWebhook } from '../process/webhook-address.ts';

export interface WebhookServices {
  webhooks: Webhooks;
  webhookDeliveries: WebhookDeliveries;
  outbox: Pick<WebhookOutbox, 'send'>;
  /** Whether webhooks may lead to this machine. */
  loopback: Loopback;
  now: () => number;
}

interface WebhookDeps {
  authenticate: AuthenticateService;
  services: () => Promise<WebhookServices>;
}

type Handle = (call: Call, caller: ServiceCaller, services: WebhookServices) => Promise<void>;

const listQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  page_token: z.string().max(400).optional(),
});

export function createWebhookRoutes({ authenticate, services }: WebhookDeps): Route[] {
  const route = (method: Route['method'], path: string, handle: Handle): Route => ({
    method,
    path,
    handle: async (call) => {
      const caller = await call.measure('auth', () => authenticate(call.request, 'admin'));
      const deps = await services();
      await withLogFields({ key_id: caller.key.id }, () => handle(call, caller, deps));
    },
  });
  return [
    route('POST', '/api/webhooks', createWebhook),
    route('GET', '/api/webhooks', listWebhooks),
    route('GET', '/api/webhooks/:id', getWebhook),
    route('DELETE', '/api/webhooks/:id', removeWebhook),
    route('POST', '/api/webhooks/:id/rotate', rotateSecret),
    route('POST', '/api/webhooks/:id/enable', enableWebhook),
    route('GET', '/api/webhooks/:id/deliveries', listDeliveries),
    route('POST', '/api/webhooks/:id/deliveries/:delivery/resend', resend),
  ];
}

/** @throws {AppError} `invalid_request` */
export function checkWebhookUrl(url: string, name: string, loopback: Loopback): string {
  const refusal = refusalOfWebhook(url, loopback);
  if (refusal !== undefined) throw new AppError('invalid_request', `${name}: ${refusal}.`);
  return url;
}

const createWebhook: Handle = async ({ request, response }, { key, ownerId }, services) => {
  const { url, events } = await readJson(request, createWebhookSchema);
  const record = await services.webhooks.create({
    url: checkWebhookUrl(url, 'url', services.loopback),
    events: [...new Set(events)],
    ...{ owner_id: ownerId ?? null, key_id: key.id },
  });
  sendJson(response, 201, withSecret(record, services));
};

const listWebhooks: Handle = async ({ response }, { ownerId }, { webhooks }) => {
  const records = await webhooks.list(ownerId);
  sendJson(response, 200, { webhooks: records.map(toWebhook) } satisfies WebhookList);
};

const getWebhook: Handle = async ({ response, params }, caller, services) => {
  sendJson(response, 200, toWebhook(await find(params, caller, services)));
};

const removeWebhook: Handle = async ({ response, params }, caller, services) => {
  await services.webhooks.remove(await find(params, caller, services));
  sendNothing(response);
};

const rotateSecret: Handle = async ({ response, params }, caller, services) => {
  const record = await services.webhooks.rotate(await find(params, caller, services));
  sendJson(response, 200, withSecret(record, services));
};

const enableWebhook: Handle = async ({ response, params }, caller, services) => {
  const record = await services.webhooks.enable(await find(params, caller, services));
  sendJson(response, 200, toWebhook(record));
};

const listDeliveries: Handle = async ({ response, params, url }, caller, services) => {
  const query = queryOf(url, Object.keys(listQuerySchema.shape));
  const { limit, page_token } = parse(listQuerySchema, query);
  const { id } = await find(params, caller, services);
  const { records, nextPageToken } = await services.webhookDeliveries.list(id, limit, page_token);
  sendJson(response, 200, {
    // Without what only asks whether a batch has ended.
    deliveries: records.filter(({ body }) => body !== null).map(toDelivery),
    ...(nextPageToken !== undefined && { next_page_token: nextPageToken }),
  } satisfies WebhookDeliveryList);
};

const resend: Handle = async ({ response, params }, caller, services) => {
  const { id, state } = await find(params, caller, services);
  if (state !== 'enabled') {
    throw new AppError('not_ready', 'This webhook is disabled. Enable it first: POST …/enable.');
  }
  const record = await services.webhookDeliveries.resend(params.delivery ?? '', id);
  await services.outbox.send([record]);
  sendJson(response, 202, toDelivery(record));
};

function find(
  { id = '' }: Call['params'],
  { ownerId }: ServiceCaller,
  { webhooks }: WebhookServices,
): Promise<WebhookRecord> {
  return webhooks.get(id, ownerId);
}

function withSecret(record: WebhookRecord, { now }: WebhookServices): WebhookWithSecret {
  const [secret = ''] = secretsOf(record, now());
  return { ...toWebhook(record), secret };
}
