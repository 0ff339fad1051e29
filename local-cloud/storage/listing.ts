/** Listing of a bucket. https://cloud.google.com/storage/docs/json_api/v1/objects/list */
import { posix } from 'node:path';

import type { Database } from './database.ts';
import { StorageError } from './errors.ts';
import type { ObjectRow } from './metadata.ts';
import { toObjectRow } from './objects.ts';
import { isOn } from './values.ts';

const MAX_RESULTS = 1000;

export interface ListQuery {
  prefix: string;
  delimiter: string;
  /** Names from this one on. */
  startOffset: string;
  /** Names before this one; empty: no end. */
  endOffset: string;
  matchGlob: string | null;
  /** True: lists archived generations too. */
  versions: boolean;
  /** True: lists only the soft-deleted objects, which can be restored. */
  softDeleted: boolean;
  maxResults: number;
  pageToken: PageToken | undefined;
}

export interface Listing {
  items: ObjectRow[];
  /** Common prefixes up to the delimiter, without duplicates. */
  prefixes: string[];
  nextPageToken: string | undefined;
}

/** The last entry of the previous page: an object, or a common prefix. As plain text the two could look alike. */
interface PageToken {
  name: string;
  generation?: number;
}

/** @throws {StorageError} 400. */
export function listQueryOf(query: URLSearchParams): ListQuery {
  const token = query.get('pageToken');
  const versions = isOn(query, 'versions');
  const softDeleted = isOn(query, 'softDeleted');
  if (versions && softDeleted) {
    throw new StorageError('invalid', 'versions and softDeleted cannot both be true.');
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    startOffset: query.get('startOffset') ?? '',
    endOffset: query.get('endOffset') ?? '',
    matchGlob: query.get('matchGlob'),
    versions,
    softDeleted,
    maxResults: maxResultsOf(query),
    pageToken: token ? decodePageToken(token) : undefined,
  };
}

/** @throws {StorageError} 400. */
export function maxResultsOf(query: URLSearchParams): number {
  const text = query.get('maxResults');
  if (!text) return MAX_RESULTS;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new StorageError('invalid', `Invalid value for maxResults: '${text}'`);
  }
  return Math.min(value, MAX_RESULTS);
}

/** One page. Common prefixes count towards `maxResults` like objects. */
export function listObjects(db: Database, bucket: string, query: ListQuery): Listing {
  const items: ObjectRow[] = [];
  const prefixes: string[] = [];
  let last = query.pageToken;
  for (const row of candidates(db, bucket, query)) {
    if (!row.name.startsWith(query.prefix)) break;
    if (isPast(row, last)) continue;
    if (query.matchGlob !== null && !posix.matchesGlob(row.name, query.matchGlob)) continue;
    if (items.length + prefixes.length === query.maxResults) {
      return { items, prefixes, nextPageToken: last && encodePageToken(last) };
    }
    const commonPrefix = commonPrefixOf(row.name, query);
    if (commonPrefix === undefined) {
      items.push(row);
      last = { name: row.name, generation: row.generation };
    } else {
      prefixes.push(commonPrefix);
      last = { name: commonPrefix };
    }
  }
  return { items, prefixes, nextPageToken: undefined };
}

/** The rows from the page's start, in order. They are read one by one, so a page reads only what it shows. */
function* candidates(db: Database, bucket: string, query: ListQuery): Generator<ObjectRow> {
  const from = [query.prefix, query.startOffset, query.pageToken?.name ?? ''].reduce(later);
  const rows = db.sql
    .prepare(
      query.softDeleted
        ? `SELECT deleted.* FROM soft_deleted_objects AS deleted JOIN buckets
           ON buckets.name = bucket AND buckets.created = bucketCreated
           WHERE bucket = ? AND deleted.name >= ? AND (? = '' OR deleted.name < ?)
           ORDER BY deleted.name, generation`
        : `SELECT * FROM objects WHERE bucket = ? AND name >= ? AND (? = '' OR name < ?)
           AND (deleted IS NULL OR ${query.versions}) ORDER BY name, generation`,
    )
    .iterate(bucket, from, query.endOffset, query.endOffset);
  for (const row of rows) yield toObjectRow(row);
}

function isPast(row: ObjectRow, last: PageToken | undefined): boolean {
  if (last === undefined) return false;
  if (last.generation === undefined) return row.name.startsWith(last.name);
  return row.name === last.name && row.generation <= last.generation;
}

/** `name` up to the first delimiter after the prefix. */
function commonPrefixOf(name: string, { prefix, delimiter }: ListQuery): string | undefined {
  if (delimiter === '') return undefined;
  const at = name.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : name.slice(0, at + delimiter.length);
}

/** The later name in the order of UTF-8 bytes, which differs from the order of UTF-16 units. */
function later(a: string, b: string): string {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) >= 0 ? a : b;
}

function encodePageToken(token: PageToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function decodePageToken(text: string): PageToken {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (typeof token === 'object' && token !== null && 'name' in token) return token as PageToken;
  } catch {
    // Falls through: this server did not issue the token.
  }
  throw new StorageError('invalid', `Invalid pageToken: '${text}'`);
}
