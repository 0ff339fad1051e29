/** Name of a place in the language of the page: "Paris, Île-de-France, France", 「フランス、パリ」. */
import type { Media } from '../../client/index.ts';
import { commaIn } from '../words/index.ts';

type CapturePlace = NonNullable<NonNullable<Media['analytics']>['capture']['place']>;

/** @returns undefined for a place without a name */
export function placeName(
  { city, region, country, translations }: CapturePlace,
  language: string,
): string | undefined {
  if (country === undefined) return undefined;
  const isJapanese = language === 'ja';
  const own = isJapanese ? translations?.ja : undefined;
  const town = own?.city ?? city;
  // 「日本、東京都、東京」 and "Tokyo, Tokyo, Japan" need the name only once.
  const wide = isJapanese ? own?.region : region;
  const isCity = town != null && wide?.startsWith(town);
  const named = [town, isCity ? undefined : (wide ?? (town == null ? region : undefined))];
  const parts = [...named, countryIn(language, country)].filter((part) => part != null);
  return (isJapanese ? parts.reverse() : parts).join(commaIn(language));
}

function countryIn(language: string, code: string): string {
  return new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code;
}
