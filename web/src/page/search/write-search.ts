import type { MediaFilters } from '../../client/index.ts';
import { NAMES, ORDER_KEY } from './search-address.ts';

export interface SearchCallers {
  /** Whether the address of the page says what is searched for. */
  isPage: boolean;
  /** Undefined: nothing is searched for. */
  onSearch: (filters: MediaFilters | undefined) => void;
}

/** @param order Of the library; empty: the usual one. */
export function writeOrder(order: string): void {
  try {
    if (order === '') localStorage.removeItem(ORDER_KEY);
    else localStorage.setItem(ORDER_KEY, order);
  } catch {
    // Forbidden, or full. It holds as long as the address says it.
  }
}

/**
 * Writes what is searched for into the address of the page. Each step of a person is one entry of the browser's history.
 * @param filters undefined: nothing is searched for
 * @param isSameStep A person types on.
 */
export function writeSearch(filters: MediaFilters | undefined, isSameStep = false): void {
  const url = new URL(location.href);
  const { searchParams: all } = url;
  for (const name of [...NAMES, 'media', 'view']) all.delete(name);
  for (const [name, value] of Object.entries(filters ?? {})) all.set(name, String(value));
  if (url.href === location.href) return;
  if (isSameStep) history.replaceState(history.state, '', url);
  else history.pushState({ layers: history.state?.layers }, '', url);
}
