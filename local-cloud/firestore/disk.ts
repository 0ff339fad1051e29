/** Keeps documents across restarts. Reads are answered from memory. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { DataFileError, openDataFile } from '../base/data-file.ts';
import { type BeforeWrite, Reserve } from '../base/disk-full.ts';
import { fromWireTimestamp } from './clock.ts';
import { type DocumentChange, type StoredDocument, toWireDocument } from './documents.ts';
import { splitResourceName } from './paths.ts';
import { documentMessage } from './protos.ts';
import { normalizeFields } from './write/normalize.ts';

export interface Disk {
  /** Every document, with the database that it belongs to. */
  load(): Iterable<{ database: string; document: StoredDocument }>;
  /** Returns when the changes would survive a crash of this process. */
  save(changes: readonly DocumentChange[]): void;
  close(): void;
}

/** Keeps nothing: all documents are gone when the process ends. */
export const NO_DISK: Disk = { load: () => [], save() {}, close() {} };

/** Opens a SQLite file in `directory`. Creates both if necessary. */
export function openDisk(directory: string, beforeWrite: BeforeWrite = () => undefined): Disk {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'firestore.sqlite');
  const reserve = new Reserve(directory);
  return openDataFile(file, (database) => new SqliteDisk(database, file, reserve, beforeWrite));
}

class SqliteDisk implements Disk {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #reserve: Reserve;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #beforeWrite: BeforeWrite;

  constructor(database: DatabaseSync, file: string, reserve: Reserve, beforeWrite: BeforeWrite) {
    this.#database = database;
    this.#file = file;
    this.#reserve = reserve;
    this.#beforeWrite = beforeWrite;
    // A second server with the same data would not see this one's writes, so it must fail to start.
    database.exec('PRAGMA locking_mode = EXCLUSIVE;');
    // With a write-ahead log, NORMAL loses commits only if the machine fails, not if the process ends.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    database.exec(
      'CREATE TABLE IF NOT EXISTS documents (name TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID',
    );
    this.#put = database.prepare('INSERT OR REPLACE INTO documents (name, document) VALUES (?, ?)');
    this.#delete = database.prepare('DELETE FROM documents WHERE name = ?');
  }

  /** @throws {DataFileError} for a document that cannot be read */
  *load() {
    for (const row of this.#database.prepare('SELECT document FROM documents').iterate()) {
      yield this.#read(row.document);
    }
  }

  #read(bytes: unknown): { database: string; document: StoredDocument } {
    try {
      if (!(bytes instanceof Uint8Array)) throw new TypeError('a document is not a blob');
      const { name = '', ...wire } = documentMessage.deserialize(Buffer.from(bytes));
      const { database, segments } = splitResourceName(name);
      const document = {
        name,
        segments,
        fields: normalizeFields(wire.fields),
        createTime: fromWireTimestamp(wire.createTime ?? {}),
        updateTime: fromWireTimestamp(wire.updateTime ?? {}),
      };
      return { database, document };
    } catch (cause) {
      throw new DataFileError(this.#file, cause);
    }
  }

  save(changes: readonly DocumentChange[]): void {
    const isDeletion = changes.some(({ after }) => after === undefined);
    if (isDeletion) this.#reserve.delete(() => this.#commit(changes));
    else this.#commit(changes);
  }

  #commit(changes: readonly DocumentChange[]): void {
    this.#database.exec('BEGIN');
    try {
      for (const { name, after } of changes) {
        const bytes = after && documentMessage.serialize(toWireDocument(after));
        this.#beforeWrite(bytes?.length ?? name.length);
        if (bytes) this.#put.run(name, bytes);
        else this.#delete.run(name);
      }
      this.#database.exec('COMMIT');
    } catch (error) {
      // SQLite may have rolled back by itself, as it does when the disk is full.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}
