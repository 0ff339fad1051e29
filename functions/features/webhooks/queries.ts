/** The queries of the feature, each as the function that sends it. `npm run deploy:check` looks whether each has its index. */
import type { Firestore } from '@google-cloud/firestore';
import { FAILED_PRECONDITION, hasCode } from '../../process/grpc-status.ts';
import { deliverWebhook } from './deliver.ts';
import { WebhookDeliveries } from './deliveries.ts';
import { DELIVERIES_COLLECTION } from './delivery-record.ts';
import { WebhookOutbox } from './outbox.ts';
import { Webhooks } from './webhooks.ts';

export function queries(firestore: Firestore): Record<string, () => Promise<unknown>> {
  const token = Buffer.from('0.0.id').toString('base64url');
  return {
    webhooks: async () => {
      const webhooks = new Webhooks(firestore);
      await webhooks.of('owner');
      await webhooks.list('owner', 1, token);
      const deliveries = new WebhookDeliveries(firestore);
      await deliveries.list('webhook', 1, token);
      const filter = { status: 'failed', from: '2026-01-01T00:00:00Z' } as const;
      await deliveries.list('webhook', 1, token, filter);
      await deliveries.listCallbacks({ id: 'id', owner_id: 'owner', batch_id: 'batch' }, 1);
      const outbox = new WebhookOutbox({ firestore } as never);
      await outbox.sendNext({ id: 'earlier', holds: true } as never);
    },
    'a batch that has ended': async () => {
      const logger = { error: () => undefined };
      const outbox = new WebhookOutbox({ firestore, webhooks: {}, queue: {}, logger } as never);
      const delivery = { state: 'pending', round: 0, tries: 0, body: null, owner_id: 'batch' };
      await firestore
        .collection(DELIVERIES_COLLECTION)
        .doc('batch')
        .set({ ...delivery, batch_id: 'batch', webhook_id: 'webhook', callback: null });
      const task = { delivery_id: 'batch', round: 0, tries: 0 };
      const options = { signal: new AbortController().signal, isInSlowQueue: false };
      await deliverWebhook(task, { firestore, outbox } as never, options).catch(
        (error: unknown) => {
          // Only Firestore's own errors matter.
          if (hasCode(error, FAILED_PRECONDITION)) throw error;
        },
      );
    },
  };
}
