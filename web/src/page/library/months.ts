/** The months of a library, and the list that begins with one of them. */
import type { MediaFilters } from '../../client/index.ts';
import { withoutStart } from '../search/search-address.ts';
import { dayBefore, dayOf, type Order, orderOf } from './days.ts';

/** The list begins with this month, such as `2025-03`. Absent: with its first one. */
export function startingAt(
  search: MediaFilters | undefined,
  month: string | undefined,
  { by, isOldestFirst }: Order,
): MediaFilters | undefined {
  const rest = withoutStart(search);
  if (month === undefined) return rest;
  if (by === 'taken') return { ...rest, start: isOldestFirst ? `${month}-01` : lastOf(month) };
  const day = isOldestFirst ? `${month}-01` : monthAfter(month);
  return { ...rest, start: new Date(`${day}T00:00:00`).toISOString() };
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
  if (order.by === 'added') {
    return order.isOldestFirst
      ? { ...rest, sort: 'newest', to: earlier(start, rest.to) }
      : { ...rest, sort: 'oldest', from: later(start, rest.from) };
  }
  const end = order.isOldestFirst ? dayBefore(start) : dayAfter(start);
  // A link may say anything, and a camera the last day that there is.
  if (!isDay(start) || !isDay(end)) return undefined;
  return order.isOldestFirst
    ? { ...rest, sort: 'taken', taken_to: earlier(end, rest.taken_to) }
    : { ...rest, sort: 'taken_asc', taken_from: later(end, rest.taken_from) };
}

/** Whether such filters have days at all: those of a link may be all above the start of the list, or all below it. */
export const hasTime = ({ from, to, taken_from, taken_to }: MediaFilters) =>
  !(from && to && from >= to) && !(taken_from && taken_to && taken_from > taken_to);

// Texts of one form, so they have the order of time.
const earlier = (a: string, b = a) => (a < b ? a : b);
const later = (a: string, b = a) => (a > b ? a : b);

interface Year {
  year: string;
  months: { month: string; count: number }[];
}

/** In their order. */
export function byYear(months: Year['months']): Year[] {
  const years: Year[] = [];
  for (const each of months) {
    const year = each.month.slice(0, 4);
    if (years.at(-1)?.year !== year) years.push({ year, months: [] });
    years.at(-1)?.months.push(each);
  }
  return years;
}

/** Whether it is one of the days that the service knows. */
const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));

/** The first day of the month after it. */
function monthAfter(month: string): string {
  const at = new Date(`${month}-01T12:00:00`);
  at.setMonth(at.getMonth() + 1);
  return dayOf(at.getTime());
}

function lastOf(month: string): string {
  const [year = 0, number = 1] = month.split('-').map(Number);
  const at = new Date(0);
  at.setUTCFullYear(year, number, 0);
  return `${month}-${at.getUTCDate()}`;
}

function dayAfter(day: string): string {
  const at = new Date(`${day}T12:00:00`);
  at.setDate(at.getDate() + 1);
  return dayOf(at.getTime());
}
