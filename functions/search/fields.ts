/** The fields by which a search finds a media. They are written in the commit that changes what they are made of. */
import type { Analytics } from '@media-analysis/shared/analytics';
import { labelIn } from '@media-analysis/shared/labels';
import { MAX_PEOPLE, type MEDIA_KINDS } from '@media-analysis/shared/search';
import { termsOf } from './words.ts';

/** Grows when terms are made in another way: records of a lower version are written anew. */
export const SEARCH_VERSION = 3;

/** Each term is an entry in an index, so a long text in a picture is found by its beginning. */
const MAX_TERMS = 300;

/** Where a term was found, one bit each. */
export const PLACES = { title: 1, tag: 2, text: 4, summary: 8, name: 16 } as const;
export type Place = keyof typeof PLACES;

/** The tables of labels there are besides the English ones. */
const LABEL_LANGUAGES = ['ja'];

export interface SearchFields {
  version: number;
  /** The most important ones first. Firestore finds the media by them. */
  terms: string[];
  /**
   * Each term with the sum of the bits of its places: ` dog:3 wood:8 `. Candidates are compared by this text alone: to read
   * a list of terms from Firestore takes many times as long.
   */
  places: string;
  kind: (typeof MEDIA_KINDS)[number];
  /** At most `MAX_PEOPLE`; 0: nobody was seen; null: they were not counted. */
  people: number | null;
  safety: Analytics['safety']['verdict'];
}

interface Subject {
  file_name: string;
  content_type: string;
  /** A record of an earlier version may lack a field. */
  analytics: Partial<Analytics> | null;
}

export function searchFieldsOf({ file_name, content_type, analytics }: Subject): SearchFields {
  const places = placesOf(file_name, analytics);
  const kept = [...places].slice(0, MAX_TERMS);
  const people = analytics?.people_count ?? (analytics && sawNobody(analytics) ? 0 : null);
  return {
    version: SEARCH_VERSION,
    terms: kept.map(([term]) => term),
    places: ` ${kept.map(([term, bits]) => `${term}:${bits}`).join(' ')} `,
    kind: content_type.startsWith('video/') ? 'video' : 'image',
    people: people === null ? null : Math.min(people, MAX_PEOPLE),
    safety: analytics?.safety?.verdict ?? 'unknown',
  };
}

/**
 * This model never counts 0 people, because it misses people who are far away. A search for pictures without people finds
 * those in which it saw nobody.
 */
const CAUTIOUS_MODEL = 'local/vision';
const PEOPLE: readonly string[] = ['person', 'face'];

function sawNobody({ model, objects }: Partial<Analytics>): boolean {
  return model === CAUTIOUS_MODEL && !objects?.some(({ label }) => PEOPLE.includes(label));
}

function placesOf(fileName: string, analytics: Subject['analytics']): Map<string, number> {
  const places = new Map<string, number>();
  const add = (place: Place, text: string | null | undefined) => {
    if (!text) return;
    for (const term of termsOf(text, { short: place !== 'text' && place !== 'summary' })) {
      places.set(term, (places.get(term) ?? 0) | PLACES[place]);
    }
  };
  const { title, tags = [], objects = [], scene, mood, summary, segments, text } = analytics ?? {};
  for (const label of new Set([...tags, ...objects.map((object) => object.label)])) {
    add('tag', label);
    for (const language of LABEL_LANGUAGES) add('tag', labelIn(language, label));
  }
  add('title', title);
  add('name', fileName.replace(/\.[^.]+$/, ''));
  for (const each of [scene, mood, summary]) add('summary', each);
  for (const segment of segments ?? []) add('summary', segment.summary);
  add('text', text);
  return places;
}

/** Where `term` was found: the bits of `PLACES`; 0: nowhere. */
export function placesIn(places: string, term: string): number {
  const found = places.indexOf(` ${term}:`);
  return found === -1 ? 0 : Number.parseInt(places.slice(found + term.length + 2), 10);
}
