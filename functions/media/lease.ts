/**
 * The right of one delivery to work on a media, for a limited time. Cloud Tasks may deliver a task twice,
 * late, or after the first worker died. Only the delivery that holds the lease works. Each of its writes is
 * conditional on the update time of its last write (fencing).
 */
import {
  type DocumentReference,
  Timestamp,
  type UpdateData,
  type WriteBatch,
  type WriteResult,
} from '@google-cloud/firestore';
import type { Phase } from '@media-analysis/shared/media';
import { abortableSleep, retry } from '@media-analysis/shared/retry';
import {
  canTransition,
  isTerminal,
  type MediaStatus,
  PROGRESS,
} from '@media-analysis/shared/status';
import { FAILED_PRECONDITION, hasCode, NOT_FOUND } from '../process/grpc-status.ts';
import { isGrpcFault } from '../process/service-fault.ts';
import { findableOf } from './findable.ts';
import { type MediaRecord, recordOf, SCHEMA_VERSION } from './record.ts';
import type { DeliveryRecord } from './webhook-delivery-record.ts';
import type { Announcement } from './webhook-outbox.ts';

/**
 * Each step of progress costs a write, and a read for each subscriber, so short work writes none.
 * Firestore allows one write a second to a document: https://cloud.google.com/firestore/quotas
 */
export const PROGRESS_INTERVAL_MS = 5_000;

/** After this time a deferred claim is written, so that the document shows that work goes on. */
const LATE_CLAIM_MS = 2_000;

/** The last write is repeated after pauses of this kind, because what came of the work may have been paid for. */
const LAST_WRITE = { retries: 100, initialDelayMs: 200, maxDelayMs: 5_000 };

/** Another delivery has the media now, or it was deleted: stop, and change nothing. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

type Patch = UpdateData<MediaRecord> & { status?: MediaStatus; progress?: number };

/** Adds writes of other documents to the commit that writes the media: all are written, or none. */
export type AlsoWrite = (batch: WriteBatch) => void;

/** What webhooks are told of a change, written in its commit. */
export type Announce = (
  before: MediaRecord,
  after: MediaRecord,
) => Promise<Announcement | undefined>;

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

interface LeaseFields {
  token: string;
  leaseMs: number;
  /** For how long its delivery may work, in milliseconds. */
  budgetMs: number;
  now: () => number;
  /** Absent: real time. */
  sleep?: Sleep | undefined;
  copies: readonly MediaRecord[];
  /** Absent: nobody is told of anything. */
  announce?: Announce | undefined;
}

export class Lease {
  /** Aborted as soon as the lease is known to be lost. */
  readonly signal: AbortSignal;
  /** The document after the last write of this lease. */
  record: MediaRecord;
  /** The calls to a paid model before this delivery. */
  readonly earlierPaidCalls: number;
  /** The copies of the same content, as they were at the claim. */
  readonly copies: readonly MediaRecord[];
  /** When the media was last made to wait for a service, in epoch milliseconds; undefined: it was not. */
  readonly waitingSince: number | undefined;

  /** The messages to webhooks that its writes have made, or have tried to make. */
  readonly announced = new Map<string, DeliveryRecord>();

  readonly #ref: DocumentReference;
  readonly #wasEdited: boolean;
  readonly #announce: Announce | undefined;
  #updateTime: Timestamp;
  readonly #token: string;
  readonly #leaseMs: number;
  /** When its delivery has to end, in epoch milliseconds. */
  readonly #deadline: number;
  readonly #now: () => number;
  readonly #sleep: Sleep;
  readonly #lost = new AbortController();
  #heartbeat: NodeJS.Timeout | undefined;
  #lateClaim: NodeJS.Timeout | undefined;
  #writtenAt = 0;
  #isWritingInBackground = false;
  /** Whether the work is over. Then no background write is started. */
  #isOver = false;
  #released = false;
  #kept: Patch = {};
  #keptForLast: Patch = {};
  /** What the last write says. Undefined before the first try of it. */
  #last: Patch | undefined;
  #alsoLast: AlsoWrite | undefined;
  /** Writes run one after another: each needs the update time of the one before. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(
    ref: DocumentReference,
    record: MediaRecord,
    updateTime: Timestamp,
    { token, leaseMs, budgetMs, now, sleep = abortableSleep, copies, announce }: LeaseFields,
  ) {
    this.#ref = ref;
    this.#wasEdited = record.edits !== undefined;
    // Documents of earlier versions do not have this field.
    this.record = { ...record, paid_calls: record.paid_calls ?? 0 };
    this.earlierPaidCalls = this.record.paid_calls;
    this.copies = copies;
    this.#announce = announce;
    const since = record.waits_since ?? record.updated_at;
    this.waitingSince = record.waits ? since.toMillis() : undefined;
    this.#updateTime = updateTime;
    this.#token = token;
    this.#leaseMs = leaseMs;
    this.#deadline = now() + budgetMs;
    this.#now = now;
    this.#sleep = sleep;
    this.signal = this.#lost.signal;
  }

  /**
   * Takes the lease for `phase`, and renews it by a write when a third of its time has passed.
   * @param deferWrite Writes the claim together with the next write. Another delivery may start meanwhile;
   *   the first write of one of the two will then be refused.
   * @param contentKey Replaces the key of an earlier model or prompt, so that copies find each other by the present one.
   * @param isPaid Counts the first call to a model that costs money, so that it needs no write of its own.
   */
  async take(
    phase: Phase,
    {
      deferWrite = false,
      isPaid = false,
      contentKey,
    }: { deferWrite?: boolean; isPaid?: boolean; contentKey?: string | undefined } = {},
  ): Promise<void> {
    const [status, progress] =
      phase === 'upload'
        ? (['uploading', PROGRESS.claimed] as const)
        : (['analyzing', PROGRESS.stored] as const);
    const deliveries = this.record.deliveries + 1;
    const paid = phase === 'analyze' && isPaid && { paid_calls: this.earlierPaidCalls + 1 };
    const claimed = {
      ...{ status, progress, deliveries, retry_at: null, wait_code: null },
      ...paid,
      ...(contentKey !== undefined && { content_key: contentKey }),
    };
    if (deferWrite) {
      this.addToNextWrite(claimed);
      this.#writtenAt = this.#now();
      this.#lateClaim = setInterval(() => this.#claimLate(), LATE_CLAIM_MS);
      this.#lateClaim.unref();
    } else {
      await this.#write(claimed);
    }
    this.#heartbeat = setInterval(() => this.#renew(), this.#leaseMs / 3);
    this.#heartbeat.unref();
  }

