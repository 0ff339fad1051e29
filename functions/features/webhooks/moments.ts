/** Where webhooks take part in the life of a media. */
import type { Firestore } from '@google-cloud/firestore';
import type { Delivery, Feature, NewFiles } from '../../core/media/moments.ts';
import type { Loopback } from '../../outbound/allowed-address.ts';
import type { Logger } from '../../process/log.ts';
import { readCallback } from './callback.ts';
import { DELIVERIES_COLLECTION, type DeliveryRecord } from './delivery-record.ts';
import type { WebhookOutbox } from './outbox.ts';
import { sweepWebhooks } from './sweep.ts';
import { WEBHOOKS_COLLECTION } from './webhooks.ts';

/** For each unit in which media come and go. */
const moving = (outbox: WebhookOutbox): Pick<Feature, 'moving' | 'jobEnding'> => ({
  moving: (record, how) => outbox.moved(record, how),
  jobEnding: (...job) => outbox.jobEnded(...job),
});

export function webhooksInApi(loopback: Loopback, outbox: WebhookOutbox): Feature {
  return {
    name: 'webhooks',
    ...moving(outbox),
    accepting: ({ ownerId, fields, keyId }: NewFiles) => {
      // Reads the webhooks while the files come.
      outbox.prepare(ownerId);
      const { callback_url: text } = fields;
      if (typeof text !== 'string') return undefined;
      return { fingerprint: [text], change: () => readCallback(text, keyId, loopback) };
    },
    owner: {
      records: [
        { collection: WEBHOOKS_COLLECTION, by: 'owner_id' },
        { collection: DELIVERIES_COLLECTION, by: 'owner_id' },
      ],
    },
  };
}

interface WebhooksDeps {
  firestore: Firestore;
  outbox: WebhookOutbox;
  logger: Logger;
  /** A message that is overdue for this time has lost its task. In milliseconds. */
  quietMs: number;
  now: () => number;
}

export function webhooksInWorker(deps: WebhooksDeps): Feature {
  const { outbox } = deps;
  /** Messages that a delivery has created, or has tried to create. */
  const made = new WeakMap<Delivery, Map<string, DeliveryRecord>>();
  return {
    name: 'webhooks',
    ...moving(outbox),
    // Reads the webhooks while the work goes on, so that the end of the media does not wait for them.
    claiming: ({ owner_id }) => {
      outbox.prepare(owner_id);
      return undefined;
    },
    changing: async (before, after, delivery) => {
      const news = await outbox.announce(before, after);
      if (!news) return undefined;
      const all = made.get(delivery) ?? new Map<string, DeliveryRecord>();
      made.set(delivery, all);
      for (const each of news.deliveries) all.set(each.id, each);
      return { change: news.change, write: news.write };
    },
    ended: async (delivery) => {
      await outbox.send([...(made.get(delivery)?.values() ?? [])]);
    },
    sweeping: [{ run: () => sweepWebhooks(deps) }],
  };
}

declare module '../../core/media/record.ts' {
  interface MediaRecord {
    /** A backend with a service key named this address: it is told there how the media ends. */
    callback?: { url: string; key_id: string };
    /** The last message to each receiver, by the id of a webhook or `callback`. The next message waits for it. */
    told?: Record<string, string>;
  }
}
