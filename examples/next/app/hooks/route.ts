import type { WebhookPayload } from '@media-analysis/client';
import { after } from 'next/server';
import { Webhook } from 'standardwebhooks';
import { askService } from '../service';

const { MEDIA_SECRET = '' } = process.env;

/** The service says here that a photo is done. A message may come more than once, and in any order. */
export async function POST(request: Request): Promise<Response> {
  const message = genuine(await request.text(), request.headers);
  if (!message) return new Response(null, { status: 401 });
  // The answer first: the service waits for it, but not for what comes of it.
  after(() => tell(message));
  return new Response(null, { status: 204 });
}

function genuine(body: string, headers: Headers): WebhookPayload | undefined {
  try {
    return new Webhook(MEDIA_SECRET).verify(body, Object.fromEntries(headers)) as WebhookPayload;
  } catch {
    return undefined;
  }
}

/** In place of what your app does with it. */
async function tell({ type, data }: WebhookPayload): Promise<void> {
  if (type !== 'media.completed') return;
  const answer = await askService(`/api/media/${data.media_id}`, data.owner_id);
  const { file_name, analytics } = await answer.json();
  process.stdout.write(`${file_name}: ${analytics?.title}\n`);
}
