/** Limits the announced files of one owner, because the sweeper looks for the bytes of each. */
import type { Firestore } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import { MEDIA_COLLECTION, type QueueState } from '../../core/media/record.ts';

const ANNOUNCED: QueueState = 'announced';

/** A guess: most files arrive within minutes. */
const RETRY_AFTER_MS = 60_000;

export class AnnouncementLimit {
  readonly #firestore: Firestore;
  readonly #max: number;

  constructor(firestore: Firestore, max: number) {
    this.#firestore = firestore;
    this.#max = max;
  }

  /** @throws {AppError} `rate_limited` if `more` files would exceed the limit */
  async refuseMoreThan(ownerId: string, more: number): Promise<void> {
    const announced = this.#firestore
      .collection(MEDIA_COLLECTION)
      .where('queue_state', '==', ANNOUNCED)
      .where('owner_id', '==', ownerId);
    const { count } = (await announced.count().get()).data();
    if (count + more <= this.#max) return;
    throw new AppError(
      'rate_limited',
      `You have announced ${count} files that have not arrived. Send these first: ${this.#max} may be on their way.`,
      { retryAfterMs: RETRY_AFTER_MS },
    );
  }
}
