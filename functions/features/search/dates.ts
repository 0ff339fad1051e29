/**
 * Dates in a search: 2024年7月14日, 7月, 2024-07-14, July 2024, yesterday, 去年. A date narrows the search. It is compared with the time at which a media was taken, with the date in its file name, and with dates in its texts.
 */
import { isOfEachYear, isRange, isYear, padded, type SearchDate } from './calendar.ts';
import {
  ALL_GAPS,
  BESIDE_YEAR,
  FIRST_GAP,
  GAP,
  type Groups,
  gapOf,
  HYPHEN,
  OPEN_RANGE,
  PATTERNS,
  PATTERNS_OF_ENDS,
  RANGE,
  WEEKDAY_OF_DATE,
  WRITTEN_PATTERNS,
} from './date-patterns.ts';
import { between, openRange } from './date-ranges.ts';
import { type Needle, termsOf } from './words.ts';

/** One of the dates is enough: "last week" has seven. Media that may match have one of the terms. */
export interface DateNeedle extends Needle {
  dates: readonly SearchDate[];
  /** Its terms, and words that mean it. All terms of one must be in one text. */
  said: readonly (readonly string[])[];
}

/** A date that was taken out of a text. */
interface Taken {
  typed: string;
  dates: readonly SearchDate[];
  /** An ordinary word, unless the other end of its range is there. */
  isEnd?: boolean;
}

/**
 * Finds the dates in a text, and the text without them. A year is combined with a month elsewhere in the text.
 * @param today The date where the person is, such as `2026-11-28`.
 * @example extractDates('cats since May 2024', '2026-11-28') // dates: [{ from: '2024-05-01' }], rest: 'cats'
 */
export function extractDates(text: string, today: string): { dates: DateNeedle[]; rest: string } {
  const taken: Taken[] = [];
  const keep = (each: Taken) => gapOf(taken.push(each) - 1);
  const at = (gap = '') => taken[gap.charCodeAt(0) - FIRST_GAP];
  const takeAll = (left: string, patterns: typeof PATTERNS, isEnd = false) =>
    patterns.reduce(
      (left, { pattern, read }) =>
        left.replace(pattern, (typed, ...args) => {
          const dates = read(args.at(-1), today);
          return dates ? keep({ typed, dates, isEnd }) : typed;
        }),
      left,
    );
  const plainText = text.normalize('NFKC').replace(/\s/g, ' ').replace(ALL_GAPS, ' ');
  let left = takeAll(plainText.replace(WEEKDAY_OF_DATE, '').replace(HYPHEN, ' – '), PATTERNS);
  left = left.replace(BESIDE_YEAR, (typed, ...args) => {
    const { first, last }: Groups = args.at(-1);
    const ends = [at(first), at(last)];
    const year = ends.find((each) => each?.dates.every(isYear));
    const other = ends.find((each) => each?.dates.every(isOfEachYear));
    if (!year || !other || year.dates.length !== 1) return typed;
    return keep(withYear(other, year));
  });
  left = takeAll(left, PATTERNS_OF_ENDS, true);
  left = left.replace(RANGE, (typed, ...args) => {
    const { first, last }: Groups = args.at(-1);
    const dates = between(at(first)?.dates ?? [], at(last)?.dates ?? []);
    return dates ? keep({ typed: `${typed} `, dates }) : typed;
  });
  left = left.replace(OPEN_RANGE, (typed, ...args) => {
    const groups: Groups = args.at(-1);
    const [side = '', gap] = Object.entries(groups).find(([, gap]) => gap !== undefined) ?? [];
    const date = openRange(side, at(gap)?.dates ?? [], today);
    return date ? keep({ typed: `${typed} `, dates: [date] }) : typed;
  });
  left = left.replace(ALL_GAPS, (gap) => (at(gap)?.isEnd ? (at(gap)?.typed ?? '') : gap));
  const kept = taken.filter((_, n) => left.includes(gapOf(n)));
  return {
    dates: combineDates(kept).map((each) => needleOf(each, today)),
    rest: withoutGaps(left),
  };
}

/** Combines a year with days and months that have none, and a single range too. */
function combineDates(kept: readonly Taken[]): readonly Taken[] {
  const [year, ...years] = kept.filter(({ dates }) => dates.every(isYear));
  const others = kept.filter((each) => each !== year);
  const parts = others.filter(({ dates }) => dates.every(isOfEachYear));
  const all =
    year?.dates.length === 1 && years.length === 0 && parts.length > 0
      ? others.map((each) => (parts.includes(each) ? withYear(each, year) : each))
      : kept;
  const ranges = all.filter(({ dates }) => dates.every(isRange));
  const range = joinRanges(ranges);
  const ofRange = all.filter(({ dates }) => dates.every(isOfEachYear));
  if (!range) return all;
  const rest = all.filter((each) => !ranges.includes(each) && !ofRange.includes(each));
  const [date] = range.dates;
  if (ofRange.length === 0) return [range, ...rest];
  const within = ofRange.map((each) => ({
    ...each,
    dates: each.dates.map((each) => ({ ...each, ...date })),
  }));
  return [...within, ...rest];
}

/** "Since 2020 until 2022" is one range. Several ranges with both ends are alternatives. */
function joinRanges([range, other, ...more]: readonly Taken[]): Taken | undefined {
  if (!range || !other) return range;
  const all = [...range.dates, ...other.dates];
  const from = all.flatMap((each) => each.from ?? []);
  const to = all.flatMap((each) => each.to ?? []);
  const isOne = all.length === 2 && from.length === 1 && to.length === 1 && more.length === 0;
  if (!isOne || (from[0] ?? '') > (to[0] ?? '')) return undefined;
  return { typed: `${range.typed}${other.typed}`, dates: [{ from: from[0], to: to[0] }] };
}

