/**
 * Receives files that another app shares with the installed page, and opens the page from a notification. It caches no
 * answers, so the page never shows older data than the server has. `install.ts` says where it is registered.
 */
import { leaveShared } from './sending/shared-files.ts';

/** What the types of a page lack: https://developer.mozilla.org/docs/Web/API/ServiceWorkerGlobalScope */
interface Events {
  fetch: Event & { request: Request; respondWith(answer: Promise<Response>): void };
  notificationclick: Event & { notification: Notification; waitUntil(work: Promise<void>): void };
}
declare const self: {
  addEventListener<Name extends keyof Events>(
    name: Name,
    listener: (event: Events[Name]) => void,
  ): void;
  clients: {
    matchAll(options: { type: 'window' }): Promise<{ focus(): Promise<unknown> }[]>;
    openWindow(url: string): Promise<unknown>;
  };
};

self.addEventListener('fetch', (event) => {
  const { method, url } = event.request;
  if (method !== 'POST' || new URL(url).pathname !== '/share') return;
  // The page asks about the shared files, or says why there are none.
  const outcome = leave(event.request).catch(() => 'failed');
  event.respondWith(outcome.then((shared) => Response.redirect(`/?shared=${shared}`, 303)));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openPage());
});

async function openPage(): Promise<void> {
  const [page] = await self.clients.matchAll({ type: 'window' });
  await (page ? page.focus() : self.clients.openWindow('/'));
}

async function leave(request: Request): Promise<'files' | 'nothing'> {
  const form = await request.formData();
  const files = form.getAll('files').filter((each) => each instanceof File && each.size > 0);
  if (files.length === 0) return 'nothing';
  await leaveShared(files as File[], Date.now());
  return 'files';
}
