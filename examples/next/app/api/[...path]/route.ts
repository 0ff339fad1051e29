import { currentUser } from '../../current';
import { askService } from '../../service';

/** A large file goes straight from the page to Cloud Storage, which has to know the page's origin. */
const PASSED_ON = ['accept', 'content-length', 'content-type', 'origin'];
const OF_THE_CLIENT = ['idempotency-key', 'if-match', 'last-event-id'];
const refuse = (status: number) => new Response(null, { status });

/** What the page asks of the service, both ways as it comes: neither a photo nor the stream of events is held back. */
async function passOn(request: Request, { params }: RouteContext<'/api/[...path]'>) {
  const { method, body } = request;
  // Webhooks are the app's own.
  if ((await params).path[0] === 'webhooks') return refuse(404);
  // The page of another site could send a form here, and the browser the user's cookie with it.
  const isOurs = request.headers.get('sec-fetch-site') === 'same-origin';
  if (method !== 'GET' && !isOurs) return refuse(403);
  const headers = new Headers({ 'Accept-Encoding': 'identity' });
  for (const name of [...PASSED_ON, ...OF_THE_CLIENT]) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const { pathname, search } = new URL(request.url);
  const init = { method, headers, body, duplex: 'half' } as const;
  return askService(pathname + search, await currentUser(), init);
}

export { passOn as DELETE, passOn as GET, passOn as PATCH, passOn as POST };
