/** Tells the currency of a receipt, if the receipt leaves no doubt. */

const CODES = /\b(EUR|USD|GBP|JPY|CHF|AUD|CAD|NZD|SGD|HKD|CNY|KRW|INR|SEK|NOK|DKK|PLN|CZK)\b/g;
/** The yen and the yuan share a sign. */
const JAPANESE = /[\p{Script=Hiragana}\p{Script=Katakana}円税]|合計/u;
/** Many countries call their money dollars. A state with a postal code, and sales tax, are of the US. */
const AMERICAN = /\b[A-Z]{2}\s+\d{5}(-\d{4})?\b|\bsales tax\b|US\$/i;

/** @returns ISO 4217; null if it is not sure. */
export function currencyOf(texts: readonly string[]): string | null {
  const text = texts.join('\n');
  const found = new Set(text.match(CODES));
  if (/£\s?\d/.test(text)) found.add('GBP');
  if (/€\s?\d|\d\s?€/.test(text)) found.add('EUR');
  if (/[¥￥]\s?\d|\d\s?円/.test(text)) {
    if (JAPANESE.test(text)) found.add('JPY');
    else if (!found.has('JPY') && !found.has('CNY')) return null;
  }
  if (/\$\s?\d/.test(text) && ![...found].some((code) => code.endsWith('D'))) {
    if (!AMERICAN.test(text)) return null;
    found.add('USD');
  }
  const [only, ...others] = found;
  return only !== undefined && others.length === 0 ? only : null;
}
