/** Queries for an owner's media in the order of time, with the filters that Firestore can apply. */
import {
  type DocumentSnapshot,
  FieldPath,
  type Firestore,
  type OrderByDirection,
  type Query,
  Timestamp,
} from '@google-cloud/firestore';
import {
  isByTaken,
  isOldestFirst,
  MAX_PEOPLE,
  type MediaFilters,
} from '@media-analysis/shared/search';
import {
  badToken,
  decodePageToken,
  decodeText,
  encode,
  type Page,
  type PageTime,
  readPage,
} from '../../core/media/paging.ts';
import { MEDIA_COLLECTION, type MediaRecord } from '../../core/media/record.ts';

export type MediaPage = Page<MediaRecord>;

/** Filters by one value: the field, which has an index with `owner_id` and the time, and a value for the check of the indexes. */
const EQUAL_FILTERS = {
  status: { field: 'status', sample: 'failed' },
  kind: { field: 'search.kind', sample: 'video' },
  safety: { field: 'search.safety', sample: 'safe' },
  external_id: { field: 'external_id', sample: 'a' },
} as const satisfies Partial<Record<keyof MediaFilters, object>>;

const EQUALITIES = Object.entries(EQUAL_FILTERS).map(([name, filter]) => {
  return { name: name as keyof typeof EQUAL_FILTERS, ...filter };
});

/** The fields of these filters, except those in `search`. */
export const FILTERED_FIELDS = EQUALITIES.map(({ field }) => field).filter(
  (field) => !field.startsWith('search.'),
);

export const SAMPLE_FILTERS: readonly MediaFilters[] = [
  ...EQUALITIES.map(({ name, sample }) => ({ [name]: sample })),
  { people: 3 },
];

/** Firestore runs one query for each combination of listed values: https://firebase.google.com/docs/firestore/query-data/queries#limits_on_or_queries */
const MAX_COMBINATIONS = 30;

const TAKEN = 'search.taken';

/** Sorts after each time of the day. */
const END_OF_DAY = 'T24';

/** Media with one of these search terms, in as few queries as Firestore allows. */
export function mediaQueries(
  firestore: Firestore,
  ownerId: string,
  filters: MediaFilters,
  terms: readonly string[],
): Query[] {
  const most = Math.floor(MAX_COMBINATIONS / (filters.people ? atLeast(filters.people).length : 1));
  return Array.from({ length: Math.ceil(terms.length / most) }, (_, n) =>
    mediaQuery(firestore, ownerId, filters, terms.slice(n * most, (n + 1) * most)),
  );
}

/**
 * Limits the filters to media that were taken on these days. `from` and `to` are dropped, because Firestore reads by one time only.
 * @returns undefined if the filters ask for other days
 */
export function withinDays(
  { from: _from, to: _to, ...filters }: MediaFilters,
  [first, last]: readonly [string, string],
): MediaFilters | undefined {
  const { taken_from = first, taken_to = last } = filters;
  const days = {
    taken_from: taken_from > first ? taken_from : first,
    taken_to: taken_to < last ? taken_to : last,
  };
  return days.taken_from > days.taken_to ? undefined : { ...filters, ...days };
}

/**
 * Orders by time.
 * @param terms Only media with one of these search terms.
 */
export function mediaQuery(
  firestore: Firestore,
  ownerId: string,
  filters: MediaFilters,
  terms: readonly string[] = [],
): Query {
  const direction: OrderByDirection = terms.length === 0 && isOldestFirst(filters) ? 'asc' : 'desc';
  const query = filteredQuery(firestore, ownerId, filters, terms);
  const time = isByTaken(filters) ? TAKEN : 'created_at';
  return query.orderBy(time, direction).orderBy(FieldPath.documentId(), direction);
}

export function filteredQuery(
  firestore: Firestore,
  ownerId: string,
  filters: MediaFilters,
  terms: readonly string[] = [],
): Query {
  let query: Query = firestore.collection(MEDIA_COLLECTION).where('owner_id', '==', ownerId);
  for (const { name, field } of EQUALITIES) {
    const value = filters[name];
    if (value !== undefined) query = query.where(field, '==', value);
  }
  const { people, from, to } = filters;
  // "At least" as a list of values, because a range would not go together with the order by time.
  if (people === 0) query = query.where('search.people', '==', 0);
  else if (people !== undefined) query = query.where('search.people', 'in', atLeast(people));
  const [term] = terms;
  if (terms.length > 1) query = query.where('search.terms', 'array-contains-any', terms);
  else if (term !== undefined) query = query.where('search.terms', 'array-contains', term);
  if (from !== undefined) query = query.where('created_at', '>=', momentOf(from));
  if (to !== undefined) query = query.where('created_at', '<', momentOf(to));
  const { taken_from, taken_to } = filters;
  if (taken_from !== undefined) query = query.where(TAKEN, '>=', taken_from);
  if (taken_to !== undefined) query = query.where(TAKEN, '<', `${taken_to}${END_OF_DAY}`);
  return query;
}

