/** Keeps loaded data in the cache of TanStack Query, and repeats failed loads. */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import { QueryClient } from '@tanstack/react-query';
import { type MediaClient, MediaClientError } from '../client/index.ts';

const OPTIONS = {
  retry: (_failures: number, error: unknown) => isRetryable(error),
  retryDelay,
  // A browser that says it is offline may reach a service on its own machine.
  networkMode: 'always',
  // The stream reports changes.
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: 0,
} as const;

/** @returns a function that makes one object for each client */
export function oneForEach<Made>(make: (client: MediaClient) => Made) {
  const made = new WeakMap<MediaClient, Made>();
  return (client: MediaClient): Made => {
    const one = made.get(client) ?? make(client);
    made.set(client, one);
    return one;
  };
}

/** What a hook shows of an error. One that the client has not made is a fault of this package. */
export function shownError(error: unknown): MediaClientError | undefined {
  if (error === undefined || error === null) return undefined;
  if (error instanceof MediaClientError) return error;
  const message = 'Something went wrong. Try again.';
  return new MediaClientError('internal', message, { status: 0, cause: error });
}

/** What to do for a client when the browser is online or visible again. An app whose hooks load no lists needs no cache. */
export const onWakeUp = new WeakMap<MediaClient, () => void>();

/** Each client has a cache of its own. If the app uses TanStack Query too, its cache stays untouched. */
export const queriesOf = /* @__PURE__ */ oneForEach((client) => {
  const queries = new QueryClient({ defaultOptions: { queries: OPTIONS } });
  onWakeUp.set(client, () => retryNow(queries));
  return queries;
});

const isRetryable = (error: unknown): error is MediaClientError =>
  error instanceof MediaClientError && isRetryableCode(error.code);

/** The wait after the first failure. It doubles with each further failure. */
const RETRY_MS = 5_000;
const MOST_RETRY_MS = 10 * 60_000;

/** @param failures number of failures in a row */
export const backoffMs = (failures: number): number =>
  Math.min(RETRY_MS * 2 ** (failures - 1), MOST_RETRY_MS);

/** @param failures number of failures before this one */
export function retryDelay(failures: number, error: unknown): number {
  const leastMs = isRetryable(error) ? (error.retryAfterMs ?? 0) : 0;
  return Math.max(backoffMs(failures + 1), leastMs);
}

/** Repeats failed loads at once, for example when the browser is online again. TanStack Query would wait for the next try. */
export function retryNow(queries: QueryClient): void {
  const failed = queries.getQueryCache().findAll({
    type: 'active',
    predicate: ({ state }) => state.fetchFailureReason !== null,
  });
  for (const query of failed) {
    const { fetchFailureReason, fetchMeta: meta } = query.state;
    void query.cancel({ revert: true });
    query.fetch(undefined, meta ? { meta } : {}).catch(() => undefined);
    // The error is shown until there is an answer.
    query.setState({ fetchFailureReason });
  }
}
