import { callbackRoutes, webhookRoutes } from '@media-analysis/shared/webhooks';
import { type ApiFeature, bound } from '../../core/parts.ts';
import { listCallbacks, resendCallback } from './callback-deliveries.ts';
import { WebhookDeliveries } from './deliveries.ts';
import { webhooksInApi } from './moments.ts';
import { WebhookOutbox } from './outbox.ts';
import { WebhookQueue } from './queue.ts';
import { Receivers } from './receivers.ts';
import { webhookHandlers } from './routes.ts';
import { Webhooks } from './webhooks.ts';

interface Settings {
  WEBHOOK_LOOPBACK: 'refuse' | 'allow';
  WEBHOOK_QUEUE: string;
  SLOW_WEBHOOK_QUEUE: string;
  EVENTS_TOPIC?: string | undefined;
}

/** Receivers, and what they were told. */
export const webhooks: ApiFeature<Settings> = (kit) => {
  const { config, firestore } = kit;
  const loopback = config.WEBHOOK_LOOPBACK;
  const all = new Webhooks(firestore);
  const queue = new WebhookQueue(kit.queue, config);
  const receivers = new Receivers(firestore);
  const hasTopic = config.EVENTS_TOPIC !== undefined;
  const outbox = new WebhookOutbox({ ...kit, queue, webhooks: all, receivers, hasTopic });
  const services = {
    ...kit,
    loopback,
    webhooks: all,
    webhookDeliveries: new WebhookDeliveries(firestore),
    outbox,
  };
  return {
    moments: webhooksInApi(loopback, outbox),
    handlers: bound(callbackRoutes, { listCallbacks, resendCallback }, services),
    serviceHandlers: bound(webhookRoutes, webhookHandlers, services),
  };
};
