/**
 * `/local/inbox`: a page of `npm start` that receives webhooks, checks their signatures and shows them, with the messages
 * published to a topic. It exists only on this machine.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { webhookHeaders } from '@media-analysis/functions/features/webhooks/signature';
import type { WebhookRecord } from '@media-analysis/functions/features/webhooks/webhooks';
import { parse, readJson } from '@media-analysis/functions/http/body';
import { sendJson, sendNothing } from '@media-analysis/functions/http/respond';
import type { Route } from '@media-analysis/functions/http/router';
import { lazy } from '@media-analysis/functions/process/lazy';
import { AppError } from '@media-analysis/shared/errors';
import { createWebhookSchema, webhookPayloadSchema } from '@media-analysis/shared/webhooks';
import { z } from 'zod';
import type { LocalRoutes } from './parts.ts';

const PAGE = new URL('inbox.html', import.meta.url);
/** Only the newest are shown. */
const MOST = 200;
const MAX_MESSAGE_BYTES = 64 * 1024;

const answerSchema = z.strictObject({ status: z.number().int().min(200).max(599) });

interface Message {
  id: string;
  /** ISO 8601. */
  at: string;
  /** How often it came. */
  times: number;
  /** True if its signature was made with a secret that this page knows. */
  is_genuine: boolean;
  /** The status of the last answer. */
  answered: number;
  body: string;
}

export const inboxRoutes: LocalRoutes = ({ url, firestore, published }) => {
  const address = `${url}/local/inbox/messages`;
  const messages = new Map<string, Message>();
  let status = 204;
  const webhooks = lazy(async () => {
    const { Webhooks } = await import('@media-analysis/functions/features/webhooks/webhooks');
    return new Webhooks(await firestore());
  });
  const own = async (): Promise<WebhookRecord[]> => {
    const { records } = await (await webhooks()).list(undefined, 100);
    return records.filter((webhook) => webhook.url === address);
  };

  const route = (method: Route['method'], path: string, handle: Route['handle']): Route => ({
    method,
    path,
    handle,
  });

  const routes = [
    route('GET', '/local/inbox', async ({ response }) => sendPage(response)),
    route('GET', '/local/inbox/messages', async ({ response }) => {
      const [webhook] = await own();
      const state = webhook?.state ?? 'absent';
      const topic = [...published].reverse();
      sendJson(response, 200, { state, status, messages: [...messages.values()].reverse(), topic });
    }),
    route('POST', '/local/inbox/messages', async ({ request, response }) => {
      await receive(request);
      sendNothing(response, status);
    }),
    route('POST', '/local/inbox/register', async ({ response }) => {
      const [webhook] = await own();
      const { events } = createWebhookSchema.parse({ url: address });
      const store = await webhooks();
      if (webhook) await store.enable(webhook);
      else await store.create({ url: address, events, owner_id: null, key_id: 'inbox' });
      sendNothing(response);
    }),
    route('POST', '/local/inbox/remove', async ({ response }) => {
      for (const webhook of await own()) await (await webhooks()).remove(webhook);
      sendNothing(response);
    }),
    route('POST', '/local/inbox/answer', async ({ request, response }) => {
      status = (await readJson(request, answerSchema)).status;
      sendNothing(response);
    }),
  ];

  async function receive(request: IncomingMessage): Promise<void> {
    const { 'webhook-id': id = '', 'webhook-timestamp': at = '', ...others } = request.headers;
    const body = await readMessage(request);
    const signatures = String(others['webhook-signature'] ?? '').split(' ');
    const { secretsOf } = await import('@media-analysis/functions/features/webhooks/webhooks');
    const secrets = (await own()).flatMap((webhook) => secretsOf(webhook, Date.now()));
    const wanted = webhookHeaders(String(id), Number(at) * 1_000, body, secrets)[
      'webhook-signature'
    ];
    const known = (wanted ?? '').split(' ').filter((each) => each !== '');
    const before = messages.get(String(id));
    messages.delete(String(id));
    messages.set(String(id), {
      id: String(id),
      at: new Date().toISOString(),
      times: (before?.times ?? 0) + 1,
      body,
      is_genuine: signatures.some((each) => known.includes(each)),
      answered: status,
    });
    const [oldest] = messages.keys();
    if (messages.size > MOST && oldest !== undefined) messages.delete(oldest);
  }

  return routes;
};

/** As it came: the signature covers its bytes. @throws {AppError} if it is not a message */
async function readMessage(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_MESSAGE_BYTES) chunks.push(chunk);
  }
  const body = Buffer.concat(chunks).toString();
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch (cause) {
    throw new AppError('malformed_body', 'This is no message: it is not JSON.', { cause });
  }
  parse(webhookPayloadSchema, json);
  return body;
}

/** The page contains its script. Nothing else runs, whatever a message contains. */
function sendPage(response: ServerResponse): void {
  const nonce = randomBytes(16).toString('base64');
  const page = readFileSync(PAGE, 'utf8').replace('<script>', `<script nonce="${nonce}">`);
  response.writeHead(200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'unsafe-inline'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(page);
}