  /**
   * Writes how far the work is, 0 to 1: at most one write in five seconds, and never a lower value. A value
   * that comes too soon, or during a background write, is dropped; a later value replaces it.
   */
  progress(value: number): void {
    if (this.#now() - this.#writtenAt < PROGRESS_INTERVAL_MS) return;
    const progress = Math.min(value, PROGRESS.done);
    if (progress > this.record.progress) this.#writeInBackground({ progress });
  }

  /** Adds fields to the next write and to each one after it, without a write of their own. */
  addToNextWrite(patch: Patch): void {
    this.#kept = { ...this.#kept, ...patch };
  }

  /** The document with what is added to the next write. */
  get upcoming(): MediaRecord {
    return { ...this.record, ...this.#kept } as MediaRecord;
  }

  /** Adds fields to the last write alone. They replace those that were added to each write. */
  addToLastWrite(patch: Patch): void {
    this.#keptForLast = { ...this.#keptForLast, ...patch };
  }

  /** Writes `patch` now, together with what was added. */
  async write(patch: Patch, also?: AlsoWrite): Promise<void> {
    await this.#write(patch, also);
  }

  /**
   * The last write of this delivery: the outcome of the work, and no lease any more. While Firestore does not answer,
   * the write is repeated for as long as the delivery may work, also after the lease has expired: if another delivery has
   * claimed the media by then, the write is refused. If all that fails, call this again: what the first call was given is
   * written then too.
   */
  async release(patch: Patch, also?: AlsoWrite): Promise<void> {
    this.abandon();
    this.#last = { ...this.#last, ...patch };
    this.#alsoLast ??= also;
    await this.#write({ ...this.#keptForLast, ...this.#last, lease: null }, this.#alsoLast);
  }

  /** Whether the work is done, and only its last write is missing. */
  get isUnwritten(): boolean {
    return this.#last !== undefined && !this.#released;
  }

  get isReleased(): boolean {
    return this.#released;
  }

  /** Stops renewing without a write. The lease expires by itself. */
  abandon(): void {
    clearInterval(this.#heartbeat);
    clearInterval(this.#lateClaim);
    this.#isOver = true;
  }

  /** Writes a deferred claim, because the work takes long enough to be shown. */
  #claimLate(): void {
    clearInterval(this.#lateClaim);
    this.#writeInBackground({});
  }

  #renew(): void {
    if (this.#now() - this.#writtenAt >= this.#leaseMs / 3) this.#writeInBackground({});
  }

  /** Ignores a failure: the next write will meet it too, or the lease expires. */
  #writeInBackground(patch: Patch): void {
    if (this.#isOver || this.#isWritingInBackground) return;
    this.#isWritingInBackground = true;
    this.#writtenAt = this.#now();
    this.#write(patch)
      .catch(() => undefined)
      .finally(() => {
        this.#isWritingInBackground = false;
      });
  }

  #write(patch: Patch, also?: AlsoWrite): Promise<void> {
    const written = this.#tail.then(() => this.#writeFenced(patch, also));
    this.#tail = written.catch(() => undefined);
    return written;
  }

  /** @throws {LeaseLostError} */
  async #writeFenced(patch: Patch, also: AlsoWrite | undefined): Promise<void> {
    // Work that was given up may still end later and try to write.
    if (this.#released) throw this.#lose();
    let isWritten = false;
    while (!isWritten) {
      this.signal.throwIfAborted();
      const full = this.#complete(patch);
      try {
        const { writeTime } = await this.#update(full, also);
        this.#updateTime = writeTime;
        this.record = { ...this.record, ...full } as MediaRecord;
        isWritten = true;
      } catch (error) {
        isWritten = await this.#hasArrived(full, error);
      }
    }
    this.#writtenAt = this.#now();
    this.#released = patch.lease === null;
  }

  /** Repeats the last write as it is: if an earlier try arrived, `#hasArrived` knows it by its revision and time. */
  #update(full: Patch, also: AlsoWrite | undefined): Promise<WriteResult> {
    const update = () => this.#commit(full, also);
    if (full.lease !== null) return update();
    return retry(update, {
      ...LAST_WRITE,
      isRetryable: isGrpcFault,
      deadline: Math.max(this.#deadline, this.#now() + this.#leaseMs),
      signal: this.signal,
      now: this.#now,
      sleep: this.#sleep,
    });
  }

  async #commit(full: Patch, also: AlsoWrite | undefined): Promise<WriteResult> {
    const condition = { lastUpdateTime: this.#updateTime };
    const news = await this.#announce?.(this.record, { ...this.record, ...full } as MediaRecord);
    if (!also && !news) return this.#ref.update(full, condition);
    const batch = this.#ref.firestore.batch();
    batch.update(this.#ref, { ...full, ...news?.change }, condition);
    also?.(batch);
    news?.write(batch);
    for (const each of news?.deliveries ?? []) this.announced.set(each.id, each);
    const [result] = await batch.commit();
    this.record = { ...this.record, ...news?.change };
    return result as WriteResult;
  }

  #complete(patch: Patch): Patch {
    const full: Patch = { ...this.#kept, ...patch };
    const { progress, revision } = this.record;
    this.#checkStatus(patch);
    const now = this.#now();
    return {
      lease: { token: this.#token, expires_at: Timestamp.fromMillis(now + this.#leaseMs) },
      ...full,
      // The owner may have written other words since the caller has read the record, or taken them back.
      ...(full.search &&
        (this.record.edits || this.#wasEdited) &&
        findableOf({ ...this.record, ...full } as MediaRecord)),
      ...(full.status && isTerminal(full.status) && { queue_state: null }),
      schema_version: SCHEMA_VERSION,
      progress: Math.max(full.progress ?? 0, progress),
      revision: revision + 1,
      updated_at: this.#timeOfOwn(now),
    };
  }

  /**
   * The time of a write, with microseconds that come from the token. A release leaves no token in the document: these
   * microseconds then show that it was ours.
   */
  #timeOfOwn(ms: number): Timestamp {
    const { seconds, nanoseconds } = Timestamp.fromMillis(ms);
    const microseconds = Number.parseInt(this.#token.slice(0, 6), 16) % 1_000;
    return new Timestamp(seconds, nanoseconds + microseconds * 1_000);
  }

  /** A deferred claim is a step of its own, although it is written together with the next one. */
  #checkStatus(patch: Patch): void {
    let { status } = this.record;
    for (const next of [this.#kept.status, patch.status]) {
      if (next && !canTransition(status, next)) {
        throw new Error(`A media cannot go from ${status} to ${next}.`);
      }
      status = next ?? status;
    }
  }

  /**
   * Finds out whether a refused write succeeded earlier. If the answer to a write was lost, the next write
   * (or the client's own repetition) meets an update time that it does not expect. If the document has our
   * token, we still hold the lease. A release has no token, but our revision and our time. The revision
   * alone is not enough: another delivery may have claimed and released while our write failed.
   *
   * @returns whether the document is as `patch` would make it; if not, `patch` can be written again
   * @throws {LeaseLostError} if another delivery wrote; `error` if it says nothing about that
   */
  async #hasArrived(patch: Patch, error: unknown): Promise<boolean> {
    if (!hasCode(error, NOT_FOUND, FAILED_PRECONDITION)) {
      // The write may have succeeded. Skip its revision number, so that a later write is not mistaken for it.
      this.record = { ...this.record, revision: this.record.revision + 1 };
      throw error;
    }
    const snapshot = await this.#ref.get();
    const record = recordOf(snapshot);
    const isHeld = record?.lease?.token === this.#token;
    const isReleased =
      patch.lease === null &&
      record?.lease === null &&
      record.revision === patch.revision &&
      record.updated_at.isEqual(patch.updated_at as Timestamp);
    if (!record || !snapshot.updateTime || !(isHeld || isReleased)) throw this.#lose();
    this.record = record;
    this.#updateTime = snapshot.updateTime;
    return record.revision === patch.revision;
  }

  #lose(): LeaseLostError {
    clearInterval(this.#heartbeat);
    const error = new LeaseLostError('Another delivery has this media now, or it was deleted.');
    this.#lost.abort(error);
    return error;
  }
}
