/**
 * Turns decide which transaction may now read a document that it will probably write. If transactions read and then write the
 * same document at the same time, all but one fail. So a reader waits while another transaction works with the document, and
 * usually none fails. Turns only avoid conflicts: after {@link MAX_WAIT_MS} the next transaction may read too, and the check at
 * commit keeps transactions serializable.
 */
import type { Transaction } from './transaction.ts';

/** Long for a transaction that reads, computes and commits, but short for a user. */
const MAX_WAIT_MS = 250;

interface Waiter {
  transaction: Transaction;
  resume(): void;
}

interface Turn {
  holders: Set<Transaction>;
  queue: Waiter[];
  timer: NodeJS.Timeout | undefined;
}

/** The queries and changes of transactions that turns need. */
interface TransactionControl {
  /**
   * True if a commit waits for this transaction to end. Then no other reader may join it, because the commit would wait for that
   * one too.
   */
  isAwaited(transaction: Transaction): boolean;
  abort(transaction: Transaction): void;
}

export class Turns {
  readonly #turns = new Map<string, Turn>();
  readonly #waiting = new Map<Transaction, Turn>();
  readonly #control: TransactionControl;

  constructor(control: TransactionControl) {
    this.#control = control;
  }

  /**
   * Resolves when the transaction may read the key's document or query, or when it was aborted to break a
   * deadlock.
   */
  async take(transaction: Transaction, key: string): Promise<void> {
    if (transaction.locks.has(key)) return;
    const turn = this.#turns.get(key) ?? { holders: new Set(), queue: [], timer: undefined };
    this.#turns.set(key, turn);
    this.#breakDeadlocks(transaction, turn);
    if (transaction.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    turn.queue.push({ transaction, resume: resolve });
    turn.queue.sort(byUrgency);
    this.#waiting.set(transaction, turn);
    // Breaking a deadlock may have removed the entry.
    this.#turns.set(key, turn);
    if (turn.holders.size === 0) this.#next(key, turn);
    else this.#wait(key, turn);
    await promise;
  }

  /** Releases all turns of a transaction and ends its wait for others. */
  release(transaction: Transaction): void {
    const awaited = this.#waiting.get(transaction);
    if (awaited) this.#resume(awaited, transaction);
    for (const key of transaction.locks) {
      const turn = this.#turns.get(key);
      turn?.holders.delete(transaction);
      if (turn?.holders.size === 0) this.#next(key, turn);
    }
    transaction.locks.clear();
  }

  #next(key: string, turn: Turn): void {
    clearTimeout(turn.timer);
    turn.timer = undefined;
    const next = turn.queue[0];
    if (next) {
      turn.holders.add(next.transaction);
      next.transaction.locks.add(key);
      this.#resume(turn, next.transaction);
      this.#wait(key, turn);
    } else if (turn.holders.size === 0) {
      this.#turns.delete(key);
    }
  }

  /** Resumes all waiting reads of a transaction. */
  #resume(turn: Turn, transaction: Transaction): void {
    this.#waiting.delete(transaction);
    const waiters = turn.queue.filter((waiter) => waiter.transaction === transaction);
    turn.queue = turn.queue.filter((waiter) => waiter.transaction !== transaction);
    for (const { resume } of waiters) resume();
  }

  #wait(key: string, turn: Turn): void {
    if (turn.queue.length === 0) return;
    turn.timer ??= setTimeout(() => {
      turn.timer = undefined;
      const awaited = [...turn.holders].some((holder) => this.#control.isAwaited(holder));
      if (awaited) this.#wait(key, turn);
      else this.#next(key, turn);
    }, MAX_WAIT_MS);
  }

  /** If waiting would cause a deadlock, aborts the younger of the two transactions. */
  #breakDeadlocks(transaction: Transaction, turn: Turn): void {
    for (const holder of [...turn.holders]) {
      if (transaction.aborted) return;
      if (!this.#waitsFor(holder, transaction, new Set())) continue;
      this.#control.abort(holder.age > transaction.age ? holder : transaction);
    }
  }

  #waitsFor(waiting: Transaction, target: Transaction, seen: Set<Transaction>): boolean {
    if (waiting === target) return true;
    if (seen.has(waiting)) return false;
    seen.add(waiting);
    const holders = this.#waiting.get(waiting)?.holders ?? [];
    return [...holders].some((holder) => this.#waitsFor(holder, target, seen));
  }
}

/** Transactions that hold other turns come first, then the oldest. */
function byUrgency({ transaction: left }: Waiter, { transaction: right }: Waiter): number {
  return Number(right.locks.size > 0) - Number(left.locks.size > 0) || left.age - right.age;
}
