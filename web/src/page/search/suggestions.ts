/** What one may be about to type: the words that the page knows from the media that it has loaded. */
import type { Media } from '../../client/index.ts';

/** More would be no help to a person who reads them. */
const MOST = 50;

/** Each with the most frequent first, none of them twice. */
export interface Suggestions {
  all: readonly string[];
  /** Of tags and kinds of objects. */
  labels: readonly string[];
  places: readonly string[];
}

/**
 * @param language Of the page.
 * @param label What a tag or an object is called in it.
 */
export function suggestionsOf(
  media: Iterable<Media>,
  language: string,
  label: (name: string) => string,
): Suggestions {
  const labels = new Map<string, Counted>();
  const places = new Map<string, Counted>();
  for (const { analytics } of media) {
    if (!analytics) continue;
    const { tags, objects, capture } = analytics;
    count(labels, [...tags, ...objects.map((each) => each.label)].map(label));
    count(places, namesOf(capture.place, language));
  }
  return {
    all: frequent(labels, places),
    labels: frequent(labels),
    places: frequent(places),
  };
}

interface Counted {
  word: string;
  count: number;
}

/** Counts each once, however often a media has it: ten persons are no reason to suggest one. */
function count(counts: Map<string, Counted>, words: readonly string[]): void {
  const once = new Map(words.map((word) => [word.trim().toLowerCase(), word.trim()]));
  for (const [key, word] of once) {
    if (key === '') continue;
    const known = counts.get(key);
    if (known) known.count++;
    else counts.set(key, { word, count: 1 });
  }
}

function frequent(...counts: ReadonlyMap<string, Counted>[]): string[] {
  const sorted = counts.flatMap((each) => [...each.values()]).sort((a, b) => b.count - a.count);
  const words = new Map<string, string>();
  for (const { word } of sorted)
    if (!words.has(word.toLowerCase())) words.set(word.toLowerCase(), word);
  return [...words.values()].slice(0, MOST);
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
