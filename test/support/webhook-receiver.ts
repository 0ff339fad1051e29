/** A receiver of webhooks, which checks each signature as a backend does: with the library of the convention. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebhookPayload, webhookPayloadSchema } from '@media-analysis/shared/webhooks';
import { Webhook } from 'standardwebhooks';

interface Received {
  id: string;
  payload: WebhookPayload;
  /** Whether one of the signatures was made with `secret`. */
  isSignedWith(secret: string): boolean;
}

export interface Receiver {
  url: string;
  /** Every message that came, also those that were not taken. */
  all: Received[];
  /** Those that were taken, the first of each id. */
  taken: Map<string, Received>;
  close(): Promise<void>;
}

/** @param answer Answers a message; the default takes it. Returns whether it was taken. */
export async function startReceiver(
  answer: (response: ServerResponse) => boolean = (response) => {
    response.end();
    return true;
  },
): Promise<Receiver> {
  const all: Received[] = [];
  const taken = new Map<string, Received>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    const headers = request.headers as Record<string, string>;
    const { 'webhook-id': id = '' } = headers;
    const received = {
      id,
      payload: webhookPayloadSchema.parse(JSON.parse(body)),
      isSignedWith(secret: string) {
        try {
          new Webhook(secret).verify(body, headers);
          return true;
        } catch {
          return false;
        }
      },
    };
    all.push(received);
    if (answer(response) && !taken.has(id)) taken.set(id, received);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    all,
    taken,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
