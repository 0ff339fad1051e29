/** What a busy deployment has beside its uploads: a webhook, an open stream of a library, and a search each second. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ServiceKeys } from '../../functions/http/service-keys.ts';
import {
  client,
  databaseOf,
  eventually,
  fetchWhole,
  readEvents,
  type Stack,
  tokenOf,
} from '../support/stack.ts';
import { startReceiver } from '../support/webhook-receiver.ts';

export const READER = 'reader';
const SEARCH_EVERY_MS = 1_000;

export interface Company {
  /** Waits until the webhook was told of that many photos. */
  told(photos: number): Promise<void>;
  /** Ends stream and search; @throws what one of them failed with */
  close(): Promise<void>;
}

/** @param stack Its reader's library is watched and searched. */
export async function startCompany(stack: Stack): Promise<Company> {
  const receiver = await startReceiver();
  const firestore = databaseOf(stack);
  const admin = await new ServiceKeys(async () => firestore).add('soak', [
    'read',
    'write',
    'admin',
  ]);
  await firestore.terminate();
  const made = await client(stack, admin.key).call('/api/webhooks', {
    method: 'POST',
    body: JSON.stringify({ url: receiver.url, events: ['media.completed'] }),
  });
  if (made.status !== 201) throw new Error(`${made.status} ${await made.text()}`);
  const closing = new AbortController();
  const { signal } = closing;
  const until = async (work: () => Promise<void>) => {
    try {
      while (!signal.aborted) await work();
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
  // A token holds for an hour.
  const get = async (
    path: string,
    read: (url: string, init: RequestInit) => Promise<Response> = fetch,
  ) => {
    const headers = { Authorization: `Bearer ${await tokenOf(stack, READER)}` };
    const response = await read(`${stack.url}${path}`, { headers, signal });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return response;
  };
  const running = Promise.all([
    until(async () => {
      for await (const _ of readEvents(await get('/api/media/stream')));
    }),
    until(async () => {
      await get('/api/media?q=png', fetchWhole);
      await sleep(SEARCH_EVERY_MS, undefined, { signal });
    }),
  ]);
  // Whoever closes it hears of it; until then nobody waits for it.
  running.catch(() => undefined);
  return {
    async told(photos) {
      await eventually(async () => receiver.taken.size >= photos || undefined);
    },
    async close() {
      closing.abort();
      await running;
      await receiver.close();
    },
  };
}
