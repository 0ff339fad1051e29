/** The table of resumable upload sessions. A session survives its connection and the process. */
import { randomBytes } from 'node:crypto';
import type { BlobStore } from '../blobs.ts';
import type { Database } from '../database.ts';
import type { HashClaims } from '../digest.ts';
import { StorageError } from '../errors.ts';
import type { ObjectMetadata, ObjectRow } from '../metadata.ts';
import type { Preconditions } from '../preconditions.ts';

/** https://cloud.google.com/storage/docs/resumable-uploads#session-uris */
const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

export interface UploadSession {
  id: string;
  bucket: string;
  name: string;
  metadata: ObjectMetadata;
  claims: HashClaims;
  preconditions: Preconditions;
  /** Declared size of the whole object in bytes; null while it is unknown. */
  size: number | null;
  /** The only origin whose scripts may use the session. */
  origin: string | null;
  blob: string;
  created: number;
  /** The object that the session created, in its first state; null while the session is open. */
  result: ObjectRow | null;
}

export type NewUpload = Omit<UploadSession, 'id' | 'blob' | 'created' | 'result'>;

export class Uploads {
  readonly #db: Database;
  readonly #blobs: BlobStore;
  readonly #now: () => number;

  constructor(db: Database, blobs: BlobStore, now: () => number) {
    this.#db = db;
    this.#blobs = blobs;
    this.#now = now;
  }

  /** A session's id is its only credential, so the id must be hard to guess. */
  start(upload: NewUpload): UploadSession {
    const id = randomBytes(32).toString('base64url');
    const { bucket, name, metadata, claims, preconditions, size, origin } = upload;
    this.#db.sql
      .prepare('INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)')
      .run(
        ...[id, bucket, name, JSON.stringify(metadata), JSON.stringify(claims)],
        ...[JSON.stringify(preconditions), size, origin, this.#blobs.newId(), this.#now()],
      );
    return this.get(id);
  }

  find(id: string): UploadSession | undefined {
    const row = this.#db.sql.prepare('SELECT * FROM uploads WHERE id = ?').get(id);
    return row && toSession(row);
  }

  /** @throws {StorageError} 404 if the session is unknown or cancelled, 410 if it is older than a week */
  get(id: string): UploadSession {
    const session = this.find(id);
    if (!session) throw new StorageError('uploadNotFound', 'No such upload session.');
    if (this.#isExpired(session)) {
      this.remove(session);
      throw new StorageError('uploadExpired', 'The upload session has expired.');
    }
    return session;
  }

  declareSize(id: string, size: number): void {
    this.#db.sql.prepare('UPDATE uploads SET size = ? WHERE id = ?').run(size, id);
  }

  /** Keeps a completed session for its week, so that a client that missed the answer can ask again. */
  complete(id: string, result: ObjectRow): void {
    this.#db.sql
      .prepare('UPDATE uploads SET result = ? WHERE id = ?')
      .run(JSON.stringify(result), id);
  }

  remove({ id, blob, result }: UploadSession): void {
    this.#db.sql.prepare('DELETE FROM uploads WHERE id = ?').run(id);
    if (result === null) this.#blobs.remove(blob);
  }

  removeExpired(): void {
    for (const row of this.#db.sql.prepare('SELECT * FROM uploads').all()) {
      const session = toSession(row);
      if (this.#isExpired(session)) this.remove(session);
    }
  }

  /** True if an open session uses the file. */
  holds(blob: string): boolean {
    const held = this.#db.sql
      .prepare('SELECT 1 FROM uploads WHERE blob = ? AND result IS NULL')
      .get(blob);
    return held !== undefined;
  }

  #isExpired({ created }: UploadSession): boolean {
    return this.#now() > created + LIFETIME_MS;
  }
}

function toSession(row: Record<string, unknown>): UploadSession {
  return {
    ...row,
    metadata: JSON.parse(String(row.metadata)),
    claims: JSON.parse(String(row.claims)),
    preconditions: JSON.parse(String(row.preconditions)),
    result: JSON.parse(String(row.result)),
  } as UploadSession;
}
