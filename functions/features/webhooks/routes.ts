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
import { ifMatch, sendTagged } from '../../http/conditions.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { sendJson, sendNothing } from '../../http/respond.ts';
import type { Call } from '../../http/router.ts';
import type { ServiceCaller } from '../../http/service-caller.ts';
import { addressRefusal, type Loopback } from '../../outbound/allowed-address.ts';
import { toDelivery, toDeliveryList, type WebhookDeliveries } from './deliveries.ts';
import type { WebhookOutbox } from './outbox.ts';
import {
  secretsOf,
  taggedContent,
  toWebhook,
  type WebhookRecord,
  type Webhooks,
} from './webhooks.ts';

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
  send(call, 201, made, { secret });
};

const listWebhooks: Handle = async ({ response, query }, { ownerId }, { webhooks }) => {
  const { limit, page_token } = parse(webhookRoutes.listWebhooks.query, query);
  const page = await webhooks.list(ownerId, limit, page_token);
  const list = { webhooks: page.records.map(toWebhook), ...tokenOf(page) };
  sendJson(response, 200, list satisfies WebhookList);
};

const getWebhook: Handle = async (call, caller, services) => {
  send(call, 200, await find(call.params, caller, services));
};

const editWebhook: Handle = async (call, caller, services) => {
  const check = ifMatch(call, taggedContent);
  const wanted = await readJson(call.request, editWebhookSchema);
  if (wanted.url !== undefined) checkWebhookUrl(wanted.url, 'url', services.loopback);
  const found = await find(call.params, caller, services);
  send(call, 200, await services.webhooks.edit(found, wanted, check));
};

const removeWebhook: Handle = async (call, caller, services) => {
  const check = ifMatch(call, taggedContent);
  await services.webhooks.remove(await find(call.params, caller, services), check);
  sendNothing(call.response);
};

const rotateSecret: Handle = async (call, caller, services) => {
  const check = ifMatch(call, taggedContent);
  const record = await services.webhooks.rotate(await find(call.params, caller, services), check);
  const [secret = ''] = secretsOf(record, services.now());
  send(call, 200, record, { secret });
};

const enableWebhook: Handle = async (call, caller, services) => {
  const check = ifMatch(call, taggedContent);
  const record = await services.webhooks.enable(await find(call.params, caller, services), check);
  send(call, 200, record);
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

/** @param more Shown once, with the answer that makes it. */
function send(
  call: ContractCall,
  status: number,
  record: WebhookRecord,
  more?: Pick<WebhookWithSecret, 'secret'>,
): void {
  sendTagged(call, status, { ...toWebhook(record), ...more }, taggedContent(record));
}

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
