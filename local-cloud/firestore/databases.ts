/** A database is created when a request first names it. */
import { Database } from './database.ts';
import type { Disk } from './disk.ts';
import type { StoredDocument } from './documents.ts';
import { parseDatabaseName } from './paths.ts';
import type { IndexDefinitions } from './query/indexes.ts';

export class Databases {
  readonly #databases = new Map<string, Database>();
  readonly #disk: Disk;
  readonly #now: () => number;
  readonly #indexes: IndexDefinitions | undefined;

  constructor(disk: Disk, now: () => number, indexes?: IndexDefinitions) {
    this.#disk = disk;
    this.#now = now;
    this.#indexes = indexes;
    const stored = Map.groupBy(disk.load(), ({ database }) => database);
    for (const [name, entries] of stored) {
      this.#open(
        name,
        entries.map(({ document }) => document),
      );
    }
  }

  /** @throws INVALID_ARGUMENT unless this is the name of a database */
  get(name: string | undefined): Database {
    const valid = parseDatabaseName(name);
    return this.#databases.get(valid) ?? this.#open(valid, []);
  }

  /** Ends all transactions. Calls that wait for them fail. */
  close(): void {
    for (const database of this.#databases.values()) database.close();
  }

  #open(name: string, documents: readonly StoredDocument[]): Database {
    const options = { now: this.#now, disk: this.#disk, indexes: this.#indexes };
    const database = new Database(name, { ...options, documents });
    this.#databases.set(name, database);
    return database;
  }
}
