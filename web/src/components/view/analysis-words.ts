import type { AnalysisInfo, Media } from '../../client/index.ts';
import { formatDay } from '../base/dates.ts';
import { baseOf, type Words } from '../words/index.ts';

/** The analysis whose answer is the media's `analytics`. */
export const DESCRIBE = 'describe';

/** The analyses that this service can make, the description first. */
export function offeredOf(analyses: readonly AnalysisInfo[]): AnalysisInfo[] {
  const isFirst = ({ name }: AnalysisInfo) => Number(name === DESCRIBE);
  return analyses.filter(({ offered }) => offered).sort((a, b) => isFirst(b) - isFirst(a));
}

export const titleOf = (info: AnalysisInfo, language: string): string =>
  translationOf(info, language)?.title ?? info.title;

export const descriptionOf = (info: AnalysisInfo, language: string): string =>
  translationOf(info, language)?.description ?? info.description;

export const translationOf = ({ translations }: AnalysisInfo, language: string) =>
  translations[language] ?? translations[baseOf(language)];

/** Whether a field holds an amount of money, in the smallest unit of its currency. */
export const isAmount = (name: string, value: unknown): value is number =>
  name.endsWith('_cents') && Number.isInteger(value);

/** @param currency ISO 4217; undefined: not known. */
export function formatAmount(
  amount: number,
  currency: string | undefined,
  words: Pick<Words, 'language'>,
): string {
  const format = currencyFormat(currency, words.language);
  if (!format) return formatNumber(amount, words);
  const { maximumFractionDigits: digits = 0 } = format.resolvedOptions();
  return format.format(amount / 10 ** digits);
}

/** @returns undefined if the currency is not known, or the model wrote no code but e.g. `€` */
export function currencyFormat(currency: string | undefined, language: string) {
  try {
    return currency && new Intl.NumberFormat(language, { style: 'currency', currency });
  } catch {
    return undefined;
  }
}

export const formatNumber = (value: number, { language }: Pick<Words, 'language'>): string =>
  // A year gets no comma.
  value.toLocaleString(language, { maximumFractionDigits: 6, useGrouping: 'min2' });

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

/** The currency of the amounts in this object and in the objects inside it. */
export const currencyIn = ({ currency }: Record<string, unknown>): string | undefined =>
  typeof currency === 'string' ? currency : undefined;

/** Whether the media has no description in the language of the page. */
export const isInOtherLanguage = ({ analytics }: Media, language: string): boolean =>
  analytics === null || baseOf(analytics.language) !== baseOf(language);
