import { useEffect, useMemo, useRef } from 'react';
import type { MediaFilters } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';
import { retryImport } from './retry-import.ts';
import { type MediaSearchState, usePages } from './use-pages.ts';

/**
 * Searches the user's media, 24 a page. While the page is visible, the search is repeated, at most every five seconds, when a
 * watched media was completed, edited or brought back; with `useLiveLibrary`, when any media was. Results that remain keep their
 * position. A new search replaces the one before, whose results stay until the answer is there.
 * @param filters undefined: nothing is searched for
 * @example
 * ```tsx
 * import { useMediaAnalysisSSE, useMediaSearch } from '@media-analysis/react';
 *
 * export function Found({ q }: { q: string }) {
 *   const { ids, isLoading } = useMediaSearch(q === '' ? undefined : { q, kind: 'image' });
 *   const { media } = useMediaAnalysisSSE(ids);
 *   if (ids.length === 0 && !isLoading) return <p>Nothing found.</p>;
 *   return ids.map((id) => <p key={id}>{media.get(id)?.analytics?.title}</p>);
 * }
 * ```
 */
export function useMediaSearch(filters: MediaFilters | undefined): MediaSearchState {
  const client = useMediaClient();
  const store = useMediaCache();
  const key = filters && JSON.stringify(filters);
  const load = useMemo(() => {
    if (key === undefined) return undefined;
    const wanted = JSON.parse(key) as MediaFilters;
    return async (options: Parameters<typeof client.search>[1]) => {
      // While the browser is offline, the search itself fails with an error.
      const filters = await import('./live-search.ts').then(
        ({ withToday }) => withToday(wanted),
        () => wanted,
      );
      return client.search(filters, options);
    };
  }, [client, key]);
  const found = usePages(load);

  const now = useRef(found);
  now.current = found;
  const isSearching = load !== undefined;
  useEffect(() => {
    if (!isSearching) return;
    const ends = new AbortController();
    const { signal } = ends;
    const seen = store.changes;
    retryImport(() => import('./live-search.ts'), { signal }).then(
      ({ autoRefresh, mergeResults }) =>
        autoRefresh({
          store,
          seen,
          signal,
          count: () => now.current.ids.length,
          refresh: () => now.current.refresh(mergeResults),
        }),
      () => undefined,
    );
    return () => ends.abort();
  }, [isSearching, store]);

  return found;
}
