/** Name of a place in the language of the page: "Paris, Île-de-France, France", 「フランス、パリ」. */
import type { Media } from '../../client/index.ts';
import { commaIn } from '../words/index.ts';

type CapturePlace = NonNullable<NonNullable<Media['analytics']>['capture']['place']>;

/** @returns undefined for a place without a name */
export function placeName(place: CapturePlace, language: string): string | undefined {
  const names = placeNames(place, language);
  const ordered = language === 'ja' ? names.reverse() : names;
  return ordered.length > 0 ? ordered.join(commaIn(language)) : undefined;
}

/** The town first, the country last. */
export function placeNames(
  { city, region, country, translations }: CapturePlace,
  language: string,
): string[] {
  if (country === undefined) return [];
  const isJapanese = language === 'ja';
  const own = isJapanese ? translations?.ja : undefined;
  const town = own?.city ?? city;
  // 「日本、東京都、東京」 and "Tokyo, Tokyo, Japan" need the name only once.
  const wide = isJapanese ? own?.region : region;
  const isCity = town != null && wide?.startsWith(town);
  const named = [town, isCity ? undefined : (wide ?? (town == null ? region : undefined))];
  return [...named, countryIn(language, country)].filter((part) => part != null);
}

function countryIn(language: string, code: string): string {
  return new Intl.DisplayNames(language, { type: 'region' }).of(code) ?? code;
}
