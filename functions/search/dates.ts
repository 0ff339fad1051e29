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
  /** The first day that is meant, such as `2024-05-01`. */
  from?: string | undefined;
  /** The last one. */
  to?: string | undefined;
}

/** One of its dates is enough: "last week" has seven. Media that may be of it have one of the terms. */
export interface DateNeedle extends Needle {
  dates: readonly SearchDate[];
  /** The ways to write it. Each stands whole in one place. */
  said: readonly (readonly string[])[];
  /** A day with a name, such as Christmas, and the year that was typed with it: a picture of it may have been taken on another day. */
  named?: { names: readonly (readonly string[])[]; within: readonly SearchDate[] } | undefined;
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

const MONTH_NAMES = `(?:${MONTHS.map((name) => `${name}|${name.slice(0, 3)}`).join('|')}|sept)`;
const MONTH = `(?<name>${MONTH_NAMES})\\.?`;
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
/** In the place of each date that was taken out of a text stands a letter of its own, which no text has. */
const FIRST_GAP = 0xe000;
const GAP = '[\\ue000-\\uf8ff]';
const ALL_GAPS = new RegExp(GAP, 'gu');
const gapOf = (n: number) => String.fromCharCode(FIRST_GAP + n);
/** Beside a year: "spring rolls" are none of a season, nor is 春巻き. */
const SEASON = new RegExp(
  [
    `${BEFORE}${ENGLISH_SEASON}(?:\\s+of|,)?\\s*(?<at>${GAP})`,
    `(?<at>${GAP})\\s*${ENGLISH_SEASON}${AFTER}`,
    `(?<![\\p{sc=Han}\\p{sc=Kana}])(?<season>[春夏秋冬])\\s*(?<at>${GAP})`,
    `(?<at>${GAP})\\s*の?\\s*(?<season>[春夏秋冬])(?=[のに]|[^\\p{L}]|$)`,
  ].join('|'),
  'giu',
);
/** A year beside a day or a month. */
const BESIDE_YEAR = new RegExp(
  `(?<first>${GAP})(?:\\s*(?:,|の|\\bof\\b))?\\s*(?<last>${GAP})`,
  'giu',
);

/** Between two ends. */
const TO = '(?:\\s+(?:to|until|till|through)\\s+|\\s+-\\s+|\\s*(?:から|[~〜–—])\\s*)';
const RANGE = new RegExp(
  [
    `(?:${BEFORE}(?:from|since|between)\\s+)?(?<first>${GAP})${TO}(?<last>${GAP})(?:\\s*まで)?`,
    `${BEFORE}between\\s+(?<first>${GAP})\\s+and\\s+(?<last>${GAP})`,
    `(?<first>${GAP})\\s*と\\s*(?<last>${GAP})\\s*の間`,
  ].join('|'),
  'giu',
);
/** With one end. The group says which days are meant. 2020年以前 is with that year, "before 2020" without. */
const OPEN_RANGE = new RegExp(
  [
    `${BEFORE}before\\s+(?<before>${GAP})`,
    `(?<before>${GAP})\\s*より前`,
    `${BEFORE}(?:until|till|up\\s+to)\\s+(?<until>${GAP})`,
    `(?<until>${GAP})\\s*(?:以前|まで)`,
    `${BEFORE}since\\s+(?<since>${GAP})`,
    `(?<since>${GAP})\\s*(?:以降|以後|から)`,
    `${BEFORE}after\\s+(?<after>${GAP})`,
    `(?<after>${GAP})\\s*より後`,
  ].join('|'),
  'giu',
);
/** Its hyphen would be one within a word, or the name of a file. */
const HYPHEN = new RegExp(
  `(?<=${BEFORE}(?:${MONTH_NAMES}|(?:19|20)\\d\\d))\\s*-\\s*(?=(?:${MONTH_NAMES}\\b|(?:19|20)\\d\\d(?![\\d_/-]|\\.[\\p{L}\\p{N}])))`,
  'giu',
);

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const WEEKDAY = `(?<weekday>${WEEKDAYS.join('|')})`;
const HAN_WEEKDAYS = '日月火水木金土';
const HAN_WEEKDAY = `(?<weekday>[${HAN_WEEKDAYS}])曜日?(?!\\p{sc=Han})`;

const NUMBERS = 'one two three four five six seven eight nine ten'.split(' ');
const HAN_NUMBERS = '一二三四五六七八九十';

/** Days with a name, in each year. What else is searched for beside them makes them words: "Christmas tree", "black Friday". */
const HOLIDAYS: readonly {
  english: string;
  japanese: string;
  days: readonly SearchDate[];
  /** Each is said in either language. */
  names?: readonly string[];
}[] = [
  { english: 'christmas\\s+eve', japanese: 'クリスマスイ[ブヴ]', days: [{ month: 12, day: 24 }] },
  { english: 'christmas\\s+day', japanese: '', days: [{ month: 12, day: 25 }] },
  {
    ...{ english: 'christmas|xmas', japanese: 'クリスマス' },
    days: [24, 25, 26].map((day) => ({ month: 12, day })),
    names: ['christmas', 'クリスマス'],
  },
  {
    english: `new\\s+year['’]?s\\s+eve`,
    japanese: '大晦日|大みそか',
    days: [{ month: 12, day: 31 }],
  },
  { english: `new\\s+year['’]?s\\s+day`, japanese: '元旦|元日', days: [{ month: 1, day: 1 }] },
  {
    ...{ english: `new\\s+year(?:['’]?s)?`, japanese: '' },
    days: [
      { month: 12, day: 31 },
      { month: 1, day: 1 },
    ],
    names: ['new year', '正月'],
  },
  {
    ...{ english: '', japanese: 'お?正月' },
    days: [1, 2, 3].map((day) => ({ month: 1, day })),
    names: ['new year', '正月'],
  },
];
/** What may stand beside such a day: it says nothing of its own. */
const FILLERS =
  /^(?:\s|photos?|pictures?|images?|videos?|the|of|on|in|from|at|my|写真|動画|画像|の|に|で|,)*$/iu;

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

const holiday = (english: string, japanese: string) =>
  [
    ...(english ? [`${BEFORE}(?:${english})${AFTER}`] : []),
    ...(japanese
      ? [`(?<![\\p{sc=Kana}\\p{sc=Han}ー])(?:${japanese})(?![\\p{sc=Kana}\\p{sc=Han}ー])`]
      : []),
  ].join('|');

type Pattern = readonly [pattern: string, read: Read, names?: readonly string[] | undefined];

const compiled = (patterns: readonly Pattern[]) =>
  patterns.map(([pattern, read, names = []]) => ({
    pattern: new RegExp(pattern, 'giu'),
    ...{ read, names },
  }));

/** 年度 is no year of the calendar. Those that are longer come first. */
const PATTERNS = compiled([
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
  [`${BEFORE}(?<which>last|this)\\s+${ENGLISH_SEASON}${AFTER}`, seasonOf],
  [`${BEFORE}last\\s+(?:christmas|xmas)${AFTER}`, lastChristmas],
  [`${BEFORE}${MONTH_ALONE}${AFTER}`, written],
  [
    `(?:${BEFORE}|(?<=から))(?<year>(?:19|20)\\d\\d)(?:${AFTER}|(?=[の春夏秋冬]|から|まで|以[前降後]|より[前後]))`,
    written,
  ],
]);

/** Only where nothing else is searched for than dates. */
const LOOSE_PATTERNS = compiled([
  ...HOLIDAYS.map(
    ({ english, japanese, days, names }): Pattern => [
      holiday(english, japanese),
      () => days,
      names,
    ],
  ),
  [`${BEFORE}${WEEKDAY}${AFTER}`, weekday],
  [`(?<!\\p{sc=Han})${HAN_WEEKDAY}`, weekday],
]);

/** Where the other end of a range stands beside it. */
const PATTERNS_OF_ENDS = compiled([
  [`${BEFORE}${MONTH}(?=${TO}${GAP})`, written],
  [`(?<=${GAP}${TO})${MONTH}${AFTER}`, written],
  [`(?<=\\bbetween\\s+)${MONTH}(?=\\s+and\\s+${GAP})`, written],
  [`(?<=\\bsince\\s+)${MONTH}${AFTER}`, written],
  [`(?<![\\p{L}\\p{N}])(?<month>\\d{1,2})(?=\\s*[-–—~〜]\\s*${GAP})`, written],
  [`(?<=${GAP}\\s*(?:から|[-–—~〜])\\s*)(?<day>\\d{1,2})日`, written],
]);

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
  let left = takeAll(plainText.replace(HYPHEN, ' – '), PATTERNS);
  left = takeAll(left, LOOSE_PATTERNS, 'loose');
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

/** Few of them are listed, so that what says them is found, too. @returns undefined for what has no order */
function between(
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

const orderOf = ({ month = 0, day = 0 }: SearchDate) => month * 32 + day;

/** Years, or months of years, if they are as few as are written out. */
function unitsBetween(first: SearchDate, last: SearchDate): SearchDate[] | undefined {
  if (first.day !== undefined || last.day !== undefined) return undefined;
  const isOfYears = isYear(first) && isYear(last);
  if (isYear(first) !== isYear(last)) return undefined;
  const numberOf = ({ year = 0, month = 1 }: SearchDate) =>
    isOfYears ? year : year * 12 + month - 1;
  const count = numberOf(last) - numberOf(first) + 1;
  if (count < 1 || count > MOST_WRITTEN) return undefined;
  return Array.from({ length: count }, (_, n) => {
    const number = numberOf(first) + n;
    return isOfYears
      ? { year: number }
      : { year: Math.floor(number / 12), month: (number % 12) + 1 };
  });
}

/** Months of each year, or at most a month of days. */
function partsBetween(first: SearchDate, last: SearchDate): SearchDate[] | undefined {
  const [start, month] = [first.month, last.month ?? first.month];
  if (start === undefined || month === undefined) return undefined;
  if (first.day === undefined && last.day === undefined) {
    const count = ((month - start + 12) % 12) + 1;
    return Array.from({ length: count }, (_, n) => ({ month: ((start - 1 + n) % 12) + 1 }));
  }
  if (first.day === undefined || last.day === undefined) return undefined;
  // A leap year has all days.
  const begin = Date.UTC(2024, start - 1, first.day);
  const end = Date.UTC(
    orderOf(first) > orderOf({ month, day: last.day }) ? 2025 : 2024,
    month - 1,
    last.day,
  );
  const count = (end - begin) / DAY_MS + 1;
  if (count > 31) return undefined;
  return Array.from({ length: count }, (_, n) => {
    const { month, day } = dateOf(begin + n * DAY_MS);
    return { month, day };
  });
}

function openRange(
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

/** The last day of a month is said to be its 31st. */
function dayBeside(day: string, days: number): string {
  const [y = 0, m = 1, d = 1] = day.split('-').map(Number);
  const last = new Date(Date.UTC(y, m, 0)).getUTCDate();
  const { year, month, day: on } = dateOf(Date.UTC(y, m - 1, Math.min(d, last) + days));
  return `${padded(year, 4)}-${padded(month)}-${padded(on)}`;
}

const isRange = ({ from, to }: SearchDate) => (from ?? to) !== undefined;
const isOfEachYear = (date: SearchDate) => date.year === undefined && !isRange(date);

/** Also without the particle between two dates, or after the last one. */
const plain = (left: string) =>
  left
    .replace(new RegExp(`${GAP}\\s*[のにで](?=\\s|${GAP}|$)`, 'gu'), ' ')
    .replace(ALL_GAPS, ' ')
    .trim();

/** Whether a time such as `2024-07-14T16:02:11` is of one of these dates. An empty one is of none. */
export function isOn(dates: readonly SearchDate[], taken: string): boolean {
  const whole = taken.slice(0, 10);
  const [y, m, d] = whole.split('-').map(Number);
  if (d === undefined) return false;
  return dates.some(
    ({ year = y, month = m, day = d, from = whole, to = whole }) =>
      year === y && month === m && day === d && from <= whole && whole <= to,
  );
}

/** The days by which a media is dated, by its terms: also by the name of its file. */
export function daysIn(places: string): string[] {
  return [...places.matchAll(/ @(\d{4}-\d\d-\d\d):/g)].map(([, day = '']) => day);
}

const FIRST_DAY = '0001-01-01';
const LAST_DAY = '9999-12-31';

/** From the first day to the last one; undefined: it is in each year. */
export function daysOf(dates: readonly SearchDate[]): [string, string] | undefined {
  const days = dates.flatMap(({ year, month, day, from, to }) => {
    if ((from ?? to) !== undefined && month === undefined)
      return [[from ?? FIRST_DAY, to ?? LAST_DAY] as const];
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

/** From one day of a month to another one. */
function writtenDays(groups: Groups): readonly SearchDate[] | undefined {
  const [first] = written(groups) ?? [];
  const [last] = written({ ...groups, day: groups.last }) ?? [];
  if (!first || !last || (first.day ?? 0) >= (last.day ?? 0)) return undefined;
  return between([first], [last]);
}

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

const dayBefore = (today: string, days: number) =>
  dateOf(Date.parse(`${today}T00:00:00Z`) - days * DAY_MS);

function dateOf(time: number) {
  const at = new Date(time);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
}

/** "Two years ago" is a year, "3週間前" a week. */
function ago({ count = '', unit = '' }: Groups, today: string): SearchDate[] {
  const han = HAN_NUMBERS.indexOf(count) + 1;
  const named = NUMBERS.indexOf(count.toLowerCase()) + 1;
  const number = /\d/.test(count) ? Number(count) : han || named || 1;
  if (/^(?:年|year)/i.test(unit)) return [yearBefore(today, number)];
  if (/^(?:週|week)/i.test(unit)) return weekBefore(today, number);
  return /^(?:日|day)/i.test(unit) ? [dayBefore(today, number)] : [monthBefore(today, number)];
}

/** The last one; of this week or the last one, if that is said. Today's is meant by its name alone. */
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

/** The last one that is over. */
function lastChristmas(_: Groups, today: string): SearchDate[] {
  const { year, month, day } = dayBefore(today, 0);
  const isOver = month === 12 && day > 26;
  return [24, 25, 26].map((day) => ({ year: isOver ? year : year - 1, month: 12, day }));
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

const padded = (number: number, length = 2) => String(number).padStart(length, '0');
