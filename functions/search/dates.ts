/**
 * Dates in what is searched for: 2024年7月14日, 7月, 2024-07-14, July 2024, 令和6年, yesterday, 去年の夏. However it is typed, a date
 * narrows a search. It is compared with when a media was taken, with the date in the name of its file, and with the ways in
 * which texts write it.
 */
import { isOfEachYear, isRange, isYear, padded, type SearchDate } from './calendar.ts';
import {
  ALL_GAPS,
  BESIDE_YEAR,
  ERAS,
  FILLERS,
  FIRST_GAP,
  GAP,
  type Groups,
  gapOf,
  HYPHEN,
  LOOSE_PATTERNS,
  MONTHS,
  monthsNamed,
  OPEN_RANGE,
  PATTERNS,
  PATTERNS_OF_ENDS,
  RANGE,
  SEASON,
  SEASON_OF_YEARS,
  seasonsBetween,
  WEEKDAY_OF_DATE,
} from './date-patterns.ts';
import { between, MOST_WRITTEN, openRange } from './date-ranges.ts';
import { type Needle, termsOf } from './words.ts';

/** One of its dates is enough: "last week" has seven. Media that may be of it have one of the terms. */
export interface DateNeedle extends Needle {
  dates: readonly SearchDate[];
  /** The ways to write it. Each stands whole in one place. */
  said: readonly (readonly string[])[];
  /** A day with a name, such as Christmas, and the year that was typed with it: a picture of it may have been taken on another day. */
  named?: { names: readonly (readonly string[])[]; within: readonly SearchDate[] } | undefined;
}

/** What was taken out of a text. */
interface Taken {
  typed: string;
  dates: readonly SearchDate[];
  /** What stands in the text again, if something else is searched for beside it: as words. */
  loose?: string;
  /** Without the other end of its range, it is a word. */
  isEnd?: boolean;
  named?: DateNeedle['named'];
}

/**
 * The dates in a text, and the text without them. A year goes together with a month or a season that stands apart from it.
 * @param today Where the person is, such as `2026-11-28`.
 * @example takeDates('cats since May 2024', '2026-11-28') // dates: [{ from: '2024-05-01' }], rest: 'cats'
 */
export function takeDates(text: string, today: string): { dates: DateNeedle[]; rest: string } {
  const taken: Taken[] = [];
  const keep = (each: Taken) => gapOf(taken.push(each) - 1);
  const at = (gap = '') => taken[gap.charCodeAt(0) - FIRST_GAP];
  const takeAll = (left: string, patterns: typeof PATTERNS, kind?: 'loose' | 'end') =>
    patterns.reduce(
      (left, { pattern, read, names }) =>
        left.replace(pattern, (typed, ...args) => {
          const dates = read(args.at(-1), today);
          if (!dates) return typed;
          const said = [typed, ...names].map((name) => termsOf(name));
          const loose = { loose: typed, named: { names: said, within: [] } };
          return keep({ typed, dates, isEnd: kind === 'end', ...(kind === 'loose' && loose) });
        }),
      left,
    );
  const plainText = text.normalize('NFKC').replace(/\s/g, ' ').replace(ALL_GAPS, ' ');
  let left = takeAll(plainText.replace(WEEKDAY_OF_DATE, '').replace(HYPHEN, ' – '), PATTERNS);
  left = takeAll(left, LOOSE_PATTERNS, 'loose');
  left = left.replace(SEASON_OF_YEARS, (typed, ...args) => {
    const { season, first, last }: Groups = args.at(-1);
    const dates = seasonsBetween(season, at(first)?.dates, at(last)?.dates);
    return dates ? keep({ typed: `${typed} `, dates }) : typed;
  });
  left = left.replace(SEASON, (typed, ...args) => {
    const groups: Groups = args.at(-1);
    const year = at(groups.at);
    const [only] = year?.dates ?? [];
    if (!year || !only || !isYear(only)) return typed;
    const dates = monthsNamed(groups.season).map((month) => ({ ...only, month }));
    return keep({ typed: `${groups.season} ${year.typed}`, dates });
  });
  left = left.replace(BESIDE_YEAR, (typed, ...args) => {
    const { first, last }: Groups = args.at(-1);
    const ends = [at(first), at(last)];
    const year = ends.find((each) => each?.dates.every(isYear));
    const other = ends.find((each) => each?.dates.every(isOfEachYear));
    const [only] = year?.dates ?? [];
    if (!year || !other || !only || year.dates.length > 1) return typed;
    const loose = other.loose && { loose: `${other.loose} ${year === at(first) ? first : last}` };
    return keep({ ...ofYear(other, year), ...loose });
  });
  left = takeAll(left, PATTERNS_OF_ENDS, 'end');
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
  if (!FILLERS.test(left.replace(ALL_GAPS, ''))) {
    left = left.replace(ALL_GAPS, (gap) => at(gap)?.loose ?? gap);
  }
  const kept = taken.filter((_, n) => left.includes(gapOf(n)));
  return {
    dates: together(kept).map((each) => needleOf(each, today)),
    rest: plain(left),
  };
}

