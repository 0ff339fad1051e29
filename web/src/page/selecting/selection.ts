/** Which media are selected: one by one, in ranges, and all, also those that the page has not loaded yet. */
import {
  type Dispatch,
  type RefObject,
  type SetStateAction,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { Media, MediaFilters } from '../../client/index.ts';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useMediaCache } from '../../hooks/context.ts';
import type { MediaListState } from '../../hooks/index.ts';

export interface Selection {
  ids: ReadonlySet<string>;
  /** What was pressed last: a range begins there. */
  anchor: string | undefined;
  /** The name of that of which the rest is being loaded, to be selected too. */
  rest: string | undefined;
}

const NONE: Selection = { ids: new Set(), anchor: undefined, rest: undefined };

/** @param order In which the page shows the media. */
export function press(
  { ids, anchor, rest }: Selection,
  id: string,
  order: readonly string[],
  isRange: boolean,
): Selection {
  const [from, to] = [order.indexOf(anchor ?? ''), order.indexOf(id)];
  const isLong = isRange && from >= 0 && to >= 0;
  const range = isLong ? order.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
  // The range gets what the press makes of its end.
  return { ids: marked(ids, range, !ids.has(id)), anchor: id, rest };
}

function marked(ids: ReadonlySet<string>, these: readonly string[], isOn: boolean) {
  const next = new Set(ids);
  for (const each of these) {
    if (isOn) next.add(each);
    else next.delete(each);
  }
  return next;
}

/**
 * @param order Ids of the media that can be selected, as the page shows them.
 * @param region It gets the focus of the bar, which goes when all that was selected is deleted.
 */
export function useSelection(order: readonly string[], region: RefObject<HTMLElement | null>) {
  const cache = useMediaCache();
  const [selection, setSelection] = useState<Selection>();
  const latest = useRef(order);
  useEffect(() => {
    latest.current = order;
  }, [order]);
  const onSelect = useCallback((id: string, isRange: boolean) => {
    setSelection((now = NONE) => {
      const next = press(now, id, latest.current, isRange);
      // Who takes back the only one selects nothing any more.
      return next.ids.size > 0 || next.rest ? next : undefined;
    });
  }, []);
  const start = useCallback(() => setSelection(NONE), []);
  const stop = useCallback(() => setSelection(undefined), []);
  const selected = useMemo(
    () => selection && new Set(order.filter((id) => selection.ids.has(id))),
    [selection, order],
  );
  const isOver =
    selection && selection.ids.size > 0 && [...selection.ids].every((id) => cache.isGone(id));
  // Before the notice that brings it back is told of it: that takes the focus from the list.
  useLayoutEffect(() => {
    if (!isOver) return;
    stop();
    // A card that took the place of one of them may have the focus.
    if (!document.activeElement?.closest('.ma-card')) keepFocus(region.current);
  }, [isOver, stop, region]);
  return { selected, rest: selection?.rest, setSelection, onSelect, start, stop };
}

/** The name of all. */
export const ALL = '*';

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

/**
 * Selects also what is not loaded yet, page by page, until somebody stops it.
 * @param name Of what is meant: no two of a gallery have the same. With `ALL`, nothing else stays selected.
 */
export function useSelectAll(
  name: string,
  { ids, list, search, rest, setSelection }: SelectAllOptions,
) {
  const { hasMore, isLoading, error, loadMore } = list;
  const cache = useMediaCache();
  const isWanted = rest === name;
  /** What a person has unselected meanwhile is not selected again, and what was sent meanwhile nobody has meant. */
  const asked = useRef({ seen: new Set<string>(), at: 0 });
  const selectAll = (isAll: boolean) => {
    const next = isAll && hasMore ? name : undefined;
    setSelection((now) => {
      if (!now) return now;
      const others = name === ALL ? NONE.ids : now.ids;
      const left = now.rest === name ? undefined : now.rest;
      return { ...now, ids: marked(others, ids, isAll), rest: next ?? left };
    });
    if (next === undefined) return;
    // The clock of the device may be slow: what is on the page was there.
    const times = ids.map((id) => timeOf(cache.get(id)));
    const at = times.reduce((a, b) => Math.max(a, b), Date.now());
    asked.current = { seen: new Set(ids), at };
    loadMore();
  };
  const stop = useCallback(
    () => setSelection((now) => (now?.rest === name ? { ...now, rest: undefined } : now)),
    [setSelection, name],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: it ends with the search that was meant
  useEffect(() => stop, [search, stop]);
  useEffect(() => {
    if (!isWanted) return;
    const { seen, at } = asked.current;
    const come = ids.filter((id) => !seen.has(id) && timeOf(cache.get(id)) <= at);
    asked.current = { seen: new Set(ids), at };
    if (come.length > 0) setSelection((now) => now && { ...now, ids: marked(now.ids, come, true) });
    if (!hasMore) stop();
    else if (!isLoading && error === undefined) loadMore();
  }, [isWanted, ids, hasMore, isLoading, error, loadMore, setSelection, stop, cache]);
  return { selectAll, isWanted };
}

const timeOf = (media: Media | undefined) => Date.parse(media?.created_at ?? '') || 0;
