const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH = String.raw`(?<month>${MONTHS.join('|')})[a-z]*\.?`;

/** Each has the groups year, month and day. */
const CLEAR = [
  /(?<!\d)(?<year>20\d\d)\s?[-/.年]\s?(?<month>\d{1,2})\s?[-/.月]\s?(?<day>\d{1,2})(?!\d)/g,
  /(?<!\d)(?<day>\d{1,2})\.\s?(?<month>\d{1,2})\.\s?(?<year>20\d\d)(?!\d)/g,
  // With fewer digits it may be a misread amount.
  /(?<![\d.])(?<day>\d\d)\.(?<month>\d\d)\.(?<year>\d\d)(?![\d.])/g,
  new RegExp(
    String.raw`(?<!\d)(?<day>\d{1,2})(?:st|nd|rd|th)?[\s-]*${MONTH},?[\s-]*(?<year>(?:20)?\d\d)(?![\d:])`,
    'gi',
  ),
  new RegExp(
    String.raw`\b${MONTH}\s*(?<day>\d{1,2})(?:st|nd|rd|th)?,?\s*(?<year>20\d\d)(?!\d)`,
    'gi',
  ),
];
/** The day or the month comes first. */
const UNCLEAR = /(?<![\d/])(\d{1,2})([/-])(\d{1,2})\2((?:20)?\d\d)(?![\d/])/g;
/** Where these currencies are used, the first two digits may be the year. */
const YEAR_FIRST = new Set(['JPY', 'CNY', 'KRW']);
const MONTH_FIRST = new Set(['USD']);
const DAY_FIRST = new Set([
  'GBP',
  'EUR',
  'CHF',
  'AUD',
  'NZD',
  'SEK',
  'NOK',
  'DKK',
  'PLN',
  'CZK',
  'MYR',
]);

/** @returns ISO 8601; null if there is no date, or more than one */
export function dateOf(texts: readonly string[], currency: string | null): string | null {
  const labelled = texts.filter((text) => /\bdat(e|um)\b|日付|日時/i.test(text));
  for (const some of [labelled, texts]) {
    const [only, ...others] = new Set(some.flatMap((text) => datesIn(text, currency)));
    if (only !== undefined && others.length === 0) return only;
  }
  return null;
}

function datesIn(text: string, currency: string | null): string[] {
  const clear = CLEAR.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ groups: { year, month, day } = {} }) =>
      isoDate(year, monthNumber(month), Number(day)),
    ),
  );
  const unclear = [...text.matchAll(UNCLEAR)].map(([, one, , other, year]) => {
    const [first, second] = [Number(one), Number(other)];
    // `06/2/2026`: a digit was not read.
    if ([one, other].some((part) => part?.[0] === '0') && one?.length !== other?.length)
      return null;
    // `18-06-04`: hardly a year, and perhaps a day.
    const mayBeDay = year !== undefined && year.length === 2 && Number(year) < 10;
    if (mayBeDay || (currency !== null && YEAR_FIRST.has(currency) && year?.length === 2))
      return null;
    const isDayFirst = first > 12 || (second <= 12 && currency !== null && DAY_FIRST.has(currency));
    const isMonthFirst =
      second > 12 || (first <= 12 && currency !== null && MONTH_FIRST.has(currency));
    if (isDayFirst) return isoDate(year, second, first);
    if (isMonthFirst || first === second) return isoDate(year, first, second);
    return null;
  });
  return [...clear, ...unclear].filter((date) => date !== null);
}

function monthNumber(month = ''): number {
  const index = MONTHS.indexOf(month.toLowerCase());
  return index < 0 ? Number(month) : index + 1;
}

/** @returns null for a day that does not exist */
function isoDate(year = '', month: number, day: number): string | null {
  const full = year.length === 2 ? `20${year}` : year;
  const date = new Date(Date.UTC(Number(full), month - 1, day));
  const isReal = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.toISOString().slice(0, 10) : null;
}
