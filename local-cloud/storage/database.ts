/** The tables of the storage: everything except the content. Durable as soon as a transaction commits. */
import type { DatabaseSync } from 'node:sqlite';
import { openDataFile } from '../base/data-file.ts';
import type { BeforeWrite } from '../base/disk-full.ts';

// SQLite compares text by its UTF-8 bytes, which is also the order in which objects are listed.
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY,
    metageneration INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL REFERENCES buckets(name),
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    metageneration INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    blob TEXT NOT NULL,
    size INTEGER NOT NULL,
    crc32c TEXT NOT NULL,
    md5Hash TEXT,
    componentCount INTEGER,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deleted INTEGER,
    PRIMARY KEY (bucket, name, generation)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS live_objects ON objects (bucket, name) WHERE deleted IS NULL;
  CREATE INDEX IF NOT EXISTS object_blobs ON objects (blob);
  -- The columns of objects, then those of soft-delete.ts. A bucket of the same name may follow another.
  CREATE TABLE IF NOT EXISTS soft_deleted_objects (
    bucket TEXT NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    metageneration INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    blob TEXT NOT NULL,
    size INTEGER NOT NULL,
    crc32c TEXT NOT NULL,
    md5Hash TEXT,
    componentCount INTEGER,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    deleted INTEGER,
    softDeleted INTEGER NOT NULL,
    hardDeleted INTEGER NOT NULL,
    restoreToken TEXT,
    bucketCreated INTEGER NOT NULL,
    PRIMARY KEY (bucket, name, generation)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS soft_deleted_blobs ON soft_deleted_objects (blob);
  CREATE TABLE IF NOT EXISTS soft_deleted_buckets (
    name TEXT NOT NULL,
    metageneration INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    softDeleted INTEGER NOT NULL,
    hardDeleted INTEGER NOT NULL,
    PRIMARY KEY (name, created)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket TEXT NOT NULL REFERENCES buckets(name) ON DELETE CASCADE,
    config TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS generations (last INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS uploads (
    id TEXT PRIMARY KEY,
    bucket TEXT NOT NULL REFERENCES buckets(name) ON DELETE CASCADE,
    name TEXT NOT NULL,
    metadata TEXT NOT NULL,
    claims TEXT NOT NULL,
    preconditions TEXT NOT NULL,
    size INTEGER,
    origin TEXT,
    blob TEXT NOT NULL,
    created INTEGER NOT NULL,
    result TEXT
  ) STRICT;
`;

export class Database {
  readonly sql: DatabaseSync;
  readonly #beforeWrite: BeforeWrite;
  #afterCommit: (() => void)[] = [];

  constructor(path: string, beforeWrite: BeforeWrite = () => undefined) {
    this.#beforeWrite = beforeWrite;
    this.sql = openDataFile(path, (sql) => {
      sql.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
      sql.exec(SCHEMA);
      return sql;
    });
  }

  /** Runs `work` in a transaction. Inside another transaction, `work` becomes part of that one. */
  transaction<T>(work: () => T): T {
    if (this.sql.isTransaction) return work();
    this.#afterCommit = [];
    this.sql.exec('BEGIN IMMEDIATE');
    let result: T;
    try {
      this.#beforeWrite(1);
      result = work();
      this.sql.exec('COMMIT');
    } catch (error) {
      if (this.sql.isTransaction) this.sql.exec('ROLLBACK');
      throw error;
    }
    for (const act of this.#afterCommit) act();
    return result;
  }

  /** Runs `act` only after the transaction has committed, for example to remove a file. */
  afterCommit(act: () => void): void {
    this.#afterCommit.push(act);
  }

  close(): void {
    this.sql.close();
  }
}
