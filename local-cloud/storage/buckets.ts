/** The table of buckets. */
import { z } from 'zod';
import {
  type BucketMetadata,
  type BucketRow,
  generationOfBucket,
  hasFolders,
} from './bucket-row.ts';
import type { Database } from './database.ts';
import { noSuchBucket, StorageError } from './errors.ts';
import {
  iso,
  mergePatch,
  type SoftDeleted,
  STORAGE_CLASSES,
  softDeleteFields,
  withoutEmpty,
} from './metadata.ts';
import { checkBucketName } from './names.ts';
import { checkPreconditions, type Preconditions } from './preconditions.ts';
import { type SoftDeletes, softDeletePolicySchema } from './soft-delete.ts';
import { refuseUnsupportedInBucket } from './unsupported.ts';

export const corsSchema = z.array(
  z.object({
    origin: z.array(z.string()).default([]),
    method: z.array(z.string()).default([]),
    responseHeader: z.array(z.string()).default([]),
    maxAgeSeconds: z.coerce.number().int().nonnegative().default(3600),
  }),
);

const switchSchema = z.object({ enabled: z.boolean() }).nullish();

/** The settings of a bucket that are checked. */
const settableSchema = z.object({
  cors: corsSchema.nullish(),
  hierarchicalNamespace: switchSchema,
  iamConfiguration: z
    .object({
      publicAccessPrevention: z.enum(['inherited', 'enforced']).optional(),
      uniformBucketLevelAccess: switchSchema,
    })
    .nullish(),
  labels: z.record(z.string(), z.string().nullable()).nullish(),
  softDeletePolicy: softDeletePolicySchema.nullish(),
  storageClass: z.enum(STORAGE_CLASSES).nullish(),
  versioning: switchSchema,
});

/** Only the server sets these fields. */
const OUTPUT_ONLY = [
  'kind',
  'id',
  'selfLink',
  'name',
  'projectNumber',
  'metageneration',
  'generation',
  'etag',
  'timeCreated',
  'updated',
  'locationType',
];

const DEFAULTS: BucketMetadata = {
  location: 'US',
  storageClass: 'STANDARD',
  iamConfiguration: {
    uniformBucketLevelAccess: { enabled: false },
    publicAccessPrevention: 'inherited',
  },
};

export class Buckets {
  readonly #db: Database;
  readonly #softDeletes: SoftDeletes;
  readonly #now: () => number;

  constructor(db: Database, softDeletes: SoftDeletes, now: () => number) {
    this.#db = db;
    this.#softDeletes = softDeletes;
    this.#now = now;
  }

  insert(name: string, metadata: BucketMetadata): BucketRow {
    checkBucketName(name);
    if (this.find(name)) {
      throw bucketExists();
    }
    const now = this.#now();
    const initial = completed(mergePatch(DEFAULTS, settable(metadata)), now);
    this.#db.sql
      .prepare('INSERT INTO buckets VALUES (?, 1, ?, ?, ?)')
      .run(name, JSON.stringify(initial), now, now);
    return this.get(name);
  }

  find(name: string): BucketRow | undefined {
    const row = this.#db.sql.prepare('SELECT * FROM buckets WHERE name = ?').get(name);
    return row && toRow(row);
  }

  /** @throws {StorageError} 404 if the bucket does not exist */
  get(name: string): BucketRow {
    const row = this.find(name);
    if (!row) throw noSuchBucket();
    return row;
  }

  /** Buckets after the name `after`, in the order of their names. */
  listBuckets(after: string, prefix: string, limit: number): BucketRow[] {
    return this.#db.sql
      .prepare(
        `SELECT * FROM buckets WHERE name > ? AND substr(name, 1, length(?)) = ?
         ORDER BY name LIMIT ?`,
      )
      .all(after, prefix, prefix, limit)
      .map(toRow);
  }

  /** @param change returns the new metadata for the old */
  update(
    name: string,
    preconditions: Preconditions,
    change: (old: BucketMetadata) => BucketMetadata,
  ): BucketRow {
    return this.#db.transaction(() => {
      const row = this.get(name);
      checkPreconditions(preconditions, row);
      this.#db.sql
        .prepare(
          `UPDATE buckets SET metadata = ?, updated = ?, metageneration = metageneration + 1
           WHERE name = ?`,
        )
        .run(JSON.stringify(this.#changed(row.metadata, change)), this.#now(), name);
      return this.get(name);
    });
  }

