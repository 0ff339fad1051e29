/** Connects to the service: one at an address, or one that is started on this machine. */
import { existsSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { type PageConfig, pageConfigSchema } from '@media-analysis/shared/page-config';
import { createMediaClient, type MediaClient } from '../web/src/client/client.ts';
import { systemClock } from '../web/src/client/clock.ts';
import { createHttp, type Http } from '../web/src/client/http.ts';
import { type ServiceOptions, UsageError } from './arguments.ts';

export interface Connection {
  client: MediaClient;
  /** For calls that the client has no method for. */
  http: Http;
  /** The address of the page. */
  url: string;
  /** True if the service runs in this process, and ends with it. */
  isEmbedded: boolean;
  /** Reads the whole record of a media, which only the operator may see. */
  readRecord?: ((id: string) => Promise<Record<string, unknown> | undefined>) | undefined;
  /** Resolves when no request is running, at the latest after five seconds. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/** The message says why the service cannot be used, and what to do. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}

const SETTLE_MS = 5_000;
const CONFIG_MS = 30_000;

/** @throws {ConnectionError} {UsageError} */
export async function connect(options: ServiceOptions): Promise<Connection> {
  const { url } = options;
  if (url === undefined) return connectHere();
  const config = await readConfig(url);
  return { ...clientOf(url, config, options), isEmbedded: false, close: async () => undefined };
}

async function connectHere(): Promise<Connection> {
  // The packed command has only the client.
  if (!existsSync(new URL('../local/stack.ts', import.meta.url))) {
    throw new UsageError(
      'Name the service: --url https://… (only a checkout of media-analysis can run all on this machine: npm run cli -- …).',
    );
  }
  const { startEmbedded } = await import('./embedded.ts');
  const { url, readRecord, close } = await startEmbedded();
  const none = { url, token: undefined, onBehalfOf: undefined };
  return { ...clientOf(url, {}, none), isEmbedded: true, readRecord, close };
}

/** Before anything is sent. @throws {UsageError} */
export async function refuseUnknown(
  analyses: readonly string[] | undefined,
  { client }: Pick<Connection, 'client'>,
  signal: AbortSignal,
): Promise<void> {
  if (!analyses) return;
  const known = (await client.analyses({ signal })).map(({ name }) => name);
  const unknown = analyses.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new UsageError(`There is no analysis "${unknown}". There are: ${known.join(', ')}.`);
}

/** The page knows the address of the API. If there is no page, the address is that of the API itself. */
async function readConfig(url: string): Promise<PageConfig> {
  let answer: Response;
  try {
    answer = await fetch(`${url}/config.json`, { signal: AbortSignal.timeout(CONFIG_MS) });
  } catch (cause) {
    const { message } = ((cause as Error).cause ?? cause) as Error;
    throw new ConnectionError(
      `${url} cannot be reached (${message}). Check the address and your connection.`,
      { cause },
    );
  }
  if (answer.headers.get('content-type')?.startsWith('text/html')) {
    throw new ConnectionError(
      `${url} is not media-analysis, or something stands before it: ${url}/config.json is a web page. Check the address.`,
    );
  }
  const value = await answer.json().catch(() => ({}));
  return (answer.ok && pageConfigSchema.safeParse(value).data) || {};
}

function clientOf(
  url: string,
  { api_url: baseUrl = url, stream_url: streamUrl = url }: PageConfig,
  { token, onBehalfOf }: ServiceOptions,
): Pick<Connection, 'client' | 'http' | 'url' | 'settled'> {
  const running = new Set<Promise<unknown>>();
  const counted: typeof fetch = (input, init) => {
    const request = fetch(input, init);
    const ended = request.catch(() => undefined).finally(() => running.delete(ended));
    running.add(ended);
    return request;
  };
  const getToken = token === undefined ? undefined : () => token;
  const identity = onBehalfOf === undefined ? { getToken } : { serviceKey: token, onBehalfOf };
  return {
    client: createMediaClient({
      baseUrl,
      streamUrl,
      fetch: counted,
      ...identity,
    }),
    http: createHttp(baseUrl, getToken, counted, systemClock, onBehalfOf),
    url,
    async settled() {
      // The work that follows an abort begins in the next turn.
      await setImmediate();
      const late = new AbortController();
      const limit = setTimeout(SETTLE_MS, undefined, { signal: late.signal, ref: false });
      await Promise.race([Promise.allSettled(running), limit]);
      late.abort();
      await limit.catch(() => undefined);
    },
  };
}
