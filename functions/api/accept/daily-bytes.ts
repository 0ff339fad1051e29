/**
 * Bytes that one owner may send in a day, whichever instance takes them: a document for each owner and
 * day (UTC), added to in the commit that creates the media. Requests that run side by side are all
 * checked against the same sum, so a day can end above its limit by what was in flight, which the
 * limit on open uploads bounds. Announced uploads are too large for that: see `chargeIfUnchanged`.
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

export const DAILY_BYTES_COLLECTION: CollectionName = 'daily_bytes';

const DAY_MS = 24 * 3600 * 1_000;

interface DailyBytesRecord {
  owner_id: string;
  bytes: number;
  /** After this it counts for nothing; the collection's TTL policy deletes by it. */
  expires_at: Timestamp;
}

/** What an owner may still send on the day when this was read. */
export interface DayOfOwner {
  remaining: number;
  /** When it was last added to; undefined if it was not. */
  updatedAt: Timestamp | undefined;
}

export class DailyBytes {
  private readonly firestore: Firestore;
  private readonly maxBytes: number;
  private readonly now: () => number;

  constructor(firestore: Firestore, maxBytes: number, now: () => number = Date.now) {
    this.firestore = firestore;
    this.maxBytes = maxBytes;
    this.now = now;
  }

  /** @returns how many bytes the owner may still send today. */
  async remaining(ownerId: string): Promise<number> {
    return (await this.read(ownerId)).remaining;
  }

  async read(ownerId: string): Promise<DayOfOwner> {
    const snapshot = await this.ref(ownerId).get();
    const record = snapshot.data() as DailyBytesRecord | undefined;
    return {
      remaining: this.maxBytes - (record?.bytes ?? 0),
      updatedAt: snapshot.updateTime,
    };
  }

  /** @throws {AppError} `rate_limited` until midnight when `bytes` are more than what remains. */
  refuseMoreThan(remaining: number, bytes: number): void {
    if (bytes <= remaining) return;
    const mebibytes = Math.round(this.maxBytes / 1024 / 1024);
    throw new AppError(
      'rate_limited',
      `That would be more than the ${mebibytes} MiB that you may send in a day. Send it tomorrow.`,
      { retryAfterMs: this.today() + DAY_MS - this.now() },
    );
  }

  /** Counts `bytes` if `batch` is committed, and only then. */
  charge(batch: WriteBatch, ownerId: string, bytes: number): void {
    batch.set(this.ref(ownerId), this.addition(ownerId, bytes), { merge: true });
  }

  /**
   * The same, unless somebody added to the day since it was read: then `batch` fails, and is to be tried
   * again. So not even requests side by side go beyond the limit.
   */
  chargeIfUnchanged(batch: WriteBatch, ownerId: string, bytes: number, day: DayOfOwner): void {
    const addition = this.addition(ownerId, bytes);
    if (!day.updatedAt) batch.create(this.ref(ownerId), addition);
    else batch.update(this.ref(ownerId), addition, { lastUpdateTime: day.updatedAt });
  }

  private addition(ownerId: string, bytes: number) {
    return {
      owner_id: ownerId,
      bytes: FieldValue.increment(bytes),
      expires_at: Timestamp.fromMillis(this.today() + 2 * DAY_MS),
    };
  }

  /** When the day began, in epoch milliseconds. */
  private today(): number {
    return Math.floor(this.now() / DAY_MS) * DAY_MS;
  }

  /** Hashed: an owner's id may be any text, and a document's may not. */
  private ref(ownerId: string): DocumentReference {
    const day = new Date(this.today()).toISOString().slice(0, 10);
    const owner = createHash('sha256').update(ownerId).digest('hex');
    return this.firestore.collection(DAILY_BYTES_COLLECTION).doc(`${day}-${owner}`);
  }
}
