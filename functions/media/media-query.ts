/** Queries for an owner's media in the order of time, by what Firestore compares: time, kind, status, people, safety. */
import {
  FieldPath,
  type Firestore,
  type OrderByDirection,
  type Query,
  Timestamp,
} from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import { MAX_PEOPLE, type MediaFilters } from '@media-analysis/shared/search';
import { MEDIA_COLLECTION, type MediaRecord } from './record.ts';

export interface Page<R> {
  records: R[];
  nextPageToken: string | undefined;
}
export type MediaPage = Page<MediaRecord>;

/** The filters that are equalities, by the fields that they look at. Each has an index with `owner_id` and the time. */
const EQUALITIES = [
  ['status', 'status'],
  ['kind', 'search.kind'],
  ['safety', 'search.safety'],
] as const;

/**
 * The owner's media by time.
 * @param term Only media with this search term.
 */
export function mediaQuery(
  firestore: Firestore,
  ownerId: string,
  filters: MediaFilters = {},
  term?: string,
): Query {
  const direction: OrderByDirection =
    term === undefined && filters.sort === 'oldest' ? 'asc' : 'desc';
  let query: Query = firestore.collection(MEDIA_COLLECTION).where('owner_id', '==', ownerId);
  for (const [name, field] of EQUALITIES) {
    const value = filters[name];
    if (value !== undefined) query = query.where(field, '==', value);
  }
  const { people, from, to } = filters;
  // The counts are few, so "at least" is one of some values, which goes together with the order by time.
  if (people === 0) query = query.where('search.people', '==', 0);
  else if (people !== undefined) query = query.where('search.people', 'in', atLeast(people));
  if (term !== undefined) query = query.where('search.terms', 'array-contains', term);
  if (from !== undefined) query = query.where('created_at', '>=', momentOf(from));
  if (to !== undefined) query = query.where('created_at', '<', momentOf(to));
  return query.orderBy('created_at', direction).orderBy(FieldPath.documentId(), direction);
}

/**
 * One page of a query.
 * @param timeOf By which the query is ordered, before the id.
 * @throws {AppError} `invalid_request` for a bad token
 */
export async function readPage<R extends { id: string; created_at: Timestamp } = MediaRecord>(
  query: Query,
  limit: number,
  pageToken: string | undefined,
  timeOf: (record: R) => Timestamp = ({ created_at }) => created_at,
): Promise<Page<R>> {
  const rest = pageToken === undefined ? query : query.startAfter(...decodePageToken(pageToken));
  const { docs } = await rest.limit(limit + 1).get();
  const records = docs.map((snapshot) => snapshot.data() as R);
  const page = records.slice(0, limit);
  const last = page.at(-1);
  const more = records.length > limit && last !== undefined;
  return {
    records: page,
    nextPageToken: more ? encodePageToken(timeOf(last), last.id) : undefined,
  };
}

function atLeast(people: number): number[] {
  return Array.from({ length: MAX_PEOPLE - people + 1 }, (_, i) => people + i);
}

const momentOf = (moment: string) => Timestamp.fromMillis(Date.parse(moment));

function encodePageToken({ seconds, nanoseconds }: Timestamp, id: string): string {
  return Buffer.from(`${seconds}.${nanoseconds}.${id}`).toString('base64url');
}

function decodePageToken(token: string): [Timestamp, string] {
  const text = Buffer.from(token, 'base64url').toString();
  const match = /^(\d{1,11})\.(\d{1,9})\.([\w-]+)$/.exec(text);
  if (!match) throw badToken();
  return [new Timestamp(Number(match[1]), Number(match[2])), match[3] ?? ''];
}

export function badToken(): AppError {
  return new AppError('invalid_request', 'page_token: use the one that the last page gave.');
}
