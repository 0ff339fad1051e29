/**
 * Finds an owner's media by words, and by what they mean. Firestore compares one element of an array in a query, so the rarest word finds the
 * candidates, and the others are compared here. To count costs a read for a thousand media:
 * https://firebase.google.com/docs/firestore/query-data/aggregation-queries#pricing
 */
import type { Firestore, QueryDocumentSnapshot, Timestamp } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { MediaFilters } from '@media-analysis/shared/search';
import { type Embedder, LOCAL_EMBEDDER } from '../search/embedder.ts';
import { better, type Counted, isEnough, isIn, type Score, score } from '../search/rank.ts';
import { type Needle, needlesOf } from '../search/words.ts';
import { badToken, type MediaPage, mediaQuery } from './media-query.ts';
import { MEDIA_COLLECTION, type MediaRecord } from './record.ts';
import type { MediaStore } from './store.ts';

/** The most media that are compared for one search: the newest ones with the rarest word. */
const MAX_CANDIDATES = 1_000;

/** A person who searches for more words means few of them. */
const MAX_NEEDLES = 10;

/** Media that are near in meaning. They are read whole into the order, so few. */
const MAX_NEAR = 50;

/** Of reciprocal rank fusion: G. Cormack, C. Clarke, S. Büttcher (2009). */
const FUSION = 60;

/** What is compared, and with which media. */
interface Meaning extends Pick<Embedder, 'by' | 'maxDistance'> {
  vector: number[];
}

interface Candidate {
  id: string;
  created_at: Timestamp;
  places: string;
}

interface Ranked extends Candidate {
  score: Score;
}

/** What has to be found, each word with the number of media that have it. */
interface Wanted {
  words: readonly Counted[];
  tags: readonly Counted[];
  texts: readonly Counted[];
}

export class MediaSearch {
  readonly #firestore: Firestore;
  readonly #media: MediaStore;
  readonly #embedder: Embedder;

  constructor(firestore: Firestore, media: MediaStore, embedder: Embedder = LOCAL_EMBEDDER) {
    this.#firestore = firestore;
    this.#media = media;
    this.#embedder = embedder;
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
  ): Promise<MediaPage> {
    if (!isByWords(filters)) {
      return this.#media.list(ownerId, limit, pageToken, filters);
    }
    const ids = await this.#ids(ownerId, filters);
    const start = startOf(ids, pageToken);
    const page = ids.slice(start, start + limit);
    const records = await this.#media.getMany(page, ownerId);
    const [last, next] = [page.at(-1), ids[start + limit]];
    const more = last !== undefined && next !== undefined;
    return { records, nextPageToken: more ? encodeToken(start + limit, last, next) : undefined };
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
    const ids = await this.#ids(ownerId, filters);
    for (let start = 0; start < ids.length; start += limit) {
      yield await this.#media.getMany(ids.slice(start, start + limit), ownerId);
    }
  }

  async #ids(ownerId: string, filters: MediaFilters): Promise<string[]> {
    const query = (term: string) => mediaQuery(this.#firestore, ownerId, filters, term);
    const { q, similar_to, sort } = filters;
    // Side by side: neither has to wait for the other.
    const [wanted, near] = await Promise.all([
      countAll(filters, query),
      this.#near(ownerId, filters),
    ]);
    const hasWords = q !== undefined || similar_to === undefined;
    const candidates = hasWords ? await candidatesFor(wanted, query) : [];
    const byMeaning = near.filter((candidate) => hasAll(candidate, wanted));
    const byWords = hasWords ? rank([...candidates, ...byMeaning], wanted, q) : [];
    if (sort === 'newest' || sort === 'oldest' || (q ?? similar_to) === undefined) {
      const all = new Map([...byWords, ...byMeaning].map((each) => [each.id, each]));
      return [...all.values()].sort(byTime(sort)).map(({ id }) => id);
    }
    return fuse(
      byWords.sort((a, b) => better(a.score, b.score) || byTime('newest')(a, b)),
      byMeaning,
    );
  }

