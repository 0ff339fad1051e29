/** The list that begins with a month of a library, and the list above it. */
import type { MediaFilters } from '../../client/index.ts';
import { withoutStart } from '../search/search-address.ts';
import { dayOf, laterDay, type Order, orderOf } from './days.ts';

/** Makes the list begin with this month, e.g. `2025-03`. Undefined: with its first media. */
export function startingAt(
  search: MediaFilters | undefined,
  month: string | undefined,
  { by, isOldestFirst }: Order,
): MediaFilters | undefined {
  const rest = withoutStart(search);
  if (month === undefined) return rest;
  const [year = 0, number = 1] = month.split('-').map(Number);
  if (by === 'added') {
    // In the usual order, the start is the moment after the list.
    const at = new Date(year, isOldestFirst ? number - 1 : number, 1);
    return { ...rest, start: at.toISOString() };
  }
  const last = new Date(0);
  last.setUTCFullYear(year, number, 0);
  return { ...rest, start: `${month}-${isOldestFirst ? '01' : last.getUTCDate()}` };
}

/** @returns the month with which the list begins */
export function startOfList(search: MediaFilters | undefined): string | undefined {
  const { by, isOldestFirst } = orderOf(search) ?? {};
  const { start } = search ?? {};
  if (start === undefined) return undefined;
  if (by === 'taken') return isDay(start) ? start.slice(0, 7) : undefined;
  const moment = Date.parse(start) - (isOldestFirst ? 0 : 1);
  // A link may say anything.
  return Number.isNaN(moment) ? undefined : dayOf(moment).slice(0, 7);
}

/** Filters for all that is above the list, nearest first. Undefined: the list begins with its first media. */
export function aboveOf(search: MediaFilters | undefined): MediaFilters | undefined {
  const order = orderOf(search);
  const { start, sort: _, ...rest } = search ?? {};
  if (!order || start === undefined) return undefined;
  const { by, isOldestFirst } = order;
  if (by === 'added') {
    return isOldestFirst
      ? { ...rest, sort: 'newest', to: earlier(start, rest.to) }
      : { ...rest, sort: 'oldest', from: later(start, rest.from) };
  }
  const end = isDay(start) ? laterDay(start, isOldestFirst ? -1 : 1) : '';
  // A link may say anything, and a camera may say the last possible day.
  if (!isDay(end)) return undefined;
  return isOldestFirst
    ? { ...rest, sort: 'taken', taken_to: earlier(end, rest.taken_to) }
    : { ...rest, sort: 'taken_asc', taken_from: later(end, rest.taken_from) };
}

/** Whether the filters cover any time: those of a link may be all above the start of the list, or all below it. */
export const hasTime = ({ from, to, taken_from, taken_to }: MediaFilters) =>
  !(from && to && from >= to) && !(taken_from && taken_to && taken_from > taken_to);

// Texts of one form sort by time.
const earlier = (a: string, b = a) => (a < b ? a : b);
const later = (a: string, b = a) => (a > b ? a : b);

/** Whether the text is a day that the service knows. */
const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
