/** A date in a search. At least one field is set. */
export interface SearchDate {
  year?: number | undefined;
  month?: number | undefined;
  day?: number | undefined;
  /** The first day, such as `2024-05-01`. */
  from?: string | undefined;
  /** The last day. */
  to?: string | undefined;
}

/** @param taken A time such as `2024-07-14T16:02:11`. An empty text is on no date. */
export function isOn(dates: readonly SearchDate[], taken: string): boolean {
  const whole = taken.slice(0, 10);
  const [y, m, d] = whole.split('-').map(Number);
  if (d === undefined) return false;
  return dates.some(
    ({ year = y, month = m, day = d, from = whole, to = whole }) =>
      year === y && month === m && day === d && from <= whole && whole <= to,
  );
}

const FIRST_DAY = '0001-01-01';
const LAST_DAY = '9999-12-31';

/** @returns the first and the last day; undefined for dates of each year */
export function daysOf(dates: readonly SearchDate[]): [string, string] | undefined {
  const days = dates.flatMap(({ year, month, day, from, to }) => {
    if ((from ?? to) !== undefined && month === undefined)
      return [[from ?? FIRST_DAY, to ?? LAST_DAY] as const];
    if (year === undefined) return [];
    const dayIn = (m: number, d: number) =>
      `${padded(year, 4)}-${padded(month ?? m)}-${padded(day ?? d)}`;
    return [[dayIn(1, 1), dayIn(12, 31)] as const];
  });
  const [first] = days.map(([from]) => from).sort();
  const last = days
    .map(([, to]) => to)
    .sort()
    .at(-1);
  return first !== undefined && last !== undefined && days.length === dates.length
    ? [first, last]
    : undefined;
}

export const isYear = ({ year, month }: SearchDate) => year !== undefined && month === undefined;

export const isRange = ({ from, to }: SearchDate) => (from ?? to) !== undefined;
export const isOfEachYear = (date: SearchDate) => date.year === undefined && !isRange(date);

export const orderOf = ({ month = 0, day = 0 }: SearchDate) => month * 32 + day;

const DAY_MS = 86_400_000;

export const dayBefore = (today: string, days: number) =>
  dateOf(Date.parse(`${today}T00:00:00Z`) - days * DAY_MS);

export function dateOf(time: number) {
  const at = new Date(time);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
}

export const padded = (number: number, length = 2) => String(number).padStart(length, '0');
