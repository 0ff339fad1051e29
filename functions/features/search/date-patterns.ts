/** Patterns for the ways in which people type dates. The function beside each pattern reads the date. */
import { dayBefore, type SearchDate } from './calendar.ts';
import { between } from './date-ranges.ts';

/** The named groups of a match. */
export type Groups = Partial<Record<string, string>>;
/** @returns undefined if it is not a date */
type Read = (groups: Groups, today: string) => readonly SearchDate[] | undefined;

const MONTHS =
  'january february march april may june july august september october november december'.split(
    ' ',
  );

/** Alone, each of these is an ordinary word. */
const OTHER_WORDS = ['march', 'may'];

const MONTH_NAMES = `(?:${MONTHS.map((name) => `${name}|${name.slice(0, 3)}`).join('|')}|sept)`;
const MONTH = `(?<name>${MONTH_NAMES})\\.?`;
const MONTH_ALONE = `(?<name>${MONTHS.filter((name) => !OTHER_WORDS.includes(name)).join('|')})`;
const YEAR = '(?<year>\\d{4})';
const DAY = '(?<day>\\d{1,2})(?:st|nd|rd|th)?';
/** A number in the name of a file is not a date. */
const BEFORE = '(?<![\\p{L}\\p{N}_./-])';
const AFTER = '(?![\\p{L}\\p{N}_/-]|\\.[\\p{L}\\p{N}])';
/** とうきょう does not contain the word きょう. */
const KANA_BEFORE = '(?<![ぁ-ゖ])';
const KANA_AFTER = '(?=[のは]|[^ぁ-ゖ]|$)';

/** Each date that was taken out of a text is replaced by its own character, which no text has. */
export const FIRST_GAP = 0xe000;
export const GAP = '[\\ue000-\\uf8ff]';
export const ALL_GAPS = new RegExp(GAP, 'gu');
export const gapOf = (n: number) => String.fromCharCode(FIRST_GAP + n);
/** A year beside a day or a month. */
export const BESIDE_YEAR = new RegExp(
  `(?<first>${GAP})(?:\\s*(?:,|の|\\bof\\b))?\\s*(?<last>${GAP})`,
  'giu',
);

/** The words between two ends of a range. */
const TO = '(?:\\s+(?:to|until|till|through)\\s+|\\s*(?:から|[-~〜–—])\\s*)';
export const RANGE = new RegExp(
  [
    `(?:${BEFORE}(?:from|since|between)\\s+)?(?<first>${GAP})${TO}(?<last>${GAP})(?:\\s*まで)?`,
    `${BEFORE}between\\s+(?<first>${GAP})\\s+and\\s+(?<last>${GAP})`,
    `(?<first>${GAP})\\s*と\\s*(?<last>${GAP})\\s*の間`,
  ].join('|'),
  'giu',
);
/** A range with one end. The group tells which days are meant: 2020年以前 includes that year, "before 2020" does not. */
export const OPEN_RANGE = new RegExp(
  [
    `${BEFORE}before\\s+(?<before>${GAP})`,
    `(?<before>${GAP})\\s*より前`,
    `${BEFORE}(?:until|till|up\\s+to)\\s+(?<until>${GAP})`,
    `(?<until>${GAP})\\s*(?:以前|まで)`,
    `(?<![^\\s])[~〜]\\s*(?<until>${GAP})`,
    `${BEFORE}since\\s+(?<since>${GAP})`,
    `(?<since>${GAP})\\s*(?:以降|以後|から|[~〜](?=\\s|の|$))`,
    `${BEFORE}after\\s+(?<after>${GAP})`,
    `(?<after>${GAP})\\s*より後`,
  ].join('|'),
  'giu',
);
/** Without this such a hyphen would be part of a word or of the name of a file. */
export const HYPHEN = new RegExp(
  [
    `(?<=${BEFORE}${MONTH_NAMES})\\s*-\\s*(?=${MONTH_NAMES}\\b)`,
    `(?<=${BEFORE}(?:19|20)\\d\\d)\\s*-\\s*(?=(?:19|20)\\d\\d(?![\\d_/-]|\\.[\\p{L}\\p{N}]))`,
  ].join('|'),
  'giu',
);

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const WEEKDAY = `(?<weekday>${WEEKDAYS.join('|')})`;
const HAN_WEEKDAYS = '日月火水木金土';
const HAN_WEEKDAY = `(?<weekday>[${HAN_WEEKDAYS}])曜日?(?!\\p{sc=Han})`;