/** In November to February the last months are in that year, and the first ones in the year before. */
function withYear(part: Taken, year: Taken): Taken {
  const [only] = year.dates;
  const turn = part.dates.findIndex(
    ({ month = 0 }, n) => month < (part.dates[n - 1]?.month ?? month),
  );
  const dates = part.dates.map((date, n) => ({
    ...date,
    year: only?.year === undefined ? undefined : only.year - (n < turn ? 1 : 0),
  }));
  return { typed: `${part.typed} ${year.typed}`, dates };
}

/** Also removes the particle between two dates, or after the last one. */
const withoutGaps = (left: string) =>
  left
    .replace(new RegExp(`${GAP}\\s*[のにで](?=\\s|${GAP}|$)`, 'gu'), ' ')
    .replace(ALL_GAPS, ' ')
    .trim();

/** The terms of a media with this date. No word of a text makes such terms. */
export function dateTermsOf({ year, month, day }: SearchDate): string[] {
  const dates = [{ year }, { year, month }, { year, month, day }, { month }, { month, day }];
  return [...new Set(dates.map(dateTermOf))].filter((term) => term !== '@');
}

/** Only the beginning of a text is read. */
const MAX_LETTERS = 5_000;
/** A calendar or a timetable may have any number. */
const MAX_DATES = 10;

/** The dates in a text. A year alone does not count. */
export function datesInText(text: string): SearchDate[] {
  const dates: SearchDate[] = [];
  let left = text.slice(0, MAX_LETTERS).normalize('NFKC').replace(/\s+/g, ' ');
  left = left.replace(ALL_GAPS, ' ').replace(WEEKDAY_OF_DATE, '');
  for (const { pattern, read } of WRITTEN_PATTERNS) {
    left = left.replace(pattern, (typed, ...args) => {
      const found = read(args.at(-1), '')?.flatMap(eachDay).filter(isUsual) ?? [];
      dates.push(...found);
      return found.length === 0 ? typed : gapOf(0);
    });
  }
  return dates.slice(0, MAX_DATES);
}

/** The days of a range in one month, such as "May 3-5, 2024". */
function eachDay(date: SearchDate): SearchDate[] {
  const [year, month, first = 0] = date.from?.split('-').map(Number) ?? [];
  const last = Number(date.to?.split('-')[2]);
  if (year === undefined) return [date];
  return Array.from({ length: last - first + 1 }, (_, n) => ({ year, month, day: first + n }));
}

/** "1234-11" is a number. */
const isUsual = (date: SearchDate) =>
  !isYear(date) && (date.year === undefined || (date.year >= 1800 && date.year < 2200));

const DAY_IN_NAME =
  /(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?=\d{6,9}(?!\d)|(?!\d))/g;

/** Cameras and messengers put the day into the name: `IMG_20240714_160211`, `2024-07-14 16.02.11`. */
export function daysInName(name: string): string[] {
  return [...name.matchAll(DAY_IN_NAME)].map(([, y, , m, d]) => `${y}-${m}-${d}`);
}

function needleOf({ typed, dates }: Taken, today: string): DateNeedle {
  const [first = '', ...others] = dates.flatMap((date) =>
    isRange(date) && date.month === undefined ? termsWithin(date, today) : [dateTermOf(date)],
  );
  if (dates.some(isRange))
    return { typed, dates, said: [], terms: [first], others: asSpellings(others) };
  // A year is a word too, whatever is beside it.
  const years = dates.filter(isYear).map(({ year }) => termsOf(String(year)));
  // A sign may say 今日 or "today".
  const words = /[\s\d]/.test(typed) ? [] : [termsOf(typed)];
  const said = [...asSpellings(others), ...years, ...words];
  return { typed, dates, said: [[first], ...said], terms: [first], others: said };
}

const asSpellings = (terms: readonly string[]) => terms.map((term) => [term]);

/** Firestore compares at most 30 terms at once. */
const MAX_TERMS = 15;

/**
 * The terms that media in a range may have: months, or the last years if there are too many months. They find media by their
 * file names and texts. The exact days are compared afterwards.
 */
function termsWithin({ from, to }: SearchDate, today: string): string[] {
  const thisYear = Number(today.slice(0, 4));
  const [lastYear = 0, lastMonth = 12] = to?.split('-').map(Number) ?? [thisYear, 12];
  const [firstYear = 0, firstMonth = 1] = from?.split('-').map(Number) ?? [0, 1];
  const months = (lastYear - firstYear) * 12 + lastMonth - firstMonth + 1;
  if (months > 0 && months <= MAX_TERMS) {
    return Array.from({ length: months }, (_, n) => {
      const month = firstMonth - 1 + n;
      return dateTermOf({ year: firstYear + Math.floor(month / 12), month: (month % 12) + 1 });
    });
  }
  const last = Math.max(firstYear, Math.min(lastYear, thisYear));
  const first = Math.max(firstYear, last - MAX_TERMS + 1);
  return Array.from({ length: last - first + 1 }, (_, n) => dateTermOf({ year: first + n }));
}

function dateTermOf({ year, month, day }: SearchDate): string {
  const parts = [year && padded(year, 4), month && padded(month), day && padded(day)];
  return `@${parts.filter(Boolean).join('-')}`;
}
