/**
 * Dates in what is searched for: 2024年7月14日, 7月, 2024-07-14, July 2024, 令和6年, yesterday, 去年の夏. However it is typed, a date
 * narrows a search. It is compared with when a media was taken, with the date in the name of its file, and with the ways in
 * which texts write it.
 */
import { type Needle, termsOf } from './words.ts';

/** At least one of them is there. */
export interface SearchDate {
  year?: number | undefined;
  month?: number | undefined;
  day?: number | undefined;
}

/** One of its dates is enough: "last week" has seven. Each spelling stands whole in one place. */
export interface DateNeedle extends Needle {
  dates: readonly SearchDate[];
}

/** What a pattern has found. */
type Groups = Partial<Record<string, string>>;
/** @returns undefined for what is no date */
type Read = (groups: Groups, today: string) => readonly SearchDate[] | undefined;

const MONTHS = [
  ...['january', 'february', 'march', 'april', 'may', 'june', 'july', 'august', 'september'],
  ...['october', 'november', 'december'],
];

/** Without anything beside it, each of these is a word like others. */
const OTHER_WORDS = ['march', 'may'];

const MONTH = `(?<name>${MONTHS.map((name) => `${name}|${name.slice(0, 3)}`).join('|')}|sept)\\.?`;
const MONTH_ALONE = `(?<name>${MONTHS.filter((name) => !OTHER_WORDS.includes(name)).join('|')})`;
const YEAR = '(?<year>\\d{4})';
const DAY = '(?<day>\\d{1,2})(?:st|nd|rd|th)?';
/** A number within the name of a file is left alone. */
const BEFORE = '(?<![\\p{L}\\p{N}_./-])';
const AFTER = '(?![\\p{L}\\p{N}_/-]|\\.[\\p{L}\\p{N}])';
/** In kana, とうきょう is no きょう. */
const KANA_BEFORE = '(?<![ぁ-ゖ])';
const KANA_AFTER = '(?=[のは]|[^ぁ-ゖ]|$)';

/** The year before the first one. */
const ERAS: Readonly<Record<string, number>> = { 令和: 2018, 平成: 1988, 昭和: 1925 };
const ERA_LETTERS: Readonly<Record<string, string>> = { r: '令和', h: '平成', s: '昭和' };

/** By months of the north. Winter is January, February and December of the year that is named. */
const SEASONS: readonly { names: string; months: readonly number[] }[] = [
  { names: 'spring|春', months: [3, 4, 5] },
  { names: 'summer|夏', months: [6, 7, 8] },
  { names: 'autumn|fall|秋', months: [9, 10, 11] },
  { names: 'winter|冬', months: [1, 2, 12] },
];
const ENGLISH_SEASON = '(?<season>spring|summer|autumn|fall|winter)';
/** A date that was taken out of a text. */
const GAP = '\n';
/** Beside a year: "spring rolls" are none of a season, nor is 春巻き. */
const SEASON = new RegExp(
  [
    `${BEFORE}${ENGLISH_SEASON}(?:\\s+of|,)?\\s*${GAP}`,
    `${GAP}\\s*${ENGLISH_SEASON}${AFTER}`,
    `(?<![\\p{sc=Han}\\p{sc=Kana}])(?<season>[春夏秋冬])\\s*${GAP}`,
    `${GAP}\\s*の?\\s*(?<season>[春夏秋冬])(?=[のに]|[^\\p{L}]|$)`,
  ].join('|'),
  'iu',
);

const relative = (
  english: string,
  han: string,
  kana: string,
  read: (today: string) => SearchDate[],
) =>
  [
    `${BEFORE}(?:${english})${AFTER}${han && `|(?:${han})`}${kana && `|${KANA_BEFORE}(?:${kana})${KANA_AFTER}`}`,
    (_: Groups, today: string) => read(today),
  ] as const;

