import { MAX_IDS } from '@media-analysis/shared/stream';
import { withToday } from '@media-analysis/shared/with-today';
import { useEffect, useSyncExternalStore } from 'react';
import type { MediaFilters } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';
import { type MediaSearchState, useMediaPages } from './use-media-pages.ts';

/** The media of a batch end within seconds of each other: one search serves several. */
const GATHER_MS = 1_000;
/** For each 100 media that it shows, a search is repeated at most this often. */
const EVERY_MS = 5_000;

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
  const found = useMediaPages(
    JSON.stringify(filters ?? null),
    filters && ((options) => client.search(withToday(filters), options)),
  );
  const { ids, canReload, loadedAt, changes, reload } = found;
  const isChangedNow = () => changes !== undefined && changes !== store.changes;
  const isChanged = useSyncExternalStore(store.subscribe, isChangedNow, isChangedNow);
  const everyMs = EVERY_MS * Math.max(1, Math.ceil(ids.length / MAX_IDS));
  useEffect(() => {
    if (!isChanged || !canReload) return;
    const look = () => document.visibilityState === 'visible' && reload();
    // The clock of the machine may be set back.
    const leftMs = Math.min(everyMs, loadedAt + everyMs - Date.now());
    const timer = setInterval(look, Math.max(GATHER_MS, leftMs));
    return () => clearInterval(timer);
  }, [isChanged, canReload, loadedAt, everyMs, reload]);
  return found;
}
