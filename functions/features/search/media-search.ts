/** Finds an owner's media by words, and by what they mean: those with the rarest word are read, and the others are compared here. */
import type { DocumentReference, Firestore } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import { type Correction, isByWords, type MediaFilters } from '@media-analysis/shared/search';
import { MEDIA_COLLECTION, type MediaRecord } from '../../core/media/record.ts';
import type { MediaStore } from '../../core/media/store.ts';
import { daysOf } from './calendar.ts';
import { takeDates } from './dates.ts';
import { type Embedder, LOCAL_EMBEDDER } from './embedder.ts';
import { linesOf } from './fields.ts';
import {
  type MediaPage,
  mediaQueries,
  mediaQuery,
  readMediaPage,
  wasTakenThen,
  withinDays,
} from './media-query.ts';
import { better, type Counted, hasNeighbours, wasTakenOn } from './rank.ts';
import {
  affordable,
  type Candidate,
  candidateOf,
  candidatesOf,
  countAll,
  MAX_CANDIDATES,
  type QueriesFor,
  rarestFirst,
  SAID,
  sumOf,
  type Wanted,
  wordsOf,
} from './search-candidates.ts';
import { correctionsOf } from './search-corrections.ts';
import { byTime, fuse, hasAll, isFileName, type Ranked, rank } from './search-order.ts';
import { decodeToken, encodeToken, startAfter } from './search-token.ts';
import { neighboursOf, replaceWords } from './words.ts';

/** Media that are near in meaning. They are read whole into the order, so few. */
const MAX_NEAR = 50;

/** Of those that have all words, so many are read to see which have them side by side. */
const MAX_READ = 10;

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
      return { ...(await this.#byTime(ownerId, filters, limit, pageToken)), corrected: [] };
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

  #byTime(ownerId: string, filters: MediaFilters, limit: number, pageToken?: string) {
    return readMediaPage(this.#firestore, ownerId, filters, limit, pageToken);
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
        const page = await this.#byTime(ownerId, filters, limit, token);
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
    const corrected = before ?? (await correctionsOf(asTyped[0].words, this.#queries(ownerId, {})));
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
    const ranked = byWords.sort((a, b) => better(a.score, b.score) || newest(a, b));
    const sides = await this.#sideBySide(ranked, words, this.#split(filters).rest);
    const sidesOf = ({ id }: Candidate) => sides.get(id) ?? 0;
    const fused = fuse(ranked, byMeaning).sort(
      (a, b) => isTaken(b) - isTaken(a) || sidesOf(b) - sidesOf(a),
    );
    const named = byWords.filter(({ file_name }) => isFileName(q, file_name)).map(({ id }) => id);
    return { ids: [...new Set([...named, ...fused.map(({ id }) => id)])], isCut };
  }

  /**
   * How many words stand beside the next one, as in what is searched for: "flat white" is no white wall of a flat. Terms do not say it,
   * so the best of those that have all words are read.
   */
  async #sideBySide(
    ranked: readonly Ranked[],
    words: readonly Counted[],
    text: string,
  ): Promise<ReadonlyMap<string, number>> {
    const neighbours = neighboursOf(text);
    if (neighbours.length === 0) return new Map();
    const refs: DocumentReference[] = [];
    // Mostly the first of them have all words. To look at each of a thousand would take as long as to read those few.
    for (const { id, places, score } of ranked) {
      if (refs.length === MAX_READ) break;
      if (score.found === words.length && hasNeighbours(places, words))
        refs.push(this.#media.ref(id));
    }
    if (refs.length === 0) return new Map();
    const snapshots = await this.#firestore.getAll(...refs, { fieldMask: [...SAID] });
    const counted = snapshots.flatMap((snapshot) => {
      if (!snapshot.exists) return [];
      const lines = linesOf(wordsOf(snapshot));
      const found = neighbours.filter((each) => lines.some((line) => line.includes(each)));
      return [[snapshot.id, found.length] as const];
    });
    return new Map(counted);
  }

  /** Media that may have what is wanted: by what the fewest have. */
  async #candidates(ownerId: string, filters: MediaFilters, wanted: Wanted): Promise<Candidate[]> {
    const queries = this.#queries(ownerId, filters);
    const { words, dates, tags, texts, locations, cameras } = wanted;
    const numbers = words.filter(({ isNeeded }) => isNeeded);
    const [needed] = rarestFirst([...tags, ...texts, ...locations, ...cameras, ...numbers]);
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

  /** The media that are near in meaning to the one of `similar_to`, or to the words; the nearest first. */
  async #near(ownerId: string, filters: MediaFilters): Promise<Candidate[]> {
    const { q, similar_to } = filters;
    // A description means no date.
    const text = q !== undefined ? this.#split(filters).rest : undefined;
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
  async #meaningOf(id: string, ownerId: string): Promise<Meaning | undefined> {
    const { file_name, meaning, meaning_by: by } = await this.#media.get(id, ownerId);
    if (!by) {
      throw new AppError(
        'not_ready',
        `"${file_name}" has no description yet, so nothing can be compared with it. Ask again when it has one.`,
      );
    }
    // A description without a word that can be compared has no vector.
    if (!meaning) return undefined;
    const { maxDistance } = by === LOCAL_EMBEDDER.by ? LOCAL_EMBEDDER : this.#embedder;
    return { vector: meaning.toArray(), by, maxDistance };
  }
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
