/** Reads amounts of money, with a point or a comma as the decimal sign. */

export interface Amount {
  /** The digits before the decimal sign. `fraction` has the two after it, or none. */
  whole: string;
  fraction: string;
  isNegative: boolean;
  /** It has a currency sign. */
  hasSign: boolean;
  /** Its position in the text, with its currency and minus sign. */
  start: number;
}

const CURRENCY = String.raw`(?:US\$|[£$€¥￥]|EUR|USD|GBP|JPY|CHF|RM|MYR)`;
const GROUPS = String.raw`\d{1,3}(?:[.,'’ ]\d{3})+|\d{1,7}`;
const AT_END = new RegExp(
  String.raw`(?<![\d.,:;'’·/])(?<minus>[-−(]?)\s?(?<sign>${CURRENCY})?\s?(?<inner>[-−]?)(?<whole>${GROUPS})(?:\s?[.,]\s?(?<fraction>\d{2}))?(?<behind>\s?[-−)])?\s?(?<unit>${CURRENCY}|円)?\s?(?:[A-Z*]|[SZ]R|ZRL|OS)?$`,
  'u',
);
/** Currencies without a smaller unit. */
const WHOLE = new Set(['JPY', 'KRW', 'CLP', 'VND']);

/** @returns the amount at the end of a row; null if there is none, or if it can be read in two ways */
export function amountAtEnd(text: string): Amount | null {
  const match = AT_END.exec(text.trimEnd());
  const { minus, inner, whole, fraction = '', behind, sign, unit } = match?.groups ?? {};
  if (!match || whole === undefined) return null;
  // `3 150.00` may be three for 150.00 each.
  if (whole.includes(' ')) return null;
  const separators = new Set(whole.match(/[.,]/g));
  const decimal = fraction && /[.,]/.exec(match[0].slice(match[0].indexOf(whole) + whole.length));
  // `1.234.56` and `1,2.34` are not amounts.
  if (separators.size > 1 || (decimal && separators.has(decimal[0]))) return null;
  return {
    whole: whole.replace(/\D/g, ''),
    fraction,
    isNegative: !!(minus || inner || behind?.trim()),
    hasSign: !!(sign || unit),
    start: match.index,
  };
}

/** @returns the amount in the smallest unit of its currency; null if that depends on an unknown currency */
export function toMinorUnits(
  { whole, fraction, isNegative, hasSign }: Amount,
  currency: string | null,
): number | null {
  const isWhole = currency !== null && WHOLE.has(currency);
  // Without a sign a whole number may be a house number or a quantity.
  if (fraction === '' ? currency === null || !hasSign : isWhole) return null;
  const units = Number(whole) * (isWhole ? 1 : 100) + Number(fraction);
  return isNegative ? -units : units;
}
