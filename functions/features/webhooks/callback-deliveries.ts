/** For a backend that has named a `callback_url`: lists what was sent there, and sends it again. */
import { AppError } from '@media-analysis/shared/errors';
import { callbackRoutes, type WebhookDelivery } from '@media-analysis/shared/webhooks';
import type { MediaRecord } from '../../core/media/record.ts';
import type { MediaStore } from '../../core/media/store.ts';
import { parse } from '../../http/body.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { mediaId } from '../../http/ids.ts';
import { sendJson } from '../../http/respond.ts';
import { toDelivery, toDeliveryList, type WebhookDeliveries } from './deliveries.ts';
import type { WebhookOutbox } from './outbox.ts';

interface CallbackServices {
  media: Pick<MediaStore, 'get'>;
  webhookDeliveries: WebhookDeliveries;
  outbox: Pick<WebhookOutbox, 'send'>;
}

type Handle = (call: ContractCall, ownerId: string, services: CallbackServices) => Promise<void>;

export const listCallbacks: Handle = async (call, ownerId, services) => {
  const media = await find(call, ownerId, services);
  const { limit, page_token } = parse(callbackRoutes.listCallbacks.query, call.query);
  const page = await services.webhookDeliveries.listCallbacks(media, limit, page_token);
  sendJson(call.response, 200, toDeliveryList(page));
};

export const resendCallback: Handle = async (call, ownerId, services) => {
  const media = await find(call, ownerId, services);
  const { delivery = '' } = call.params;
  const record = await services.webhookDeliveries.resendCallback(delivery, media);
  await services.outbox.send([record]);
  sendJson(call.response, 202, toDelivery(record) satisfies WebhookDelivery);
};

/** @throws {AppError} `not_found`; `forbidden` for the owner: these messages are between the two backends */
async function find(
  { params, keyId }: ContractCall,
  ownerId: string,
  { media }: CallbackServices,
): Promise<MediaRecord> {
  const record = await media.get(mediaId(params), ownerId);
  if (keyId === undefined) {
    throw new AppError('forbidden', 'Deliveries are shown to a backend with a service key only.');
  }
  return record;
}
