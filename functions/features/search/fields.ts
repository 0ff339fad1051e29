/** The fields by which a search finds a media. They are written in the commit that changes their source. */
import type { Analytics } from '@media-analysis/shared/analytics';
import { PHOTO_TYPES, VIDEO_TYPES } from '@media-analysis/shared/file-types';
import { labelIn } from '@media-analysis/shared/labels';
import { SURE, withoutUnseen } from '@media-analysis/shared/local-models';
import { MAX_PEOPLE, type MEDIA_KINDS } from '@media-analysis/shared/search';
import type { SearchDate } from './calendar.ts';
import { datesInText, dateTermsOf, daysInName } from './dates.ts';
import { lineOf, termsOf } from './words.ts';

/** Raise it when the terms change: records of a lower version are written again. */
export const SEARCH_VERSION = 10;

/** Each term is an entry of an index, so only the beginning of a long text is found. */
const MAX_TERMS = 300;

/** Where a term was found, one bit each. The records store them as `places`. */
export const FIELDS = {
  title: 1,
  tag: 2,
  text: 4,
  summary: 8,
  name: 16,
  kind: 32,
  location: 64,
  camera: 128,
  date: 256,
} as const;
export type Field = keyof typeof FIELDS;

/** In words of `spellings.ts`. */
export const KIND_WORDS = { video: 'video', image: 'photo' } as const;

const COUNTRY_LANGUAGES = ['en', 'ja'];

/** The usual extension of each type of file. `spellings.ts` has others. */
const FILE_WORDS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({ ...PHOTO_TYPES, ...VIDEO_TYPES }).map(([type, [word]]) => [type, word]),
);
export const ALL_FILE_WORDS: readonly string[] = Object.values(FILE_WORDS);

/** Languages with a table of labels, besides English. */
const LABEL_LANGUAGES = ['ja'];

export interface SearchFields {
  version: number;
  /** The most important first. Firestore finds the media by them. */
  terms: string[];
  /**
   * Each term with the sum of its bits of `FIELDS`: ` dog:3 wood:8 `. Candidates are compared by this text alone, because
   * reading a list of terms from Firestore takes many times as long.
   */
  places: string;
  kind: (typeof MEDIA_KINDS)[number];
  /** At most `MAX_PEOPLE`. 0: nobody was seen. Null: not known. */
  people: number | null;
  safety: Analytics['safety']['verdict'];
  /** `2019-04-14T16:02:11`, by the clock of the camera. Null: not known. */
  taken: string | null;
}

/** The source of all texts about a media. */
interface Words {
  file_name: string;
  /** A record of an earlier version may lack a field. */
  analytics: Partial<Analytics> | null;
}

interface Subject extends Words {
  content_type: string;
  /** Not set before the file was measured. */
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
    ...dateFields(days, { file_name, analytics }),
    ...wordFields({ file_name, analytics }, capture, [KIND_WORDS[kind], FILE_WORDS[content_type]]),
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
  };
}

/** This model gives a number of people only without doubt, and never 0, because it misses people who are far away. */
const CAUTIOUS_MODEL = 'local/vision';

/**
 * The number for a search is that of its title and summary: "2 people (perhaps 3)" is 2, and "Possibly 5 people" is 5. It is
 * 0 if it saw nobody. In a picture of a page it names only people of whom it is sure.
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

/** A single letter says nothing here: 町 in 箱根町 is not a town in the picture. */
const WITHOUT_LETTERS: readonly Field[] = ['text', 'summary', 'location'];

/** The terms of its own days, and of dates in its texts. */
function dateFields(days: readonly string[], subject: Words): Map<string, number> {
  const places = new Map<string, number>();
  const add = (date: SearchDate, bits: number) => {
    for (const term of dateTermsOf(date)) places.set(term, (places.get(term) ?? 0) | bits);
  };
  for (const each of days) {
    const [year, month, day] = each.split('-').map(Number);
    add({ year, month, day }, FIELDS.date);
  }
  for (const [field, text] of textsOf(subject)) {
    for (const date of datesInText(text)) add(date, FIELDS[field]);
  }
  return places;
}

/** The days on which a media was taken, by its file and by the name of its file. */
export function daysIn(places: string): string[] {
  return [...places.matchAll(/ @(\d{4}-\d\d-\d\d):(\d+)/g)].flatMap(([, day, bits]) =>
    day !== undefined && Number(bits) & FIELDS.date ? [day] : [],
  );
}

