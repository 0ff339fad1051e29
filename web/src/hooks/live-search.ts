/** Makes an open search again when it may find something else. It is loaded when something is searched for. */
export { withToday } from '@media-analysis/shared/with-today';

import { MAX_IDS } from '@media-analysis/shared/stream';
import type { MediaList } from '../client/index.ts';
import type { MediaCache } from './store.ts';
import type { Pages } from './use-pages.ts';

/** Of a batch, many media end within a second. They are searched for once. */
const GATHER_MS = 1_000;
/** At most so often a search is made again, for each 100 media that it shows. */
const EVERY_MS = 5_000;
/** After failures the wait is twice as long each time, so many times. */
const MOST_DOUBLED = 6;

export interface LiveSearch {
  store: Pick<MediaCache, 'changes' | 'subscribe'>;
  /** The changes that the search knows of. */
  seen: number;
  /** How many media are shown. */
  count: () => number;
  /** @returns whether the search was made; it may also throw why it was not */
  refresh: () => Promise<boolean>;
  signal: AbortSignal;
}

/** While the page is visible. What is told meanwhile is searched for when one comes back. */
export function keepFresh({ store, seen, count, refresh, signal }: LiveSearch): void {
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
 * What is found now, in the place of what was found before. What stays keeps its order, and what is new stands behind the one
 * before it. What the new media have pushed to a page that was not read stays at the end.
 */
export function withNews(
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
