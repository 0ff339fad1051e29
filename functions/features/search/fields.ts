/** The fields by which a search finds a media. The commit that changes their sources writes them too. */
import type { Analytics } from '@media-analysis/shared/analytics';
import { PHOTO_TYPES, VIDEO_TYPES } from '@media-analysis/shared/file-types';
import { labelIn } from '@media-analysis/shared/labels';
import { SURE, withoutUnseen } from '@media-analysis/shared/local-models';
import { MAX_PEOPLE, type MEDIA_KINDS } from '@media-analysis/shared/search';
import type { SearchDate } from './calendar.ts';
import { datesInText, dateTermsOf, daysInName } from './dates.ts';
import { lineOf, spellingsIn, termsOf } from './words.ts';

/** Increase it when terms are made differently. Records of a lower version are then written again. */
export const SEARCH_VERSION = 9;

/** Each term is an index entry, so only the beginning of a long text in a picture is found. */
const MAX_TERMS = 300;

/** Where a term was found, one bit each. */
export const PLACES = {
  title: 1,
  tag: 2,
  text: 4,
  summary: 8,
  name: 16,
  kind: 32,
  /** Where the photo was taken. */
  location: 64,
  camera: 128,
  date: 256,
} as const;
export type Place = keyof typeof PLACES;

/** Names of the kinds, as in `spellings.ts`. */
export const KIND_WORDS = { video: 'video', image: 'photo' } as const;

/** Names of countries are found in these languages. */
const COUNTRY_LANGUAGES = ['en', 'ja'];

/** Each type by its usual file extension. `spellings.ts` has other names. */
const FILE_WORDS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({ ...PHOTO_TYPES, ...VIDEO_TYPES }).map(([type, [word]]) => [type, word]),
);
export const ALL_FILE_WORDS: readonly string[] = Object.values(FILE_WORDS);

/** Besides English. */
const LABEL_LANGUAGES = ['ja'];

export interface SearchFields {
  version: number;
  /** Firestore finds the media by these. The most important ones come first. */
  terms: string[];
  /**
   * Each term with the bits of its places: ` dog:3 wood:8 `. Candidates are compared by this text only, because reading a list of terms
   * from Firestore takes many times as long.
   */
  places: string;
  kind: (typeof MEDIA_KINDS)[number];
  /** At most `MAX_PEOPLE`; 0 if nobody was seen; null if the number is not known. */
  people: number | null;
  safety: Analytics['safety']['verdict'];
  /** `2019-04-14T16:02:11` by the camera's clock; null if the file does not say it. */
  taken: string | null;
  /** True if the file says where it was taken. The map shows these media. */
  located: boolean;
}

interface Words {
  file_name: string;
  /** A record of an earlier version may lack a field. */
  analytics: Partial<Analytics> | null;
}

interface Subject extends Words {
  content_type: string;
  /** Measured by us, after the upload. */
  facts?: { capture?: Capture } | null | undefined;
}

type Capture = Partial<Analytics['capture']>;

export function searchFieldsOf({
  file_name,
  content_type,
  analytics,
  facts,
}: Subject): SearchFields {
  const kind = content_type.startsWith('video/') ? 'video' : 'image';
  const capture = { ...analytics?.capture, ...facts?.capture };
  const taken = capture.taken_at ?? null;
  const days = [...(taken ? [taken.slice(0, 10)] : []), ...daysInName(file_name)];
  const places = new Map<string, number>([
    ...datePlaces(days, { file_name, analytics }),
    ...placesOf({ file_name, analytics }, capture, [KIND_WORDS[kind], FILE_WORDS[content_type]]),
  ]);
  const kept = [...places].slice(0, MAX_TERMS);
  const people = analytics?.people_count ?? (analytics && peopleSeen(analytics));
  return {
    version: SEARCH_VERSION,
    terms: kept.map(([term]) => term),
    places: ` ${kept.map(([term, bits]) => `${term}:${bits}`).join(' ')} `,
    kind,
    people: people === null ? null : Math.min(people, MAX_PEOPLE),
    safety: analytics?.safety?.verdict ?? 'unknown',
    taken,
    located: (capture.place ?? null) !== null,
  };
}

/** This model counts people only without doubt, and never says zero, because it misses people who are far away. */
const CAUTIOUS_MODEL = 'local/vision';

/**
 * A search may be less strict than the model: "2 people (perhaps 3)" is at least 2, "Possibly 5 people" is found as 5, and nobody is
 * 0. A picture of a document has no number.
 */
function peopleSeen({ model, objects = [], tags = [] }: Partial<Analytics>): number | null {
  if (model !== CAUTIOUS_MODEL) return null;
  const faces = objects.filter(({ label }) => label === 'face').length;
  const persons = objects.filter(({ label }) => label === 'person');
  const sure = persons.filter(({ confidence }) => confidence >= SURE).length;
  const least = Math.max(sure, faces);
  if (least > 0 || persons.length === 0) return least;
  return tags.includes('document') ? null : persons.length;
}

/** Single letters of these texts are no terms: 町 in 箱根町 does not mean that a town can be seen. */
const WITHOUT_LETTERS: readonly Place[] = ['text', 'summary', 'location'];

