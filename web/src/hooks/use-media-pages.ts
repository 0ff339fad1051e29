/** Media in pages. The store has their newest states, so the pages have their ids only. */
import { useMemo, useState } from 'react';
import type { Correction, MediaList } from '../client/index.ts';
import { useMediaCache } from './context.ts';
import { type LoadPage, type Pages, usePages } from './use-pages.ts';

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

interface MediaPages
  extends MediaSearchState,
    Pick<Pages<unknown>, 'canReload' | 'loadedAt' | 'reload'> {
  /** `changes` of the store when the pages were asked for. */
  changes: number | undefined;
}

const NO_PAGE: Pick<MediaList, 'corrected' | 'total'> = {};
const NOTHING: { key: string; pages?: unknown; ids: readonly string[] } = { key: '', ids: [] };

/**
 * @param key what `load` loads
 * @param load undefined: nothing is loaded
 */
export function useMediaPages(key: string, load: LoadPage<MediaList> | undefined): MediaPages {
  const store = useMediaCache();
  const list = usePages(
    key,
    load &&
      (async (options) => {
        const { changes } = store;
        const { media, ...page } = await load(options);
        store.put(...media);
        return { ...page, ids: media.map(({ id }) => id), changes };
      }),
  );
  const { pages, hasMore } = list;
  const [known, setKnown] = useState(NOTHING);
  if (pages !== known.pages) {
    const found = [...new Set(pages?.flatMap(({ ids }) => ids))];
    const ids = key === known.key ? mergeResults(known.ids, found, hasMore) : found;
    setKnown({ key, pages, ids });
  }
  const { ids } = known;
  const changes = pages?.[0]?.changes;
  const { corrected, total } = pages?.at(-1) ?? NO_PAGE;
  return useMemo(
    () => ({ ...list, ids, corrected, total, changes }),
    [list, ids, corrected, total, changes],
  );
}

/**
 * Merges the new results into those shown. Known media keep their order, and a new one stands behind its predecessor. Media that
 * the new ones push to an unread page stay at the end.
 */
export function mergeResults(
  before: readonly string[],
  found: readonly string[],
  hasMore: boolean,
): string[] {
  const isFound = new Set(found);
  const ids = before.filter((id) => isFound.has(id));
  const last = before.indexOf(ids.at(-1) ?? '');
  const isKept = new Set(ids);
  for (const [n, id] of found.entries()) {
    if (!isKept.has(id)) ids.splice(n === 0 ? 0 : ids.indexOf(found[n - 1] ?? '') + 1, 0, id);
  }
  const rest = hasMore ? before.slice(last + 1) : [];
  return [...ids, ...rest.filter((id) => !isFound.has(id))];
}
