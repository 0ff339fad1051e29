/**
 * Commits that wait for transactions which have read the same documents. As in the service's pessimistic
 * mode, a read in a transaction prevents changes by others until the transaction ends. If two
 * transactions wait for each other, the younger one is aborted.
 */
import { contention, unavailable } from '../errors.ts';
import type { Transaction } from './transaction.ts';

/** After this time, a commit goes ahead and the transactions in its way are aborted. */
const MAX_WAIT_MS = 3_000;

/** The result of an attempt to commit, or the transactions that are in its way. */
export type Attempt<T> = { result: T } | { blockers: Transaction[] };

interface Pending {
  transaction: Transaction | undefined;
  blockers: readonly Transaction[];
  retry(): void;
  fail(error: Error): void;
}

/** Ends a committed transaction, or aborts one that must give way. */
interface TransactionControl {
  end(transaction: Transaction): void;
  abort(transaction: Transaction): void;
}

export class Commits {
  readonly #pending = new Set<Pending>();
  readonly #transactions: TransactionControl;

  constructor(transactions: TransactionControl) {
    this.#transactions = transactions;
  }

  /**
   * Tries until no transaction is in the way. The commit's own transaction has ended afterwards, even if the commit fails.
   * @param attempt applies everything or nothing; must be synchronous
   * @param transaction the commit's own transaction, if it has one
   */
  async run<T>(attempt: () => Attempt<T>, transaction: Transaction | undefined): Promise<T> {
    try {
      const first = attempt();
      return 'result' in first ? first.result : await this.#wait(attempt, first, transaction);
    } finally {
      if (transaction) this.#transactions.end(transaction);
    }
  }

  #wait<T>(
    attempt: () => Attempt<T>,
    first: { blockers: Transaction[] },
    transaction: Transaction | undefined,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const settle = (action: () => void) => {
      clearTimeout(timer);
      this.#pending.delete(pending);
      action();
    };
    const pending: Pending = {
      transaction,
      blockers: first.blockers,
      fail: (error) => settle(() => reject(error)),
      retry: () => {
        try {
          const outcome = attempt();
          if ('result' in outcome) settle(() => resolve(outcome.result));
          else pending.blockers = outcome.blockers;
        } catch (error) {
          settle(() => reject(error));
        }
        this.#breakDeadlocks(pending);
      },
    };
    const timer = setTimeout(() => this.#preempt(pending), MAX_WAIT_MS);
    this.#pending.add(pending);
    this.#breakDeadlocks(pending);
    return promise;
  }

  /** Call this when a transaction is no longer in the way of commits. */
  ended(transaction: Transaction): void {
    for (const pending of [...this.#pending]) {
      if (!this.#pending.has(pending)) continue;
      if (pending.transaction === transaction) pending.fail(contention());
      else if (pending.blockers.includes(transaction)) pending.retry();
    }
  }

  /** True if a commit waits for this transaction to end. */
  waitFor(transaction: Transaction): boolean {
    for (const { blockers } of this.#pending) {
      if (blockers.includes(transaction)) return true;
    }
    return false;
  }

  close(): void {
    for (const pending of [...this.#pending]) pending.fail(unavailable('The service shuts down.'));
  }

  #breakDeadlocks(pending: Pending): void {
    const { transaction, blockers } = pending;
    if (!transaction) return;
    for (const blocker of blockers) {
      if (!this.#pending.has(pending)) return;
      if (!this.#waitsFor(blocker, transaction, new Set())) continue;
      this.#transactions.abort(blocker.age > transaction.age ? blocker : transaction);
    }
  }

  #waitsFor(waiting: Transaction, target: Transaction, seen: Set<Transaction>): boolean {
    if (waiting === target) return true;
    if (seen.has(waiting)) return false;
    seen.add(waiting);
    for (const { transaction, blockers } of this.#pending) {
      if (transaction !== waiting) continue;
      if (blockers.some((blocker) => this.#waitsFor(blocker, target, seen))) return true;
    }
    return false;
  }

  #preempt(pending: Pending): void {
    for (const blocker of pending.blockers) this.#transactions.abort(blocker);
    if (this.#pending.has(pending)) pending.retry();
  }
}
