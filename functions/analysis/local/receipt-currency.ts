/** Beside an amount, or alone at the end of a row: elsewhere three letters may be part of a name. */
const CODES =
  /\b(EUR|USD|GBP|JPY|CHF|AUD|CAD|NZD|SGD|HKD|CNY|KRW|INR|SEK|NOK|DKK|PLN|CZK|MYR)(?=\W*\d|\W*$)|(?<=\d\s?)(EUR|USD|GBP|JPY|CHF|AUD|CAD|NZD|SGD|HKD|CNY|KRW|INR|SEK|NOK|DKK|PLN|CZK|MYR)\b/gm;
/** The yen and the yuan share a sign. */
const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}円税]|合計/u;
/** Many countries have dollars. A state with a postal code, and sales tax, are from the US. */
const AMERICAN = /\b[A-Z]{2}\s+\d{5}(-\d{4})?\b|\bsales tax\b|US\$/i;
/** Other countries have postal codes of five digits too. The US has none of these words. */
const NOT_AMERICAN = /\b(gst|vat|hst|sst|sdn|bhd)\b/i;
/** The Malaysian ringgit, beside an amount or at the head of a column. */
const RINGGIT = /\bRM\s?-?\d+[.,]\d\d|\(RM\)|\bRM$/m;

/** @returns ISO 4217; null if there is any doubt */
export function currencyOf(texts: readonly string[]): string | null {
  const text = texts.join('\n');
  const found = new Set(text.match(CODES));
  if (RINGGIT.test(text)) found.add('MYR');
  if (/£\s?\d/.test(text)) found.add('GBP');
  if (/€\s?\d|\d\s?€/.test(text)) found.add('EUR');
  if (/[¥￥]\s?\d|\d\s?円/.test(text)) {
    if (JAPANESE.test(text)) found.add('JPY');
    else if (!found.has('JPY') && !found.has('CNY')) return null;
  }
  if (/\$\s?\d/.test(text) && ![...found].some((code) => code.endsWith('D'))) {
    if (!AMERICAN.test(text) || NOT_AMERICAN.test(text)) return null;
    found.add('USD');
  }
  const [only, ...others] = found;
  return only !== undefined && others.length === 0 ? only : null;
}
