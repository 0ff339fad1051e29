/** The Firestore document of one import: its fields, and which of them its owner sees. */
import { createHash } from 'node:crypto';
import type { Timestamp } from '@google-cloud/firestore';
import { AppError, type ErrorCode } from '@media-analysis/shared/errors';
import { type Import, type ImportFailure, MAX_FAILURES } from '@media-analysis/shared/imports';
import { plainText } from '@media-analysis/shared/plain-text';
import type { CollectionName } from '../../core/media/collections.ts';
import type { MediaRecord } from '../../core/media/record.ts';
import type { ListedObject } from '../../storage/list-bucket.ts';

export const IMPORTS_COLLECTION: CollectionName = 'imports';

export interface ImportAddress {
  url: string;
  /** How often it was tried in vain. */
  tries: number;
}

/** The Firestore document: the fields of `Import`, and fields that never leave the server. */
export interface ImportRecord
  extends Omit<Import, 'created_at' | 'updated_at' | 'ended_at' | 'in_flight' | 'source'>,
    Pick<MediaRecord, 'callback'> {
  created_at: Timestamp;
  updated_at: Timestamp;
  ended_at: Timestamp | null;
  owner_id: string;
  /** A bucket, or so many addresses. */
  source: { bucket: string; prefix: string } | { urls: number };
  /** The name of the object that was listed last; null: none yet. */
  cursor: string | null;
  /** Whether there are no more to be listed. */
  is_listed: boolean;
  /** Objects that were listed, and are looked at next. */
  upcoming: ListedObject[];
  /** Addresses that are downloaded next. Absent: it is a bucket. */
  addresses?: ImportAddress[];
  /** Until then a step downloads, and no other one begins to. Absent or null: none does. */
  held_until?: Timestamp | null;
  /** The task of that step: delivered again, it takes over at once, as its process has died. */
  held_by?: string | null;
  /** The media that are worked on. */
  working: string[];
  /** When the next step is due; null if there is none. The sweeper finds a lost task by it. */
  due_at: Timestamp | null;
  /** Null while it may still run. The TTL policy of the collection deletes it by this field. */
  expires_at: Timestamp | null;
}

/** The fields of a record that its owner may see. */
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

/**
 * The id of the media of an object: the same each time that this generation of it is imported for this owner, so nothing is
 * imported twice.
 */
export function importedId(ownerId: string, bucket: string, object: ListedObject): string {
  const { name, generation } = object;
  return hashed(['gs', ownerId, bucket, name, generation]);
}

/**
 * The same for an address.
 * @param version What its server calls these bytes (`ETag`, or the time of their last change); empty: nothing.
 */
export function addressId(ownerId: string, url: string, version: string): string {
  return hashed(['https', ownerId, url, version]);
}

function hashed(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);
}

/** Counts a file that has failed, and names it if there is room. */
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

/** A hundred of them are kept in one document of 1 MiB, and names in them have a length that strangers choose. */
const MAX_MESSAGE_LETTERS = 1_000;

/** Without its middle: at the beginning is the name of the file, and at the end what to do. */
function shortened(text: string): string {
  if (text.length <= MAX_MESSAGE_LETTERS) return text;
  const half = MAX_MESSAGE_LETTERS / 2;
  return `${text.slice(0, half)} … ${text.slice(-half)}`.toWellFormed();
}

/** The same error for an unknown id and for the id of another owner's import. */
export function unknownImport(id: string): AppError {
  return new AppError('not_found', `You have no import "${id}".`);
}

const toIso = (time: Timestamp) => time.toDate().toISOString();
