/** The media collection: what a record holds, and the reads and writes that no lease is needed for. */

import {
  type DocumentReference,
  type DocumentSnapshot,
  FieldPath,
  type Firestore,
  Timestamp,
} from '@google-cloud/firestore';
import { AppError, ERRORS } from '@media-analysis/shared/errors';
import type { Media, Phase, TaskPayload } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';
import type { MediaFacts } from '../inspect/index.ts';
import type { CollectionName } from './collections.ts';
import { keepReceipt } from './usage.ts';

export const MEDIA_COLLECTION: CollectionName = 'media';

/** The Firestore document: the fields of `Media`, and those that never leave the server. */
export interface MediaRecord extends Omit<Media, 'created_at' | 'updated_at' | 'retry_at'> {
  created_at: Timestamp;
  updated_at: Timestamp;
  retry_at: Timestamp | null;
  owner_id: string;
  /** Whether to analyse it once it is stored. */
  analyze: boolean;
  language: string;
  /** Who works on it; `null` when nobody does. Past `expires_at` it counts for nothing. */
  lease: { token: string; expires_at: Timestamp } | null;
  /** Claims of the current phase of the current attempt. */
  deliveries: number;
  /** Object in the staging bucket, until it is promoted. */
  staging_object: string | null;
  /** Objects in the media bucket. */
  object: string | null;
  preview_object: string | null;
  sha256: string | null;
  facts: MediaFacts | null;
  /** The same for all media that would get the same analysis; see `twins.ts`. */
  content_key: string | null;
  /** `2026-11`: the month (UTC) that `usage` counts in, which is that of the last spending. */
  usage_month: string | null;
}

export interface NewMedia {
  id: string;
  file_name: string;
  content_type: string;
  size: number;
  owner_id: string;
  analyze: boolean;
  language: string;
  staging_object: string;
}

/**
 * A record as it is born.
 * @param order Position in its batch: kept in the microseconds, so that "newest first" keeps the
 *   order in which files were sent.
 */
export function newMediaRecord(media: NewMedia, nowMs: number, order = 0): MediaRecord {
  const { seconds, nanoseconds } = Timestamp.fromMillis(nowMs);
  const created_at = new Timestamp(seconds, nanoseconds + (order % 1_000) * 1_000);
  return {
    ...media,
    status: 'pending',
    progress: 0,
    attempts: 1,
    error_code: null,
    error_message: null,
    retry_at: null,
    wait_code: null,
    url: null,
    analytics: null,
    usage: null,
    revision: 1,
    created_at,
    updated_at: created_at,
    lease: null,
    deliveries: 0,
    object: null,
    preview_object: null,
    sha256: null,
    facts: null,
    content_key: null,
    usage_month: null,
  };
}

/** What its owner may see of a record. */
export function toMedia(record: MediaRecord): Media {
  return {
    id: record.id,
    file_name: record.file_name,
    content_type: record.content_type,
    size: record.size,
    status: record.status,
    progress: record.progress,
    attempts: record.attempts,
    error_code: record.error_code,
    error_message: record.error_message,
    retry_at: record.retry_at && toIso(record.retry_at),
    // Documents of earlier versions have none.
    wait_code: record.wait_code ?? null,
    url: record.url,
    analytics: record.analytics,
    usage: record.usage,
    revision: record.revision,
    created_at: toIso(record.created_at),
    updated_at: toIso(record.updated_at),
  };
}

const toIso = (time: Timestamp) => time.toDate().toISOString();

/** What is left to do first: bytes that are stored already are never stored again. */
export function nextPhase(record: Pick<MediaRecord, 'object'>): Phase {
  return record.object === null ? 'upload' : 'analyze';
}

/** What tells the worker about it. */
export function taskOf({
  id,
  attempts,
  content_key,
}: Pick<MediaRecord, 'id' | 'attempts' | 'content_key'>): TaskPayload {
  return { media_id: id, attempt: attempts, ...(content_key && { content_key }) };
}

export function recordOf(snapshot: DocumentSnapshot): MediaRecord | undefined {
  return snapshot.data() as MediaRecord | undefined;
}

/** An id that is unknown and one that is somebody else's must look the same. */
export function notFound(id: string): AppError {
  return new AppError('not_found', `There is no media "${id}" of yours.`);
}

export function sizeDiffers(
  { file_name, size }: Pick<MediaRecord, 'file_name' | 'size'>,
  arrived: number,
): AppError {
  return new AppError(
    'upload_size_differs',
    `"${file_name}" was announced with ${size} bytes, and ${arrived} arrived. Send it again.`,
  );
}

