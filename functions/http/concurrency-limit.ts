/** Limits how many requests of one caller, and of all callers, are open at the same time on this instance. */
import { AppError } from '@media-analysis/shared/errors';

const RETRY_AFTER_MS = 1_000;

export interface Capacity {
  /** For each caller. */
  each: number;
  /** For all callers, so that the instance stays free for quick requests. Default: no limit. */
  all?: number;
}

export class ConcurrencyLimit {
  readonly #taken = new Map<string, number>();
  #takenByAll = 0;
  readonly #capacity: Required<Capacity>;
  readonly #what: string;

  /** @param what Plural, for the message: "uploads". */
  constructor({ each, all = Number.POSITIVE_INFINITY }: Capacity, what: string) {
    this.#capacity = { each, all };
    this.#what = what;
  }

  /**
   * @returns a function that releases the slot; call it once
   * @throws {AppError} `rate_limited` if the owner has no slot left, `unavailable` if the instance has none
   */
  acquire(ownerId: string): () => void {
    const taken = this.#taken.get(ownerId) ?? 0;
    if (taken >= this.#capacity.each) {
      throw new AppError(
        'rate_limited',
        `You have ${taken} ${this.#what} open already. Try again when one of them has ended.`,
        { retryAfterMs: RETRY_AFTER_MS },
      );
    }
    if (this.#takenByAll >= this.#capacity.all) {
      throw new AppError('unavailable', 'This server is busy. Try again in a moment.', {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
    this.#taken.set(ownerId, taken + 1);
    this.#takenByAll++;
    return () => this.#release(ownerId);
  }

  #release(ownerId: string): void {
    this.#takenByAll--;
    const left = (this.#taken.get(ownerId) ?? 0) - 1;
    if (left > 0) this.#taken.set(ownerId, left);
    else this.#taken.delete(ownerId);
  }
}
