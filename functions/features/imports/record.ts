/** The Firestore document of an import, and the part of it that its owner sees. */
import { createHash } from 'node:crypto';
import type { Timestamp } from '@google-cloud/firestore';
import { AppError, type ErrorCode } from '@media-analysis/shared/errors';
import { type Import, type ImportFailure, MAX_FAILURES } from '@media-analysis/shared/imports';
import { plainText } from '@media-analysis/shared/plain-text';
import type { MediaRecord } from '../../core/media/record.ts';
import type { ListedObject } from '../../storage/list-bucket.ts';

export const IMPORTS_COLLECTION = 'imports';

export interface ImportAddress {
  url: string;
  /** Failed tries. */
  tries: number;
}

/** The fields of `Import`, and fields that never leave the server. */
export interface ImportRecord
  extends Omit<Import, 'created_at' | 'updated_at' | 'ended_at' | 'in_flight' | 'source'>,
    Pick<MediaRecord, 'callback'> {
  created_at: Timestamp;
  updated_at: Timestamp;
  ended_at: Timestamp | null;
  owner_id: string;
  /** A bucket, or the number of addresses. */
  source: { bucket: string; prefix: string } | { urls: number };
  /** The name of the object that was listed last; null if none was. */
  cursor: string | null;
  /** True when the bucket is listed to its end. */
  is_listed: boolean;
  /** Listed objects that the next steps look at. */
  upcoming: ListedObject[];
  /** Addresses that are still to be downloaded. An import from a bucket lacks it. */
  addresses?: ImportAddress[];
  /** A step downloads and has locked the import until then. */
  held_until?: Timestamp | null;
  /** The task of that step. If it is delivered again, its process has died, and it takes over at once. */
  held_by?: string | null;
  /** Ids of media that a worker still has. */
  working: string[];
  /** When the next step is due; null if there is none. With it the sweeper finds lost tasks. */
  due_at: Timestamp | null;
  /** Null until the import has ended. The TTL policy of the collection reads it. */
  expires_at: Timestamp | null;
}

export function toImport(record: ImportRecord): Import {
  const { id, source, analyze, analyses, language, state, wait_code } = record;
  const { error_code, error_message, found, accepted, skipped, done, failed } = record;
  const { working, failures, created_at, updated_at, ended_at, revision } = record;
  return {
    id,
    source: 'urls' in source ? source : { gs: `gs://${source.bucket}/${source.prefix}` },
    in_place: record.in_place,
    analyze,
    analyses,
    language,
    state,
    wait_code,
    error_code,
    error_message,
    found,
    accepted,
    skipped,
    done,
    failed,
    in_flight: working.length,
    failures,
    created_at: toIso(created_at),
    updated_at: toIso(updated_at),
    ended_at: ended_at && toIso(ended_at),
    revision,
  };
}

/** One owner and one generation of an object always give the same id. So nothing is imported twice. */
export function importedId(ownerId: string, bucket: string, object: ListedObject): string {
  const { name, generation } = object;
  return hashed(['gs', ownerId, bucket, name, generation]);
}

/**
 * @param version The server's `ETag`, or the time of the last change; empty if it sends neither.
 */
export function addressId(ownerId: string, url: string, version: string): string {
  return hashed(['https', ownerId, url, version]);
}

function hashed(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}

/** Counts a failed file. The first ones are also named. */
export function addFailure(
  run: ImportRecord,
  name: string,
  code: ErrorCode,
  message: string,
  media_id: string | null = null,
): void {
  run.failed++;
  const words = { name: plainText(name), message: shortened(plainText(message)) };
  const failure: ImportFailure = { ...words, media_id, code };
  if (run.failures.length < MAX_FAILURES) run.failures = [...run.failures, failure];
}

/** One document of 1 MiB keeps a hundred messages, and strangers choose the length of the names in them. */
const MAX_MESSAGE_LETTERS = 1_000;

/** Cuts the middle out. The beginning names the file, and the end says what to do. */
function shortened(text: string): string {
  if (text.length <= MAX_MESSAGE_LETTERS) return text;
  const half = MAX_MESSAGE_LETTERS / 2;
  return `${text.slice(0, half)} … ${text.slice(-half)}`.toWellFormed();
}

/** The error is the same for an unknown id and for another owner's id. */
export function unknownImport(id: string): AppError {
  return new AppError('not_found', `You have no import "${id}".`);
}

const toIso = (time: Timestamp) => time.toDate().toISOString();