function wordFields(
  subject: Words,
  capture: Capture,
  kinds: readonly (string | undefined)[],
): Map<string, number> {
  const places = new Map<string, number>();
  for (const word of kinds) if (word) places.set(word, FIELDS.kind);
  for (const [field, text] of [...captureTexts(capture), ...textsOf(subject)]) {
    for (const term of termsOf(text, { short: !WITHOUT_LETTERS.includes(field) })) {
      places.set(term, (places.get(term) ?? 0) | FIELDS[field]);
    }
  }
  return places;
}

/** They are few and in no other text, so they come first. */
function captureTexts({ place, camera }: Capture): [Field, string][] {
  const { city, region, country, translations } = place ?? {};
  const countries = country
    ? COUNTRY_LANGUAGES.map((language) => countryIn(language, country))
    : [];
  const named = [city, region, ...Object.values(translations?.ja ?? {}), ...countries];
  const texts: [Field, string | null | undefined][] = [
    ...named.map((each): [Field, typeof each] => ['location', each && withoutSuffix(each)]),
    ['camera', camera],
  ];
  return texts.flatMap(([field, each]) => (each ? [[field, each]] : []));
}

function countryIn(language: string, code: string): string | undefined {
  const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
  return /^[A-Z]{2}$/.test(code) ? names.of(code) : undefined;
}

/**
 * Removes endings such as 都 and 市, so that 東京都 is not found by 京都. A name of one letter keeps its ending (津市), and 京都
 * is a name.
 */
export const withoutSuffix = (text: string) =>
  text.replace(
    /((?:\p{sc=Han}|[ぁ-ゖァ-ヺー]){2})(?:準?州|[都府県市区町村省])(?![都府県市区町村])/gu,
    '$1 ',
  );

/** The most important texts first. */
function textsOf({ file_name, analytics }: Words): [Field, string][] {
  const { title, tags = [], objects = [], scene, mood, summary, segments, text } = analytics ?? {};
  const labels = [...new Set([...tags, ...objects.map((object) => object.label)])];
  const texts: [Field, string | null | undefined][] = [
    ...labels.flatMap((label) =>
      [label, ...LABEL_LANGUAGES.map((language) => labelIn(language, label))].map(
        (each): [Field, string | undefined] => ['tag', each],
      ),
    ),
    ['title', title],
    ['name', file_name.replace(/\.[^.]+$/, '')],
    ['summary', scene],
    ['summary', mood],
    ['summary', summary && withoutUnseen(summary)],
    ...(segments ?? []).map((segment): [Field, string] => [
      'summary',
      withoutUnseen(segment.summary),
    ]),
    ['text', text],
  ];
  return texts.flatMap(([field, each]) => (each ? [[field, each]] : []));
}

/** Each text about a media, in the form in which `neighboursOf` are looked for. */
export function linesOf(subject: Words): string[] {
  const texts = [...captureTexts(subject.analytics?.capture ?? {}), ...textsOf(subject)];
  return texts.map(([, text]) => lineOf(text));
}

/** @returns the bits of `FIELDS` in which the term was found; 0: none */
export function fieldsOfTerm(places: string, term: string): number {
  const found = places.indexOf(` ${term}:`);
  return found === -1 ? 0 : Number.parseInt(places.slice(found + term.length + 2), 10);
}

/** Terms have katakana for hiragana. The letters of particles may be beside a word. */
const KANA = '(?![ガデトニノハヘモヤヲ])[ァ-ヺー]';
const HAN = '\\p{sc=Han}';

/**
 * The fields in which a word of one term is a whole word: no other Han letter is beside a Han letter, and no kana beside kana.
 * So 車 is not found in 自転車, nor とり in ひとり and ストリート. The terms tell the neighbours, because each pair of letters is one.
 */
export function fieldsOfWord(places: string, term: string): number {
  const found = fieldsOfTerm(places, term);
  if (found === 0) return 0;
  const [first, last] = [[...term].at(0), [...term].at(-1)];
  const kind = term === first ? HAN : KANA;
  const beside = new RegExp(` (?:${kind}${first}|${last}${kind}):(\\d+)`, 'gu');
  return [...places.matchAll(beside)].reduce((rest, [, bits]) => rest & ~Number(bits), found);
}
