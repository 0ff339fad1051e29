/** Media in pages. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { browserWakeUps } from '../client/clock.ts';
import type { Correction, MediaList } from '../client/index.ts';
import { useMediaCache } from './context.ts';
import { RETRY_MS, retryDelay } from './retry-delay.ts';

/** Returned by `useMediaList` and `useMediaSearch`. */
export interface MediaListState {
  /** The ids of all loaded media, in their order. Their states come from `useMediaAnalysisSSE(ids)`. */
  ids: readonly string[];
  /** True while a page is being loaded. */
  isLoading: boolean;
  /** True if there may be another page. */
  hasMore: boolean;
  /**
   * The `MediaClientError` of the last load; undefined if it succeeded. If another try can succeed, the page is loaded again by
   * itself: after 5 s, then after waits that double, and when the browser is online again or the page is visible again.
   */
  error: unknown;
  /** Loads the next page, or the same page again after an error. Does nothing while a page is being loaded. */
  loadMore: () => void;
}

/** Returned by `useMediaSearch`. */
export interface MediaSearchState extends MediaListState {
  /** True: the answer to this search is not there yet, or could not be loaded. `ids` are the results of the search before. */
  isOutdated: boolean;
  /** Words that may be mistyped, and their replacements; undefined: nothing was replaced. */
  corrected: readonly Correction[] | undefined;
  /** Number of media in all pages; undefined: they were not counted. */
  total: number | undefined;
}

/** Reads one page. */
export type LoadPage = (options: {
  signal: AbortSignal;
  pageToken?: string;
  limit?: number;
}) => Promise<MediaList>;

/** Enough for a first screen. */
const PAGE = 24;
/** The service gives at most this many at once. */
const MAX_PAGE = 100;

/** Reads pages until there are this many media. */
export async function readPages(
  load: LoadPage,
  options: Parameters<LoadPage>[0],
  least: number,
): Promise<MediaList> {
  const page = await load(options);
  const { media, next_page_token: pageToken } = page;
  if (media.length >= least || pageToken === undefined) return page;
  const rest = await readPages(load, { ...options, pageToken }, least - media.length);
  return { ...rest, media: [...media, ...rest.media] };
}

export interface Pages extends Pick<MediaSearchState, 'corrected' | 'total'> {
  /** The search or list that they belong to. */
  load?: LoadPage;
  ids: readonly string[];
  pageToken: string | undefined;
  hasMore: boolean;
}

const NONE: Pages = {
  ids: [],
  pageToken: undefined,
  hasMore: true,
  corrected: undefined,
  total: undefined,
};

/** @param before the ids that were shown */
type Merge = (before: readonly string[], now: MediaList) => Pages;

interface PagesState extends MediaSearchState {
  /**
   * Reads the loaded pages again, and shows them when all are there.
   * @returns false if something else is being loaded
   */
  refresh: (merge: Merge) => Promise<boolean>;
}

/**
 * Loads the first page by itself, and again if `load` changes. Until the new page has come, the media of before stay.
 * @param load undefined: nothing is loaded
 */
export function usePages(load: LoadPage | undefined): PagesState {
  const store = useMediaCache();
  const [pages, setPages] = useState(NONE);
  const [error, setError] = useState<unknown>();
  const [isLoading, setIsLoading] = useState(false);
  const loading = useRef<AbortController | undefined>(undefined);
  const refreshing = useRef<AbortController>(undefined);
  const failures = useRef(0);
  const isRetrying = useRef(false);

  const read = useCallback(
    (pageToken: string | undefined, limit = PAGE, isRetry = false) => {
      if (!load || (loading.current && (isRetry || !isRetrying.current))) return;
      loading.current?.abort();
      refreshing.current?.abort();
      const stop = new AbortController();
      loading.current = stop;
      isRetrying.current = isRetry;
      // Until another try has succeeded, the error stays, with the button for users who do not want to wait.
      if (!isRetry) {
        setIsLoading(true);
        setError(undefined);
      }
      const from = pageToken === undefined ? {} : { pageToken };
      load({ signal: stop.signal, limit, ...from })
        .then(({ media, next_page_token, corrected, total }) => {
          if (stop.signal.aborted) return;
          failures.current = 0;
          setError(undefined);
          store.put(...media);
          const ids = media.map(({ id }) => id);
          setPages((known) => ({
            load,
            ids: [...new Set(pageToken === undefined ? ids : [...known.ids, ...ids])],
            pageToken: next_page_token,
            hasMore: next_page_token !== undefined,
            corrected,
            total,
          }));
        })
        .catch((reason: unknown) => {
          if (stop.signal.aborted) return;
          failures.current += 1;
          setError(reason);
        })
        .finally(() => {
          if (loading.current !== stop) return;
          loading.current = undefined;
          setIsLoading(false);
        });
    },
    [load, store],
  );

  useEffect(() => {
    failures.current = 0;
    if (load) {
      read(undefined);
    } else {
      setPages(NONE);
      setIsLoading(false);
      setError(undefined);
    }
    return () => {
      refreshing.current?.abort();
      loading.current?.abort();
      loading.current = undefined;
    };
  }, [load, read]);

  const { ids } = pages;
  const isOutdated = pages.load !== load;
  // The token of another search leads to its pages only.
  const pageToken = isOutdated ? undefined : pages.pageToken;
  const readOn = useCallback(
    (isRetry: boolean) => read(pageToken, pageToken === undefined ? PAGE : MAX_PAGE, isRetry),
    [read, pageToken],
  );
  // A user who asks does not prolong the next wait.
  const loadMore = useCallback(() => {
    failures.current = 0;
    readOn(false);
  }, [readOn]);
  // A live search reads its pages anew meanwhile: the wait must not start over.
  const retry = useRef(readOn);
  useEffect(() => {
    retry.current = readOn;
  }, [readOn]);
  // After an error, pages are loaded again after a while, when the browser is online again, or when the page is visible again.
  useEffect(() => {
    if (error === undefined) return;
    const failedAt = performance.now();
    const ends = browserWakeUps.subscribe((reason) => {
      // Users switch between windows often.
      if (reason === 'visible' && performance.now() - failedAt < RETRY_MS) return;
      failures.current = 0;
      retry.current(true);
    });
    const waitMs = retryDelay(error, failures.current);
    if (waitMs === undefined) return ends;
    const timer = setTimeout(() => {
      if (document.visibilityState === 'visible') retry.current(true);
    }, waitMs);
    return () => {
      ends();
      clearTimeout(timer);
    };
  }, [error]);
  const count = ids.length;
  const refresh = useCallback(
    async (merge: Merge) => {
      if (!load || loading.current || isOutdated) return false;
      const stop = new AbortController();
      refreshing.current = stop;
      const { signal } = stop;
      const limit = Math.min(MAX_PAGE, Math.max(PAGE, count));
      const now = await readPages(load, { signal, limit }, count);
      if (signal.aborted) return false;
      store.put(...now.media);
      setPages((known) => ({ load, ...merge(known.ids, now) }));
      return true;
    },
    [load, store, count, isOutdated],
  );
  return useMemo(
    () => ({ ...pages, isOutdated, isLoading, error, loadMore, refresh }),
    [pages, isOutdated, isLoading, error, loadMore, refresh],
  );
}
