/** The table of objects. Each generation of a name points to its content. */
import type { Reserve } from '../base/disk-full.ts';
import type { BlobStore } from './blobs.ts';
import { hasFolders } from './bucket-row.ts';
import type { Buckets } from './buckets.ts';
import type { Database } from './database.ts';
import { noSuchObject, StorageError } from './errors.ts';
import type { ObjectContent, ObjectMetadata, ObjectRow } from './metadata.ts';
import { checkNameWithFolders, checkObjectName } from './names.ts';
import type { Notifications } from './notifications.ts';
import { checkPreconditions, type Preconditions } from './preconditions.ts';
import type { SoftDeletedObject, SoftDeletes } from './soft-delete.ts';

export interface ObjectAddress {
  bucket: string;
  name: string;
  /** By default the live generation. */
  generation?: number | undefined;
}

interface ObjectsDeps {
  db: Database;
  blobs: BlobStore;
  buckets: Buckets;
  softDeletes: SoftDeletes;
  now: () => number;
  reserve: Reserve;
  notifications: Notifications;
}

export class Objects {
  readonly #db: Database;
  readonly #blobs: BlobStore;
  readonly #buckets: Buckets;
  readonly #softDeletes: SoftDeletes;
  readonly #now: () => number;
  readonly #reserve: Reserve;
  readonly #notifications: Notifications;

  constructor({ db, blobs, buckets, softDeletes, now, reserve, notifications }: ObjectsDeps) {
    this.#db = db;
    this.#blobs = blobs;
    this.#buckets = buckets;
    this.#softDeletes = softDeletes;
    this.#now = now;
    this.#reserve = reserve;
    this.#notifications = notifications;
  }

  find({ bucket, name, generation }: ObjectAddress): ObjectRow | undefined {
    const { sql } = this.#db;
    const row =
      generation === undefined
        ? sql
            .prepare('SELECT * FROM objects WHERE bucket = ? AND name = ? AND deleted IS NULL')
            .get(bucket, name)
        : sql
            .prepare('SELECT * FROM objects WHERE bucket = ? AND name = ? AND generation = ?')
            .get(bucket, name, generation);
    return row && toObjectRow(row);
  }

  /** @throws {StorageError} 404 if the bucket or the object is missing */
  get(address: ObjectAddress): ObjectRow {
    const row = this.find(address);
    if (row) return row;
    this.#buckets.get(address.bucket);
    throw noSuchObject(address.bucket, address.name);
  }

  /**
   * Refuses an upload before its bytes travel, for the reasons for which `put` would refuse it. @throws
   * {StorageError}.
   */
  checkPut(bucket: string, name: string, preconditions: Preconditions): void {
    checkObjectName(name);
    if (hasFolders(this.#buckets.get(bucket).metadata)) checkNameWithFolders(name);
    checkPreconditions(preconditions, this.find({ bucket, name }));
  }

  /** Turns content into an object. From this moment on, clients see the upload. @throws {StorageError}. */
  put(
    { bucket, name }: ObjectAddress,
    content: ObjectContent,
    metadata: ObjectMetadata,
    preconditions: Preconditions,
  ): ObjectRow {
    return this.#db.transaction(() => {
      this.checkPut(bucket, name, preconditions);
      const replaced = this.find({ bucket, name });
      if (replaced) this.#retire(replaced);
      const generation = this.#nextGeneration();
      const now = this.#now();
      const settings = { ...this.#defaultsOf(bucket), ...metadata };
      const { blob, size, crc32c, md5Hash, componentCount } = content;
      this.#db.sql
        .prepare('INSERT INTO objects VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, NULL)')
        .run(
          ...[bucket, name, generation, JSON.stringify(settings), blob],
          ...[size, crc32c, md5Hash, componentCount, now, now],
        );
      const row = this.get({ bucket, name, generation });
      this.#db.afterCommit(() => this.#notifications.tellOfNew(row, replaced?.generation));
      return row;
    });
  }

  /** @param change returns the new metadata for the old @throws {StorageError} */
  update(
    address: ObjectAddress,
    preconditions: Preconditions,
    change: (old: ObjectMetadata) => ObjectMetadata,
  ): ObjectRow {
    return this.#db.transaction(() => {
      const row = this.get(address);
      checkPreconditions(preconditions, row);
      this.#db.sql
        .prepare(
          `UPDATE objects SET metadata = ?, updated = ?, metageneration = metageneration + 1
           WHERE bucket = ? AND name = ? AND generation = ?`,
        )
        .run(
          ...[JSON.stringify(change(row.metadata)), this.#now()],
          ...[row.bucket, row.name, row.generation],
        );
      return this.get({ ...address, generation: row.generation });
    });
  }

