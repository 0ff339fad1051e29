/** What the fields of a search show, and the filters that they stand for. */
import type { MediaFilters } from '../../client/index.ts';

export const EMPTY = {
  q: '',
  tag: '',
  text: '',
  place: '',
  kind: '',
  people: '',
  status: '',
  /** Only links ask for them. */
  camera: '',
  safety: '',
  /** Which day `from` and `to` mean: empty, the one on which it was taken, or `added`. */
  date: '',
  from: '',
  to: '',
  sort: '',
  similar_to: '',
};

/** As the fields show them. Empty: not asked for. */
export type Fields = typeof EMPTY;

/** Which days are meant. */
export const datesOf = ({ date }: Fields) => (date === 'added' ? 'added' : 'taken');

export const hasDays = ({ from, to }: Fields) => from !== '' || to !== '';

/** An order by when they were taken does not go together with the days on which they were added. */
export const canSortByTaken = (fields: Fields) => datesOf(fields) === 'taken' || !hasDays(fields);

/** How many of the fields below the words leave something out. */
export const countFilters = ({ q, similar_to, sort, ...filters }: Fields) =>
  Object.values(filters).filter((value) => value !== '').length;

/** Words are compared with what is found, which has an order of its own. */
export const hasWords = ({ q, similar_to }: Fields) => q.trim() !== '' || similar_to !== '';

/** The order of the library that an order stands for: that by relevance has words, and so has the choice of the usual one. */
export const libraryOrder = (sort = '') => (['relevance', 'newest'].includes(sort) ? '' : sort);

/**
 * Words begin with the best match first. What is left when they end, or when nothing is asked for any more, is the library in its
 * own order.
 */
export function withOrder(before: Fields, next: Fields, order: string): Fields {
  if (hasWords(next)) return hasWords(before) ? next : { ...next, sort: '' };
  const isLibrary = hasWords(before) || filtersOf(next) === undefined;
  return isLibrary ? { ...next, sort: order } : next;
}

/** A date field takes years of six digits, which no other date of ours has. */
export const isTooFar = (day: string) => day.length > '9999-12-31'.length;

/** @returns the name of its text. Days as a date field has them: their texts have the order of time. */
export function daysProblem({ from, to }: Fields): 'yearTooLong' | 'daysCrossed' | undefined {
  if (isTooFar(from) || isTooFar(to)) return 'yearTooLong';
  return from !== '' && to !== '' && from > to ? 'daysCrossed' : undefined;
}

/** @returns undefined if nothing is asked for */
export function filtersOf(fields: Fields): MediaFilters | undefined {
  const { q, tag, text, place, kind, people, status, from, to, sort, similar_to } = fields;
  const { camera, safety } = fields;
  const days = {
    taken: { taken_from: from || undefined, taken_to: to || undefined },
    // The day that is chosen is meant too.
    added: { from: startOf(from, 0), to: startOf(to, 1) },
  };
  const filters = {
    q: q.trim() || undefined,
    tag: tag.trim() || undefined,
    text: text.trim() || undefined,
    place: place.trim() || undefined,
    camera: camera.trim() || undefined,
    safety: safety || undefined,
    kind: kind || undefined,
    people: people === '' ? undefined : Number(people),
    status: status || undefined,
    ...days[datesOf(fields)],
    sort: sort.startsWith('taken') && !canSortByTaken(fields) ? undefined : sort || undefined,
    similar_to: similar_to || undefined,
  };
  const asked = Object.entries(filters).filter(([, value]) => value !== undefined);
  return asked.length === 0 ? undefined : (Object.fromEntries(asked) as MediaFilters);
}

/** As the fields show what is searched for. */
export function fieldsOf(filters: MediaFilters = {}): Fields {
  // No field has the month with which the list begins.
  const { from, to, taken_from, taken_to, start: _, ...rest } = filters;
  const texts = Object.entries(rest).map(([name, value]) => [name, String(value)]);
  const fields: Fields = { ...EMPTY, ...Object.fromEntries(texts) };
  if ((from ?? to) === undefined) return { ...fields, from: taken_from ?? '', to: taken_to ?? '' };
  // `to` is the end of the day that was chosen.
  return { ...fields, date: 'added', from: dayOf(from, 0), to: dayOf(to, 1) };
}

/** Whether both have the same words and filters. */
export function isSame(a: MediaFilters | undefined, b: MediaFilters | undefined): boolean {
  return JSON.stringify(fieldsOf(a)) === JSON.stringify(fieldsOf(b));
}

/** When a day begins here, so many days later. */
function startOf(date: string, plus: number): string | undefined {
  const at = new Date(`${date}T00:00:00`);
  at.setDate(at.getDate() + plus);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** The day of a moment here, so many milliseconds before it. */
function dayOf(moment: string | undefined, minus: number): string {
  const at = new Date(Date.parse(moment ?? '') - minus);
  if (Number.isNaN(at.getTime())) return '';
  const two = (number: number) => String(number).padStart(2, '0');
  const year = String(at.getFullYear()).padStart(4, '0');
  return `${year}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
