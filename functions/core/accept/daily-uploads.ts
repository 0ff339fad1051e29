/**
 * How many bytes and files one owner may send in a day (UTC), over all instances. Each owner has one document a day.
 *
 * A form is counted in the commit that creates its media. If it fails after some of its files were stored, these are
 * counted too, and are not given back: storing and removing them has cost as much. Requests that run side by side are
 * checked against the same sum, so a day can end above its limit by what these requests bring; the limit on open uploads
 * keeps them few. Announced files are too large for that: `charge` counts them exactly, before anything is made for them.
 */
import type { ServerResponse } from 'node:http';
import {
  type DocumentData,
  type DocumentReference,
  FieldValue,
  type Firestore,
  Timestamp,
  type WriteBatch,
} from '@google-cloud/firestore';
import { AppError, type DayLimit, type Quota } from '@media-analysis/shared/errors';
import { showLimits } from '../../http/respond.ts';
import { ABORTED, hasCode } from '../../process/grpc-status.ts';
import { SharedAnswers } from '../../process/shared-answers.ts';
import { ownerHash } from '../media/owner-hash.ts';

const DAILY_UPLOADS_COLLECTION = 'daily_uploads';

const DAY_MS = 24 * 3600 * 1_000;

/** Each writes a record, and is no file: a page that is loaded again asks about each request that it has not seen answered. */
const MOST_CLOSINGS = 10_000;

interface DailyUploadsRecord extends Uploads {
  /** Accepted announcements. Counting them changes the document, and nothing else needs the number. */
  announcements?: number;
  /** Requests that were closed before they had made anything. */
  closings?: number;
  /** From this time on, the document is not read any more. The TTL policy of the collection deletes it by this field. */
  expires_at: Timestamp;
}

export interface Uploads {
  bytes: number;
  files: number;
}

/** A count that `charge` has made. */
export interface Charge {
  /** Takes the bytes off the day on which they were counted, which may be over: the next day does not grow by them. */
  giveBackBytes(): Promise<void>;
}

export class DailyUploads {
  readonly #firestore: Firestore;
  readonly #most: Uploads;
  readonly #now: () => number;
  readonly #reads = new SharedAnswers<DailyUploadsRecord | undefined>();

  constructor(firestore: Firestore, most: Uploads, now: () => number = Date.now) {
    this.#firestore = firestore;
    this.#most = most;
    this.#now = now;
  }

