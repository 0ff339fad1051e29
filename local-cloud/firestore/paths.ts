/** Resource names: `projects/{p}/databases/{d}/documents/{collection}/{document}/…`. */
import { invalidArgument } from '../base/rpc-error.ts';
import { compareUtf8, utf8Length } from './utf8.ts';

/** @see https://cloud.google.com/firestore/quotas#collections_documents_and_fields */
const MAX_ID_BYTES = 1_500;
const MAX_NAME_BYTES = 6 * 1_024;
const MAX_SEGMENTS = 200;

/** A resource: its database and the ids below `documents/`. */
export interface ResourcePath {
  /** `projects/{p}/databases/{d}` */
  database: string;
  segments: string[];
}

const DATABASE = /^projects\/([^/]+)\/databases\/([^/]+)$/;
const RESOURCE = /^(projects\/[^/]+\/databases\/[^/]+)\/documents(?:\/(.*))?$/s;
const NUMERIC_ID = /^__id(-?\d{1,19})__$/;

/** @throws INVALID_ARGUMENT unless `name` is `projects/{p}/databases/{d}` */
export function parseDatabaseName(name: string | undefined): string {
  if (name === undefined || !DATABASE.test(name)) {
    throw invalidArgument(`Invalid database name: "${name ?? ''}".`);
  }
  return name;
}

/** Splits a name without checking its ids: a cursor may point between valid ids. */
export function splitResourceName(name: string): ResourcePath {
  const match = RESOURCE.exec(name);
  if (!match?.[1]) {
    throw invalidArgument(
      `Resource name "${name}" does not match "projects/{project}/databases/{database}/documents/…".`,
    );
  }
  return { database: match[1], segments: match[2] ? match[2].split('/') : [] };
}

/** @throws INVALID_ARGUMENT unless `name` is the name of a document */
export function parseDocumentName(name: string | undefined): ResourcePath {
  const path = splitResourceName(name ?? '');
  if (path.segments.length === 0 || path.segments.length % 2 !== 0) {
    throw invalidArgument(`Document name "${name}" must have an even number of ids.`);
  }
  checkSegments(path.segments, name ?? '');
  return path;
}

/** A parent is the database's root (`…/documents`) or a document. */
export function parseParent(name: string | undefined): ResourcePath {
  const path = splitResourceName(name ?? '');
  if (path.segments.length % 2 !== 0) {
    throw invalidArgument(`Parent "${name}" is neither a document nor the root of a database.`);
  }
  checkSegments(path.segments, name ?? '');
  return path;
}

/** @throws INVALID_ARGUMENT if a document or collection cannot have this id */
export function checkId(id: string): void {
  if (id === '') throw invalidArgument('Resource id must not be empty.');
  if (id === '.' || id === '..' || id.includes('/')) {
    throw invalidArgument(`Resource id "${id}" is invalid.`);
  }
  if (/^__.*__$/s.test(id) && !NUMERIC_ID.test(id)) {
    throw invalidArgument(`Resource id "${id}" is invalid because it is reserved.`);
  }
  if (utf8Length(id) > MAX_ID_BYTES) {
    throw invalidArgument(
      `Resource id "${id.slice(0, 50)}…" is longer than ${MAX_ID_BYTES} bytes.`,
    );
  }
}

function checkSegments(segments: string[], name: string): void {
  for (const id of segments) checkId(id);
  if (segments.length > MAX_SEGMENTS || utf8Length(name) > MAX_NAME_BYTES) {
    throw invalidArgument('Resource name is too long.');
  }
}

/** Compares names id by id. A parent sorts before its children. */
export function compareSegments(left: readonly string[], right: readonly string[]): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const comparison = compareIds(left[index] ?? '', right[index] ?? '');
    if (comparison !== 0) return comparison;
  }
  return left.length - right.length;
}

/** Numeric ids (`__id7__`, from old Datastore data) sort by number, before all other ids. */
export function compareIds(left: string, right: string): number {
  if (left === right) return 0;
  const leftNumber = NUMERIC_ID.exec(left)?.[1];
  const rightNumber = NUMERIC_ID.exec(right)?.[1];
  if (leftNumber !== undefined && rightNumber !== undefined) {
    return BigInt(leftNumber) < BigInt(rightNumber) ? -1 : 1;
  }
  if (leftNumber !== undefined) return -1;
  return rightNumber !== undefined ? 1 : compareUtf8(left, right);
}

/** True if `segments` lie below `prefix`. */
export function startsWith(segments: readonly string[], prefix: readonly string[]): boolean {
  return prefix.length < segments.length && prefix.every((id, index) => segments[index] === id);
}
