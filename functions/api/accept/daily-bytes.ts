/**
 * How many bytes one owner may send in a day, over all instances. Each owner has one document a day (UTC), and
 * the commit that creates media adds their bytes to it. Requests that run side by side are checked against the
 * same sum, so a day can end above its limit by the bytes of these requests; the limit on open uploads keeps
 * them few. Announced files are too large for that: see `chargeIfUnchanged`.
 */
import { createHash } from 'node:crypto';
import {
  type DocumentReference,
  FieldValue,
  type Firestore,
  Timestamp,
  type WriteBatch,
} from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { CollectionName } from '../../media/collections.ts';

const DAILY_BYTES_COLLECTION: CollectionName = 'daily_bytes';

const DAY_MS = 24 * 3600 * 1_000;

interface DailyBytesRecord {
  bytes: number;
  /** From this time on, the document is not read any more. The TTL policy of the collection deletes it by this field. */
  expires_at: Timestamp;
}

/** The day of an owner, at the moment when it was read. */
export interface DayOfOwner {
  /** Bytes that the owner may still send. */
  remaining: number;
  /** When bytes were last added; undefined if the owner has sent none today. */
  updatedAt: Timestamp | undefined;
}

export class DailyBytes {
  readonly #firestore: Firestore;
  readonly #maxBytes: number;
  readonly #now: () => number;

  constructor(firestore: Firestore, maxBytes: number, now: () => number = Date.now) {
    this.#firestore = firestore;
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  async read(ownerId: string): Promise<DayOfOwner> {
    const snapshot = await this.#ref(ownerId).get();
    const record = snapshot.data() as DailyBytesRecord | undefined;
    return {
      remaining: this.#maxBytes - (record?.bytes ?? 0),
      updatedAt: snapshot.updateTime,
    };
  }

  /** @throws {AppError} `rate_limited` until midnight when `bytes` are more than what remains. */
  refuseMoreThan(remaining: number, bytes: number): void {
    if (bytes <= remaining) return;
    const mebibytes = Math.round(this.#maxBytes / 1024 / 1024);
    throw new AppError(
      'rate_limited',
      `That would be more than the ${mebibytes} MiB that you may send in a day. Send it tomorrow.`,
      { retryAfterMs: this.#today() + DAY_MS - this.#now() },
    );
  }

  /** Counts `bytes` as part of the commit of `batch`. */
  charge(batch: WriteBatch, ownerId: string, bytes: number): void {
    batch.set(this.#ref(ownerId), this.#addition(bytes), { merge: true });
  }

  /**
   * Counts `bytes` as part of the commit of `batch`, on the condition that the day has not changed since it was
   * read. If another request has added bytes, the commit fails with a conflict: read the day again and try
   * again. So requests side by side cannot go beyond the limit together.
   */
  chargeIfUnchanged(batch: WriteBatch, ownerId: string, bytes: number, day: DayOfOwner): void {
    const addition = this.#addition(bytes);
    if (!day.updatedAt) batch.create(this.#ref(ownerId), addition);
    else batch.update(this.#ref(ownerId), addition, { lastUpdateTime: day.updatedAt });
  }

  #addition(bytes: number) {
    return {
      bytes: FieldValue.increment(bytes),
      expires_at: Timestamp.fromMillis(this.#today() + 2 * DAY_MS),
    };
  }

  /** When the day began, in epoch milliseconds. */
  #today(): number {
    return Math.floor(this.#now() / DAY_MS) * DAY_MS;
  }

  /** Hashed, because the id of an owner can be any text, and the id of a document cannot. */
  #ref(ownerId: string): DocumentReference {
    const day = new Date(this.#today()).toISOString().slice(0, 10);
    const owner = createHash('sha256').update(ownerId).digest('hex');
    return this.#firestore.collection(DAILY_BYTES_COLLECTION).doc(`${day}-${owner}`);
  }
}
