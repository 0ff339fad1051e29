/**
 * A Pub/Sub on this machine that only takes what is published, by the REST API, and keeps it for `/local/inbox`. Each topic is
 * there. What Pub/Sub refuses is refused: https://cloud.google.com/pubsub/quotas#resource_limits
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** The newest ones are kept. */
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
  /** As Pub/Sub has numbered it. */
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

export async function startTopics(port = 0): Promise<TopicService> {
  const published: Published[] = [];
  let count = 0;

  async function publish(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = /^\/v1\/(projects\/[^/]+\/topics\/[^/:]+):publish$/.exec(request.url ?? '');
    const topic = path?.[1];
    if (request.method !== 'POST' || topic === undefined) {
      return answer(response, 501, 'This Pub/Sub only takes what is published.');
    }
    const given = bodySchema.safeParse(parsed(await text(request)));
    if (!given.success) return answer(response, 400, z.prettifyError(given.error));
    const messageIds = given.data.messages.map(({ data, ...message }) => {
      const id = String(++count);
      const at = new Date().toISOString();
      published.push({
        ...{ id, topic, at, ...message },
        data: Buffer.from(data, 'base64').toString(),
      });
      return id;
    });
    published.splice(0, published.length - MOST);
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ messageIds }));
  }

  const server = createServer((request, response) => {
    publish(request, response).catch(() => response.destroy());
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    published,
    async close() {
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
function answer(response: ServerResponse, code: 400 | 501, message: string): void {
  const status = code === 400 ? 'INVALID_ARGUMENT' : 'UNIMPLEMENTED';
  response.writeHead(code, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ error: { code, message, status } }));
}
