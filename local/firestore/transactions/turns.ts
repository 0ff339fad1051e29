/**
 * Whose turn it is to read something that it will probably write.
 *
 * Transactions that read and then write the same document would all fail but one, were they to read
 * at the same time. So a reader waits while another transaction is at it, and mostly none fails.
 * Turns are a courtesy: nobody waits for longer than {@link PATIENCE_MS} after the last turn was
 * given, and what makes transactions serializable is the check when they commit.
 */
import type { Transaction } from './transaction.ts';

/** Long against a transaction that reads, computes and commits; short for a person. */
const PATIENCE_MS = 100;

interface Turn {
  holders: Set<Transaction>;
  queue: { transaction: Transaction; resume: () => void }[];
  timer: NodeJS.Timeout | undefined;
}

export class Turns {
  readonly #turns = new Map<string, Turn>();

  /** Resolves once the transaction may read what the key stands for. */
  async take(transaction: Transaction, key: string): Promise<void> {
    if (transaction.locks.has(key)) return;
    const turn = this.#turns.get(key) ?? { holders: new Set(), queue: [], timer: undefined };
    this.#turns.set(key, turn);
    const { promise, resolve } = Promise.withResolvers<void>();
    turn.queue.push({ transaction, resume: resolve });
    if (turn.holders.size === 0) this.#next(key, turn);
    else this.#wait(key, turn);
    await promise;
  }

  /** Gives up all turns of a transaction, those it waits for included. */
  release(transaction: Transaction): void {
    for (const key of transaction.locks) {
      const turn = this.#turns.get(key);
      turn?.holders.delete(transaction);
      if (turn?.holders.size === 0) this.#next(key, turn);
    }
    transaction.locks.clear();
  }

  /** Lets everybody go on. */
  close(): void {
    for (const { queue, timer } of this.#turns.values()) {
      clearTimeout(timer);
      for (const { resume } of queue) resume();
    }
    this.#turns.clear();
  }

  #next(key: string, turn: Turn): void {
    clearTimeout(turn.timer);
    turn.timer = undefined;
    const next = turn.queue.shift();
    if (next) {
      turn.holders.add(next.transaction);
      next.transaction.locks.add(key);
      next.resume();
      // Reads of one transaction do not wait for each other.
      for (const waiter of turn.queue.filter(
        ({ transaction }) => transaction === next.transaction,
      )) {
        waiter.resume();
      }
      turn.queue = turn.queue.filter(({ transaction }) => transaction !== next.transaction);
      this.#wait(key, turn);
    } else if (turn.holders.size === 0) {
      this.#turns.delete(key);
    }
  }

  #wait(key: string, turn: Turn): void {
    if (turn.queue.length === 0) return;
    turn.timer ??= setTimeout(() => this.#next(key, turn), PATIENCE_MS);
  }
}
