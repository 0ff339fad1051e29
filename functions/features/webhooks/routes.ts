/** The routes of webhooks, for backends with an `admin` service key. `X-On-Behalf-Of` limits them to one user. */
import { AppError } from '@media-analysis/shared/errors';
import {
  createWebhookSchema,
  editWebhookSchema,
  resendManySchema,
  type WebhookList,
  type WebhookWithSecret,
  webhookRoutes,
} from '@media-analysis/shared/webhooks';
import type { AcceptanceStore } from '../../core/accept/acceptances.ts';
import { makeOnce } from '../../core/accept/make-once.ts';
import { tokenOf } from '../../core/media/paging.ts';
import { parse, readJson } from '../../http/body.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { sendJson, sendNothing } from '../../http/respond.ts';
import type { Call } from '../../http/router.ts';
import type { ServiceCaller } from '../../http/service-caller.ts';
import { addressRefusal, type Loopback } from '../../outbound/allowed-address.ts';
import { toDelivery, toDeliveryList, type WebhookDeliveries } from './deliveries.ts';
import type { WebhookOutbox } from './outbox.ts';
import { secretsOf, toWebhook, type WebhookRecord, type Webhooks } from './webhooks.ts';

interface WebhookServices {
  acceptances: AcceptanceStore;
  webhooks: Webhooks;
  webhookDeliveries: WebhookDeliveries;
  outbox: Pick<WebhookOutbox, 'send' | 'test'>;
  loopback: Loopback;
  now: () => number;
}

type Handle = (
  call: ContractCall,
  caller: ServiceCaller,
  services: WebhookServices,
) => Promise<void>;

/** @throws {AppError} `invalid_request` */
export function checkWebhookUrl(url: string, name: string, loopback: Loopback): string {
  const refusal = addressRefusal(url, loopback);
  if (refusal !== undefined) throw new AppError('invalid_request', `${name}: ${refusal}.`);
  return url;
}

const createWebhook: Handle = async (call, { key, ownerId }, services) => {
  const { webhooks, acceptances } = services;
  const { url, events } = await readJson(call.request, createWebhookSchema);
  const wanted = {
    url: checkWebhookUrl(url, 'url', services.loopback),
    events: [...new Set(events)],
    owner_id: ownerId ?? null,
    key_id: key.id,
  };
  const { made } = await makeOnce(
    call,
    {
      // Another service key must not see the secret.
      owner: { ownerId: ownerId ?? null, keyId: key.id },
      asked: ['createWebhook', wanted],
      make: (recordRequest) => webhooks.create(wanted, recordRequest),
      find: (id) => webhooks.get(id, ownerId),
    },
    acceptances,
  );
  // The oldest secret is the one of the creation. If it was replaced, it signs for another day: longer than the key is kept.
  const secret = made.secrets.at(-1)?.secret ?? '';
  sendJson(call.response, 201, { ...toWebhook(made), secret } satisfies WebhookWithSecret);
};

const listWebhooks: Handle = async ({ response, query }, { ownerId }, { webhooks }) => {
  const { limit, page_token } = parse(webhookRoutes.listWebhooks.query, query);
  const page = await webhooks.list(ownerId, limit, page_token);
  const list = { webhooks: page.records.map(toWebhook), ...tokenOf(page) };
  sendJson(response, 200, list satisfies WebhookList);
};

const getWebhook: Handle = async ({ response, params }, caller, services) => {
  sendJson(response, 200, toWebhook(await find(params, caller, services)));
};

const editWebhook: Handle = async ({ request, response, params }, caller, services) => {
  const wanted = await readJson(request, editWebhookSchema);
  if (wanted.url !== undefined) checkWebhookUrl(wanted.url, 'url', services.loopback);
  const record = await services.webhooks.edit(await find(params, caller, services), wanted);
  sendJson(response, 200, toWebhook(record));
};

const removeWebhook: Handle = async ({ response, params }, caller, services) => {
  await services.webhooks.remove(await find(params, caller, services));
  sendNothing(response);
};

const rotateSecret: Handle = async ({ response, params }, caller, services) => {
  const record = await services.webhooks.rotate(await find(params, caller, services));
  const [secret = ''] = secretsOf(record, services.now());
  sendJson(response, 200, { ...toWebhook(record), secret } satisfies WebhookWithSecret);
};

const enableWebhook: Handle = async ({ response, params }, caller, services) => {
  const record = await services.webhooks.enable(await find(params, caller, services));
  sendJson(response, 200, toWebhook(record));
};

const listDeliveries: Handle = async ({ response, params, query }, caller, services) => {
  const { limit, page_token, ...filter } = parse(webhookRoutes.listDeliveries.query, query);
  const { id } = await find(params, caller, services);
  const page = await services.webhookDeliveries.list(id, limit, page_token, filter);
  sendJson(response, 200, toDeliveryList(page));
};

const testWebhook: Handle = async ({ response, params }, caller, services) => {
  const record = await services.outbox.test(await findEnabled(params, caller, services));
  sendJson(response, 202, toDelivery(record));
};

const resendMany: Handle = async ({ request, response, params }, caller, services) => {
  const { page_token, ...filter } = await readJson(request, resendManySchema);
  const { webhookDeliveries, outbox } = services;
  const { id } = await findEnabled(params, caller, services);
  const send: WebhookOutbox['send'] = (records) => outbox.send(records);
  sendJson(response, 202, await webhookDeliveries.resendMany(id, filter, send, page_token));
};

const resend: Handle = async ({ response, params }, caller, services) => {
  const { id } = await findEnabled(params, caller, services);
  const record = await services.webhookDeliveries.resend(params.delivery ?? '', id);
  await services.outbox.send([record]);
  sendJson(response, 202, toDelivery(record));
};

export const webhookHandlers = {
  createWebhook,
  listWebhooks,
  getWebhook,
  editWebhook,
  removeWebhook,
  rotateSecret,
  enableWebhook,
  testWebhook,
  listDeliveries,
  resendMany,
  resend,
};

/** @throws {AppError} `not_found`; `not_ready` */
async function findEnabled(...found: Parameters<typeof find>): Promise<WebhookRecord> {
  const webhook = await find(...found);
  if (webhook.state === 'enabled') return webhook;
  throw new AppError('not_ready', 'This webhook is disabled. Enable it first: POST …/enable.');
}

function find(
  { id = '' }: Call['params'],
  { ownerId }: ServiceCaller,
  { webhooks }: WebhookServices,
): Promise<WebhookRecord> {
  return webhooks.get(id, ownerId);
}
