/** Limits how many requests one caller may have open at the same time on this instance. */
import { AppError } from '@media-analysis/shared/errors';

const RETRY_AFTER_MS = 1_000;

export class ConcurrencyLimit {
  readonly #taken = new Map<string, number>();
  readonly #max: number;
  readonly #what: string;

  /** @param what Plural, for the message: "uploads". */
  constructor(max: number, what: string) {
    this.#max = max;
    this.#what = what;
  }

  /**
   * @returns a function that releases the place; call it once
   * @throws {AppError} `rate_limited` if the owner has no place left
   */
  acquire(ownerId: string): () => void {
    const taken = this.#taken.get(ownerId) ?? 0;
    if (taken >= this.#max) {
      throw new AppError(
        'rate_limited',
        `You have ${taken} ${this.#what} open already. Try again when one of them has ended.`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    this.#taken.set(ownerId, taken + 1);
    return () => this.#release(ownerId);
  }

  #release(ownerId: string): void {
    const left = (this.#taken.get(ownerId) ?? 0) - 1;
    if (left > 0) this.#taken.set(ownerId, left);
    else this.#taken.delete(ownerId);
  }
}
