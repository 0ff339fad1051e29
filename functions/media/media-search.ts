/**
 * Finds an owner's media by words. Firestore compares one element of an array in a query, so the rarest word finds the
 * candidates, and the others are compared here. To count costs a read for a thousand media:
 * https://firebase.google.com/docs/firestore/query-data/aggregation-queries#pricing
 */
import type { Firestore, QueryDocumentSnapshot, Timestamp } from '@google-cloud/firestore';
import type { MediaFilters } from '@media-analysis/shared/search';
import { better, type Counted, isEnough, isIn, type Score, score } from '../search/rank.ts';
import { type Needle, needlesOf } from '../search/words.ts';
import { badToken, type MediaPage, mediaQuery } from './media-query.ts';
import type { MediaRecord } from './record.ts';
import type { MediaStore } from './store.ts';

/** The most media that are compared for one search: the newest ones with the rarest word. */
const MAX_CANDIDATES = 1_000;

/** A person who searches for more words means few of them. */
const MAX_NEEDLES = 10;

interface Candidate {
  id: string;
  created_at: Timestamp;
  places: string;
}

interface Ranked extends Candidate {
  score: Score;
}

export class MediaSearch {
  readonly #firestore: Firestore;
  readonly #media: MediaStore;

  constructor(firestore: Firestore, media: MediaStore) {
    this.#firestore = firestore;
    this.#media = media;
  }

  /**
   * The owner's media that fulfil the filters, page by page.
   * @throws {AppError} `invalid_request` for a bad token
   */
  async find(
    ownerId: string,
    filters: MediaFilters,
    limit: number,
    pageToken?: string,
  ): Promise<MediaPage> {
    if ([filters.q, filters.tag, filters.text].every((words) => words === undefined)) {
      return this.#media.list(ownerId, limit, pageToken, filters);
    }
    const ids = await this.#byWords(ownerId, filters);
    const start = startOf(ids, pageToken);
    const page = ids.slice(start, start + limit);
    const records = await this.#media.getMany(page, ownerId);
    const last = page.at(-1);
    const more = last !== undefined && start + limit < ids.length;
    return { records, nextPageToken: more ? encodeToken(start + limit, last) : undefined };
  }

  async #byWords(ownerId: string, filters: MediaFilters): Promise<string[]> {
    const query = (term: string) => mediaQuery(this.#firestore, ownerId, filters, term);
    const counted = async (text: string | undefined) => {
      const needles = needlesOf(text ?? '').slice(0, MAX_NEEDLES);
      return Promise.all(needles.map((needle) => countNeedle(needle, query)));
    };
    const [words, tags, texts] = await Promise.all([
      counted(filters.q),
      counted(filters.tag),
      counted(filters.text),
    ]);
    const needed = [...tags, ...texts];
    const candidates =
      needed.length > 0
        ? await candidatesOf(query, rarestFirst(needed).slice(0, 1))
        : await candidatesOf(query, affordable(rarestFirst(words)));
    const found = candidates
      .filter(
        ({ places }) =>
          tags.every((needle) => isIn(places, needle, 'tag')) &&
          texts.every((needle) => isIn(places, needle, 'text')),
      )
      .map((candidate): Ranked => ({ ...candidate, score: score(candidate.places, words) }))
      .filter((ranked) => filters.q === undefined || isEnough(ranked.score, words));
    return found.sort(orderOf(filters)).map(({ id }) => id);
  }
}

type QueryFor = (term: string) => ReturnType<typeof mediaQuery>;

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

/** By the words, then the newest first, unless the caller wants another order. */
function orderOf({ sort, q }: MediaFilters): (a: Ranked, b: Ranked) => number {
  const newest = (a: Ranked, b: Ranked) =>
    b.created_at.toMillis() - a.created_at.toMillis() || (a.id < b.id ? 1 : -1);
  if (sort === 'oldest') return (a, b) => newest(b, a);
  if (sort === 'newest' || q === undefined) return newest;
  return (a, b) => better(a.score, b.score) || newest(a, b);
}

function encodeToken(next: number, last: string): string {
  return Buffer.from(`${next} ${last}`).toString('base64url');
}

/** After the media that was last on the page before. If it is gone, at its place. */
function startOf(ids: readonly string[], token: string | undefined): number {
  if (token === undefined) return 0;
  const match = /^(\d{1,4}) ([A-Za-z0-9]{1,64})$/.exec(Buffer.from(token, 'base64url').toString());
  if (!match) throw badToken();
  const index = ids.indexOf(match[2] ?? '');
  return index === -1 ? Number(match[1]) : index + 1;
}
