import { listCallbacks, resendCallback } from '../../api/callback-deliveries.ts';
import { webhookHandlers } from '../../api/webhooks.ts';
import { type ApiFeature, bound } from '../../core/parts.ts';
import { WebhookDeliveries } from '../../media/webhook-deliveries.ts';
import { WebhookOutbox } from '../../media/webhook-outbox.ts';
import { Receivers } from '../../media/webhook-receivers.ts';
import { Webhooks } from '../../media/webhooks.ts';
import { webhooksInApi } from './moments.ts';
import { WebhookQueue } from './queue.ts';

interface Settings {
  WEBHOOK_LOOPBACK: 'refuse' | 'allow';
  WEBHOOK_QUEUE: string;
  SLOW_WEBHOOK_QUEUE: string;
}

/** Receivers, and what they were told. */
export const webhooks: ApiFeature<Settings> = (kit) => {
  const { config, firestore } = kit;
  const loopback = config.WEBHOOK_LOOPBACK;
  const all = new Webhooks(firestore);
  const queue = new WebhookQueue(kit.queue, config);
  const receivers = new Receivers(firestore);
  const services = {
    ...kit,
    loopback,
    webhooks: all,
    webhookDeliveries: new WebhookDeliveries(firestore),
    outbox: new WebhookOutbox({ ...kit, queue, webhooks: all, receivers }),
  };
  return {
    moments: webhooksInApi(loopback),
    handlers: bound({ listCallbacks, resendCallback }, services),
    serviceHandlers: bound(webhookHandlers, services),
  };
};
