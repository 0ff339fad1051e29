/**
 * Whose turn it is to read something that it will probably write.
 *
 * Transactions that read and then write the same document would all fail but one, were they to read
 * at the same time. So a reader waits while another transaction is at it, and mostly none fails.
 * Turns are a courtesy: after {@link PATIENCE_MS} the next one joins in, and what makes transactions
 * serializable is the check when they commit.
 */
import type { Transaction } from './transaction.ts';

/** Long against a transaction that reads, computes and commits; short for a person. */
const PATIENCE_MS = 250;

interface Waiter {
  transaction: Transaction;
  resume(): void;
}

interface Turn {
  holders: Set<Transaction>;
  queue: Waiter[];
  timer: NodeJS.Timeout | undefined;
}

/** What turns need to know of, and do to, transactions. */
interface TransactionControl {
  /**
   * Whether a commit waits for this transaction to end: then nobody else joins in, or the commit
   * would have to wait for that one, too.
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
   * Resolves once the transaction may read what the key stands for, or was aborted because it and
   * another one would wait for each other.
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
    // It may have been forgotten when a deadlock was broken.
    this.#turns.set(key, turn);
    if (turn.holders.size === 0) this.#next(key, turn);
    else this.#wait(key, turn);
    await promise;
  }

  /** Gives up all turns of a transaction, and waits no more for others. */
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

  /** Lets all reads of a transaction that wait here go on. */
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
    }, PATIENCE_MS);
  }

  /** Where waiting would close a circle, the younger of the two goes. */
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

/** Who holds up others comes first, then who has tried for longest. */
function byUrgency({ transaction: left }: Waiter, { transaction: right }: Waiter): number {
  return Number(right.locks.size > 0) - Number(left.locks.size > 0) || left.age - right.age;
}
