/** The active transactions of a database, and the limits after which they expire. */
import { randomBytes } from 'node:crypto';
import { invalidArgument } from '../../base/rpc-error.ts';
import type { Micros } from '../clock.ts';
import { contention, transactionExpired } from '../errors.ts';
import type { Query } from '../query/query.ts';
import { type Attempt, Commits } from './commits.ts';
import { Transaction } from './transaction.ts';
import { Turns } from './turns.ts';

/** @see https://cloud.google.com/firestore/quotas#writes_and_transactions */
const MAX_DURATION_MS = 270_000;
const MAX_IDLE_MS = 60_000;

const ID_BYTES = 16;

interface Entry {
  transaction: Transaction;
  idle: NodeJS.Timeout;
  end: NodeJS.Timeout;
}

export class Transactions {
  readonly #active = new Map<string, Entry>();
  readonly #commits = new Commits(this);
  readonly #turns = new Turns({
    isAwaited: (transaction) => this.#commits.waitFor(transaction),
    abort: (transaction) => this.abort(transaction),
  });
  #count = 0;

  /**
   * @param retried id of the transaction that is run again. The new one keeps its age, so that it is not the youngest, and
   * therefore the loser, each time.
   */
  beginReadWrite(retried?: Uint8Array): Transaction {
    return this.#begin(ageOf(retried) ?? ++this.#count, undefined);
  }

  beginReadOnly(readTime: Micros): Transaction {
    return this.#begin(++this.#count, readTime);
  }

  /** @throws INVALID_ARGUMENT if the transaction does not exist, ABORTED if it was aborted */
  get(id: Uint8Array): Transaction {
    const entry = this.#active.get(Buffer.from(id).toString('hex'));
    if (!entry) throw transactionExpired();
    if (entry.transaction.aborted) {
      this.end(entry.transaction);
      throw contention();
    }
    entry.idle.refresh();
    return entry.transaction;
  }

  /** Records the documents that a transaction is about to read. Resolves when it may read them. */
  async lockDocuments(transaction: Transaction, names: readonly string[]): Promise<void> {
    if (transaction.readTime !== undefined) return;
    for (const name of [...names].sort()) await this.#turns.take(transaction, name);
    this.#checkActive(transaction);
    for (const name of names) transaction.documents.add(name);
  }

  /** Does the same for all results of a query. */
  async lockQuery(transaction: Transaction, query: Query): Promise<void> {
    if (transaction.readTime !== undefined) return;
    const { parent, collectionId = '*' } = query.scope;
    await this.#turns.take(transaction, `query ${[...parent, collectionId].join('/')}`);
    this.#checkActive(transaction);
    transaction.queries.add(query);
  }

  /** Commits as soon as no other transaction that has read the written documents is in the way. */
  commit<T>(attempt: () => Attempt<T>, transaction: Transaction | undefined): Promise<T> {
    return this.#commits.run(attempt, transaction);
  }

  readersOf(read: (transaction: Transaction) => boolean): Transaction[] {
    const readers: Transaction[] = [];
    for (const { transaction } of this.#active.values()) {
      if (!transaction.aborted && read(transaction)) readers.push(transaction);
    }
    return readers;
  }

  /** Makes the transaction's next call fail. The client then runs the transaction again. */
  abort(transaction: Transaction): void {
    transaction.aborted = true;
    this.#release(transaction);
  }

  /** Forgets a transaction that was committed, rolled back or has expired. */
  end(transaction: Transaction): void {
    const entry = this.#active.get(transaction.id);
    if (!entry) return;
    clearTimeout(entry.idle);
    clearTimeout(entry.end);
    this.#active.delete(transaction.id);
    this.#release(transaction);
  }

  close(): void {
    this.#commits.close();
    for (const { transaction } of [...this.#active.values()]) this.end(transaction);
  }

  #begin(age: number, readTime: Micros | undefined): Transaction {
    const id = randomBytes(ID_BYTES);
    id.writeDoubleBE(age);
    const transaction = new Transaction(id.toString('hex'), age, readTime);
    const expire = (ms: number) => setTimeout(() => this.end(transaction), ms).unref();
    const timers = { idle: expire(MAX_IDLE_MS), end: expire(MAX_DURATION_MS) };
    this.#active.set(transaction.id, { transaction, ...timers });
    return transaction;
  }

  /** A transaction may end or be aborted while it waits for its turn. Then it must not keep the turn. */
  #checkActive(transaction: Transaction): void {
    const active = this.#active.has(transaction.id);
    if (active && !transaction.aborted) return;
    this.#turns.release(transaction);
    throw active ? contention() : transactionExpired();
  }

  #release(transaction: Transaction): void {
    this.#commits.ended(transaction);
    this.#turns.release(transaction);
  }
}

/** The first half of an id is the age, so the age is known after the transaction has ended. */
function ageOf(id: Uint8Array | undefined): number | undefined {
  if (!id || id.length === 0) return undefined;
  if (id.length !== ID_BYTES) throw invalidArgument('Invalid transaction id to retry.');
  return Buffer.from(id).readDoubleBE();
}