/** From its own days, and from dates in its texts. */
function datePlaces(days: readonly string[], subject: Words): Map<string, number> {
  const places = new Map<string, number>();
  const add = (date: SearchDate, bits: number) => {
    for (const term of dateTermsOf(date)) places.set(term, (places.get(term) ?? 0) | bits);
  };
  for (const each of days) {
    const [year, month, day] = each.split('-').map(Number);
    add({ year, month, day }, PLACES.date);
  }
  for (const [place, text] of textsOf(subject)) {
    for (const date of datesInText(text)) add(date, PLACES[place]);
  }
  return places;
}

/** Days from the time when a media was taken, and from its file name. */
export function daysIn(places: string): string[] {
  return [...places.matchAll(/ @(\d{4}-\d\d-\d\d):(\d+)/g)].flatMap(([, day, bits]) =>
    day !== undefined && Number(bits) & PLACES.date ? [day] : [],
  );
}

function placesOf(
  subject: Words,
  capture: Capture,
  kinds: readonly (string | undefined)[],
): Map<string, number> {
  const places = new Map<string, number>();
  for (const word of kinds) if (word) places.set(word, PLACES.kind);
  for (const [place, text] of [...captureTexts(capture), ...textsOf(subject)]) {
    for (const term of termsOf(text, { short: !WITHOUT_LETTERS.includes(place) })) {
      places.set(term, (places.get(term) ?? 0) | PLACES[place]);
    }
  }
  return places;
}

/** They come first, because they are few and stand nowhere else. */
function captureTexts({ place, camera }: Capture): [Place, string][] {
  const { city, region, country, translations } = place ?? {};
  const countries = country
    ? COUNTRY_LANGUAGES.map((language) => countryIn(language, country))
    : [];
  const named = [city, region, ...Object.values(translations?.ja ?? {}), ...countries];
  const texts: [Place, string | null | undefined][] = [
    ...named.map((each): [Place, typeof each] => ['location', each && withoutSuffix(each)]),
    ['camera', camera],
  ];
  return texts.flatMap(([where, each]) => (each ? [[where, each]] : []));
}

function countryIn(language: string, code: string): string | undefined {
  const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
  return /^[A-Z]{2}$/.test(code) ? names.of(code) : undefined;
}

/**
 * Removes 都, 市 and similar endings of place names. Otherwise 東京都 would match 京都. A name of one letter keeps its ending (津市), and
 * so does 京都.
 */
export const withoutSuffix = (text: string) =>
  text.replace(
    /((?:\p{sc=Han}|[ぁ-ゖァ-ヺー]){2})(?:準?州|[都府県市区町村省])(?![都府県市区町村])/gu,
    '$1 ',
  );

/** The most important texts come first. */
function textsOf({ file_name, analytics }: Words): [Place, string][] {
  const { title, tags = [], objects = [], scene, mood, summary, segments, text } = analytics ?? {};
  const labels = [...new Set([...tags, ...objects.map((object) => object.label)])];
  const texts: [Place, string | null | undefined][] = [
    ...labels.flatMap((label) =>
      [label, ...LABEL_LANGUAGES.map((language) => labelIn(language, label))].map(
        (each): [Place, string | undefined] => ['tag', each],
      ),
    ),
    ['title', title],
    ['name', file_name.replace(/\.[^.]+$/, '')],
    ['summary', scene],
    ['summary', mood],
    ['summary', summary && withoutUnseen(summary)],
    ...(segments ?? []).map((segment): [Place, string] => [
      'summary',
      withoutUnseen(segment.summary),
    ]),
    ['text', text],
  ];
  return texts.flatMap(([place, each]) => (each ? [[place, each]] : []));
}

/** The words of a media, each with its term. Text in the picture is left out, because it may be misread. */
export function spellingsOf(subject: Words): [term: string, word: string][] {
  const texts = [...captureTexts(subject.analytics?.capture ?? {}), ...textsOf(subject)];
  return texts.flatMap(([place, text]) => (place === 'text' ? [] : spellingsIn(text)));
}

/** Each text of a media as a line, in which a search looks for `neighboursOf`. */
export function linesOf(subject: Words): string[] {
  const texts = [...captureTexts(subject.analytics?.capture ?? {}), ...textsOf(subject)];
  return texts.map(([, text]) => lineOf(text));
}

/** @returns the bits of `PLACES` where the term was found; 0 if nowhere */
export function placesIn(places: string, term: string): number {
  const found = places.indexOf(` ${term}:`);
  return found === -1 ? 0 : Number.parseInt(places.slice(found + term.length + 2), 10);
}

/** Terms have katakana instead of hiragana. Letters of particles may stand beside a word. */
const KANA = '(?![ガデトニノハヘモヤヲ])[ァ-ヺー]';
const HAN = '\\p{sc=Han}';

/**
 * Finds a term only where it stands alone: no other Han beside a letter of Han, no other kana beside kana. So 車 does not match 自転車,
 * and とり does not match ひとり or ストリート. Pairs of letters are terms, so the terms show which letters stand beside each other.
 */
export function placesAlone(places: string, term: string): number {
  const found = placesIn(places, term);
  if (found === 0) return 0;
  const [first, last] = [[...term].at(0), [...term].at(-1)];
  const kind = term === first ? HAN : KANA;
  const beside = new RegExp(` (?:${kind}${first}|${last}${kind}):(\\d+)`, 'gu');
  return [...places.matchAll(beside)].reduce((rest, [, bits]) => rest & ~Number(bits), found);
}
