/**
 * Finds an owner's media by words, and by what they mean. Firestore compares one element of an array in a query, so the rarest word finds the
 * candidates, and the others are compared here. To count costs a read for a thousand media:
 * https://firebase.google.com/docs/firestore/query-data/aggregation-queries#pricing
 */
import type { Firestore, QueryDocumentSnapshot, Timestamp } from '@google-cloud/firestore';
import type { Correction } from '@media-analysis/shared/api';
import { AppError } from '@media-analysis/shared/errors';
import {
  isByTaken,
  isByWords,
  isOldestFirst,
  type MediaFilters,
} from '@media-analysis/shared/search';
import {
  type Doubtful,
  doubtfulOf,
  knownNear,
  type Near,
  termsNear,
} from '../search/corrections.ts';
import { type DateNeedle, daysOf, takeDates } from '../search/dates.ts';
import { type Embedder, LOCAL_EMBEDDER } from '../search/embedder.ts';
import { spellingsOf, withoutKind } from '../search/fields.ts';
import {
  better,
  type Counted,
  isEnough,
  isIn,
  isOfDate,
  type Score,
  score,
  wasTakenOn,
} from '../search/rank.ts';
import { spelledNeedlesOf } from '../search/spellings.ts';
import { type Needle, needlesOf, replaceWords } from '../search/words.ts';
import { saidOf } from './findable.ts';
import {
  badToken,
  type MediaPage,
  mediaQueries,
  mediaQuery,
  wasTakenThen,
  withinDays,
} from './media-query.ts';
import { MEDIA_COLLECTION, type MediaRecord } from './record.ts';
import type { MediaStore } from './store.ts';

/** The most media that are compared for one search: the newest ones with the rarest word. */
const MAX_CANDIDATES = 1_000;

/** A person who searches for more words means few of them. */
const MAX_NEEDLES = 10;

/** Media that are near in meaning. They are read whole into the order, so few. */
const MAX_NEAR = 50;

/** So many words of a search are corrected. */
const MAX_CORRECTED = 3;

/** A query asks for 30 terms that may be words of the owner's. So many media that have one are read. */
const MAX_ASKED = 3;

/** What is read of these. */
const SAID = ['file_name', 'analytics', 'edits'] as const;
type Said = Pick<MediaRecord, (typeof SAID)[number]>;

/** Of the words that are near, so many are counted. */
const MAX_GUESSES = 10;

/** Of reciprocal rank fusion: G. Cormack, C. Clarke, S. Büttcher (2009). */
const FUSION = 60;

/** What is compared, and with which media. */
interface Meaning extends Pick<Embedder, 'by' | 'maxDistance'> {
  vector: number[];
}

/** What a search has found. */
interface Found {
  ids: string[];
  /** Whether there may be more: of a word that too many media have, only some were compared. */
  isCut: boolean;
  /** For words that no media of the owner has. */
  corrected: Correction[];
}

/** A page of a search. */
interface FoundPage extends MediaPage {
  corrected: Correction[];
  /** How many media all pages have. Undefined: they were not counted, or not all were compared. */
  total?: number;
}

interface Candidate {
  id: string;
  created_at: Timestamp;
  /** Empty: the file does not say it. */
  taken: string;
  file_name: string;
  places: string;
}

interface Ranked extends Candidate {
  score: Score;
}

/** What has to be found, each word with the number of media that have it. */
interface Wanted {
  words: readonly Counted[];
  /** One of them is enough. */
  dates: readonly Counted<DateNeedle>[];
  tags: readonly Counted[];
  texts: readonly Counted[];
  locations: readonly Counted[];
  cameras: readonly Counted[];
  /** A filter has no word, such as `tag=,`: nothing fulfils it. */
  isNothing: boolean;
}

export class MediaSearch {
  readonly #firestore: Firestore;
  readonly #media: MediaStore;
  readonly #embedder: Embedder;
  readonly #now: () => number;

  constructor(
    firestore: Firestore,
    media: MediaStore,
    embedder: Embedder = LOCAL_EMBEDDER,
    now = Date.now,
  ) {
    this.#firestore = firestore;
    this.#media = media;
    this.#embedder = embedder;
    this.#now = now;
  }

