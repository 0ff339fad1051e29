/** Repeats an open search when its results may have changed. Loaded with the first search. */
export { withToday } from '@media-analysis/shared/with-today';

import { MAX_IDS } from '@media-analysis/shared/stream';
import type { MediaList } from '../client/index.ts';
import type { MediaCache } from './store.ts';
import type { Pages } from './use-pages.ts';

/** The media of a batch end within seconds of each other: one search serves several. */
const GATHER_MS = 1_000;
/** For each 100 media that it shows, a search is repeated at most this often. */
const EVERY_MS = 5_000;
/** After a failure the wait doubles, up to this many times. */
const MOST_DOUBLED = 6;

export interface LiveSearch {
  store: Pick<MediaCache, 'changes' | 'subscribe'>;
  /** The number of changes that the search includes. */
  seen: number;
  /** Number of media shown. */
  count: () => number;
  /** @returns true if the search was made @throws the reason if it failed */
  refresh: () => Promise<boolean>;
  signal: AbortSignal;
}

/** Works while the page is visible. Changes that happen meanwhile lead to a search when the user comes back. */
export function autoRefresh({ store, seen, count, refresh, signal }: LiveSearch): void {
  let known = seen;
  let due: number | undefined;
  let notBefore = 0;
  let failures = 0;
  let isAtWork = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const plan = () => {
    if (isAtWork || signal.aborted || store.changes === known) return;
    const now = performance.now();
    due ??= Math.max(now + GATHER_MS, notBefore);
    clearTimeout(timer);
    timer = setTimeout(() => void search(), Math.max(0, due - now));
  };
  const search = async () => {
    if (document.visibilityState !== 'visible') return;
    isAtWork = true;
    const told = store.changes;
    const isMade = await refresh().catch(() => false);
    isAtWork = false;
    if (isMade) known = told;
    failures = isMade ? 0 : Math.min(failures + 1, MOST_DOUBLED);
    const pages = Math.max(1, Math.ceil(count() / MAX_IDS));
    notBefore = performance.now() + EVERY_MS * pages * 2 ** failures;
    due = undefined;
    plan();
  };
  const unsubscribe = store.subscribe(plan);
  document.addEventListener('visibilitychange', plan, { signal });
  const end = () => {
    clearTimeout(timer);
    unsubscribe();
  };
  signal.addEventListener('abort', end, { once: true });
  plan();
}

/**
 * Merges the new results into those shown. Known media keep their order, and a new one stands behind its predecessor. Media that
 * the new ones push to an unread page stay at the end.
 */
export function mergeResults(
  before: readonly string[],
  { media, next_page_token: pageToken, corrected, total }: MediaList,
): Pages {
  const found = media.map(({ id }) => id);
  const isFound = new Set(found);
  const ids = before.filter((id) => isFound.has(id));
  const last = before.indexOf(ids.at(-1) ?? '');
  const isKept = new Set(ids);
  for (const [n, id] of found.entries()) {
    if (!isKept.has(id)) ids.splice(n === 0 ? 0 : ids.indexOf(found[n - 1] ?? '') + 1, 0, id);
  }
  const hasMore = pageToken !== undefined;
  const rest = hasMore ? before.slice(last + 1) : [];
  return {
    ids: [...ids, ...rest.filter((id) => !isFound.has(id))],
    pageToken,
    hasMore,
    corrected,
    total,
  };
}
