/** What one may be about to type: the words that the page knows from the media that it has loaded. */
import type { Media } from '../../client/index.ts';

/** More would be no help to a person who reads them. */
const MOST = 50;

/** Each with the most frequent first, none of them twice. */
export type Suggestions = ReturnType<typeof suggestionsOf>;

/**
 * @param language Of the page.
 * @param label What a tag or an object is called in it.
 */
export function suggestionsOf(
  media: Iterable<Media>,
  language: string,
  label: (name: string) => string,
): { labels: string[]; places: string[] } {
  const labels: string[] = [];
  const places: string[] = [];
  for (const { analytics } of media) {
    if (!analytics) continue;
    const { tags, objects, capture } = analytics;
    // Each once: ten persons are no reason to suggest one.
    labels.push(...new Set([...tags, ...objects.map((each) => each.label)].map(label)));
    places.push(...namesOf(capture.place, language));
  }
  return { labels: frequent(labels), places: frequent(places) };
}

function frequent(words: readonly string[]): string[] {
  const counts = new Map<string, { word: string; count: number }>();
  for (const each of words) {
    const word = each.trim();
    const known = counts.get(word.toLowerCase());
    if (known) known.count++;
    else if (word) counts.set(word.toLowerCase(), { word, count: 1 });
  }
  const sorted = [...counts.values()].sort((a, b) => b.count - a.count);
  return sorted.slice(0, MOST).map(({ word }) => word);
}

type Place = NonNullable<Media['analytics']>['capture']['place'];

/** City, region and country, each of which finds it. */
function namesOf(place: Place, language: string): string[] {
  if (!place) return [];
  const { city, region, country, translations } = place;
  const own = language === 'ja' ? translations?.ja : undefined;
  const land = country && new Intl.DisplayNames(language, { type: 'region' }).of(country);
  return [own?.city ?? city, own?.region ?? region, land].filter((name) => name != null);
}
