/** Settings of webhooks, and of the Pub/Sub topic that gets the same events. */
import { z } from 'zod';
import { settingDocs } from '../../process/settings.ts';

export const webhooksShape = {
  WEBHOOK_QUEUE: z
    .string()
    .min(1)
    .default('media-webhooks')
    .register(settingDocs, { doc: 'queue of messages to [webhooks](webhooks.md)' }),
  SLOW_WEBHOOK_QUEUE: z.string().min(1).default('media-slow-webhooks').register(settingDocs, {
    doc: 'queue for slow ones',
  }),
  WEBHOOK_LOOPBACK: z.enum(['refuse', 'allow']).default('refuse').register(settingDocs, {
    doc: '`allow`: webhooks and imports may lead to this machine, also by http; `npm start` sets it, Terraform never',
  }),
};

export const topicShape = {
  EVENTS_TOPIC: z
    .string()
    .regex(
      /^projects\/[a-z0-9:.-]{1,100}\/topics\/[A-Za-z][\w.~+%-]{2,254}$/,
      'projects/PROJECT/topics/TOPIC',
    )
    .optional()
    .register(settingDocs, {
      doc: '`projects/PROJECT/topics/TOPIC` of [Pub/Sub](webhooks.md#to-a-topic-of-pubsub). Terraform: `events_topic`, its name',
    }),
  PUBSUB_EMULATOR_HOST: z.string().min(1).optional(),
};
