/** Finds an owner's media by words and by meaning. Firestore finds the media with the rarest word; the other words are compared here. */
import type { DocumentReference, Firestore, QueryDocumentSnapshot } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import { isByWords, type MediaFilters } from '@media-analysis/shared/search';
import { MEDIA_COLLECTION, type MediaRecord } from '../../core/media/record.ts';
import type { MediaStore } from '../../core/media/store.ts';
import { daysOf } from './calendar.ts';
import {
  affordable,
  type Candidate,
  candidateOf,
  candidatesOf,
  countAll,
  MAX_CANDIDATES,
  type QueriesFor,
  rarestFirst,
  sumOf,
  TEXT_FIELDS,
  type Wanted,
  wordsOf,
} from './candidates.ts';
import { extractDates } from './dates.ts';
import { type Embedder, LOCAL_EMBEDDER } from './embedder.ts';
import { linesOf } from './fields.ts';
import {
  FILTERED_FIELDS,
  type MediaPage,
  matchesEqual,
  matchesTaken,
  mediaQueries,
  mediaQuery,
  readMediaPage,
  withinDays,
} from './media-query.ts';
import { decodeToken, encodeToken, startAfter } from './page-token.ts';
import { byTime, fuse, hasAll, isFileName, type Ranked, rank } from './ranking.ts';
import { better, type Counted, hasNeighbours, wasTakenOn } from './scoring.ts';
import { neighboursOf } from './words.ts';

/** Media that are near in meaning. */
const MAX_NEAR = 50;

/** At most this many media with all words are read to find neighbouring words. */
const MAX_READ = 10;

interface Meaning extends Pick<Embedder, 'by' | 'maxDistance'> {
  vector: number[];
}

interface Found {
  ids: string[];
  /** True if there may be more: too many media had the word to compare all. */
  isCut: boolean;
  /** No media has enough of the words. */
  isOnlyNear?: boolean;
}

interface FoundPage extends MediaPage {
  /** Number of media on all pages; undefined if it is not known. */
  total?: number;
  isOnlyNear?: boolean | undefined;
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
   * @throws {AppError} `invalid_request` for a bad token; `not_found`, `not_ready` for the media of `similar_to`
   */
  async find(
    ownerId: string,
    filters: MediaFilters,
    limit: number,
    pageToken?: string,
  ): Promise<FoundPage> {
    if (!isByWords(filters)) return this.#byTime(ownerId, filters, limit, pageToken);
    const before = pageToken === undefined ? undefined : decodeToken(pageToken);
    const { ids, isCut, isOnlyNear } = await this.#search(ownerId, filters);
    const start = before ? startAfter(before, ids) : 0;
    const page = ids.slice(start, start + limit);
    const records = await this.#media.getMany(page, ownerId);
    const [last, next] = [page.at(-1), ids[start + limit]];
    const more = last !== undefined && next !== undefined;
    const nextPageToken = more ? encodeToken({ start: start + limit, last, next }) : undefined;
    return { records, nextPageToken, isOnlyNear, ...(!isCut && { total: ids.length }) };
  }

  #byTime(ownerId: string, filters: MediaFilters, limit: number, pageToken?: string) {
    return readMediaPage(this.#firestore, ownerId, filters, limit, pageToken);
  }

  /** All pages of `find`. A search by words runs only once. */
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

