/** Lists and searches the user's media, page by page. The store has the states, so the pages have only ids. */
import { MAX_IDS } from '@media-analysis/shared/stream';
import { withToday } from '@media-analysis/shared/with-today';
import { useMemo, useState, useSyncExternalStore } from 'react';
import type { MediaClientError, MediaFilters, MediaList } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';
import { type LoadPage, usePages } from './use-pages.ts';

/** Returned by `useMediaList` and `useMediaSearch`. */
export interface MediaListState {
  /** The ids of all loaded media, in their order. Their states come from `useMediaAnalysisSSE(ids)`. */
  ids: readonly string[];
  /** True while a page is being loaded. */
  isLoading: boolean;
  /** True if there may be another page. */
  hasMore: boolean;
  /**
   * The error of the last load; undefined if it succeeded. If another try can succeed, the page is loaded again by
   * itself: after 5 s, then after waits that double, and when the browser is online again or the page is visible again.
   */
  error: MediaClientError | undefined;
  /** Loads the next page, or the same page again after an error. Does nothing while a page is being loaded. */
  loadMore: () => void;
}

/** Returned by `useMediaSearch`. */
export interface MediaSearchState extends MediaListState {
  /** True: this search has no answer yet, or could not be loaded. `ids` are the results of the search before. */
  isOutdated: boolean;
  /** Number of media in all pages; undefined: they were not counted. */
  total: number | undefined;
  /** True: no media has the words, and all that were found are only near in meaning. */
  isOnlyNear: boolean;
}

/** The shortest time between two repeats of a search, for each 100 media that it shows. */
const EVERY_MS = 5_000;

/**
 * Loads the user's own media, newest first: 24 at first, by itself, then 100 at a time.
 * @example
 * const { ids, hasMore, loadMore } = useMediaList();
 */
export function useMediaList(): MediaListState {
  const client = useMediaClient();
  const store = useMediaCache();
  const pages = useMediaPages('list', (options) => client.list(options));
  // Media that were sent meanwhile, also by other tabs (`shareTabs`), and media that are back from the bin.
  const created = useStored(() => store.createdIds);
  const back = useStored(() => store.backIds);
  return useMemo(
    () => ({ ...pages, ids: [...new Set([...created, ...pages.ids, ...back])] }),
    [created, pages, back],
  );
}

/**
 * Searches the user's media, 24 a page. While the page is visible, the search is repeated, at most every five seconds, when a
 * watched media was completed, edited or brought back; with `useLiveLibrary`, when any media was. Results that remain keep their
 * position. A new search replaces the one before, whose results stay until the answer is there.
 * @param filters undefined: nothing is searched for
 * @example
 * const { ids, isLoading } = useMediaSearch({ q: 'a dog on wood', kind: 'image' });
 */
export function useMediaSearch(filters: MediaFilters | undefined): MediaSearchState {
  const client = useMediaClient();
  const search: LoadPage<MediaList> | undefined =
    filters && ((options) => client.search(withToday(filters), options));
  return useMediaPages(JSON.stringify(filters ?? null), search, true);
}

function useStored<Value>(get: () => Value): Value {
  return useSyncExternalStore(useMediaCache().subscribe, get, get);
}

const NOTHING: { key: string; pages?: unknown; ids: readonly string[] } = { key: '', ids: [] };

/**
 * @param key names the data of `load`
 * @param load undefined: nothing is loaded
 * @param isLive true: loads again when media have changed
 */
function useMediaPages(
  key: string,
  load: LoadPage<MediaList> | undefined,
  isLive = false,
): MediaSearchState {
  const store = useMediaCache();
  const getChanges = () => (isLive ? store.changes : 0);
  const changes = useStored(getChanges);
  const list = usePages(
    key,
    load &&
      (async (options) => {
        const asked = getChanges();
        const { media, ...page } = await load(options);
        store.put(...media);
        return { ...page, ids: media.map(({ id }) => id), asked };
      }),
    (pages) =>
      pages[0]?.asked !== changes &&
      EVERY_MS * Math.max(1, Math.ceil(pages.flatMap(({ ids }) => ids).length / MAX_IDS)),
  );
  const { pages, hasMore } = list;
  const [known, setKnown] = useState(NOTHING);
  if (pages !== known.pages) {
    const found = [...new Set(pages?.flatMap(({ ids }) => ids))];
    const ids = key === known.key ? mergeResults(known.ids, found, hasMore) : found;
    setKnown({ key, pages, ids });
  }
  const { ids } = known;
  const { total, only_near: isOnlyNear = false } = pages?.at(-1) ?? {};
  return useMemo(() => ({ ...list, ids, total, isOnlyNear }), [list, ids, total, isOnlyNear]);
}

/**
 * Merges new results into those shown. Known media keep their order, and a new media stands behind its predecessor. Media that
 * new ones push to an unread page stay at the end.
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
