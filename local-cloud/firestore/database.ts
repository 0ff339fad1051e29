/** One database: its documents, its reads and writes, and its listeners. */

import { invalidArgument } from '../base/rpc-error.ts';
import { Clock, fromWireTimestamp, type Micros } from './clock.ts';
import type { Disk } from './disk.ts';
import type { DocumentChange, StoredDocument } from './documents.ts';
import { contention, snapshotTooOld } from './errors.ts';
import { History } from './history.ts';
import { TargetIndex } from './listen/index.ts';
import { type IndexDefinitions, refuseDescendingScan, requireIndex } from './query/indexes.ts';
import type { Query } from './query/query.ts';
import type { View } from './query/run.ts';
import { DocumentStore } from './store.ts';
import type { Attempt } from './transactions/commits.ts';
import type { Transaction } from './transactions/transaction.ts';
import { Transactions } from './transactions/transactions.ts';
import type { Consistency, TransactionOptions, Write, WriteResult } from './wire.ts';
import { type ParsedWrite, parseWrites } from './write/parse.ts';
import { planWrites } from './write/plan.ts';

export interface CommitResult {
  writeResults: WriteResult[];
  commitTime: Micros;
}

export interface ReadResult<T> {
  result: T;
  readTime: Micros;
  /** Id of the transaction that the read began. */
  transaction?: Buffer;
}

export interface DatabaseOptions {
  now: () => number;
  disk: Disk;
  documents: readonly StoredDocument[];
  /** By default every query has the index that it needs. */
  indexes?: IndexDefinitions | undefined;
}

export class Database {
  readonly name: string;
  readonly store = new DocumentStore();
  readonly clock: Clock;
  readonly history: History;
  readonly targets = new TargetIndex();
  readonly transactions = new Transactions();
  readonly #disk: Disk;
  readonly #indexes: IndexDefinitions | undefined;

  constructor(name: string, options: DatabaseOptions) {
    this.name = name;
    this.#disk = options.disk;
    this.#indexes = options.indexes;
    let last: Micros = 0;
    for (const document of options.documents) {
      this.store.load(document);
      last = Math.max(last, document.updateTime);
    }
    this.clock = new Clock(options.now, last);
    this.history = new History(this.clock.commitTime());
  }

  /**
   * Applies all writes or none.
   * @param transactionId the transaction that the commit ends; undefined or empty if there is none
   * @throws ABORTED if the transaction lost against another commit
   */
  async commit(writes: readonly Write[], transactionId?: Uint8Array): Promise<CommitResult> {
    const transaction = transactionId?.length ? this.transactions.get(transactionId) : undefined;
    let parsed: ParsedWrite[] | undefined;
    return await this.transactions.commit(() => {
      parsed ??= parseWrites(writes, this.name);
      return this.#tryCommit(parsed, transaction);
    }, transaction);
  }

  /** Deletes every document in one commit. Listeners see the deletions. */
  async clear(): Promise<void> {
    const writes: Write[] = [];
    for (const { documents } of this.store.collections()) {
      for (const { name } of documents.values()) {
        writes.push({ operation: 'delete', delete: name, updateTransforms: [] });
      }
    }
    if (writes.length > 0) await this.commit(writes);
  }

  /** @throws FAILED_PRECONDITION unless the query can be answered from an index */
  requireIndex(query: Query): void {
    refuseDescendingScan(query);
    if (this.#indexes) requireIndex(query, this.#indexes);
  }

  /**
   * Reads from the state that the request asks for.
   * @param lock records the documents that a read-write transaction will read
   * @param read must be synchronous
   */
  async read<T>(
    consistency: Consistency,
    lock: (transaction: Transaction) => Promise<void>,
    read: (view: View) => T,
  ): Promise<ReadResult<T>> {
    const { newTransaction, transaction: id, readTime } = consistency;
    const started = newTransaction ? this.begin(newTransaction) : undefined;
    const transaction = started ?? (id?.length ? this.transactions.get(id) : undefined);
    try {
      if (transaction) await lock(transaction);
      const at = transaction?.readTime ?? (readTime && this.#pastTime(readTime));
      const result = read(this.view(at));
      return {
        result,
        readTime: at ?? this.clock.readTime(),
        ...(started && { transaction: Buffer.from(started.id, 'hex') }),
      };
    } catch (error) {
      if (started) this.transactions.end(started);
      throw error;
    }
  }

  /** The documents as they are now, or as they were at the given time. */
  view(at?: Micros): View {
    if (at === undefined) return { store: this.store };
    const overlay = this.history.since(at);
    if (!overlay) throw snapshotTooOld();
    return { store: this.store, overlay: overlay.size > 0 ? overlay : undefined };
  }

  begin(options: TransactionOptions | undefined): Transaction {
    if (options?.mode !== 'readOnly') {
      return this.transactions.beginReadWrite(options?.readWrite?.retryTransaction);
    }
    const { readTime } = options.readOnly ?? {};
    return this.transactions.beginReadOnly(
      readTime ? this.#pastTime(readTime) : this.clock.readTime(),
    );
  }

  close(): void {
    this.transactions.close();
  }

  #pastTime(timestamp: { seconds?: string | number; nanos?: number }): Micros {
    const time = fromWireTimestamp(timestamp);
    if (time > this.clock.readTime()) throw invalidArgument('read_time cannot be in the future.');
    return time;
  }

  #tryCommit(
    writes: readonly ParsedWrite[],
    transaction: Transaction | undefined,
  ): Attempt<CommitResult> {
    if (transaction?.aborted) throw contention();
    if (transaction?.readTime !== undefined && writes.length > 0) {
      throw invalidArgument('Cannot modify entities in a read-only transaction.');
    }
    const conflicting = (test: (other: Transaction) => boolean) =>
      this.transactions.readersOf((other) => other !== transaction && test(other));

    // First the transactions that have read these documents: their end may change the results of the preconditions.
    const changing = writes.filter(({ kind }) => kind !== 'verify');
    let blockers = conflicting((other) => changing.some(({ name }) => other.documents.has(name)));
    if (blockers.length > 0) return { blockers };
    const commitTime = this.clock.commitTime();
    const plan = planWrites(writes, (segments) => this.store.get(segments), commitTime);
    blockers = conflicting((other) => other.hasRead(plan.changes));
    if (blockers.length > 0) return { blockers };

    this.#apply(plan.changes, commitTime);
    return { result: { writeResults: plan.results, commitTime } };
  }

  #apply(changes: readonly DocumentChange[], commitTime: Micros): void {
    if (changes.length === 0) return;
    this.#disk.save(changes);
    this.store.apply(changes);
    this.history.record(commitTime, changes);
    this.targets.dispatch(changes, commitTime);
  }
}
