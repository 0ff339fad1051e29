import type { MediaFilters } from '../../client/index.ts';
import { filtersInAddress, NAMES, ORDER_KEY } from './search-address.ts';
import { fieldsOf, filtersOf } from './search-fields.ts';

/** Whether a media is open in full view. It has an entry of its own in the browser's history. */
export const isMediaOpen = () => new URLSearchParams(location.search).has('media');

/** @param order Of the library; empty: the usual one. */
export function writeOrder(
  order: string,
  storage: () => Pick<Storage, 'setItem' | 'removeItem'> = () => localStorage,
): void {
  try {
    if (order === '') storage().removeItem(ORDER_KEY);
    else storage().setItem(ORDER_KEY, order);
  } catch {
    // Forbidden, or full. It holds as long as the address says it.
  }
}

/**
 * Writes what is searched for into the address of the page. Each step of a person is one entry of the browser's history.
 * @param filters undefined: nothing is searched for
 * @param isSameStep A person types on, or a link is written as the fields show it.
 */
export function writeSearch(filters: MediaFilters | undefined, isSameStep = false): void {
  const url = new URL(location.href);
  const { searchParams: all } = url;
  for (const name of [...all.keys()])
    if (NAMES.test(name) || name === 'media' || name === 'view') all.delete(name);
  for (const [name, value] of Object.entries(filters ?? {})) all.set(name, String(value));
  if (url.href === location.href) return;
  const before = filtersInAddress();
  // A link may ask for what no field can show: Back would lead there, and from there to here again.
  const isShown = before && (filtersOf(fieldsOf(before)) ?? before.start) !== undefined;
  if (before && (!isShown || (isSameStep && filters)) && !isMediaOpen())
    history.replaceState(history.state, '', url);
  else {
    // Back leads to what was there, also after a reload, whatever order is chosen meanwhile.
    if (!before) history.replaceState({ ...history.state, hasUsualOrder: true }, '');
    const usual = filters ? {} : { hasUsualOrder: true };
    history.pushState({ layers: history.state?.layers, ...usual }, '', url);
  }
}