const MONTHS_BEGIN = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';

/** A weekday beside a day of a month adds nothing: "Mon, 13 May 2024", 2024年5月13日(月), as in the page's headings. */
export const WEEKDAY_OF_DATE = new RegExp(
  [
    `(?<=\\d日? ?)\\([${HAN_WEEKDAYS}]\\)`,
    `\\b(?:sun|mon|tues?|wed|thu(?:rs?)?|fri|sat)\\.?,? (?=\\d{1,2} (?:${MONTHS_BEGIN})|(?:${MONTHS_BEGIN})\\p{L}* \\d{1,2}\\b)`,
  ].join('|'),
  'giu',
);

const NUMBERS = 'one two three four five six seven eight nine ten'.split(' ');
const HAN_NUMBERS = '一二三四五六七八九十';

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

type Pattern = readonly [pattern: string, read: Read];

const compiled = (patterns: readonly Pattern[]) =>
  patterns.map(([pattern, read]) => ({ pattern: new RegExp(pattern, 'giu'), read }));

/** The longer patterns come first. 年度 is not a calendar year. */
export const PATTERNS = compiled([
  [
    `${BEFORE}${MONTH}\\s*${DAY}\\s*(?:[-–—~〜]|to)\\s*(?<last>\\d{1,2})(?:st|nd|rd|th)?(?:,?\\s+${YEAR})?${AFTER}`,
    writtenDays,
  ],
  [
    `${BEFORE}${DAY}\\s*(?:[-–—~〜]|to)\\s*(?<last>\\d{1,2})(?:st|nd|rd|th)?\\s*(?:of\\s+)?${MONTH}(?:,?\\s+${YEAR})?${AFTER}`,
    writtenDays,
  ],
  [
    '(?<!\\d)(?<year>\\d{4})年(?!度)(?:の?\\s*(?<month>\\d{1,2})月(?:\\s*(?<day>\\d{1,2})日)?)?',
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
  [
    `(?<![\\d${HAN_NUMBERS}])(?<count>\\d{1,2}|[${HAN_NUMBERS}])(?<unit>年|[かヶカケヵ箇]月|週間|日)前(?!\\p{sc=Han})`,
    ago,
  ],
  [
    `${BEFORE}(?<count>\\d{1,2}|an?|${NUMBERS.join('|')})\\s+(?<unit>year|month|week|day)s?\\s+ago${AFTER}`,
    ago,
  ],
  [`${BEFORE}(?<which>last|on)\\s+${WEEKDAY}${AFTER}`, weekday],
  [`(?<which>[先今])週の?${HAN_WEEKDAY}`, weekday],
  relative('this\\s+week', '今週', '', (today) => weekBefore(today, 0)),
  relative('last\\s+week', '先週', '', (today) => weekBefore(today, 1)),
  relative('this\\s+month', '今月', '', (today) => [monthBefore(today, 0)]),
  relative('last\\s+month', '先月', '', (today) => [monthBefore(today, 1)]),
  relative('the\\s+year\\s+before\\s+last', '一昨年(?!度)', 'おととし', (today) => [
    yearBefore(today, 2),
  ]),
  relative('last\\s+year', '(?:去年|昨年)(?!度)', 'きょねん', (today) => [yearBefore(today, 1)]),
  relative('this\\s+year', '今年(?!度)', 'ことし', (today) => [yearBefore(today, 0)]),
  [`${BEFORE}${MONTH_ALONE}${AFTER}`, written],
  [
    `(?:${BEFORE}|(?<=から))(?<year>(?:19|20)\\d\\d)(?:${AFTER}|(?=の|から|まで|以[前降後]|より[前後]))`,
    written,
  ],
]);

/** The patterns whose meaning does not depend on who reads them, and when. */
export const WRITTEN_PATTERNS = [
  ...PATTERNS.filter(({ read }) => read === written || read === writtenDays),
  // One reader's day is another reader's month.
  ...compiled([[`${BEFORE}(?<one>\\d{1,2})/(?<other>\\d{1,2})/${YEAR}${AFTER}`, writtenEitherWay]]),
];

/** Only beside the other end of a range. */
export const PATTERNS_OF_ENDS = compiled([
  [`${BEFORE}${MONTH}(?=${TO}${GAP})`, written],
  [`(?<=${GAP}${TO})${MONTH}${AFTER}`, written],
  [`(?<=\\bbetween\\s+)${MONTH}(?=\\s+and\\s+${GAP})`, written],
  [`(?<=\\bsince\\s+)${MONTH}${AFTER}`, written],
  [`(?<![\\p{L}\\p{N}])(?<month>\\d{1,2})(?=\\s*[-–—~〜]\\s*${GAP})`, written],
  [`(?<=${GAP}\\s*(?:から|[-–—~〜])\\s*)(?<day>\\d{1,2})日`, written],
]);

/** A range of days in one month. */
function writtenDays(groups: Groups): readonly SearchDate[] | undefined {
  const [first] = written(groups) ?? [];
  const [last] = written({ ...groups, day: groups.last }) ?? [];
  if (!first || !last || (first.day ?? 0) >= (last.day ?? 0)) return undefined;
  return between([first], [last]);
}

function writtenEitherWay({ one, other, ...groups }: Groups): SearchDate[] {
  return [
    ...(written({ ...groups, day: one, month: other }) ?? []),
    ...(written({ ...groups, day: other, month: one }) ?? []),
  ];
}

function written(groups: Groups): SearchDate[] | undefined {
  const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));
  const name = groups.name?.toLowerCase().slice(0, 3);
  const month = name
    ? MONTHS.findIndex((each) => each.startsWith(name)) + 1
    : numberOf(groups.month);
  const day = numberOf(groups.day);
  const year = numberOf(groups.year);
  if (!isWithin(month, 12) || !isWithin(day, 31)) return undefined;
  return [{ year: year && (groups.year?.length === 2 ? year + 2_000 : year), month, day }];
}