/** A year goes together with days and months of each year; so does the one range there is. */
function together(kept: readonly Taken[]): readonly Taken[] {
  const [year, ...years] = kept.filter(({ dates }) => dates.every(isYear));
  const others = kept.filter((each) => each !== year);
  const parts = others.filter(({ dates }) => dates.every(isOfEachYear));
  const all =
    year?.dates.length === 1 && years.length === 0 && parts.length > 0
      ? others.map((each) => (parts.includes(each) ? ofYear(each, year) : each))
      : kept;
  const ranges = all.filter(({ dates }) => dates.every(isRange));
  const range = oneOf(ranges);
  const ofRange = all.filter(({ dates }) => dates.every(isOfEachYear));
  if (!range) return all;
  const rest = all.filter((each) => !ranges.includes(each) && !ofRange.includes(each));
  const [date] = range.dates;
  if (ofRange.length === 0) return [range, ...rest];
  const within = ofRange.map((each) => ({
    ...each,
    dates: each.dates.map((each) => ({ ...each, ...date })),
    ...(each.named && { named: { ...each.named, within: range.dates } }),
  }));
  return [...within, ...rest];
}

/** "Since 2020 until 2022" is one; several with both ends are alternatives. */
function oneOf([range, other, ...more]: readonly Taken[]): Taken | undefined {
  if (!range || !other) return range;
  const all = [...range.dates, ...other.dates];
  const from = all.flatMap((each) => each.from ?? []);
  const to = all.flatMap((each) => each.to ?? []);
  const isOne = all.length === 2 && from.length === 1 && to.length === 1 && more.length === 0;
  if (!isOne || (from[0] ?? '') > (to[0] ?? '')) return undefined;
  return { typed: `${range.typed}${other.typed}`, dates: [{ from: from[0], to: to[0] }] };
}

/** Of months over the turn of a year, such as November to February, the last ones are of that year. */
function ofYear(part: Taken, year: Taken): Taken {
  const [only] = year.dates;
  const turn = part.dates.findIndex(
    ({ month = 0 }, n) => month < (part.dates[n - 1]?.month ?? month),
  );
  const dates = part.dates.map((date, n) => ({
    ...date,
    year: only?.year === undefined ? undefined : only.year - (n < turn ? 1 : 0),
  }));
  const named = part.named && { named: { ...part.named, within: year.dates } };
  return { typed: `${part.typed} ${year.typed}`, dates, ...named };
}

/** Also without the particle between two dates, or after the last one. */
const plain = (left: string) =>
  left
    .replace(new RegExp(`${GAP}\\s*[のにで](?=\\s|${GAP}|$)`, 'gu'), ' ')
    .replace(ALL_GAPS, ' ')
    .trim();

/** The days by which a media is dated, by its terms: also by the name of its file. */
export function daysIn(places: string): string[] {
  return [...places.matchAll(/ @(\d{4}-\d\d-\d\d):/g)].map(([, day = '']) => day);
}

