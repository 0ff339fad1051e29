/**
 * The search. On the page the address has it, under the names of the API: `?q=dog` is a link to a search, and Back
 * leads to what was there before.
 */
import { useCallback, useEffect, useState } from 'react';
import type { MediaFilters } from '../../client/index.ts';

/**
 * Searches. Each step of the user is one entry of the browser's history.
 * @param filters undefined: nothing is searched for
 * @param isSameStep The user goes on typing.
 */
export type OnSearch = (filters: MediaFilters | undefined, isSameStep?: boolean) => void;

const NAMES =
  'q tag text place camera kind safety people status from to taken_from taken_to sort start similar_to'.split(
    ' ',
  );

/** @returns undefined without any filter. Filters have one order, so that the same search has one address. */
export function filtersFrom(texts: Record<string, string | undefined>): MediaFilters | undefined {
  const asked = NAMES.flatMap((name) => {
    const text = texts[name]?.trim();
    return text ? [[name, name === 'people' ? Number(text) : text]] : [];
  });
  return asked.length > 0 ? Object.fromEntries(asked) : undefined;
}

const filtersInAddress = () =>
  filtersFrom(Object.fromEntries(new URLSearchParams(location.search)));

/** All that the search finds, wherever the list begins. */
export function withoutStart(search: MediaFilters | undefined): MediaFilters | undefined {
  const { start: _, ...rest } = search ?? {};
  return Object.keys(rest).length > 0 ? rest : undefined;
}

/** Whether something is searched for. An order, or the month with which the list begins, leaves nothing out. */
export const isNarrowed = (filters: MediaFilters | undefined) =>
  Object.keys(filters ?? {}).some((name) => name !== 'sort' && name !== 'start');

/** The orders that a library may have besides the usual one. */
const ORDERS = ['oldest', 'taken', 'taken_asc'] as const;
const ORDER_KEY = 'media-analysis-order';

/** The order chosen last in this browser; undefined: the usual one. */
export function readOrder(): MediaFilters['sort'] {
  try {
    const known = localStorage.getItem(ORDER_KEY);
    return ORDERS.find((each) => each === known);
  } catch {
    return undefined;
  }
}

/** @param order The order of the library; empty: the usual one. */
export function writeOrder(order: string): void {
  try {
    localStorage.setItem(ORDER_KEY, order);
  } catch {
    // Forbidden or full. The order holds as long as the address has it.
  }
}

const writeSearch: OnSearch = (filters, isSameStep) => {
  const url = new URL(location.href);
  for (const name of [...NAMES, 'media', 'view']) url.searchParams.delete(name);
  for (const [name, value] of Object.entries(filters ?? {}))
    url.searchParams.set(name, String(value));
  if (url.href === location.href) return;
  if (isSameStep) history.replaceState(history.state, '', url);
  else history.pushState({ layers: history.state?.layers }, '', url);
};

/** The library has the order chosen last, and the address says so. An address with a search stays as it is. */
function filtersAtStart(): MediaFilters | undefined {
  const asked = filtersInAddress();
  const sort = asked ? undefined : readOrder();
  if (!sort) return asked;
  const url = new URL(location.href);
  url.searchParams.set('sort', sort);
  history.replaceState(history.state, '', url);
  return { sort };
}

/** @param isPage If not, an app owns the address, and it is left alone. */
export function useFilters(isPage: boolean) {
  const [filters, setFilters] = useState(isPage ? filtersAtStart : undefined);
  useEffect(() => {
    if (!isPage) return;
    const follow = () => {
      const next = filtersInAddress();
      // If only a media was opened or closed, the search goes on.
      setFilters((now) => (JSON.stringify(now) === JSON.stringify(next) ? now : next));
    };
    addEventListener('popstate', follow);
    return () => removeEventListener('popstate', follow);
  }, [isPage]);
  const search: OnSearch = useCallback(
    (next, isSameStep) => {
      if (isPage) writeSearch(next, isSameStep);
      setFilters(next);
    },
    [isPage],
  );
  return [filters, search] as const;
}