  /** The media that are near in meaning to the one of `similar_to`, or to the words; the nearest first. */
  async #near(ownerId: string, filters: MediaFilters): Promise<Candidate[]> {
    const { q, similar_to, sort = 'relevance' } = filters;
    // In an order by time, what is only near would stand between what was asked for.
    const text = sort === 'relevance' ? q : undefined;
    const meaning = similar_to
      ? await this.#meaningOf(similar_to, ownerId)
      : await this.#meaningOfWords(text, ownerId);
    if (!meaning) return [];
    const { docs } = await this.#firestore
      .collection(MEDIA_COLLECTION)
      .where('owner_id', '==', ownerId)
      .where('meaning_by', '==', meaning.by)
      .select('created_at', 'status', 'search')
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

/** Whether more is asked than what Firestore compares by itself. */
function isByWords({ q, tag, text, similar_to }: MediaFilters): boolean {
  return [q, tag, text, similar_to].some((each) => each !== undefined);
}

type QueryFor = (term: string) => ReturnType<typeof mediaQuery>;

async function countAll({ q, tag, text }: MediaFilters, query: QueryFor): Promise<Wanted> {
  const [words, tags, texts] = await Promise.all(
    [q, tag, text].map((each) =>
      Promise.all(
        needlesOf(each ?? '')
          .slice(0, MAX_NEEDLES)
          .map((needle) => countNeedle(needle, query)),
      ),
    ),
  );
  return { words: words ?? [], tags: tags ?? [], texts: texts ?? [] };
}

function candidatesFor({ words, tags, texts }: Wanted, query: QueryFor): Promise<Candidate[]> {
  const needed = rarestFirst([...tags, ...texts]);
  return candidatesOf(
    query,
    needed.length > 0 ? needed.slice(0, 1) : affordable(rarestFirst(words)),
  );
}

/** Those that have the words. If too many media have one to compare all, the right one may still be near in meaning. */
function rank(candidates: readonly Candidate[], wanted: Wanted, q: string | undefined): Ranked[] {
  const each = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  return [...each.values()]
    .filter((candidate) => hasAll(candidate, wanted))
    .map((candidate) => ({ ...candidate, score: score(candidate.places, wanted.words) }))
    .filter((ranked) => q === undefined || isEnough(ranked.score, wanted.words));
}

function hasAll({ places }: Candidate, { tags, texts }: Wanted): boolean {
  return (
    tags.every((needle) => isIn(places, needle, 'tag')) &&
    texts.every((needle) => isIn(places, needle, 'text'))
  );
}

/** A search of vectors is not asked for further filters: each combination would need an index of its own. */
function fulfils({ status, created_at, search }: MediaRecord, filters: MediaFilters): boolean {
  const { kind, safety, people, from, to } = filters;
  const at = created_at.toMillis();
  const counted = search?.people ?? null;
  return (
    (filters.status ?? status) === status &&
    (kind ?? search?.kind) === search?.kind &&
    (safety ?? search?.safety) === search?.safety &&
    (people === undefined ||
      (counted !== null && (people === 0 ? counted === 0 : counted >= people))) &&
    (from === undefined || at >= Date.parse(from)) &&
    (to === undefined || at < Date.parse(to))
  );
}

/** Both orders in one. What has the words comes before what is only near in meaning; what is in both comes first. */
function fuse(byWords: readonly Candidate[], byMeaning: readonly Candidate[]): string[] {
  const scores = new Map<string, number>();
  const add = (ranked: readonly Candidate[], weight: number) => {
    for (const [rank, { id }] of ranked.entries()) {
      scores.set(id, (scores.get(id) ?? 0) + weight / (FUSION + rank + 1));
    }
  };
  add(byWords, 2);
  add(byMeaning, 1);
  return [...scores].sort(([, a], [, b]) => b - a).map(([id]) => id);
}

/** A needle by its rarest term, so that the term comes first. */
async function countNeedle({ terms }: Needle, query: QueryFor): Promise<Counted> {
  const counts = await Promise.all(
    terms.map(async (term) => {
      const { count } = (await query(term).count().get()).data();
      return { term, count };
    }),
  );
  counts.sort((a, b) => a.count - b.count);
  return { terms: counts.map(({ term }) => term), count: counts[0]?.count ?? 0 };
}

const rarestFirst = (needles: readonly Counted[]) => needles.toSorted((a, b) => a.count - b.count);

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

async function candidatesOf(query: QueryFor, needles: readonly Counted[]): Promise<Candidate[]> {
  const snapshots = await Promise.all(
    needles
      .filter(({ count }) => count > 0)
      .map(({ terms: [rarest = ''] }) =>
        query(rarest).select('created_at', 'search.places').limit(MAX_CANDIDATES).get(),
      ),
  );
  const all = snapshots.flatMap(({ docs }) => docs.map(candidateOf));
  return [...new Map(all.map((candidate) => [candidate.id, candidate])).values()];
}

function candidateOf(doc: QueryDocumentSnapshot): Candidate {
  const { created_at, search } = doc.data() as Pick<MediaRecord, 'created_at' | 'search'>;
  return { id: doc.id, created_at, places: search?.places ?? '' };
}

function byTime(sort: MediaFilters['sort']): (a: Candidate, b: Candidate) => number {
  const newest = (a: Candidate, b: Candidate) =>
    b.created_at.toMillis() - a.created_at.toMillis() || (a.id < b.id ? 1 : -1);
  return sort === 'oldest' ? (a, b) => newest(b, a) : newest;
}

function encodeToken(start: number, last: string, next: string): string {
  return Buffer.from(`${start} ${last} ${next}`).toString('base64url');
}

/**
 * After the media that was last on the page before. If it is gone, at the one that came next, which a token of an earlier
 * release does not name; then at its place.
 */
function startOf(ids: readonly string[], token: string | undefined): number {
  if (token === undefined) return 0;
  const text = Buffer.from(token, 'base64url').toString();
  const match = /^(\d{1,4}) ([A-Za-z0-9]{1,64})(?: ([A-Za-z0-9]{1,64}))?$/.exec(text);
  if (!match) throw badToken();
  const [, start, last = '', next = ''] = match;
  const [before, at] = [ids.indexOf(last), ids.indexOf(next)];
  if (before !== -1) return before + 1;
  return at === -1 ? Number(start) : at;
}
