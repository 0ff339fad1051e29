/**
 * Deleted objects and buckets that can be restored until their retention time has passed.
 * https://cloud.google.com/storage/docs/soft-delete
 *
 * By default the real service keeps them for a week. Here a bucket keeps them only if its policy says so,
 * because a deletion on a developer's machine should free disk space.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { BlobStore } from './blobs.ts';
import {
  type BucketMetadata,
  type BucketRow,
  generationOfBucket,
  hasFolders,
} from './bucket-row.ts';

import type { Database } from './database.ts';
import { StorageError } from './errors.ts';
import type { ObjectRow, SoftDeleted } from './metadata.ts';
import { int64Schema } from './values.ts';

const DAY_S = 86_400;

/** 0 turns soft delete off; otherwise 7 to 90 days. */
export const softDeletePolicySchema = z.object({
  retentionDurationSeconds: int64Schema.refine(
    (s) => s === 0 || (s >= 7 * DAY_S && s <= 90 * DAY_S),
    'must be 0, or 7 to 90 days',
  ),
});

export type SoftDeletedObject = ObjectRow & SoftDeleted;
export type SoftDeletedBucket = BucketRow & SoftDeleted;

export class SoftDeletes {
  readonly #db: Database;
  readonly #blobs: BlobStore;
  readonly #now: () => number;

  constructor(db: Database, blobs: BlobStore, now: () => number) {
    this.#db = db;
    this.#blobs = blobs;
    this.#now = now;
  }

  /** Keeps a copy of an object that is about to be deleted, if its bucket has a soft delete policy. */
  keepObject({ bucket: name, name: object, generation }: ObjectRow, bucket: BucketRow): void {
    const retentionMs = retentionOf(bucket.metadata);
    if (retentionMs === 0) return;
    const now = this.#now();
    const token = hasFolders(bucket.metadata) ? randomUUID() : null;
    this.#db.sql
      .prepare(
        `INSERT INTO soft_deleted_objects SELECT *, ?, ?, ?, ? FROM objects
         WHERE bucket = ? AND name = ? AND generation = ?`,
      )
      .run(now, now + retentionMs, token, bucket.created, name, object, generation);
  }

  keepBucket({ name, metadata }: BucketRow): void {
    const retentionMs = retentionOf(metadata);
    if (retentionMs === 0) return;
    const now = this.#now();
    this.#db.sql
      .prepare('INSERT INTO soft_deleted_buckets SELECT *, ?, ? FROM buckets WHERE name = ?')
      .run(now, now + retentionMs, name);
  }

  findObject(bucket: BucketRow, name: string, generation: number): SoftDeletedObject | undefined {
    this.removeExpired();
    const row = this.#db.sql
      .prepare(
        `SELECT * FROM soft_deleted_objects
         WHERE bucket = ? AND bucketCreated = ? AND name = ? AND generation = ?`,
      )
      .get(bucket.name, bucket.created, name, generation);
    return row && withMetadata<SoftDeletedObject>(row);
  }

  forgetObject({ bucket, name, generation }: ObjectRow): void {
    this.#db.sql
      .prepare('DELETE FROM soft_deleted_objects WHERE bucket = ? AND name = ? AND generation = ?')
      .run(bucket, name, generation);
  }

  /** @throws {StorageError} 404. */
  getBucket(name: string, generation: number): SoftDeletedBucket {
    const found = this.listBuckets('', name, -1).find(
      (row) => row.name === name && generationOfBucket(row) === generation,
    );
    if (!found) throw new StorageError('bucketNotFound', 'No such soft-deleted bucket.');
    return found;
  }

  /** Buckets after the name `after`, in the order of their names. */
  listBuckets(after: string, prefix: string, limit: number): SoftDeletedBucket[] {
    this.removeExpired();
    return this.#db.sql
      .prepare(
        `SELECT * FROM soft_deleted_buckets WHERE name > ? AND substr(name, 1, length(?)) = ?
         ORDER BY name, created LIMIT ?`,
      )
      .all(after, prefix, prefix, limit)
      .map((row) => withMetadata<SoftDeletedBucket>(row));
  }

  /** Makes the bucket live again. Its name must be free. */
  restoreBucket({ name, created }: SoftDeletedBucket): void {
    this.#db.transaction(() => {
      this.#db.sql
        .prepare(
          `INSERT INTO buckets SELECT name, metageneration, metadata, created, updated
           FROM soft_deleted_buckets WHERE name = ? AND created = ?`,
        )
        .run(name, created);
      this.#db.sql
        .prepare('DELETE FROM soft_deleted_buckets WHERE name = ? AND created = ?')
        .run(name, created);
    });
  }

  /** True if a soft-deleted object uses the file. */
  holds(blob: string): boolean {
    const sql = 'SELECT 1 FROM soft_deleted_objects WHERE blob = ? LIMIT 1';
    return this.#db.sql.prepare(sql).get(blob) !== undefined;
  }

  removeExpired(): void {
    const now = this.#now();
    const expired = this.#db.sql
      .prepare('DELETE FROM soft_deleted_objects WHERE hardDeleted <= ? RETURNING blob')
      .all(now);
    this.#db.sql.prepare('DELETE FROM soft_deleted_buckets WHERE hardDeleted <= ?').run(now);
    const isLive = this.#db.sql.prepare('SELECT 1 FROM objects WHERE blob = ? LIMIT 1');
    for (const { blob } of expired) {
      const id = String(blob);
      if (!isLive.get(id) && !this.holds(id)) this.#blobs.remove(id);
    }
  }
}

function retentionOf({ softDeletePolicy }: BucketMetadata): number {
  const policy = softDeletePolicySchema.safeParse(softDeletePolicy).data;
  return (policy?.retentionDurationSeconds ?? 0) * 1_000;
}

function withMetadata<Row>(row: Record<string, unknown>): Row {
  return { ...row, metadata: JSON.parse(String(row.metadata)) } as Row;
}
