/** Which media are selected: single ones, ranges, and all, even those that the page has not loaded yet. */
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
  /** The media pressed last: a range begins there. */
  anchor: string | undefined;
  /** Name of the group whose rest is being loaded, to be selected too. */
  rest: string | undefined;
}

const NONE: Selection = { ids: new Set(), anchor: undefined, rest: undefined };

/** @param order The ids as the page shows them. */
export function press(
  { ids, anchor, rest }: Selection,
  id: string,
  order: readonly string[],
  isRange: boolean,
): Selection {
  const [from, to] = [order.indexOf(anchor ?? ''), order.indexOf(id)];
  const isLong = isRange && from >= 0 && to >= 0;
  const range = isLong ? order.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
  // The range is selected or unselected as its pressed end is.
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
 * @param region Gets the focus of the bar, which disappears when all selected media are deleted.
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
      // Unselecting the only media ends the selection.
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
  // Before the notice with "Undo" appears, which takes the focus from the list.
  useLayoutEffect(() => {
    if (!isOver) return;
    stop();
    // A card that took the place of a deleted one may have the focus.
    if (!document.activeElement?.closest('.ma-card')) keepFocus(region.current);
  }, [isOver, stop, region]);
  return { selected, rest: selection?.rest, setSelection, onSelect, start, stop };
}

/** Name for all media. */
export const ALL = '*';

export interface SelectAllOptions {
  /** Ids of all that are meant, as far as they are loaded. */
  ids: readonly string[];
  list: Omit<MediaListState, 'ids'>;
  /** With another search, `list` has other media, which nobody meant. */
  search: MediaFilters | undefined;
  /** As in `Selection`. */
  rest: string | undefined;
  setSelection: Dispatch<SetStateAction<Selection | undefined>>;
}

/**
 * Selects also media that are not loaded yet, page by page, until the user stops it.
 * @param name Name of the group, unique in a gallery. With `ALL`, nothing else stays selected.
 */
export function useSelectAll(
  name: string,
  { ids, list, search, rest, setSelection }: SelectAllOptions,
) {
  const { hasMore, isLoading, error, loadMore } = list;
  const cache = useMediaCache();
  const isWanted = rest === name;
  /** Media that the user has unselected meanwhile are not selected again, and media sent meanwhile are not meant. */
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
    // The device's clock may be slow. Media on the page were there before.
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
