/**
 * Takes files that another app shares with the installed page, and leads from a notification to the page. It keeps no answers of
 * the server, so what the page shows is never older than what the server says. `install.ts` says where it is at work.
 */
import { leaveShared } from './sending/shared-files.ts';

/** What the types of pages lack: https://developer.mozilla.org/docs/Web/API/FetchEvent */
interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

/** https://developer.mozilla.org/docs/Web/API/NotificationEvent */
interface NotificationEvent extends Event {
  readonly notification: Notification;
  waitUntil(work: Promise<unknown>): void;
}

/** https://developer.mozilla.org/docs/Web/API/Clients */
declare const clients: {
  matchAll(options: { type: 'window' }): Promise<{ focus(): Promise<unknown> }[]>;
  openWindow(url: string): Promise<unknown>;
};

const isFetch = (event: Event): event is FetchEvent => event.type === 'fetch';
const isClick = (event: Event): event is NotificationEvent => event.type === 'notificationclick';

addEventListener('fetch', (event: Event) => {
  if (!isFetch(event)) return;
  const { method, url } = event.request;
  if (method === 'POST' && new URL(url).pathname === '/share') {
    event.respondWith(take(event.request));
  }
});

addEventListener('notificationclick', (event: Event) => {
  if (!isClick(event)) return;
  event.notification.close();
  event.waitUntil(openPage());
});

async function openPage(): Promise<void> {
  const [page] = await clients.matchAll({ type: 'window' });
  await (page ? page.focus() : clients.openWindow('/'));
}

/** The page asks about what was shared, or says why there is nothing to ask. */
async function take(request: Request): Promise<Response> {
  const outcome = await leave(request).catch(() => 'failed');
  return Response.redirect(`/?shared=${outcome}`, 303);
}

async function leave(request: Request): Promise<'files' | 'nothing'> {
  const form = await request.formData();
  const files = form.getAll('files').filter((each) => each instanceof File && each.size > 0);
  if (files.length === 0) return 'nothing';
  await leaveShared(files as File[], Date.now());
  return 'files';
}