/** The terms of a media that was taken on a day, such as `2024-07-14`, or is dated so by its name. No text has such terms. */
export function dateTermsOf(day: string): string[] {
  const [y = '', m, d] = day.split('-');
  return [`@${y}`, `@${y}-${m}`, `@${y}-${m}-${d}`, `@${m}`, `@${m}-${d}`];
}

const DAY_IN_NAME =
  /(?<!\d)((?:19|20)\d\d)([-_.]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?=\d{6,9}(?!\d)|(?!\d))/g;

/** The days by which cameras and messengers name files: `IMG_20240714_160211`, `2024-07-14 16.02.11`. */
export function daysInName(name: string): string[] {
  return [...name.matchAll(DAY_IN_NAME)].map(([, y, , m, d]) => `${y}-${m}-${d}`);
}

function needleOf({ typed, dates, named }: Taken, today: string): DateNeedle {
  const [first = '', ...others] = dates.flatMap((date) =>
    isRange(date) && date.month === undefined ? termsWithin(date, today) : [dateTermOf(date)],
  );
  const names = named?.names ?? [];
  if (dates.some(isRange)) {
    return { typed, dates, said: [], named, terms: [first], others: [...each(others), ...names] };
  }
  const texts = dates.length > MOST_WRITTEN ? [] : dates.flatMap(spellingsOf);
  // A sign may say 今日 or "today".
  const words = named || /[\s\d]/.test(typed) ? [] : [termsOf(typed)];
  const said = [...each(others), ...texts, ...words];
  return {
    ...{ typed, dates, named, said: [[first], ...said] },
    ...{ terms: [first], others: [...said, ...names] },
  };
}

const each = (terms: readonly string[]) => terms.map((term) => [term]);

/** So many terms ask for media that are dated by their names: Firestore compares at most 30 at once. */
const MOST_TERMS = 15;

/**
 * The terms that media of a range may have: months, or years if they are too many, the last ones. Some have other days of these: the
 * days are compared afterwards. What says when it was taken is asked for by that.
 */
function termsWithin({ from, to }: SearchDate, today: string): string[] {
  const thisYear = Number(today.slice(0, 4));
  const [lastYear = 0, lastMonth = 12] = to?.split('-').map(Number) ?? [thisYear, 12];
  const [firstYear = 0, firstMonth = 1] = from?.split('-').map(Number) ?? [0, 1];
  const months = (lastYear - firstYear) * 12 + lastMonth - firstMonth + 1;
  if (months > 0 && months <= MOST_TERMS) {
    return Array.from({ length: months }, (_, n) => {
      const month = firstMonth - 1 + n;
      return dateTermOf({ year: firstYear + Math.floor(month / 12), month: (month % 12) + 1 });
    });
  }
  const last = Math.max(firstYear, Math.min(lastYear, thisYear));
  const first = Math.max(firstYear, last - MOST_TERMS + 1);
  return Array.from({ length: last - first + 1 }, (_, n) => dateTermOf({ year: first + n }));
}

function dateTermOf({ year, month, day }: SearchDate): string {
  const parts = [year && padded(year, 4), month && padded(month), day && padded(day)];
  return `@${parts.filter(Boolean).join('-')}`;
}

/** The terms of each way to write it. The first term is the one that the fewest media have: candidates are asked for by it. */
function spellingsOf({ year, month, day }: SearchDate): string[][] {
  const texts = (...parts: (number | string | undefined)[]) =>
    parts.flatMap((part) => (part === undefined ? [] : String(part)));
  if (month === undefined) return [texts(year)];
  const [mm, dd] = [padded(month), day === undefined ? undefined : padded(day)];
  const japanese = texts(...(day === undefined ? [] : [day, '日']), month, '月');
  const [era, before] = Object.entries(ERAS).find(([, each]) => year && year > each) ?? [];
  return [
    texts(MONTHS[month - 1], day, year),
    [...japanese, ...(year ? texts(year, '年') : [])],
    ...(year && era && before ? [[...japanese, ...texts(year - before, '年', era)]] : []),
    ...(year === undefined ? [] : [texts(dd, mm, year)]),
    ...(year === undefined || day === undefined
      ? []
      : [texts(day, month, year), texts(`${year}${mm}${dd}`)]),
  ];
}
