/** "Select all" means all: also what the page has not loaded yet, page by page, until somebody stops it. */
import { type Dispatch, type SetStateAction, useCallback, useEffect, useRef } from 'react';
import type { MediaFilters } from '../../client/index.ts';
import { useMediaCache } from '../../hooks/context.ts';
import type { MediaListState } from '../../hooks/index.ts';
import { type Asked, askedFor, marked, meantOf, type Selection } from './selection.ts';

export interface SelectAllOptions {
  /** Of all that are meant, as far as they are loaded. */
  ids: readonly string[];
  list: Omit<MediaListState, 'ids'>;
  /** With another search, `list` has others, which nobody has meant. */
  search: MediaFilters | undefined;
  /** As in the selection. */
  rest: string | undefined;
  setSelection: Dispatch<SetStateAction<Selection | undefined>>;
}

/** @param name Of what is meant: no two of a gallery have the same. */
export function useSelectAll(
  name: string,
  { ids, list, search, rest, setSelection }: SelectAllOptions,
) {
  const { hasMore, isLoading, error, loadMore } = list;
  const cache = useMediaCache();
  const isWanted = rest === name;
  /** What a person has unselected meanwhile is not selected again with the next page. */
  const seen = useRef<ReadonlySet<string>>(new Set());
  const asked = useRef<Asked>(undefined);
  /** @param others Whether what else is selected stays so. */
  const selectAll = (isAll: boolean, others: 'keep' | 'drop') => {
    const next = isAll && hasMore ? name : undefined;
    setSelection((now) => {
      if (!now) return now;
      if (others === 'drop')
        return { ids: new Set(isAll ? ids : []), anchor: undefined, rest: next };
      const isOther = now.rest !== name;
      return {
        ...now,
        ids: marked(now.ids, ids, isAll),
        rest: next ?? (isOther ? now.rest : undefined),
      };
    });
    if (next === undefined) return;
    seen.current = new Set(ids);
    asked.current = askedFor(cache, ids, Date.now());
    loadMore();
  };
  const stop = useCallback(
    () => setSelection((now) => (now?.rest === name ? { ...now, rest: undefined } : now)),
    [setSelection, name],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: it ends with the search that was meant
  useEffect(() => stop, [search, stop]);
  useEffect(() => {
    if (!isWanted || !asked.current) return;
    const news = ids.filter((id) => !seen.current.has(id));
    // Also while a page is awaited, or cannot be loaded, others may be sent: nobody has meant those.
    const come = meantOf(news, asked.current, cache);
    seen.current = new Set(ids);
    if (come.length > 0) setSelection((now) => now && { ...now, ids: marked(now.ids, come, true) });
    if (!hasMore) stop();
    else if (!isLoading && error === undefined) loadMore();
  }, [isWanted, ids, hasMore, isLoading, error, loadMore, setSelection, stop, cache]);
  return { selectAll, isWanted };
}
