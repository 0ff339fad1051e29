/** The user's own media that are searched for. */
import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { MediaFilters } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';
import { type MediaListState, usePages } from './use-pages.ts';

/** Of a batch, many media end within a second. They are searched for once. */
const GATHER_MS = 1_000;

/**
 * Searches the user's media, 24 a page, and again when one of the media that are watched has ended: it may be found now. A
 * new search replaces the one before; until its answer is there, the media of that one stay.
 * @param filters What is searched for; undefined: nothing is.
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
export function useMediaSearch(filters: MediaFilters | undefined): MediaListState {
  const client = useMediaClient();
  const store = useMediaCache();
  const key = filters && JSON.stringify(filters);
  const load = useMemo(() => {
    if (key === undefined) return undefined;
    const wanted = JSON.parse(key) as MediaFilters;
    return (options: Parameters<typeof client.search>[1]) => client.search(wanted, options);
  }, [client, key]);
  const { refresh, ...found } = usePages(load);

  const ended = useSyncExternalStore(
    store.subscribe,
    () => store.ended,
    () => store.ended,
  );
  const seen = useRef(ended);
  const again = useRef(refresh);
  again.current = refresh;
  useEffect(() => {
    if (seen.current === ended) return;
    const timer = setTimeout(() => {
      seen.current = ended;
      again.current();
    }, GATHER_MS);
    return () => clearTimeout(timer);
  }, [ended]);

  const { ids, isLoading, hasMore, error, loadMore } = found;
  return useMemo(
    () => ({ ids, isLoading, hasMore, error, loadMore }),
    [ids, isLoading, hasMore, error, loadMore],
  );
}