  /** @throws {StorageError} 409 if the bucket has objects, archived ones included */
  delete(name: string, preconditions: Preconditions): void {
    this.#db.transaction(() => {
      const row = this.get(name);
      checkPreconditions(preconditions, row);
      if (this.#db.sql.prepare('SELECT 1 FROM objects WHERE bucket = ? LIMIT 1').get(name)) {
        throw new StorageError('bucketNotEmpty', 'The bucket you tried to delete is not empty.');
      }
      this.#softDeletes.keepBucket(row);
      this.#db.sql.prepare('DELETE FROM buckets WHERE name = ?').run(name);
    });
  }

  #changed(old: BucketMetadata, change: (old: BucketMetadata) => BucketMetadata): BucketMetadata {
    const changed = completed(change(old), this.#now(), old);
    if (hasFolders(changed) !== hasFolders(old)) {
      throw new StorageError('invalid', 'The namespace of a bucket cannot be changed.');
    }
    return changed;
  }
}

/** The change that a PATCH makes. */
export function patched(patch: BucketMetadata): (old: BucketMetadata) => BucketMetadata {
  return (old) => mergePatch(old, settable(patch));
}

/** The change that a PUT makes: missing settings get their defaults, but the location stays. */
export function replaced(metadata: BucketMetadata): (old: BucketMetadata) => BucketMetadata {
  return ({ location }) => ({ ...mergePatch(DEFAULTS, settable(metadata)), location });
}

/** The bucket resource. https://cloud.google.com/storage/docs/json_api/v1/buckets#resource */
export function toBucketResource(
  row: BucketRow & Partial<SoftDeleted>,
  baseUrl: string,
): Record<string, unknown> {
  return {
    kind: 'storage#bucket',
    id: row.name,
    selfLink: `${baseUrl}/storage/v1/b/${row.name}`,
    name: row.name,
    projectNumber: '0',
    metageneration: String(row.metageneration),
    locationType: locationTypeOf(row.metadata),
    generation: String(generationOfBucket(row)),
    etag: Buffer.from(`${row.metageneration}`).toString('base64'),
    timeCreated: iso(row.created),
    updated: iso(row.updated),
    ...row.metadata,
    ...softDeleteFields(row),
  };
}

/** https://cloud.google.com/storage/docs/locations */
function locationTypeOf({ location, customPlacementConfig }: BucketMetadata): string {
  const name = String(location).toUpperCase();
  if (customPlacementConfig || ['ASIA1', 'EUR4', 'EUR5', 'EUR7', 'EUR8', 'NAM4'].includes(name)) {
    return 'dual-region';
  }
  return ['ASIA', 'EU', 'US'].includes(name) ? 'multi-region' : 'region';
}

/** @throws {StorageError} 400 for an invalid value, 501 for a setting that this server does not implement */
function settable(metadata: BucketMetadata): BucketMetadata {
  refuseUnsupportedInBucket(metadata);
  const { error } = settableSchema.safeParse(metadata);
  if (error) {
    const [issue] = error.issues;
    throw new StorageError(
      'invalid',
      `Invalid value at '${issue?.path.join('.')}': ${issue?.message}`,
    );
  }
  return Object.fromEntries(
    Object.entries(metadata).filter(([field]) => !OUTPUT_ONLY.includes(field)),
  );
}

/**
 * The settings to store: without empty ones, and with the time from which a soft delete policy is effective.
 * @throws {StorageError} 400 for settings that exclude each other
 */
function completed(metadata: BucketMetadata, now: number, old?: BucketMetadata): BucketMetadata {
  const { versioning, iamConfiguration, softDeletePolicy } = settableSchema.parse(metadata);
  if (
    hasFolders(metadata) &&
    (versioning?.enabled || !iamConfiguration?.uniformBucketLevelAccess?.enabled)
  ) {
    throw new StorageError(
      'invalid',
      'A hierarchical namespace needs uniform bucket-level access, and has no object versioning.',
    );
  }
  const kept = withoutEmpty(metadata);
  if (!softDeletePolicy) return kept;
  const { retentionDurationSeconds } = softDeletePolicy;
  const before = settableSchema.safeParse(old).data?.softDeletePolicy?.retentionDurationSeconds;
  if (before === retentionDurationSeconds)
    return { ...kept, softDeletePolicy: old?.softDeletePolicy };
  return {
    ...kept,
    softDeletePolicy: {
      retentionDurationSeconds: String(retentionDurationSeconds),
      effectiveTime: iso(now),
    },
  };
}

export function bucketExists(): StorageError {
  return new StorageError(
    'bucketExists',
    'Your previous request to create the named bucket succeeded and you already own it.',
  );
}

function toRow(row: Record<string, unknown>): BucketRow {
  return { ...row, metadata: JSON.parse(String(row.metadata)) } as BucketRow;
}