/** 年度 is no year of the calendar. Those that are longer come first. */
const PATTERNS = (
  [
    [
      '(?<!\\d)(?<year>\\d{4})年(?!度)(?:の?\\s*(?<month>\\d{1,2})月(?:\\s*(?<day>\\d{1,2})日)?)?',
      written,
    ],
    [
      '(?<era>令和|平成|昭和)\\s*(?<year>\\d{1,2}|元)年(?!度)(?:の?\\s*(?<month>\\d{1,2})月(?:\\s*(?<day>\\d{1,2})日)?)?',
      written,
    ],
    [
      `${BEFORE}(?<era>[RHS])(?<year>\\d{1,2})(?<mark>[./])(?<month>\\d{1,2})\\k<mark>(?<day>\\d{1,2})${AFTER}`,
      written,
    ],
    ['(?<!\\d)(?<month>\\d{1,2})月(?:\\s*(?<day>\\d{1,2})日)?', written],
    [
      `${BEFORE}(?<year>\\d{4})(?:(?<mark>[-/.])(?<month>\\d{1,2}))(?:\\k<mark>(?<day>\\d{1,2}))?${AFTER}`,
      written,
    ],
    // Only where day and month cannot be confused.
    [`${BEFORE}(?<day>\\d{1,2})\\.(?<month>\\d{1,2})\\.${YEAR}${AFTER}`, written],
    [`${BEFORE}(?<month>\\d{1,2})/(?<day>1[3-9]|2\\d|3[01])/${YEAR}${AFTER}`, written],
    [`${BEFORE}(?<day>1[3-9]|2\\d|3[01])/(?<month>\\d{1,2})/${YEAR}${AFTER}`, written],
    [`${BEFORE}(?<year>(?:19|20)\\d\\d),?\\s+${MONTH}(?:\\s+${DAY})?${AFTER}`, written],
    // "12 May 24" is of 2024: a number before the name of a month is its day.
    [`${BEFORE}${DAY}\\s*(?:of\\s+)?${MONTH}(?:,?\\s+(?<year>\\d{4}|\\d\\d))?${AFTER}`, written],
    [`${BEFORE}${MONTH}\\s*${DAY}(?:,?\\s+${YEAR})?${AFTER}`, written],
    [`${BEFORE}${MONTH},?\\s+${YEAR}${AFTER}`, written],
    relative('(?:the\\s+)?day\\s+before\\s+yesterday', '一昨日', 'おととい', (today) => [
      dayBefore(today, 2),
    ]),
    relative('yesterday', '昨日', 'きのう', (today) => [dayBefore(today, 1)]),
    relative('today', '(?:今日|本日)(?!子)', 'きょう', (today) => [dayBefore(today, 0)]),
    relative('this\\s+week', '今週', '', (today) => weekBefore(today, 0)),
    relative('last\\s+week', '先週', '', (today) => weekBefore(today, 1)),
    relative('this\\s+month', '今月', '', (today) => [monthBefore(today, 0)]),
    relative('last\\s+month', '先月', '', (today) => [monthBefore(today, 1)]),
    relative('the\\s+year\\s+before\\s+last', '一昨年(?!度)', 'おととし', (today) => [
      yearBefore(today, 2),
    ]),
    relative('last\\s+year', '(?:去年|昨年)(?!度)', 'きょねん', (today) => [yearBefore(today, 1)]),
    relative('this\\s+year', '今年(?!度)', 'ことし', (today) => [yearBefore(today, 0)]),
    [`${BEFORE}(?<which>last|this)\\s+${ENGLISH_SEASON}${AFTER}`, seasonOf],
    [`${BEFORE}${MONTH_ALONE}${AFTER}`, written],
    [`${BEFORE}(?<year>(?:19|20)\\d\\d)(?:${AFTER}|(?=[の春夏秋冬]))`, written],
  ] satisfies (readonly [string, Read])[]
).map(([pattern, read]) => [new RegExp(pattern, 'giu'), read] as const);

/**
 * The dates in a text, and the text without them. A year goes together with a month or a season that stands apart from it.
 * @param today Where the person is, such as `2026-11-28`.
 */
export function takeDates(text: string, today: string): { dates: DateNeedle[]; rest: string } {
  const taken: { typed: string; dates: readonly SearchDate[] }[] = [];
  const left = PATTERNS.reduce(
    (left, [pattern, read]) =>
      left.replace(pattern, (typed, ...args) => {
        const dates = read(args.at(-1), today);
        if (!dates) return typed;
        taken.push({ typed, dates });
        return GAP;
      }),
    text.normalize('NFKC').replace(/\s/g, ' '),
  );
  const [year, ...more] = taken.filter(({ dates }) => dates.every(isYear));
  const [only] = year?.dates ?? [];
  if (!only || more.length > 0) return { dates: taken.map(needleOf), rest: plain(left) };
  const months = taken.filter(({ dates }) => dates.every((date) => date.year === undefined));
  const others = taken.filter((each) => each !== year && !months.includes(each));
  const season = months.length === 0 ? SEASON.exec(left) : null;
  const ofYear = season
    ? [{ typed: `${season[0]} ${year?.typed}`, dates: monthsOf(season, only.year) }]
    : months.map(({ typed, dates }) => ({
        typed: `${typed} ${year?.typed}`,
        dates: dates.map((date) => ({ ...date, year: only.year })),
      }));
  const narrowed = ofYear.length > 0 ? [...ofYear, ...others] : taken;
  const rest = season ? left.replace(SEASON, GAP) : left;
  return { dates: narrowed.map(needleOf), rest: plain(rest) };
}

