/** Pages of a list in the order of time, and the tokens that lead from one to the next. */
import { FieldPath, type Query, Timestamp } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { MediaRecord } from './record.ts';

export interface Page<R> {
  records: R[];
  nextPageToken: string | undefined;
}
export type PageTime = Timestamp | string | null;

/** Orders a query as `readPage` expects it. */
export function newestFirst(query: Query): Query {
  return query.orderBy('created_at', 'desc').orderBy(FieldPath.documentId(), 'desc');
}

/**
 * One page of a query.
 * @param timeOf By which the query is ordered, before the id. A text: a time by the clock of a camera, or null.
 * @throws {AppError} `invalid_request` for a bad token
 */
export async function readPage<R extends { id: string; created_at: Timestamp } = MediaRecord>(
  query: Query,
  limit: number,
  pageToken: string | undefined,
  timeOf: (record: R) => PageTime = ({ created_at }) => created_at,
  decode = decodePageToken,
): Promise<Page<R>> {
  const rest = pageToken === undefined ? query : query.startAfter(...decode(pageToken));
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

/** The part of an answer that leads to the next page. */
export const tokenOf = ({ nextPageToken }: Pick<Page<unknown>, 'nextPageToken'>) =>
  nextPageToken === undefined ? {} : { next_page_token: nextPageToken };

function encodePageToken(time: PageTime, id: string): string {
  const text = time instanceof Timestamp ? `${time.seconds}.${time.nanoseconds}` : (time ?? '');
  return encode(`${text}.${id}`);
}

export function encode(text: string): string {
  return Buffer.from(text).toString('base64url');
}

export const decodeText = (token: string) => Buffer.from(token, 'base64url').toString();

export function decodePageToken(token: string): [PageTime, string] {
  const match = /^(\d{1,11})\.(\d{1,9})\.([\w-]+)$/.exec(decodeText(token));
  if (!match) throw badToken();
  return [new Timestamp(Number(match[1]), Number(match[2])), match[3] ?? ''];
}

export function badToken(): AppError {
  return new AppError('invalid_request', 'page_token: use the one that the last page gave.');
}
