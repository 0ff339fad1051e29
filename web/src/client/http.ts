/** Sends requests with the user's token. Each returns a 2xx answer or throws an error with a message for the user. */
import type { Media } from '@media-analysis/shared/media';
import type { Clock, WakeUps } from './clock.ts';
import { BrokenAnswerError, errorOfAnswer, MediaClientError, networkError } from './errors.ts';
import { abortWith } from './older-browsers.ts';

/** Returns the signed-in user's token (a JWT), or undefined to send the request without one. */
export type GetToken = (options: {
  /** True if the server refused the last token: get a new one, not a cached one. */
  refresh: boolean;
}) => Promise<string | undefined> | string | undefined;

export interface RequestOptions {
  /** Aborting it ends the request; the call then throws the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** The `ETag`s of answers about one media. */
const etags = new WeakMap<object, string>();

export interface WriteOptions extends RequestOptions {
  /**
   * A media exactly as a call of this client about it alone has returned it, such as `get`. If it has changed since, also by an
   * analysis, nothing is done, and the call throws `precondition_failed`.
   */
  ifUnchanged?: Media | undefined;
}

/** @throws {Error} if no answer about this media alone is known */
export function headersFor(media: Media | undefined): Record<string, string> {
  if (!media) return {};
  const etag = etags.get(media);
  if (etag === undefined) throw new Error('ifUnchanged: give what client.get has returned.');
  return { 'If-Match': etag };
}

type LimitedInit = RequestInit & { signal: AbortSignal };
type Init = Omit<RequestInit, 'signal'> & { signal?: AbortSignal | null | undefined };

/** @param rest the path after the id, such as `/retry` */
export const mediaPath = (id: string, rest = ''): string =>
  `/api/media/${encodeURIComponent(id)}${rest}`;

/** @returns the fields that have a value, such as `?limit=24&q=dog`; an empty text without such fields */
export function queryOf(fields: object): string {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(Object.fromEntries(given))}`;
}

/** The request that sends `body` as JSON. */
export const postOf = (body: unknown, headers?: Record<string, string>) => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** Longer than the start of a new instance, which delays a first request. */
const ANSWER_MS = 30_000;

export type Http = ReturnType<typeof createHttp>;

/** The recent health of one kind of stream. Until `pollUntil`, by the client's clock, the client polls instead. */
export const newHealth = () => ({ failures: 0, pollUntil: 0 });

/** Dependencies of the event streams, whose code is loaded later than the client. */
export interface StreamDeps {
  http: Http;
  streamHttp: Http;
  clock: Clock;
  wakeUps: WakeUps;
  health: ReturnType<typeof newHealth>;
}

/** The dependencies of each client. */
const depsOfClients = new WeakMap<object, StreamDeps>();

export const keepDeps = (client: object, deps: StreamDeps) => depsOfClients.set(client, deps);

/** @throws {Error} if the client is not from `createMediaClient` */
export function depsOf(client: object): StreamDeps {
  const deps = depsOfClients.get(client);
  if (deps) return deps;
  throw new Error('Give it what createMediaClient has returned.');
}

export function createHttp(
  baseUrl: string,
  getToken: GetToken | undefined,
  fetch: typeof globalThis.fetch,
  clock: Clock,
  /** The user for whom a service key acts. */
  onBehalfOf?: string,
) {
  const base = baseUrl.replace(/\/+$/, '');
  const url = (path: string) => `${base}${path}`;

  const authorization = async (refresh: boolean): Promise<Record<string, string>> => {
    let token: string | undefined;
    try {
      token = await getToken?.({ refresh });
    } catch (cause) {
      if (cause instanceof MediaClientError) throw cause;
      const message = 'Your sign-in could not be renewed. Sign in again.';
      throw new MediaClientError('unauthenticated', message, { status: 401, cause });
    }
    const user = onBehalfOf === undefined ? {} : { 'X-On-Behalf-Of': onBehalfOf };
    return token === undefined ? {} : { Authorization: `Bearer ${token}`, ...user };
  };

  /** A connection can die without an error. After `work`, the caller's signal still ends the answer until `late` is aborted. */
  async function within<T>(
    ms: number,
    { signal, ...init }: Init,
    work: (limited: LimitedInit, late: AbortController) => Promise<T>,
  ): Promise<T> {
    const late = new AbortController();
    const cancel = clock.after(ms, () => late.abort(networkError(`no answer for ${ms} ms`)));
    abortWith(late, signal);
    return work({ ...init, signal: late.signal }, late).finally(cancel);
  }

  async function ask(path: string, init: LimitedInit): Promise<Response> {
    const send = async (refresh: boolean) => {
      const headers = { ...init.headers, ...(await authorization(refresh)) };
      return fetch(url(path), { ...init, headers }).catch((cause: unknown) => {
        init.signal.throwIfAborted();
        throw networkError(cause);
      });
    };
    let response = await send(false);
    if (response.status === 401 && getToken) response = await send(true);
    if (response.ok) return response;
    const body = await response.text().catch(() => '');
    throw errorOfAnswer(response.status, response.headers.get('retry-after'), body);
  }

  return {
    sendsToken: getToken !== undefined,
    url,
    authorization,
    /**
     * @returns the answer as soon as it begins
     * @throws {MediaClientError} unless the answer is 2xx and begins within 30 s
     */
    request: (path: string, init: Init = {}): Promise<Response> =>
      within(ANSWER_MS, init, (limited) => ask(path, limited)),
    /** @param limitMs the longest time for the whole answer */
    json: (path: string, init: Init = {}, limitMs = ANSWER_MS): Promise<unknown> =>
      within(limitMs, init, async (limited, late) => {
        try {
          const response = await ask(path, limited);
          const body: unknown = await response.json().catch((cause: unknown) => {
            limited.signal.throwIfAborted();
            throw new BrokenAnswerError(cause);
          });
          const etag = response.headers.get('etag');
          if (etag !== null && typeof body === 'object' && body !== null) etags.set(body, etag);
          return body;
        } finally {
          late.abort();
        }
      }),
  };
}