/** Also without the particle between two dates, or after the last one. */
const plain = (left: string) =>
  left
    .replace(/\n\s*[のにで](?=\s|$)/g, ' ')
    .replaceAll(GAP, ' ')
    .trim();

/** Whether a time such as `2024-07-14T16:02:11` is of one of these dates. An empty one is of none. */
export function isOn(dates: readonly SearchDate[], taken: string): boolean {
  const [y, m, d] = taken.slice(0, 10).split('-').map(Number);
  if (d === undefined) return false;
  return dates.some(({ year = y, month = m, day = d }) => year === y && month === m && day === d);
}

/** From the first day to the last one; undefined: it is in each year. */
export function daysOf(dates: readonly SearchDate[]): [string, string] | undefined {
  const days = dates.flatMap(({ year, month, day }) => {
    if (year === undefined) return [];
    const of = (m: number, d: number) =>
      `${padded(year, 4)}-${padded(month ?? m)}-${padded(day ?? d)}`;
    return [[of(1, 1), of(12, 31)] as const];
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

const isYear = ({ year, month }: SearchDate) => year !== undefined && month === undefined;

function written(groups: Groups): SearchDate[] | undefined {
  const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const name = groups.name?.toLowerCase().slice(0, 3);
  const month = name
    ? MONTHS.findIndex((each) => each.startsWith(name)) + 1
    : numberOf(groups.month);
  const day = numberOf(groups.day);
  const era = groups.era && (ERA_LETTERS[groups.era.toLowerCase()] ?? groups.era);
  const year = groups.year === '元' ? 1 : numberOf(groups.year);
  if (!isWithin(month, 12) || !isWithin(day, 31) || (era && year === 0)) return undefined;
  // Two digits, but of no era.
  const isShort = groups.year?.length === 2 && !era;
  return [{ year: year && year + (isShort ? 2_000 : (ERAS[era ?? ''] ?? 0)), month, day }];
}

const isWithin = (number: number | undefined, most: number) =>
  number === undefined || (number > 0 && number <= most);

function monthsOf({ groups = {} }: RegExpExecArray, year: number | undefined): SearchDate[] {
  return monthsNamed(groups.season ?? groups.kanji).map((month) => ({ year, month }));
}

const monthsNamed = (season = '') =>
  SEASONS.find(({ names }) => names.split('|').includes(season.toLowerCase()))?.months ?? [];

/** That of this year, or the last one that is over. A winter ends in the year after the one in which it began. */
function seasonOf({ season, which }: Groups, today: string): SearchDate[] {
  const { year = 0, month = 0 } = dayBefore(today, 0);
  const months = monthsNamed(season);
  const isWinter = months.includes(12);
  const end = isWinter ? 2 : Math.max(...months);
  const isLast = which?.toLowerCase() === 'last';
  // In December, "this winter" has just begun.
  const of = isLast ? year - (month > end ? 0 : 1) : year + (isWinter && month === 12 ? 1 : 0);
  return months.map((each) => ({ year: isWinter && each === 12 ? of - 1 : of, month: each }));
}

const DAY_MS = 86_400_000;

function dayBefore(today: string, days: number): SearchDate & { year: number; month: number } {
  const at = new Date(Date.parse(`${today}T00:00:00Z`) - days * DAY_MS);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
}

/** From Monday to Sunday: https://en.wikipedia.org/wiki/ISO_week_date */
function weekBefore(today: string, weeks: number): SearchDate[] {
  const sinceMonday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
  return Array.from({ length: 7 }, (_, n) => dayBefore(today, sinceMonday + 7 * weeks - n));
}

function monthBefore(today: string, months: number): SearchDate {
  const { year, month } = dayBefore(today, 0);
  const at = year * 12 + month - 1 - months;
  return { year: Math.floor(at / 12), month: (at % 12) + 1 };
}

const yearBefore = (today: string, years: number): SearchDate => ({
  year: dayBefore(today, 0).year - years,
});

/** More dates than a season has months are those of a week. Nobody writes all of them. */
const MOST_WRITTEN = 3;

function needleOf({ typed, dates }: { typed: string; dates: readonly SearchDate[] }): DateNeedle {
  const [first = '', ...others] = dates.map(dateTermOf);
  const texts = dates.length > MOST_WRITTEN ? [] : dates.flatMap(spellingsOf);
  // A sign may say 今日 or "today".
  const words = /[\s\d]/.test(typed) ? [] : [termsOf(typed)];
  return {
    typed,
    dates,
    terms: [first],
    others: [...others.map((term) => [term]), ...texts, ...words],
  };
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

const padded = (number: number, length = 2) => String(number).padStart(length, '0');