  #split({ q = '', today }: MediaFilters) {
    return extractDates(q, today ?? new Date(this.#now()).toISOString().slice(0, 10));
  }

  async #search(ownerId: string, filters: MediaFilters): Promise<Found> {
    const [wanted, near] = await Promise.all([
      countAll(filters, this.#split(filters), this.#queries(ownerId, filters)),
      this.#near(ownerId, filters),
    ]);
    if (wanted.isNothing) return { ids: [], isCut: false };
    const { q, similar_to, sort } = filters;
    const hasWords = q !== undefined || similar_to === undefined;
    const all = hasWords ? await this.#candidates(ownerId, filters, wanted) : [];
    const isCut = all.length >= MAX_CANDIDATES;
    // A query by date leaves out the filter by the time of acceptance.
    const candidates = all.filter((candidate) => matchesAccepted(candidate, filters));
    const byMeaning = near.filter((candidate) => hasAll(candidate, wanted));
    const byWords = hasWords ? rank([...candidates, ...byMeaning], wanted, q) : [];
    const isOnlyNear = q !== undefined && byWords.length === 0 && byMeaning.length > 0;
    const isByTime = sort !== undefined && sort !== 'relevance';
    if (isByTime || (q ?? similar_to) === undefined) {
      const found = new Map([...byWords, ...byMeaning].map((each) => [each.id, each]));
      const ids = [...found.values()].sort(byTime(filters)).map(({ id }) => id);
      return { ids, isCut, isOnlyNear };
    }
    const { words, dates } = wanted;
    const newest = byTime(words.length === 0 ? { sort: 'taken' } : {});
    // Media that were taken on the date come before media that only mention it.
    const isTaken = (each: Candidate) => Number(wasTakenOn(each, dates));
    const ranked = byWords.sort((a, b) => better(a.score, b.score) || newest(a, b));
    const sides = await this.#countNeighbours(ranked, words, this.#split(filters).rest);
    const sidesOf = ({ id }: Candidate) => sides.get(id) ?? 0;
    const fused = fuse(ranked, byMeaning).sort(
      (a, b) => isTaken(b) - isTaken(a) || sidesOf(b) - sidesOf(a),
    );
    const named = byWords.filter(({ file_name }) => isFileName(q, file_name)).map(({ id }) => id);
    return { ids: [...new Set([...named, ...fused.map(({ id }) => id)])], isCut, isOnlyNear };
  }

  /**
   * Counts neighbouring words that are also neighbours in the search: "flat white" is no white wall of a flat. Terms have no order, so
   * this reads the best media that have all words.
   */
  async #countNeighbours(
    ranked: readonly Ranked[],
    words: readonly Counted[],
    text: string,
  ): Promise<ReadonlyMap<string, number>> {
    const neighbours = neighboursOf(text);
    if (neighbours.length === 0) return new Map();
    const refs: DocumentReference[] = [];
    // Mostly the first ones have all words. Checking each of a thousand would take as long as reading these few.
    for (const { id, places, score } of ranked) {
      if (refs.length === MAX_READ) break;
      if (score.found === words.length && hasNeighbours(places, words))
        refs.push(this.#media.ref(id));
    }
    if (refs.length === 0) return new Map();
    const snapshots = await this.#firestore.getAll(...refs, { fieldMask: [...TEXT_FIELDS] });
    const counted = snapshots.flatMap((snapshot) => {
      if (!snapshot.exists) return [];
      const lines = linesOf(wordsOf(snapshot));
      const found = neighbours.filter((each) => lines.some((line) => line.includes(each)));
      return [[snapshot.id, found.length] as const];
    });
    return new Map(counted);
  }

  /** Asks Firestore for the rarest condition. */
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
    // Too many media have the word to compare all. Fewer may also be from these days.
    const days = worded > MAX_CANDIDATES ? daysOf(dates.flatMap((each) => each.dates)) : undefined;
    const within = days && withinDays(filters, days);
    const all = await Promise.all([
      candidatesOf(queries, few),
      within ? candidatesOf(this.#queries(ownerId, within), few) : [],
    ]);
    return all.flat();
  }

  /** Media near in meaning to `similar_to`, or to the words; the nearest first. */
  async #near(ownerId: string, filters: MediaFilters): Promise<Candidate[]> {
    const { q, similar_to } = filters;
    // Vectors know nothing of dates.
    const text = q !== undefined ? this.#split(filters).rest : undefined;
    const meaning = similar_to
      ? await this.#meaningOf(similar_to, ownerId)
      : await this.#meaningOfWords(text, ownerId);
    if (!meaning) return [];
    const { docs } = await this.#firestore
      .collection(MEDIA_COLLECTION)
      .where('owner_id', '==', ownerId)
      .where('meaning_by', '==', meaning.by)
      .select('created_at', 'file_name', 'search', ...FILTERED_FIELDS)
      .findNearest({
        vectorField: 'meaning',
        queryVector: meaning.vector,
        limit: MAX_NEAR,
        distanceMeasure: 'COSINE',
        distanceThreshold: meaning.maxDistance,
      })
      .get();
    return docs
      .filter((doc) => doc.id !== similar_to && matchesFilters(doc, filters))
      .map(candidateOf);
  }

  async #meaningOfWords(text: string | undefined, ownerId: string): Promise<Meaning | undefined> {
    const { by, maxDistance } = this.#embedder;
    const vector = text && (await this.#embedder.embedSearch(text, ownerId));
    return vector ? { vector, by, maxDistance } : undefined;
  }

  /** Compares vectors of the same embedder, even if the media still waits for a vector of another one. */
  async #meaningOf(id: string, ownerId: string): Promise<Meaning | undefined> {
    const { file_name, meaning, meaning_by: by } = await this.#media.get(id, ownerId);
    if (!by) {
      throw new AppError(
        'not_ready',
        `"${file_name}" has no description yet, so nothing can be compared with it. Ask again when it has one.`,
      );
    }
    // A description without words has no vector.
    if (!meaning) return undefined;
    const { maxDistance } = by === LOCAL_EMBEDDER.by ? LOCAL_EMBEDDER : this.#embedder;
    return { vector: meaning.toArray(), by, maxDistance };
  }
}

/** Checks the filters here, because a vector search would need an index for each combination of filters. */
function matchesFilters(media: QueryDocumentSnapshot, filters: MediaFilters): boolean {
  const record = media.data() as MediaRecord;
  const { people } = filters;
  const counted = record.search?.people ?? null;
  return (
    matchesEqual(media, filters) &&
    (people === undefined ||
      (counted !== null && (people === 0 ? counted === 0 : counted >= people))) &&
    matchesAccepted(record, filters) &&
    matchesTaken(record, filters)
  );
}

function matchesAccepted(
  { created_at }: Pick<MediaRecord, 'created_at'>,
  { from, to }: MediaFilters,
): boolean {
  const at = created_at.toMillis();
  return (
    (from === undefined || at >= Date.parse(from)) && (to === undefined || at < Date.parse(to))
  );
}
