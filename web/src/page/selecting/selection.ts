/** Which media are selected, and how a press of a check box changes that. */
import type { MediaCache } from '../../hooks/store.ts';

export interface Selection {
  ids: ReadonlySet<string>;
  /** What was pressed last: a range begins there. */
  anchor: string | undefined;
  /** The name of that of which the rest is being loaded, to be selected too. */
  rest: string | undefined;
}

/** @param order In which the page shows the media. */
export function press(
  { ids, anchor, rest }: Selection,
  id: string,
  order: readonly string[],
  isRange: boolean,
): Selection {
  const [from, to] = [order.indexOf(anchor ?? ''), order.indexOf(id)];
  if (isRange && from >= 0 && to >= 0) {
    // The range gets what the press makes of its end.
    const isOn = !ids.has(id);
    const range = order.slice(Math.min(from, to), Math.max(from, to) + 1);
    return { ids: marked(ids, range, isOn), anchor: id, rest };
  }
  return { ids: marked(ids, [id], !ids.has(id)), anchor: id, rest };
}

/** @param isOn Whether `these` are selected then. */
export function marked(
  ids: ReadonlySet<string>,
  these: readonly string[],
  isOn: boolean,
): ReadonlySet<string> {
  const next = new Set(isOn ? [...ids, ...these] : ids);
  if (!isOn) for (const each of these) next.delete(each);
  return next;
}

/** What was known when "all" was asked for. */
export interface Asked {
  /** Media that had been sent or brought back while the page was open. */
  live: ReadonlySet<string>;
  /** A media of a later time was not there yet. */
  latest: number;
}

type Known = Pick<MediaCache, 'get' | 'createdIds' | 'backIds'>;

/** @param ids Those that are on the page. */
export function askedFor(cache: Known, ids: readonly string[], now: number): Asked {
  const live = new Set([...cache.createdIds, ...cache.backIds]);
  // The clock of the device may be slow: what is on the page was there.
  const times = ids.map((id) => createdAt(cache, id));
  return { live, latest: times.reduce((a, b) => Math.max(a, b), now) };
}

/** @returns those of `ids` that were in the library when "all" was asked for, and not sent or brought back since. */
export function meantOf(ids: readonly string[], { live, latest }: Asked, cache: Known): string[] {
  const known = new Set([...cache.createdIds, ...cache.backIds]);
  return ids.filter((id) => (live.has(id) || !known.has(id)) && createdAt(cache, id) <= latest);
}

const createdAt = (cache: Known, id: string) => Date.parse(cache.get(id)?.created_at ?? '') || 0;
