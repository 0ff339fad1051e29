/** Suggestions while the user types: words from the media that the page has loaded. */
import type { Media } from '../../client/index.ts';

/** More suggestions would not help a reader. */
const MOST = 50;

export type Suggestions = ReturnType<typeof suggestionsOf>;

type Label = (name: string) => string;

/** @returns the most frequent first, each once, in the language of the page */
export function suggestionsOf(media: Iterable<Media>, language: string, label: Label) {
  const known = [...media].flatMap(({ analytics }) => analytics ?? []);
  return {
    // Each label counts once per media, even with ten persons in it.
    labels: frequent(
      known.flatMap(({ tags, objects }) => [
        ...new Set([...tags, ...objects.map((each) => each.label)].map(label)),
      ]),
    ),
    places: frequent(known.flatMap(({ capture }) => namesOf(capture.place, language))),
  };
}

function frequent(words: readonly string[]): string[] {
  const counts = new Map<string, { word: string; count: number }>();
  for (const word of words.map((each) => each.trim()).filter(Boolean)) {
    const key = word.toLowerCase();
    const { word: first = word, count = 0 } = counts.get(key) ?? {};
    counts.set(key, { word: first, count: count + 1 });
  }
  const sorted = [...counts.values()].sort((a, b) => b.count - a.count);
  return sorted.slice(0, MOST).map(({ word }) => word);
}

type Place = NonNullable<Media['analytics']>['capture']['place'];

/** The city, region and country, each of which finds the place. */
function namesOf(place: Place, language: string): string[] {
  if (!place) return [];
  const { city, region, country, translations } = place;
  const own = language === 'ja' ? translations?.ja : undefined;
  const land = country && new Intl.DisplayNames(language, { type: 'region' }).of(country);
  return [own?.city ?? city, own?.region ?? region, land].filter((name) => name != null);
}