  /**
   * Without a generation, a versioned bucket archives the live object. With a generation, that one is
   * deleted.
   */
  delete(address: ObjectAddress, preconditions: Preconditions): void {
    const remove = () =>
      this.#db.transaction(() => {
        const row = this.get(address);
        checkPreconditions(preconditions, row);
        if (address.generation === undefined) this.#retire(row);
        else this.#remove(row);
      });
    this.#reserve.delete(remove);
  }

  /**
   * Finds a soft-deleted object. @throws {StorageError} 404, or 400 if the token belongs to another
   * object.
   */
  getSoftDeleted(address: ObjectAddress, restoreToken?: string | null): SoftDeletedObject {
    const { bucket, name, generation } = address;
    if (generation === undefined) {
      throw new StorageError('required', 'Required parameter: generation');
    }
    const row = this.#softDeletes.findObject(this.#buckets.get(bucket), name, generation);
    if (!row) throw noSuchObject(bucket, name);
    if (restoreToken && restoreToken !== row.restoreToken) {
      throw new StorageError('invalid', 'The restoreToken is not the one of this object.');
    }
    return row;
  }

  /** Makes a soft-deleted object live again, with a new generation. @throws {StorageError}. */
  restore(
    address: ObjectAddress,
    restoreToken: string | null,
    preconditions: Preconditions,
  ): ObjectRow {
    return this.#db.transaction(() => {
      const deleted = this.getSoftDeleted(address, restoreToken);
      const restored = this.put(address, deleted, deleted.metadata, preconditions);
      this.#softDeletes.forgetObject(deleted);
      return restored;
    });
  }

  /** True if an object uses the file, soft-deleted objects included. */
  holds(blob: string): boolean {
    if (this.#softDeletes.holds(blob)) return true;
    const held = this.#db.sql.prepare('SELECT 1 FROM objects WHERE blob = ? LIMIT 1').get(blob);
    return held !== undefined;
  }

  /** Default metadata of the objects in this bucket. */
  #defaultsOf(bucket: string): ObjectMetadata {
    const { storageClass } = this.#buckets.get(bucket).metadata;
    return storageClass === 'STANDARD' ? {} : { storageClass: String(storageClass) };
  }

  #retire(row: ObjectRow): void {
    const { versioning } = this.#buckets.get(row.bucket).metadata;
    if ((versioning as { enabled?: boolean } | undefined)?.enabled !== true) {
      this.#remove(row);
      return;
    }
    this.#db.sql
      .prepare('UPDATE objects SET deleted = ? WHERE bucket = ? AND name = ? AND generation = ?')
      .run(this.#now(), row.bucket, row.name, row.generation);
  }

  #remove(row: ObjectRow): void {
    const { bucket, name, generation, blob } = row;
    this.#softDeletes.keepObject(row, this.#buckets.get(bucket));
    this.#db.sql
      .prepare('DELETE FROM objects WHERE bucket = ? AND name = ? AND generation = ?')
      .run(bucket, name, generation);
    this.#db.afterCommit(() => {
      if (!this.holds(blob)) this.#blobs.remove(blob);
    });
  }

  /** Like Google's, a generation looks like the time in microseconds. It always grows. */
  #nextGeneration(): number {
    const { sql } = this.#db;
    const last = Number(sql.prepare('SELECT last FROM generations').get()?.last ?? 0);
    const next = Math.max(this.#now() * 1000, last + 1);
    sql.exec('DELETE FROM generations');
    sql.prepare('INSERT INTO generations VALUES (?)').run(next);
    return next;
  }
}

export function toObjectRow(row: Record<string, unknown>): ObjectRow {
  return { ...row, metadata: JSON.parse(String(row.metadata)) } as ObjectRow;
}
