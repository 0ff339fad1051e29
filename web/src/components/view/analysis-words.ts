/** What an analysis, its fields and its values are called for a person. */
import type { AnalysisInfo, Media } from '../../client/index.ts';
import { formatDay } from '../base/dates.ts';
import type { Words } from '../words/index.ts';

/** The analysis whose answer is the media's `analytics`. */
export const DESCRIBE = 'describe';

/** Those that this service can make: the description first, then the others by their names. */
export function offeredOf(analyses: readonly AnalysisInfo[]): AnalysisInfo[] {
  const isDescription = ({ name }: AnalysisInfo) => Number(name === DESCRIBE);
  return analyses
    .filter(({ offered }) => offered)
    .sort((a, b) => isDescription(b) - isDescription(a));
}

/** The name of an analysis in the language of the page. */
export function titleOf(info: AnalysisInfo, language: string): string {
  return translationOf(info, language)?.title ?? info.title;
}

/** What an analysis is for, in the language of the page. */
export function descriptionOf(info: AnalysisInfo, language: string): string {
  return translationOf(info, language)?.description ?? info.description;
}

export function translationOf({ translations }: AnalysisInfo, language: string) {
  const [base = language] = language.split('-');
  return translations[language] ?? translations[base];
}

/** Whether a field holds an amount of money, in the smallest unit of its currency. */
export function isAmount(name: string, value: unknown): value is number {
  return name.endsWith('_cents') && Number.isInteger(value);
}

/** @param currency As in ISO 4217; undefined: not known. */
export function formatAmount(
  amount: number,
  currency: string | undefined,
  { language }: Pick<Words, 'language'>,
): string {
  const format = currency === undefined ? undefined : currencyFormat(currency, language);
  if (!format) return formatNumber(amount, { language });
  const { maximumFractionDigits: digits = 0 } = format.resolvedOptions();
  return format.format(amount / 10 ** digits);
}

/** @returns undefined if the model has written something else than a code, such as `€` */
export function currencyFormat(currency: string, language: string): Intl.NumberFormat | undefined {
  try {
    return new Intl.NumberFormat(language, { style: 'currency', currency });
  } catch {
    return undefined;
  }
}

export function formatNumber(value: number, { language }: Pick<Words, 'language'>): string {
  // A year gets no comma.
  return new Intl.NumberFormat(language, {
    maximumFractionDigits: 6,
    useGrouping: 'min2',
  }).format(value);
}

/**
 * The first words of an answer, for a place that has no space for all of it.
 * @example briefly({ merchant: 'Corner Shop', currency: 'EUR', total_cents: 1234 }, en) // 'Corner Shop · €12.34'
 */
export function briefly(output: Record<string, unknown>, words: Words): string {
  const currency = currencyIn(output);
  return Object.entries(output)
    .flatMap(([name, value]) => {
      if (isAmount(name, value)) return formatAmount(value, currency, words);
      if (name === 'currency') return [];
      if (typeof value === 'number') return formatNumber(value, words);
      return typeof value === 'string' && value !== '' ? formatDay(value, words.language) : [];
    })
    .join(' · ');
}

/** The currency of the amounts in this object, and in those inside it. */
export function currencyIn(output: object): string | undefined {
  const { currency } = output as { currency?: unknown };
  return typeof currency === 'string' ? currency : undefined;
}

/** Whether the media is described in another language than that of the page, or not at all. */
export const isInOtherLanguage = ({ analytics }: Media, language: string): boolean =>
  analytics?.language.split('-')[0] !== language.split('-')[0];
