/** Media that come page by page. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { MediaList } from '../client/index.ts';
import { useMediaCache } from './context.ts';

/** What `useMediaList` and `useMediaSearch` return. */
export interface MediaListState {
  /** The ids of all loaded media, in their order. Their states come from `useMediaAnalysisSSE(ids)`. */
  ids: readonly string[];
  /** Whether a page is being loaded. */
  isLoading: boolean;
  /** Whether there may be another page. */
  hasMore: boolean;
  /** The `MediaClientError` of the last load; undefined if it succeeded. */
  error: unknown;
  /** Loads the next page, or the same page again after an error. Does nothing while a page is being loaded. */
  loadMore: () => void;
}

/** Reads one page. */
export type LoadPage = (options: {
  signal: AbortSignal;
  pageToken?: string;
  limit?: number;
}) => Promise<MediaList>;

/** What a first screen needs. */
const PAGE = 24;
/** The most that the service gives at once. */
const MAX_PAGE = 100;

/** Reads a page, and further ones until there are so many media. */
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

interface Pages {
  ids: readonly string[];
  pageToken: string | undefined;
  hasMore: boolean;
}

const NONE: Pages = { ids: [], pageToken: undefined, hasMore: true };

/**
 * Loads the first page by itself, and again for another `load`; until that has come, the media of before stay.
 * @param load Absent: nothing is loaded.
 */
export function usePages(load: LoadPage | undefined): MediaListState & { refresh: () => void } {
  const store = useMediaCache();
  const [pages, setPages] = useState(NONE);
  const [error, setError] = useState<unknown>();
  const [isLoading, setIsLoading] = useState(false);
  const loading = useRef<AbortController | undefined>(undefined);

  const read = useCallback(
    (pageToken: string | undefined, limit = PAGE, least = 0) => {
      if (!load || loading.current) return;
      const stop = new AbortController();
      loading.current = stop;
      setIsLoading(true);
      setError(undefined);
      const from = pageToken === undefined ? {} : { pageToken };
      readPages(load, { signal: stop.signal, limit, ...from }, least)
        .then(({ media, next_page_token }) => {
          if (stop.signal.aborted) return;
          store.put(...media);
          const ids = media.map(({ id }) => id);
          setPages((known) => ({
            ids: [...new Set(pageToken === undefined ? ids : [...known.ids, ...ids])],
            pageToken: next_page_token,
            hasMore: next_page_token !== undefined,
          }));
        })
        .catch((reason: unknown) => {
          if (!stop.signal.aborted) setError(reason);
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
    if (load) {
      read(undefined);
    } else {
      setPages(NONE);
      setIsLoading(false);
      setError(undefined);
    }
    return () => {
      loading.current?.abort();
      loading.current = undefined;
    };
  }, [load, read]);

  const { ids, pageToken, hasMore } = pages;
  const loadMore = useCallback(
    () => read(pageToken, pageToken === undefined ? PAGE : MAX_PAGE),
    [read, pageToken],
  );
  const count = ids.length;
  const refresh = useCallback(
    () => read(undefined, Math.min(MAX_PAGE, Math.max(PAGE, count)), count),
    [read, count],
  );
  return useMemo(
    () => ({ ids, isLoading, hasMore, error, loadMore, refresh }),
    [ids, isLoading, hasMore, error, loadMore, refresh],
  );
}
