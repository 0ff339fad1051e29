/** The fields by which a search finds a media. They are written in the commit that changes what they are made of. */
import type { Analytics } from '@media-analysis/shared/analytics';
import { PHOTO_TYPES, VIDEO_TYPES } from '@media-analysis/shared/file-types';
import { labelIn } from '@media-analysis/shared/labels';
import { SURE, withoutUnseen } from '@media-analysis/shared/local-models';
import { MAX_PEOPLE, type MEDIA_KINDS } from '@media-analysis/shared/search';
import type { SearchDate } from './calendar.ts';
import { datesSaid, dateTermsOf, daysInName } from './dates.ts';
import { lineOf, spellingsIn, termsOf } from './words.ts';

/** Grows when terms are made in another way: records of a lower version are written anew. */
export const SEARCH_VERSION = 9;

/** Each term is an entry in an index, so a long text in a picture is found by its beginning. */
const MAX_TERMS = 300;

/** Where a term was found, one bit each. */
export const PLACES = {
  title: 1,
  tag: 2,
  text: 4,
  summary: 8,
  name: 16,
  kind: 32,
  /** Of where it was taken. */
  location: 64,
  camera: 128,
  date: 256,
} as const;
export type Place = keyof typeof PLACES;

/** What each kind is called, in the words of `spellings.ts`. */
export const KIND_WORDS = { video: 'video', image: 'photo' } as const;

/** In which a place is found. */
const COUNTRY_LANGUAGES = ['en', 'ja'];

/** What each type of file is called: by the usual extension of its names. `spellings.ts` has others. */
const FILE_WORDS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({ ...PHOTO_TYPES, ...VIDEO_TYPES }).map(([type, [word]]) => [type, word]),
);
export const ALL_FILE_WORDS: readonly string[] = Object.values(FILE_WORDS);

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
  /** At most `MAX_PEOPLE`; 0: nobody was seen; null: nothing is said of how many there are. */
  people: number | null;
  safety: Analytics['safety']['verdict'];
  /** `2019-04-14T16:02:11`, by the clock of the camera; null: the file does not say it. */
  taken: string | null;
  /** Whether it is known where it was taken: those are on the map. */
  located: boolean;
}

/** All that is said of a media. */
interface Words {
  file_name: string;
  /** A record of an earlier version may lack a field. */
  analytics: Partial<Analytics> | null;
}

interface Subject extends Words {
  content_type: string;
  /** What was measured. Absent: nothing yet. */
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

/** This model counts people only if no doubt is left, and never none of them, because it misses people who are far away. */
const CAUTIOUS_MODEL = 'local/vision';

/**
 * For a search, as many as its title and summary say: "2 people (perhaps 3)" are at least 2, and "Possibly 5 people" are
 * found as 5. What it saw nobody in has 0. On a page it does not speak of people of whom it is not sure.
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

/** A letter of these names says nothing: 町 of 箱根町 is no town that is to be seen. */
const WITHOUT_LETTERS: readonly Place[] = ['text', 'summary', 'location'];

/** Of its own days, and of dates that its texts say. */
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
    for (const date of datesSaid(text)) add(date, PLACES[place]);
  }
  return places;
}

/** The days by which a media is dated: by when it was taken, and by the name of its file. */
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

/** They are few, and said nowhere else, so they come before all. */
function captureTexts({ place, camera }: Capture): [Place, string][] {
  const { city, region, country, translations } = place ?? {};
  const countries = country
    ? COUNTRY_LANGUAGES.map((language) => countryIn(language, country))
    : [];
  const named = [city, region, ...Object.values(translations?.ja ?? {}), ...countries];
  const texts: [Place, string | null | undefined][] = [
    ...named.map((each): [Place, typeof each] => ['location', each && withoutKind(each)]),
    ['camera', camera],
  ];
  return texts.flatMap(([where, each]) => (each ? [[where, each]] : []));
}

function countryIn(language: string, code: string): string | undefined {
  const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
  return /^[A-Z]{2}$/.test(code) ? names.of(code) : undefined;
}

/**
 * Without 都, 市 and the like, of which each name has one: 京都 is no part of 東京, and 都市 none of 京都.
 * A name of one letter keeps it (津市), and 京都 is a name.
 */
export const withoutKind = (text: string) =>
  text.replace(
    /((?:\p{sc=Han}|[ぁ-ゖァ-ヺー]){2})(?:準?州|[都府県市区町村省])(?![都府県市区町村])/gu,
    '$1 ',
  );

/** The most telling ones first. */
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

/** How a media writes words, each with its term. What was read in a picture is left out: it may be misread. */
export function spellingsOf(subject: Words): [term: string, word: string][] {
  const texts = [...captureTexts(subject.analytics?.capture ?? {}), ...textsOf(subject)];
  return texts.flatMap(([place, text]) => (place === 'text' ? [] : spellingsIn(text)));
}

/** All that is said of a media, each text in a line as `neighboursOf` are looked for in it. */
export function linesOf(subject: Words): string[] {
  const texts = [...captureTexts(subject.analytics?.capture ?? {}), ...textsOf(subject)];
  return texts.map(([, text]) => lineOf(text));
}

/** Where `term` was found: the bits of `PLACES`; 0: nowhere. */
export function placesIn(places: string, term: string): number {
  const found = places.indexOf(` ${term}:`);
  return found === -1 ? 0 : Number.parseInt(places.slice(found + term.length + 2), 10);
}

/** In katakana, which stands for hiragana in terms. The letters of particles may stand beside a word. */
const KANA = '(?![ガデトニノハヘモヤヲ])[ァ-ヺー]';
const HAN = '\\p{sc=Han}';

/**
 * Where a word of one term stands by itself: as a letter of Han it has no other Han beside it, else no kana. So 車 is not
 * found in 自転車, nor とり in ひとり and ストリート. A pair of letters is a term, so the terms say what stands beside.
 */
export function placesAlone(places: string, term: string): number {
  const found = placesIn(places, term);
  if (found === 0) return 0;
  const [first, last] = [[...term].at(0), [...term].at(-1)];
  const kind = term === first ? HAN : KANA;
  const beside = new RegExp(` (?:${kind}${first}|${last}${kind}):(\\d+)`, 'gu');
  return [...places.matchAll(beside)].reduce((rest, [, bits]) => rest & ~Number(bits), found);
}
