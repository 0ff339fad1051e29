/** Lists that are loaded page by page. */
import { skipToken, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import type { MediaClientError } from '../client/index.ts';
import { useQueryCache } from './context.ts';
import { shownError } from './queries.ts';

export type LoadPage<Page> = (options: {
  signal: AbortSignal;
  limit: number;
  pageToken?: string;
}) => Promise<Page>;

/** Enough for a first screen. */
const FIRST_PAGE = 24;
/** The service gives at most this many at once. */
const MAX_PAGE = 100;

interface Pages<Page> {
  /** The pages of the list before, until the first page of this list has come. Undefined: there are no pages yet. */
  pages: readonly Page[] | undefined;
  /** True: the pages are those of the list before. */
  isOutdated: boolean;
  /** True while a requested page is being loaded. */
  isLoading: boolean;
  hasMore: boolean;
  /** Undefined if pages could not be loaded again: the shown pages stay. */
  error: MediaClientError | undefined;
  /** Loads the next page, or repeats a failed load at once. */
  loadMore: () => void;
  /** Loads all pages again. They are shown when all have come. */
  reload: () => void;
}

const FIRST_TOKEN: string | undefined = undefined;

/**
 * Loads the first page by itself, and again if `key` changes.
 * @param load undefined: nothing is loaded
 * @param everyMs how often these pages are loaded again while the page is visible; false: never
 */
export function usePages<Page extends { next_page_token?: string | undefined }>(
  key: string,
  load: LoadPage<Page> | undefined,
  everyMs: (pages: readonly Page[]) => number | false = () => false,
): Pages<Page> {
  const queries = useQueryCache();
  const query = useInfiniteQuery(
    {
      queryKey: [key],
      queryFn: load
        ? ({ signal, pageParam: pageToken }) =>
            pageToken === undefined
              ? load({ signal, limit: FIRST_PAGE })
              : load({ signal, limit: MAX_PAGE, pageToken })
        : skipToken,
      initialPageParam: FIRST_TOKEN,
      getNextPageParam: (page: Page) => page.next_page_token,
      refetchInterval: ({ state: { status, data } }) =>
        status === 'success' && data ? everyMs(data.pages) : false,
    },
    queries,
  );
  const { data, isFetching, isFetchingNextPage, isFetchNextPageError, failureReason } = query;
  const { fetchNextPage, refetch } = query;
  const [before, setBefore] = useState<typeof data>();
  const isOn = load !== undefined;
  const shown = isOn ? (data ?? before) : undefined;
  if (shown !== before) setBefore(shown);
  const isOutdated = isOn && data === undefined;
  const isAsked = isOutdated || isFetchingNextPage || isFetchNextPageError || query.isPaused;
  const isLoading = isAsked && isFetching && failureReason === null;
  const error = useMemo(
    () => (isAsked ? shownError(failureReason) : undefined),
    [isAsked, failureReason],
  );
  const pages = shown?.pages;
  const last = pages?.at(-1);
  const hasMore = last ? last.next_page_token !== undefined : isOutdated;
  // A user who asks must not wait for the next try, nor get an older answer.
  const begin = useCallback(
    (ask: () => Promise<unknown>) => {
      void queries.cancelQueries({ queryKey: [key], exact: true });
      void ask();
    },
    [queries, key],
  );
  const loadMore = useCallback(() => {
    if (isOn && !isLoading) begin(fetchNextPage);
  }, [isOn, isLoading, begin, fetchNextPage]);
  const reload = useCallback(() => begin(refetch), [begin, refetch]);
  return useMemo(
    () => ({ pages, isOutdated, isLoading, hasMore, error, loadMore, reload }),
    [pages, isOutdated, isLoading, hasMore, error, loadMore, reload],
  );
}