const isWithin = (number: number | undefined, most: number) =>
  number === undefined || (number > 0 && number <= most);

/** "Two years ago" is a year, "3週間前" a week. */
function ago({ count = '', unit = '' }: Groups, today: string): SearchDate[] {
  const han = HAN_NUMBERS.indexOf(count) + 1;
  const named = NUMBERS.indexOf(count.toLowerCase()) + 1;
  const number = /\d/.test(count) ? Number(count) : han || named || 1;
  if (/^(?:年|year)/i.test(unit)) return [yearBefore(today, number)];
  if (/^(?:週|week)/i.test(unit)) return weekBefore(today, number);
  return /^(?:日|day)/i.test(unit) ? [dayBefore(today, number)] : [monthBefore(today, number)];
}

/** The last such day, or that of this or the last week. "On Monday", on a Monday, is today. */
function weekday({ weekday = '', which = '' }: Groups, today: string): SearchDate[] {
  const han = HAN_WEEKDAYS.indexOf(weekday);
  const wanted = han === -1 ? WEEKDAYS.indexOf(weekday.toLowerCase()) : han;
  if ('先今'.includes(which) && which !== '') {
    const week = weekBefore(today, which === '先' ? 1 : 0);
    return week.slice((wanted + 6) % 7).slice(0, 1);
  }
  const since = (new Date(`${today}T00:00:00Z`).getUTCDay() - wanted + 7) % 7;
  return [dayBefore(today, since === 0 && which.toLowerCase() === 'last' ? 7 : since)];
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
