/** Ranges of dates in a search, with two ends or one. */
import {
  dateOf,
  dayBefore,
  daysOf,
  isRange,
  isYear,
  orderOf,
  padded,
  type SearchDate,
} from './calendar.ts';

/** More than these are a range. */
const MAX_LISTED = 3;

/** A few dates are listed, so that texts with one of them are found too. @returns undefined for ends without an order */
export function between(
  firsts: readonly SearchDate[],
  lasts: readonly SearchDate[],
): readonly SearchDate[] | undefined {
  const [first, last] = [firsts[0], lasts.at(-1)];
  if (!first || !last || [...firsts, ...lasts].some(isRange)) return undefined;
  // "2024 - July" is July of that year.
  if (isYear(first) !== isYear(last) && (first.year ?? last.year) === undefined) return undefined;
  if ((isYear(first) && last.year === undefined) || (isYear(last) && first.year === undefined))
    return undefined;
  if (first.year === undefined && last.year === undefined) return partsBetween(first, last);
  const end = { ...last, month: last.month ?? (last.day === undefined ? undefined : first.month) };
  const turns = orderOf(first) > orderOf(end) ? 1 : 0;
  const ends = {
    first: { ...first, year: first.year ?? (end.year ?? 0) - turns },
    last: { ...end, year: end.year ?? (first.year ?? 0) + turns },
  };
  const isListed = firsts.length === 1 && lasts.length === 1;
  const units = isListed ? unitsBetween(ends.first, ends.last) : undefined;
  if (units) return units;
  const [[from] = [], [, to] = []] = [
    daysOf(firsts.length === 1 ? [ends.first] : firsts),
    daysOf(lasts.length === 1 ? [ends.last] : lasts),
  ];
  return from !== undefined && to !== undefined && from <= to ? [{ from, to }] : undefined;
}

/** A few years, or a few months. */
function unitsBetween(first: SearchDate, last: SearchDate): SearchDate[] | undefined {
  if (first.day !== undefined || last.day !== undefined) return undefined;
  const isOfYears = isYear(first) && isYear(last);
  if (isYear(first) !== isYear(last)) return undefined;
  const numberOf = ({ year = 0, month = 1 }: SearchDate) =>
    isOfYears ? year : year * 12 + month - 1;
  const count = numberOf(last) - numberOf(first) + 1;
  if (count < 1 || count > MAX_LISTED) return undefined;
  return Array.from({ length: count }, (_, n) => {
    const number = numberOf(first) + n;
    return isOfYears
      ? { year: number }
      : { year: Math.floor(number / 12), month: (number % 12) + 1 };
  });
}

/** For ends without a year: months, and the days of months that are only partly meant. */
function partsBetween(first: SearchDate, last: SearchDate): SearchDate[] | undefined {
  const [start, end] = [first.month, last.month ?? first.month];
  if (start === undefined || end === undefined) return undefined;
  if ((first.day === undefined) !== (last.day === undefined)) return undefined;
  const begin = { month: start, day: first.day ?? 1 };
  const until = { month: end, day: last.day ?? lastDayOf(end) };
  if (start === end && begin.day > until.day) return undefined;
  const count = end - start + (start > end ? 12 : 0) + 1;
  return Array.from({ length: count }, (_, n) => {
    const month = ((start - 1 + n) % 12) + 1;
    const from = n === 0 ? begin.day : 1;
    const to = n === count - 1 ? until.day : lastDayOf(month);
    if (from === 1 && to >= lastDayOf(month)) return [{ month }];
    return Array.from({ length: to - from + 1 }, (_, n) => ({ month, day: from + n }));
  }).flat();
}

/** In a leap year, which has all days. */
const lastDayOf = (month: number) => new Date(Date.UTC(2024, month, 0)).getUTCDate();

export function openRange(
  side: string,
  dates: readonly SearchDate[],
  today: string,
): SearchDate | undefined {
  const known = side === 'since' ? dates.map((date) => lastTime(date, today)) : dates;
  const [first, last] = daysOf(known) ?? [];
  if (first === undefined || last === undefined || dates.some(isRange)) return undefined;
  switch (side) {
    case 'before':
      return { to: dayBeside(first, -1) };
    case 'until':
      return { to: last };
    case 'since':
      return { from: first };
    default:
      return { from: dayBeside(last, 1) };
  }
}

/** "Since May" is since the last one. */
function lastTime(date: SearchDate, today: string): SearchDate {
  if (date.year !== undefined) return date;
  const { year, month, day } = dayBefore(today, 0);
  return { ...date, year: orderOf(date) > orderOf({ month, day }) ? year - 1 : year };
}

/** Some ranges give 31 as the last day of any month. */
function dayBeside(day: string, days: number): string {
  const [y = 0, m = 1, d = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(y, m, 0)).getUTCDate();
  const { year, month, day: on } = dateOf(Date.UTC(y, m - 1, Math.min(d, last) + days));
  return `${padded(year, 4)}-${padded(month)}-${padded(on)}`;
}
