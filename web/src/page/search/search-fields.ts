/** The fields of a search, and the filters that they stand for. */
import type { MediaFilters } from '../../client/index.ts';
import { dayOf } from '../library/days.ts';
import { filtersFrom } from './search-address.ts';

/** As the fields show them. `from` and `to` are days of capture, or with the date `added` the days of adding. */
export type Fields = Partial<Record<keyof MediaFilters | 'date', string | undefined>>;

/** How many filters leave something out. */
export const countFilters = ({ q, similar_to, sort, date, ...filters }: Fields) =>
  Object.values(filters).filter(Boolean).length;

/** Whether words or a picture are compared, which gives an order of its own. */
export const hasWords = ({ q, similar_to }: Fields) => Boolean(q?.trim() || similar_to);

/** An order by capture time does not go together with days of adding. */
export const canSortByTaken = ({ date, from, to }: Fields) => date !== 'added' || !(from || to);

/**
 * A search by words begins with the best match first. Without the words, or without any filter, the library has its own
 * order again.
 */
export function withOrder(before: Fields, next: Fields, order: string | undefined): Fields {
  if (hasWords(next)) return hasWords(before) ? next : { ...next, sort: '' };
  const isLibrary = hasWords(before) || filtersOf(next) === undefined;
  return isLibrary ? { ...next, sort: order } : next;
}

/** @returns undefined without any filter */
export function filtersOf({ date, from, to, sort, ...fields }: Fields): MediaFilters | undefined {
  // Whichever field has the first day, the days between are meant, with both of them.
  const [first, last] = from && to && from > to ? [to, from] : [from, to];
  const days =
    date === 'added'
      ? { from: startOf(first, 0), to: startOf(last, 1) }
      : { taken_from: first, taken_to: last };
  const isOrdered = !sort?.startsWith('taken') || canSortByTaken({ date, from, to });
  return filtersFrom({ ...fields, ...days, sort: isOrdered ? sort : '' });
}

/** The fields of a search. No field has the month with which the list begins. */
export function fieldsOf(filters: MediaFilters = {}): Fields {
  const { from, to, taken_from, taken_to, start: _, ...rest } = filters;
  const texts = Object.entries(rest).map(([name, value]) => [name, String(value)]);
  const fields: Fields = Object.fromEntries(texts);
  if ((from ?? to) === undefined) return { ...fields, from: taken_from, to: taken_to };
  return { ...fields, date: 'added', from: dayBefore(from, 0), to: dayBefore(to, 1) };
}

/** The local beginning of a day, `plus` days later. */
function startOf(date: string | undefined, plus: number): string | undefined {
  const at = new Date(`${date}T00:00:00`);
  at.setDate(at.getDate() + plus);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** The local day of a moment, `minus` milliseconds earlier. */
function dayBefore(moment: string | undefined, minus: number): string | undefined {
  const time = Date.parse(moment ?? '') - minus;
  return Number.isNaN(time) ? undefined : dayOf(time);
}