export interface MediaPage {
  records: MediaRecord[];
  nextPageToken: string | undefined;
}

export class MediaStore {
  private readonly firestore: Firestore;
  private readonly now: () => number;

  constructor(firestore: Firestore, now: () => number = Date.now) {
    this.firestore = firestore;
    this.now = now;
  }

  newId(): string {
    return this.firestore.collection(MEDIA_COLLECTION).doc().id;
  }

  ref(id: string): DocumentReference {
    return this.firestore.collection(MEDIA_COLLECTION).doc(id);
  }

  /** @throws {AppError} `not_found` */
  async get(id: string, ownerId: string): Promise<MediaRecord> {
    const record = recordOf(await this.ref(id).get());
    if (record?.owner_id !== ownerId) throw notFound(id);
    return record;
  }

  /** Those of `ids` that are the owner's, in the order of `ids`. */
  async getMany(ids: readonly string[], ownerId: string): Promise<MediaRecord[]> {
    if (ids.length === 0) return [];
    const snapshots = await this.firestore.getAll(...ids.map((id) => this.ref(id)));
    const records = snapshots.map(recordOf);
    return records.filter((record) => record?.owner_id === ownerId) as MediaRecord[];
  }

  /** The owner's media, newest first. @throws {AppError} `invalid_request` for a bad token */
  async list(ownerId: string, limit: number, pageToken?: string): Promise<MediaPage> {
    let query = this.firestore
      .collection(MEDIA_COLLECTION)
      .where('owner_id', '==', ownerId)
      .orderBy('created_at', 'desc')
      .orderBy(FieldPath.documentId(), 'desc')
      .limit(limit + 1);
    if (pageToken !== undefined) query = query.startAfter(...decodePageToken(pageToken));
    const records = (await query.get()).docs.map((snapshot) => snapshot.data() as MediaRecord);
    const page = records.slice(0, limit);
    const last = page.at(-1);
    const more = records.length > limit && last !== undefined;
    return { records: page, nextPageToken: more ? encodePageToken(last) : undefined };
  }

  /**
   * Puts a failed media back to work: the next attempt.
   * @throws {AppError} `not_found`, or `not_retryable` saying why
   */
  async retry(id: string, ownerId: string): Promise<MediaRecord> {
    return this.firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseRetry(record);
      const patch = {
        status: 'pending',
        progress: 0,
        attempts: record.attempts + 1,
        error_code: null,
        error_message: null,
        retry_at: null,
        wait_code: null,
        lease: null,
        deliveries: 0,
        revision: record.revision + 1,
        updated_at: Timestamp.fromMillis(this.now()),
      } as const;
      transaction.update(this.ref(id), patch);
      return { ...record, ...patch };
    });
  }

  /** Deletes the document, but not what it has cost; whoever works on it fails at its next write. @throws {AppError} */
  async remove(id: string, ownerId: string): Promise<MediaRecord> {
    let removed: MediaRecord | undefined;
    return this.firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      // Run again because the answer to the commit was lost: what it finds missing, it has removed.
      if (!record && removed) return removed;
      if (record?.owner_id !== ownerId) throw notFound(id);
      transaction.delete(this.ref(id));
      keepReceipt(this.firestore, transaction, record, this.now());
      removed = record;
      return record;
    });
  }
}

function refuseRetry({ status, error_code, file_name }: MediaRecord): void {
  if (!isTerminal(status)) {
    throw new AppError('not_retryable', `"${file_name}" is still being worked on.`);
  }
  if (status === 'completed') {
    throw new AppError('not_retryable', `"${file_name}" is completed already.`);
  }
  if (error_code !== null && !ERRORS[error_code].retryable) {
    throw new AppError(
      'not_retryable',
      `Trying "${file_name}" again would fail the same way: upload another file instead.`,
    );
  }
}

function encodePageToken({ created_at, id }: MediaRecord): string {
  return Buffer.from(`${created_at.seconds}.${created_at.nanoseconds}.${id}`).toString('base64url');
}

function decodePageToken(token: string): [Timestamp, string] {
  const text = Buffer.from(token, 'base64url').toString();
  const match = /^(\d{1,11})\.(\d{1,9})\.([A-Za-z0-9]+)$/.exec(text);
  if (!match) {
    throw new AppError('invalid_request', 'page_token: use the one that the last page gave.');
  }
  return [new Timestamp(Number(match[1]), Number(match[2])), match[3] ?? ''];
}
