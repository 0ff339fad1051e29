/** The list that begins with one of the months of a library, and what is above it. */
import type { MediaFilters } from '../../client/index.ts';
import { withoutStart } from '../search/search-address.ts';
import { dayOf, laterDay, type Order, orderOf } from './days.ts';

/** The list begins with this month, such as `2025-03`. Absent: with its first one. */
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

/** What finds all that is above the list, beginning with what is next to it. Absent: it begins with its first one. */
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
  // A link may say anything, and a camera the last day that there is.
  if (!isDay(end)) return undefined;
  return isOldestFirst
    ? { ...rest, sort: 'taken', taken_to: earlier(end, rest.taken_to) }
    : { ...rest, sort: 'taken_asc', taken_from: later(end, rest.taken_from) };
}

/** Whether such filters have days at all: those of a link may be all above the start of the list, or all below it. */
export const hasTime = ({ from, to, taken_from, taken_to }: MediaFilters) =>
  !(from && to && from >= to) && !(taken_from && taken_to && taken_from > taken_to);

// Texts of one form, so they have the order of time.
const earlier = (a: string, b = a) => (a < b ? a : b);
const later = (a: string, b = a) => (a > b ? a : b);

/** Whether it is one of the days that the service knows. */
const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
