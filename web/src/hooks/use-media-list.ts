/** The user's own media, newest first, page by page. */
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useMediaCache, useMediaClient } from './context.ts';

/** What `useMediaList` returns. */
export interface MediaListState {
  /** The ids of all loaded media, newest first, and of those that are sent meanwhile, also from other tabs (`shareTabs`). Their states come from `useMediaAnalysisSSE(ids)`. */
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

/**
 * Loads the user's own media, 24 a page. The first page comes by itself.
 * @example
 * ```tsx
 * import { useMediaAnalysisSSE, useMediaList } from '@media-analysis/web/hooks';
 *
 * export function Gallery() {
 *   const { ids, hasMore, isLoading, loadMore } = useMediaList();
 *   const { media } = useMediaAnalysisSSE(ids);
 *   return (
 *     <>
 *       {ids.map((id) => (
 *         <p key={id}>{media.get(id)?.file_name}</p>
 *       ))}
 *       {hasMore && (
 *         <button disabled={isLoading} onClick={loadMore}>
 *           Show more
 *         </button>
 *       )}
 *     </>
 *   );
 * }
 * ```
 */
export function useMediaList(): MediaListState {
  const client = useMediaClient();
  const store = useMediaCache();
  const getCreated = useCallback(() => store.createdIds, [store]);
  const created = useSyncExternalStore(store.subscribe, getCreated, getCreated);
  const [listed, setIds] = useState<readonly string[]>([]);
  const ids = useMemo(() => [...new Set([...created, ...listed])], [created, listed]);
  const [pageToken, setPageToken] = useState<string | undefined>();
  const [hasMore, setHasMore] = useState(true);
  const [error, setError] = useState<unknown>();
  const [isLoading, setIsLoading] = useState(false);
  const loading = useRef<AbortController | undefined>(undefined);

  const loadMore = useCallback(() => {
    if (loading.current) return;
    const stop = new AbortController();
    loading.current = stop;
    setIsLoading(true);
    setError(undefined);
    const options = { signal: stop.signal, ...(pageToken !== undefined && { pageToken }) };
    client
      .list(options)
      .then(({ media, next_page_token }) => {
        store.put(...media);
        setIds((known) => [...new Set([...known, ...media.map(({ id }) => id)])]);
        setPageToken(next_page_token);
        setHasMore(next_page_token !== undefined);
      })
      .catch((reason: unknown) => {
        if (!stop.signal.aborted) setError(reason);
      })
      .finally(() => {
        if (loading.current !== stop) return;
        loading.current = undefined;
        setIsLoading(false);
      });
  }, [client, store, pageToken]);

  // Only the first `loadMore` runs here: it loads the first page.
  const first = useRef(loadMore);
  useEffect(() => {
    first.current();
    return () => {
      loading.current?.abort();
      loading.current = undefined;
    };
  }, []);

  return useMemo(
    () => ({ ids, isLoading, hasMore, error, loadMore }),
    [ids, isLoading, hasMore, error, loadMore],
  );
}
