/** The user's own media, newest first, page by page. */
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import { useMediaCache, useMediaClient } from './context.ts';
import { type MediaListState, useMediaPages } from './use-media-pages.ts';

/**
 * Loads the user's own media: 24 at first, by itself, then 100 at a time.
 * @example
 * ```tsx
 * import { useMediaAnalysisSSE, useMediaList } from '@media-analysis/react';
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
  // Media that are sent meanwhile, also from other tabs (`shareTabs`).
  const created = useSyncExternalStore(store.subscribe, getCreated, getCreated);
  const getBack = useCallback(() => store.backIds, [store]);
  const back = useSyncExternalStore(store.subscribe, getBack, getBack);
  const pages = useMediaPages('list', (options) => client.list(options));
  return useMemo(
    () => ({ ...pages, ids: [...new Set([...created, ...pages.ids, ...back])] }),
    [created, pages, back],
  );
}
