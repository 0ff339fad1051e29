/**
 * Pub/Sub on this machine, by the REST API. Each topic exists. Messages are pushed to the subscriptions of their topic, or kept
 * for `/local/inbox` if there are none. It refuses what Pub/Sub refuses: https://cloud.google.com/pubsub/quotas#resource_limits
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { FaultPlan, Identity } from '@media-analysis/local-cloud';
import { withPushFaults } from '@media-analysis/local-cloud/faults/push';
import { createAuthorizer } from '@media-analysis/local-cloud/tasks/authorization';
import { createPusher, unreachable } from '@media-analysis/local-cloud/tasks/push';
import { z } from 'zod';
import { PushSubscription, subscriptionSchema } from './push-subscription.ts';

/** Only the newest are kept. */
const MOST = 200;

const atMost = (bytes: number) => (value: string) => Buffer.byteLength(value) <= bytes;

const messageSchema = z.strictObject({
  data: z.base64().default(''),
  attributes: z
    .record(
      z
        .string()
        .min(1)
        .refine(atMost(256))
        .refine((key) => !key.startsWith('goog')),
      z.string().refine(atMost(1_024)),
    )
    .refine((all) => Object.keys(all).length <= 100)
    .default({}),
  orderingKey: z.string().refine(atMost(1_024)).default(''),
});
const bodySchema = z.strictObject({ messages: z.array(messageSchema).min(1).max(1_000) });

export interface Published {
  /** Pub/Sub's number of the message. */
  id: string;
  topic: string;
  /** ISO 8601. */
  at: string;
  attributes: Record<string, string>;
  orderingKey: string;
  data: string;
}

export interface TopicService {
  port: number;
  /** Oldest first. */
  published: readonly Published[];
  close(): Promise<void>;
}

export interface TopicOptions {
  port?: number;
  /** Signs the tokens of pushed messages. */
  identity: Pick<Identity, 'issuer' | 'sign'>;
  /** Addresses of hosts: `host` → `host:port`. */
  hosts?: ReadonlyMap<string, string>;
  faults?: FaultPlan | undefined;
}

const TOPIC_PATH = /^\/v1\/(projects\/[^/]+\/topics\/[^/:]+):publish$/;
const SUBSCRIPTION_PATH = /^\/v1\/(projects\/[^/]+\/subscriptions\/[^/:]+)$/;

export async function startTopics({
  port = 0,
  identity,
  hosts,
  faults,
}: TopicOptions): Promise<TopicService> {
  const published: Published[] = [];
  const subscriptions = new Map<string, PushSubscription>();
  const closing = new AbortController();
  const direct = createPusher(hosts);
  const lost = unreachable(new Error('an injected fault'));
  const pusher = faults ? withPushFaults(direct, faults.channel('deliveries'), lost) : direct;
  const pushing = { pusher, authorize: createAuthorizer(identity) };
  let count = 0;

  function publish(topic: string, body: unknown, response: ServerResponse): void {
    const given = bodySchema.safeParse(body);
    if (!given.success) {
      answer(response, 400, z.prettifyError(given.error));
      return;
    }
    const readers = [...subscriptions.values()].filter(({ config }) => config.topic === topic);
    const messageIds = given.data.messages.map(({ data, orderingKey, attributes }) => {
      const id = String(++count);
      const at = new Date().toISOString();
      const message = { messageId: id, publishTime: at, attributes, data };
      for (const reader of readers) void reader.deliver(message);
      if (readers.length === 0) {
        const plain = Buffer.from(data, 'base64').toString();
        published.push({ id, topic, at, attributes, orderingKey, data: plain });
      }
      return id;
    });
    published.splice(0, published.length - MOST);
    sendJson(response, 200, { messageIds });
  }

  function subscribe(name: string, body: unknown, response: ServerResponse): void {
    const { data, error } = subscriptionSchema.safeParse(body);
    if (!data) {
      answer(response, 400, z.prettifyError(error));
      return;
    }
    subscriptions.set(name, new PushSubscription(name, data, pushing, closing.signal));
    sendJson(response, 200, Object.assign({ name }, body));
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url = '' } = request;
    const topic = method === 'POST' ? TOPIC_PATH.exec(url)?.[1] : undefined;
    const subscription = method === 'PUT' ? SUBSCRIPTION_PATH.exec(url)?.[1] : undefined;
    const body = parsed(await text(request));
    if (topic !== undefined) publish(topic, body, response);
    else if (subscription !== undefined) subscribe(subscription, body, response);
    else answer(response, 501, 'This Pub/Sub only publishes, and pushes to subscriptions.');
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    published,
    async close() {
      closing.abort();
      pusher.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** https://cloud.google.com/apis/design/errors#http_mapping */
const STATUSES = { 400: 'INVALID_ARGUMENT', 501: 'UNIMPLEMENTED' };

function answer(response: ServerResponse, code: keyof typeof STATUSES, message: string): void {
  sendJson(response, code, { error: { code, message, status: STATUSES[code] } });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
