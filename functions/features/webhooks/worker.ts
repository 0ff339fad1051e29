import { webhookTaskSchema } from '@media-analysis/shared/webhooks';
import type { WorkerFeature } from '../../core/parts.ts';
import { readJson } from '../../http/body.ts';
import { ServiceKeys } from '../../http/service-keys.ts';
import { withLogFields } from '../../process/log.ts';
import { deliverWebhook } from './deliver.ts';
import { webhooksInWorker } from './moments.ts';
import { WebhookOutbox } from './outbox.ts';
import { post } from './post.ts';
import { createPublish } from './publish.ts';
import { WEBHOOK_ROUTE, WebhookQueue } from './queue.ts';
import { Receivers } from './receivers.ts';
import { Webhooks } from './webhooks.ts';

type Settings = Parameters<typeof createPublish>[0] & {
  WEBHOOK_QUEUE: string;
  SLOW_WEBHOOK_QUEUE: string;
  WEBHOOK_LOOPBACK: 'refuse' | 'allow';
};

/** Writes what receivers are told, and sends it. */
export const webhooks: WorkerFeature<Settings> = {
  paths: [WEBHOOK_ROUTE],
  create: (kit) => {
    const { config, firestore, logger, now } = kit;
    const queue = new WebhookQueue(kit.queue, config);
    const all = new Webhooks(firestore, now);
    const publish = createPublish(config);
    const receivers = new Receivers(firestore, now);
    const hasTopic = publish !== undefined;
    const outbox = new WebhookOutbox({
      firestore,
      webhooks: all,
      receivers,
      queue,
      logger,
      now,
      hasTopic,
    });
    const deps = {
      ...kit,
      queue,
      webhooks: all,
      receivers,
      outbox,
      post,
      publish,
      keys: new ServiceKeys(async () => firestore, now),
      loopback: config.WEBHOOK_LOOPBACK,
    };
    return {
      moments: webhooksInWorker({ ...kit, outbox }),
      tasks: {
        [WEBHOOK_ROUTE]: async ({ request }, signal) => {
          const task = await readJson(request, webhookTaskSchema);
          const queueName = request.headers['x-cloudtasks-queuename']?.toString();
          const isInSlowQueue = queueName === config.SLOW_WEBHOOK_QUEUE;
          return withLogFields({ delivery_id: task.delivery_id }, () =>
            deliverWebhook(task, deps, { signal, isInSlowQueue }),
          );
        },
      },
    };
  },
};
