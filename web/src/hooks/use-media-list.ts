/** Own media, newest first, page by page. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useMediaClient, useMediaStore } from './context.ts';

export interface MediaListState {
  ids: readonly string[];
  isLoading: boolean;
  hasMore: boolean;
  error: unknown;
  loadMore: () => void;
}

export function useMediaList(): MediaListState {
  const client = useMediaClient();
  const store = useMediaStore();
  const [ids, setIds] = useState<readonly string[]>([]);
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

  // The first page comes by itself, and only once.
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