  /**
   * The owner's media that fulfil the filters, page by page.
   * @throws {AppError} `invalid_request` for a bad token; `not_found`, `not_ready` for the media of `similar_to`
   */
  async find(
    ownerId: string,
    filters: MediaFilters,
    limit: number,
    pageToken?: string,
  ): Promise<FoundPage> {
    if (!isByWords(filters)) {
      return { ...(await this.#media.list(ownerId, limit, pageToken, filters)), corrected: [] };
    }
    const before = pageToken === undefined ? undefined : decodeToken(pageToken);
    const { ids, isCut, corrected } = await this.#search(ownerId, filters, before?.corrected);
    const start = before ? startAfter(before, ids) : 0;
    const page = ids.slice(start, start + limit);
    const records = await this.#media.getMany(page, ownerId);
    const [last, next] = [page.at(-1), ids[start + limit]];
    const more = last !== undefined && next !== undefined;
    const nextPageToken = more
      ? encodeToken({ start: start + limit, last, next, corrected })
      : undefined;
    return { records, nextPageToken, corrected, ...(!isCut && { total: ids.length }) };
  }

  /** All that `find` finds, page by page. A search by words is made once. */
  async *pages(
    ownerId: string,
    filters: MediaFilters,
    limit: number,
  ): AsyncGenerator<MediaRecord[]> {
    if (!isByWords(filters)) {
      let token: string | undefined;
      do {
        const page = await this.#media.list(ownerId, limit, token, filters);
        yield page.records;
        token = page.nextPageToken;
      } while (token !== undefined);
      return;
    }
    const { ids } = await this.#search(ownerId, filters);
    for (let start = 0; start < ids.length; start += limit) {
      yield await this.#media.getMany(ids.slice(start, start + limit), ownerId);
    }
  }

  /**
   * In the place of words that may be typed wrong, those that are near are searched for, as if they had been typed.
   * @param before What was corrected for the page before. Absent: it is the first one.
   */
  async #search(ownerId: string, typed: MediaFilters, before?: Correction[]): Promise<Found> {
    if (before && before.length > 0) return this.#searchCorrected(ownerId, typed, before);
    const asTyped = await this.#compare(ownerId, typed);
    const corrected = before ?? (await this.#corrections(ownerId, asTyped[0].words));
    if (corrected.length > 0) return this.#searchCorrected(ownerId, typed, corrected);
    return { ...(await this.#ids(ownerId, typed, asTyped)), corrected };
  }

  async #searchCorrected(
    ownerId: string,
    typed: MediaFilters,
    corrected: Correction[],
  ): Promise<Found> {
    const meant = new Map(corrected.map(({ from, to }) => [from, to]));
    const filters = { ...typed, q: replaceWords(typed.q ?? '', meant) };
    const compared = await this.#compare(ownerId, filters);
    return { ...(await this.#ids(ownerId, filters, compared)), corrected };
  }

  #queries(ownerId: string, filters: MediaFilters): QueriesFor {
    return (terms, dates = []) => {
      const days = daysOf(dates);
      const within = days && withinDays(filters, days);
      return [
        ...mediaQueries(this.#firestore, ownerId, filters, terms),
        ...(within ? [mediaQuery(this.#firestore, ownerId, within)] : []),
      ];
    };
  }

  /** What is searched for, with its dates apart. */
  #split({ q = '', today }: MediaFilters) {
    return takeDates(q, today ?? new Date(this.#now()).toISOString().slice(0, 10));
  }

  /** Side by side: neither has to wait for the other. */
  #compare(ownerId: string, filters: MediaFilters): Promise<[Wanted, Candidate[]]> {
    const queries = this.#queries(ownerId, filters);
    return Promise.all([
      countAll(filters, this.#split(filters), queries),
      this.#near(ownerId, filters),
    ]);
  }

  async #ids(
    ownerId: string,
    filters: MediaFilters,
    [wanted, near]: [Wanted, Candidate[]],
  ): Promise<Omit<Found, 'corrected'>> {
    if (wanted.isNothing) return { ids: [], isCut: false };
    const { q, similar_to, sort } = filters;
    const hasWords = q !== undefined || similar_to === undefined;
    const all = hasWords ? await this.#candidates(ownerId, filters, wanted) : [];
    const isCut = all.length >= MAX_CANDIDATES;
    // Those of a date were asked for by that time alone.
    const candidates = all.filter((candidate) => wasAcceptedThen(candidate, filters));
    const byMeaning = near.filter((candidate) => hasAll(candidate, wanted));
    const byWords = hasWords ? rank([...candidates, ...byMeaning], wanted, q) : [];
    const isByTime = sort !== undefined && sort !== 'relevance';
    if (isByTime || (q ?? similar_to) === undefined) {
      const found = new Map([...byWords, ...byMeaning].map((each) => [each.id, each]));
      return { ids: [...found.values()].sort(byTime(filters)).map(({ id }) => id), isCut };
    }
    const { words, dates } = wanted;
    const newest = byTime(words.length === 0 ? { sort: 'taken' } : {});
    // What was taken then comes before what only says the date.
    const isTaken = (each: Candidate) => Number(wasTakenOn(each, dates));
    const fused = fuse(
      byWords.sort((a, b) => better(a.score, b.score) || newest(a, b)),
      byMeaning,
    ).sort((a, b) => isTaken(b) - isTaken(a));
    const named = byWords.filter(({ file_name }) => isFileName(q, file_name)).map(({ id }) => id);
    return { ids: [...new Set([...named, ...fused.map(({ id }) => id)])], isCut };
  }

  /** Media that may have what is wanted: by what the fewest have. */
  async #candidates(ownerId: string, filters: MediaFilters, wanted: Wanted): Promise<Candidate[]> {
    const queries = this.#queries(ownerId, filters);
    const { words, dates, tags, texts, locations, cameras } = wanted;
    const [needed] = rarestFirst([...tags, ...texts, ...locations, ...cameras]);
    if (needed) return candidatesOf(queries, [needed]);
    const few = affordable(rarestFirst(words));
    if (dates.length === 0) return candidatesOf(queries, few);
    const [dated, worded] = [sumOf(dates), sumOf(few)];
    if (words.length === 0 || dated <= Math.min(worded, MAX_CANDIDATES))
      return candidatesOf(queries, dates);
    // Too many have the word to compare all of them. Of those of the date there may be fewer.
    const days = worded > MAX_CANDIDATES ? daysOf(dates.flatMap((each) => each.dates)) : undefined;
    const within = days && withinDays(filters, days);
    const all = await Promise.all([
      candidatesOf(queries, few),
      within ? candidatesOf(this.#queries(ownerId, within), few) : [],
    ]);
    return all.flat();
  }

  /** What is meant by words that may be typed wrong. Filters do not count: a word that other media have is typed right. */
  async #corrections(ownerId: string, words: readonly Counted[]): Promise<Correction[]> {
    const queries = this.#queries(ownerId, {});
    const doubtful = words
      .filter(({ count }) => count === 0)
      .flatMap((needle) => {
        const word = doubtfulOf(needle);
        return word ? [{ needle, word }] : [];
      })
      .slice(0, MAX_CORRECTED);
    const corrections = await Promise.all(
      doubtful.map(async ({ needle, word }) => {
        const [{ count }, to] = await Promise.all([
          countNeedle(needle, queries),
          meantBy(word, queries),
        ]);
        return count > 0 || to === undefined ? [] : [{ from: word.typed, to }];
      }),
    );
    return corrections.flat();
  }

  /** The media that are near in meaning to the one of `similar_to`, or to the words; the nearest first. */
  async #near(ownerId: string, filters: MediaFilters): Promise<Candidate[]> {
    const { q, similar_to, sort = 'relevance' } = filters;
    // In an order by time, what is only near would stand between what was asked for.
    // A description means no date.
    const text = sort === 'relevance' && q !== undefined ? this.#split(filters).rest : undefined;
    const meaning = similar_to
      ? await this.#meaningOf(similar_to, ownerId)
      : await this.#meaningOfWords(text, ownerId);
    if (!meaning) return [];
    const { docs } = await this.#firestore
      .collection(MEDIA_COLLECTION)
      .where('owner_id', '==', ownerId)
      .where('meaning_by', '==', meaning.by)
      .select('created_at', 'file_name', 'status', 'search')
      .findNearest({
        vectorField: 'meaning',
        queryVector: meaning.vector,
        limit: MAX_NEAR,
        distanceMeasure: 'COSINE',
        distanceThreshold: meaning.maxDistance,
      })
      .get();
    return docs
      .filter((doc) => doc.id !== similar_to && fulfils(doc.data() as MediaRecord, filters))
      .map(candidateOf);
  }

  async #meaningOfWords(text: string | undefined, ownerId: string): Promise<Meaning | undefined> {
    const { by, maxDistance } = this.#embedder;
    const vector = text && (await this.#embedder.embedSearch(text, ownerId));
    return vector ? { vector, by, maxDistance } : undefined;
  }

  /** Those are compared that the same embedder has made, also while another one is still to make its own. */
  async #meaningOf(id: string, ownerId: string): Promise<Meaning> {
    const { file_name, meaning, meaning_by: by } = await this.#media.get(id, ownerId);
    if (meaning && by) {
      const { maxDistance } = by === LOCAL_EMBEDDER.by ? LOCAL_EMBEDDER : this.#embedder;
      return { vector: meaning.toArray(), by, maxDistance };
    }
    throw new AppError(
      'not_ready',
      `"${file_name}" has no description yet, so nothing can be compared with it. Ask again when it has one.`,
    );
  }
}

/** For media with one of the terms, and for those that were taken on the dates. */
type QueriesFor = (
  terms: readonly string[],
  dates?: DateNeedle['dates'],
) => ReturnType<typeof mediaQueries>;

/** The text in a picture is searched for as it is typed, all else also in other spellings. */
async function countAll(
  { tag, text, place, camera }: MediaFilters,
  { dates, rest }: ReturnType<typeof takeDates>,
  queries: QueriesFor,
): Promise<Wanted> {
  const count = <N extends Needle>(needles: readonly N[]) =>
    Promise.all(needles.slice(0, MAX_NEEDLES).map((needle) => countNeedle(needle, queries)));
  const [words, dated, tags, texts, locations, cameras] = await Promise.all([
    count(spelledNeedlesOf(rest)),
    count(dates),
    count(spelledNeedlesOf(tag ?? '')),
    count(needlesOf(text ?? '')),
    count(spelledNeedlesOf(withoutKind(place ?? ''))),
    count(needlesOf(camera ?? '')),
  ]);
  const isNothing = [
    [tag, tags] as const,
    [text, texts] as const,
    [place, locations] as const,
    [camera, cameras] as const,
  ].some(([typed, needles]) => typed !== undefined && needles.length === 0);
  return { words, dates: dated, tags, texts, locations, cameras, isNothing };
}

/** Those that have the words. If too many media have one to compare all, the right one may still be near in meaning. */
function rank(candidates: readonly Candidate[], wanted: Wanted, q: string | undefined): Ranked[] {
  const { words, dates } = wanted;
  const isDateAlone = words.length === 0 && dates.length > 0;
  const each = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  return [...each.values()]
    .filter((candidate) => hasAll(candidate, wanted))
    .map((each) => ({ ...each, score: score(each.places, words) }))
    .filter(({ places }) => q === undefined || isDateAlone || isEnough(places, words));
}

/** What need not only be there in part. */
function hasAll(candidate: Candidate, wanted: Wanted): boolean {
  const { dates, tags, texts, locations, cameras } = wanted;
  const { places } = candidate;
  return (
    (dates.length === 0 || isOfDate(candidate, dates)) &&
    tags.every((needle) => isIn(places, needle, 'tag')) &&
    texts.every((needle) => isIn(places, needle, 'text')) &&
    locations.every((needle) => isIn(places, needle, 'location')) &&
    cameras.every((needle) => isIn(places, needle, 'camera'))
  );
}

/** A search of vectors is not asked for further filters: each combination would need an index of its own. */
function fulfils(record: MediaRecord, filters: MediaFilters): boolean {
  const { status, search } = record;
  const { kind, safety, people } = filters;
  const counted = search?.people ?? null;
  return (
    (filters.status ?? status) === status &&
    (kind ?? search?.kind) === search?.kind &&
    (safety ?? search?.safety) === search?.safety &&
    (people === undefined ||
      (counted !== null && (people === 0 ? counted === 0 : counted >= people))) &&
    wasAcceptedThen(record, filters) &&
    wasTakenThen(record, filters)
  );
}

function wasAcceptedThen(
  { created_at }: Pick<MediaRecord, 'created_at'>,
  { from, to }: MediaFilters,
): boolean {
  const at = created_at.toMillis();
  return (
    (from === undefined || at >= Date.parse(from)) && (to === undefined || at < Date.parse(to))
  );
}

/** Who searches for the name of a file means that file, with what comes after the last dot or without it. */
function isFileName(q: string | undefined, fileName: string): boolean {
  const typed = plain(q ?? '');
  const name = plain(fileName);
  return typed === name || typed === name.replace(/\.[^.]+$/, '');
}

const plain = (text: string) => text.normalize('NFKC').trim().toLowerCase();

/** Both orders in one. What has the words comes before what is only near in meaning; what is in both comes first. */
function fuse(byWords: readonly Candidate[], byMeaning: readonly Candidate[]): Candidate[] {
  const all = new Map([...byMeaning, ...byWords].map((each) => [each.id, each]));
  const scores = new Map<string, number>();
  const add = (ranked: readonly Candidate[], weight: number) => {
    for (const [rank, { id }] of ranked.entries()) {
      scores.set(id, (scores.get(id) ?? 0) + weight / (FUSION + rank + 1));
    }
  };
  add(byWords, 2);
  add(byMeaning, 1);
  return [...scores].sort(([, a], [, b]) => b - a).flatMap(([id]) => all.get(id) ?? []);
}

/** A needle by its rarest term, so that the term comes first. Each is counted together with what may stand in its place. */
async function countNeedle<N extends Needle & Partial<DateNeedle>>(
  needle: N,
  queries: QueriesFor,
): Promise<Counted<N>> {
  const { terms, others = [], dates } = needle;
  const counts = await Promise.all(
    terms.map(async (term) => {
      const each = queries(headsOf({ terms: [term], others }), dates).map((query) =>
        query.count().get(),
      );
      const count = (await Promise.all(each)).reduce((sum, found) => sum + found.data().count, 0);
      return { term, count };
    }),
  );
  counts.sort((a, b) => a.count - b.count);
  const sorted = counts.map(({ term }) => term);
  return { ...needle, terms: sorted, others, count: counts[0]?.count ?? 0 };
}

/** Media that have a word have one of these terms. Of what was not typed it is the first one: "cell" of "cell phone". */
function headsOf({ terms, others = [] }: Needle): string[] {
  const heads = [terms, ...others].flatMap(([head]) => (head === undefined ? [] : [head]));
  return [...new Set(heads)];
}

/** The nearest word that media of the owner have; of several, the one that most of them have. */
async function meantBy(word: Doubtful, queries: QueriesFor): Promise<string | undefined> {
  const near = [...knownNear(word), ...(await ownNear(word, queries))];
  const guesses = near
    .filter(({ letters }, n) => near.findIndex((each) => each.letters === letters) === n)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, MAX_GUESSES);
  const counted = await Promise.all(
    guesses.map(async ({ text, edits }) => {
      const needles = spelledNeedlesOf(text);
      const counts = await Promise.all(needles.map((needle) => countNeedle(needle, queries)));
      return { text, edits, count: Math.min(...counts.map(({ count }) => count)) };
    }),
  );
  const [best] = counted
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.edits - b.edits || b.count - a.count);
  return best?.text;
}

/** Words of the owner's own. What was read in a picture is none: it may be misread. */
async function ownNear(word: Doubtful, queries: QueriesFor): Promise<Near[]> {
  const possible = new Set(termsNear(word));
  const snapshots = await Promise.all(
    queries([...possible]).map((query) =>
      query
        .select(...SAID)
        .limit(MAX_ASKED)
        .get(),
    ),
  );
  const records = snapshots.flatMap(({ docs }) => docs.map((doc) => doc.data() as Said));
  const spellings = records.flatMap((record) =>
    spellingsOf({ file_name: record.file_name, analytics: saidOf(record) }),
  );
  return spellings.flatMap(([letters, text]) =>
    possible.has(letters) ? [{ letters, text, edits: 1 }] : [],
  );
}

const rarestFirst = (needles: readonly Counted[]) => needles.toSorted((a, b) => a.count - b.count);

const sumOf = (needles: readonly Counted[]) => needles.reduce((sum, { count }) => sum + count, 0);

/** The rarest word that is there at all, and those after it as long as not too many media have them. */
function affordable(needles: readonly Counted[]): Counted[] {
  let sum = 0;
  return needles
    .filter(({ count }) => count > 0)
    .filter(({ count }, i) => {
      sum += count;
      return i === 0 || sum <= MAX_CANDIDATES;
    });
}

async function candidatesOf(
  queries: QueriesFor,
  needles: readonly Counted<Needle & Partial<DateNeedle>>[],
): Promise<Candidate[]> {
  const snapshots = await Promise.all(
    needles
      .filter(({ count }) => count > 0)
      .flatMap((needle) => queries(headsOf(needle), needle.dates))
      .map((query) =>
        query
          .select('created_at', 'file_name', 'search.places', 'search.taken')
          .limit(MAX_CANDIDATES)
          .get(),
      ),
  );
  const all = snapshots.flatMap(({ docs }) => docs.map(candidateOf));
  return [...new Map(all.map((candidate) => [candidate.id, candidate])).values()];
}

function candidateOf(doc: QueryDocumentSnapshot): Candidate {
  const { created_at, file_name, search } = doc.data() as Pick<
    MediaRecord,
    'created_at' | 'file_name' | 'search'
  >;
  const { taken, places = '' } = search ?? {};
  return { id: doc.id, created_at, file_name, taken: taken ?? '', places };
}

function byTime(filters: MediaFilters): (a: Candidate, b: Candidate) => number {
  const byId = (a: Candidate, b: Candidate) => (a.id < b.id ? 1 : -1);
  const byAccepted = (a: Candidate, b: Candidate) =>
    b.created_at.toMillis() - a.created_at.toMillis() || byId(a, b);
  const sign = isOldestFirst(filters) ? -1 : 1;
  const byTaken = (a: Candidate, b: Candidate) => {
    if (a.taken === b.taken) return a.taken === '' ? byAccepted(a, b) : sign * byId(a, b);
    // What does not say when it was taken is at the end of either order.
    if (a.taken === '' || b.taken === '') return a.taken === '' ? 1 : -1;
    return a.taken < b.taken ? sign : -sign;
  };
  return isByTaken(filters) ? byTaken : (a, b) => sign * byAccepted(a, b);
}

/** Where the next page begins. */
interface Place {
  start: number;
  /** The last media of the page before, and the one that came next. */
  last: string;
  next: string;
  /** All pages are of one search, also when a media has the typed word meanwhile. Absent: a token of an earlier release. */
  corrected?: Correction[] | undefined;
}

function encodeToken({ start, last, next, corrected = [] }: Place): string {
  const words = corrected.map(({ from, to }) => `${from}:${to},`).join('');
  return Buffer.from(`${start} ${last} ${next} ${words}`).toString('base64url');
}

const ID = '[A-Za-z0-9]{1,64}';
const WORD = '[\\p{L}\\p{M}\\p{N}]+';
const TOKEN = new RegExp(
  `^(\\d{1,4}) (${ID})(?: (${ID})(?: ((?:${WORD}:${WORD},){0,${MAX_CORRECTED}}))?)?$`,
  'u',
);

function decodeToken(token: string): Place {
  const match = TOKEN.exec(Buffer.from(token, 'base64url').toString());
  if (!match) throw badToken();
  const [, start, last = '', next = '', words] = match;
  const corrected = words?.split(',').flatMap((pair) => {
    const [from = '', to] = pair.split(':');
    return to === undefined ? [] : [{ from, to }];
  });
  return { start: Number(start), last, next, corrected };
}

/** After the media that was last on the page before; if it is gone, at the one that came next; then at its place. */
function startAfter({ start, last, next }: Place, ids: readonly string[]): number {
  const [before, at] = [ids.indexOf(last), ids.indexOf(next)];
  if (before !== -1) return before + 1;
  return at === -1 ? start : at;
}