/** The filters by one value, for a media that was read without them. */
export function matchesEqual(media: DocumentSnapshot, filters: MediaFilters): boolean {
  return EQUALITIES.every(
    ({ name, field }) => filters[name] === undefined || media.get(field) === filters[name],
  );
}

/** The filters `taken_from` and `taken_to`, for a media that was read without them. */
export function matchesTaken(
  { search }: Pick<MediaRecord, 'search'>,
  { taken_from, taken_to }: MediaFilters,
): boolean {
  const taken = search?.taken ?? undefined;
  return (
    (taken_from === undefined || (taken !== undefined && taken >= taken_from)) &&
    (taken_to === undefined || (taken !== undefined && taken < `${taken_to}${END_OF_DAY}`))
  );
}

/**
 * One page of the owner's media by time.
 * @throws {AppError} `invalid_request` for a bad token
 */
export async function readMediaPage(
  firestore: Firestore,
  ownerId: string,
  filters: MediaFilters,
  limit: number,
  pageToken: string | undefined,
): Promise<MediaPage> {
  const query = mediaQuery(firestore, ownerId, startingAt(filters));
  if (!isByTaken(filters)) return readPage(query, limit, pageToken);
  const takenOf = ({ search }: MediaRecord) => search?.taken ?? null;
  const readDated = (dated: Query) => readPage(dated, limit, pageToken, takenOf, decodeTakenToken);
  // A filter by day leaves out media without a date.
  if ((filters.taken_from ?? filters.taken_to) !== undefined) return readDated(query);
  // Media without a date come last, newest first.
  const undated = filteredQuery(firestore, ownerId, filters)
    .where(TAKEN, '==', null)
    .orderBy('created_at', 'desc')
    .orderBy(FieldPath.documentId(), 'desc');
  const readUndated = (most: number, token?: string) =>
    readPage(undated, most, token, undatedTimeOf, decodeUndatedToken);
  if (pageToken === UNDATED) return readUndated(limit);
  if (isUndatedToken(pageToken)) return readUndated(limit, pageToken);
  const page = await readDated(query.where(TAKEN, '>', ''));
  if (page.nextPageToken !== undefined) return page;
  const room = limit - page.records.length;
  const { records, nextPageToken } = await readUndated(Math.max(room, 1));
  if (room > 0) return { records: [...page.records, ...records], nextPageToken };
  return { ...page, nextPageToken: records.length > 0 ? UNDATED : undefined };
}

/** If the filters name a time too, both apply. Media without a date have a query of their own. */
function startingAt({ start, ...filters }: MediaFilters): MediaFilters {
  if (start === undefined) return filters;
  const [from, to] = isByTaken(filters)
    ? (['taken_from', 'taken_to'] as const)
    : (['from', 'to'] as const);
  const timeOf = (time: string) => (isByTaken(filters) ? time : Date.parse(time));
  const { [from]: first = start, [to]: last = start } = filters;
  return isOldestFirst(filters)
    ? { ...filters, [from]: timeOf(first) > timeOf(start) ? first : start }
    : { ...filters, [to]: timeOf(last) < timeOf(start) ? last : start };
}

function atLeast(people: number): number[] {
  return Array.from({ length: MAX_PEOPLE - people + 1 }, (_, i) => people + i);
}

const momentOf = (moment: string) => Timestamp.fromMillis(Date.parse(moment));

function decodeTakenToken(token: string): [PageTime, string] {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.([\w-]+)$/.exec(decodeText(token));
  if (!match) throw badToken();
  return [match[1] ?? '', match[2] ?? ''];
}

/** The token of the first page of media without a date. */
const UNDATED = encode('.');

/** The part before the point is the date, which is not known. */
const undatedTimeOf = ({ created_at: { seconds, nanoseconds } }: MediaRecord) =>
  `.${seconds}.${nanoseconds}`;

const isUndatedToken = (token: string | undefined) =>
  token !== undefined && decodeText(token).startsWith('.');

function decodeUndatedToken(token: string): [PageTime, string] {
  return decodePageToken(encode(decodeText(token).slice(1)));
}