  /** @returns what the owner may still send today. Requests that begin at the same time share one read. */
  async remaining(ownerId: string): Promise<Uploads> {
    const ref = this.#ref(ownerId);
    const record = await this.#reads.ask(ref.id, async () => {
      return (await ref.get()).data() as DailyUploadsRecord | undefined;
    });
    return this.#left(record);
  }

  /** @returns what the owner had sent today when that much remained. */
  sent({ bytes, files }: Uploads): Uploads {
    return { bytes: this.#most.bytes - bytes, files: this.#most.files - files };
  }

  /** @throws {AppError} `rate_limited` until midnight when `uploads` are more than what remains. */
  refuseMoreThan(remaining: Uploads, { bytes, files }: Uploads): void {
    if (bytes <= remaining.bytes && files <= remaining.files) return;
    const name = bytes > remaining.bytes ? 'bytes' : 'files';
    const most = this.#most[name];
    const words =
      name === 'bytes'
        ? `${Math.round(most / 1024 / 1024)} MiB`
        : `${most.toLocaleString('en')} files`;
    const endsAt = this.#today() + DAY_MS;
    const retryAfterMs = endsAt - this.#now();
    const day_limit: DayLimit = {
      [name]: most,
      ends_at: new Date(endsAt).toISOString(),
      ends_in_s: Math.ceil(retryAfterMs / 1_000),
    };
    const quota = this.#quota(name, remaining);
    throw new AppError(
      'rate_limited',
      `That would be more than the ${words} that you may send in a day. Send it after 00:00 UTC.`,
      { retryAfterMs, quota, extensions: { day_limit } },
    );
  }

  /** Tells a caller what remains. Requests that run side by side do not know of each other. */
  show(response: ServerResponse, left: Uploads): void {
    const againS = Math.ceil((this.#today() + DAY_MS - this.#now()) / 1_000);
    showLimits(response, [this.#quota('bytes', left), this.#quota('files', left)], againS);
  }

  #quota(name: keyof Uploads, { [name]: left }: Uploads): Quota {
    const unit = name === 'bytes' ? ('content-bytes' as const) : undefined;
    return { name: `daily-${name}`, most: this.#most[name], left, windowS: DAY_MS / 1_000, unit };
  }

  /** Counts `uploads` as part of the commit of `batch`. */
  addTo(batch: WriteBatch, ownerId: string, uploads: Uploads): void {
    batch.set(this.#ref(ownerId), this.#addition(uploads), { merge: true });
  }

  /** Counts `uploads`, also beyond the limit. */
  async add(ownerId: string, uploads: Uploads): Promise<void> {
    await this.#ref(ownerId).set(this.#addition(uploads), { merge: true });
  }

  /**
   * Counts `uploads` if they are within the limit, so that requests side by side cannot go beyond it together.
   * @throws {AppError} `rate_limited`, also if too many requests of the owner come at the same time
   */
  async charge(ownerId: string, uploads: Uploads): Promise<Charge> {
    const ref = this.#ref(ownerId);
    await this.#change(ref, (record) => {
      this.refuseMoreThan(this.#left(record), uploads);
      return this.#addition(uploads);
    });
    return {
      giveBackBytes: async () => {
        await ref.update({ bytes: FieldValue.increment(-uploads.bytes) });
      },
    };
  }

  /**
   * Counts a request that is closed before it has made anything. It is no file of the day.
   * @throws {AppError} `rate_limited`, where an owner does hardly anything else
   */
  async chargeClosing(ownerId: string): Promise<void> {
    await this.#change(this.#ref(ownerId), (record) => {
      if ((record?.closings ?? 0) < MOST_CLOSINGS) {
        const nothing = this.#addition({ bytes: 0, files: 0 });
        return { ...nothing, closings: FieldValue.increment(1) };
      }
      throw new AppError(
        'rate_limited',
        'You have closed too many requests today. Close the next one after 00:00 UTC.',
        { retryAfterMs: this.#today() + DAY_MS - this.#now() },
      );
    });
  }

  /** When the day of the owner was last written; undefined if the owner has sent nothing today. */
  async lastChange(ownerId: string): Promise<Timestamp | undefined> {
    return (await this.#ref(ownerId).get()).updateTime;
  }

  /**
   * Writes that an announcement was accepted, on the condition that the day has not changed since `lastChange`. If it
   * has, the commit of `batch` fails with a conflict.
   */
  addAnnouncement(batch: WriteBatch, ownerId: string, lastChange: Timestamp | undefined): void {
    const announcements = FieldValue.increment(1);
    if (lastChange) {
      batch.update(this.#ref(ownerId), { announcements }, { lastUpdateTime: lastChange });
    } else {
      // Midnight has passed since the announcement was charged.
      const nothing = this.#addition({ bytes: 0, files: 0 });
      batch.create(this.#ref(ownerId), { ...nothing, announcements });
    }
  }

  async #change(
    ref: DocumentReference,
    change: (record: DailyUploadsRecord | undefined) => DocumentData,
  ): Promise<void> {
    try {
      await this.#firestore.runTransaction(async (transaction) => {
        const record = (await transaction.get(ref)).data() as DailyUploadsRecord | undefined;
        transaction.set(ref, change(record), { merge: true });
      });
    } catch (cause) {
      throw hasCode(cause, ABORTED) ? tooManyAtOnce(cause) : cause;
    }
  }

  #left(record: DailyUploadsRecord | undefined): Uploads {
    const { bytes = 0, files = 0 } = record ?? {};
    return { bytes: this.#most.bytes - bytes, files: this.#most.files - files };
  }

  #addition({ bytes, files }: Uploads) {
    return {
      bytes: FieldValue.increment(bytes),
      files: FieldValue.increment(files),
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
    const owner = ownerHash(ownerId);
    return this.#firestore.collection(DAILY_UPLOADS_COLLECTION).doc(`${day}-${owner}`);
  }
}

export function tooManyAtOnce(cause: unknown): AppError {
  return new AppError(
    'rate_limited',
    'You announce too many uploads at the same time. Announce them in one request, or one by one.',
    { cause, retryAfterMs: 1_000 },
  );
}
