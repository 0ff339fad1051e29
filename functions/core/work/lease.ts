/**
 * The right of one delivery to work on a media, for a limited time. Cloud Tasks may deliver a task twice,
 * late, or after the first worker died. Only the delivery that holds the lease works. Each of its writes is
 * conditional on the update time of its last write (fencing).
 */
import { type DocumentReference, Timestamp, type WriteResult } from '@google-cloud/firestore';
import type { Phase } from '@media-analysis/shared/media';
import { abortableSleep, retry } from '@media-analysis/shared/retry';
import { canTransition, isTerminal, PROGRESS } from '@media-analysis/shared/status';
import { FAILED_PRECONDITION, hasCode, NOT_FOUND } from '../../process/grpc-status.ts';
import { isGrpcFault } from '../../process/service-fault.ts';
import { startTimeLimit, untilAborted } from '../../process/time-limit.ts';
import { type AlsoWrite, type Delivery, type Moments, NO_FEATURES } from '../media/moments.ts';
import {
  applied,
  type Change,
  type MediaRecord,
  recordOf,
  SCHEMA_VERSION,
  toUpdate,
} from '../media/record.ts';

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

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

interface LeaseFields {
  token: string;
  leaseMs: number;
  /** For how long its delivery may work, in milliseconds. */
  budgetMs: number;
  now: () => number;
  /** Real time by default. */
  sleep?: Sleep | undefined;
  copies: readonly MediaRecord[];
  moments?: Moments | undefined;
}

export class Lease implements Delivery {
  /** Aborted as soon as the lease is known to be lost. */
  readonly signal: AbortSignal;
  /** The document after the last write of this lease. */
  record: MediaRecord;
  readonly before: MediaRecord;
  /** The copies of the same content, as they were at the claim. */
  readonly copies: readonly MediaRecord[];
  /** When the media was last made to wait for a service, in epoch milliseconds; undefined: it was not. */
  readonly waitingSince: number | undefined;

  readonly #ref: DocumentReference;
  readonly #moments: Moments;
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
  /** The work is over, and no background write is started any more. */
  #isOver = false;
  #released = false;
  #kept: Change = {};
  #keptForLast: Change = {};
  /** Fields that features have added to the claim. */
  #claimed: Change = {};
  /** The last write. Undefined before its first try. */
  #last: Change | undefined;
  #alsoLast: AlsoWrite | undefined;
  /** Writes run one after another: each needs the update time of the one before. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(
    ref: DocumentReference,
    record: MediaRecord,
    updateTime: Timestamp,
    { token, leaseMs, budgetMs, now, sleep = abortableSleep, copies, moments }: LeaseFields,
  ) {
    this.#ref = ref;
    this.record = record;
    this.before = record;
    this.copies = copies;
    this.#moments = moments ?? NO_FEATURES;
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
   * @param isWork Whether work follows. Otherwise the claim only writes why there is none.
   */
  async take(
    phase: Phase,
    {
      deferWrite = false,
      isWork = true,
      contentKey,
    }: { deferWrite?: boolean; isWork?: boolean; contentKey?: string | undefined } = {},
  ): Promise<void> {
    const [status, progress] =
      phase === 'upload'
        ? (['uploading', PROGRESS.claimed] as const)
        : (['analyzing', PROGRESS.stored] as const);
    const deliveries = this.record.deliveries + 1;
    this.#claimed = isWork ? this.#moments.claiming(this.record, phase) : {};
    const claimed = {
      status,
      progress,
      deliveries,
      retry_at: null,
      wait_code: null,
      ...this.#claimed,
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
  addToNextWrite(patch: Change): void {
    this.#kept = { ...this.#kept, ...patch };
  }

  /** The document with what is added to the next write. */
  get upcoming(): MediaRecord {
    return applied(this.record, this.#kept);
  }

  /** Adds fields to the last write alone. They replace those that were added to each write. */
  addToLastWrite(patch: Change): void {
    this.#keptForLast = { ...this.#keptForLast, ...patch };
  }

  /** Writes `patch` now, together with what was added. */
  async write(patch: Change, also?: AlsoWrite): Promise<void> {
    await this.#write(patch, also);
  }

  /**
   * The last write of this delivery: the outcome of the work, and no lease any more. While Firestore does not answer,
   * the write is repeated for as long as the delivery may work, also after the lease has expired: if another delivery has
   * claimed the media by then, the write is refused. If all that fails, call this again: what the first call was given is
   * written then too.
   */
  async release(patch: Change, also?: AlsoWrite): Promise<void> {
    this.abandon();
    this.#last = { ...this.#last, ...patch };
    this.#alsoLast ??= also;
    await this.#write({ ...this.#keptForLast, ...this.#last, lease: null }, this.#alsoLast);
  }

  /** Gives the lease back after a claim that did no work, so it does not count. */
  async giveBack(): Promise<void> {
    const { before } = this;
    const names = Object.keys(this.#claimed) as (keyof MediaRecord)[];
    const undone: Change = Object.fromEntries(names.map((name) => [name, before[name]]));
    await this.release({ ...undone, deliveries: before.deliveries });
  }

  /** The work is done, and only its last write is missing. */
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
  #writeInBackground(patch: Change): void {
    if (this.#isOver || this.#isWritingInBackground) return;
    this.#isWritingInBackground = true;
    this.#writtenAt = this.#now();
    this.#write(patch)
      .catch(() => undefined)
      .finally(() => {
        this.#isWritingInBackground = false;
      });
  }

  #write(patch: Change, also?: AlsoWrite): Promise<void> {
    const written = this.#tail.then(() => this.#writeFenced(patch, also));
    this.#tail = written.catch(() => undefined);
    return written;
  }

  /** @throws {LeaseLostError} */
  async #writeFenced(patch: Change, also: AlsoWrite | undefined): Promise<void> {
    // Work that was given up may still end later and try to write.
    if (this.#released) throw this.#lose();
    let isWritten = false;
    while (!isWritten) {
      this.signal.throwIfAborted();
      const full = this.#complete(patch);
      try {
        const { writeTime } = await this.#update(full, also);
        this.#updateTime = writeTime;
        this.record = applied(this.record, full);
        isWritten = true;
      } catch (error) {
        isWritten = await this.#hasArrived(full, error);
      }
    }
    this.#writtenAt = this.#now();
    this.#released = patch.lease === null;
  }

  /** Repeats the last write as it is: if an earlier try arrived, `#hasArrived` knows it by its revision and time. */
  #update(full: Change, also: AlsoWrite | undefined): Promise<WriteResult> {
    const update = () => this.#commit(full, also);
    if (full.lease !== null) return update();
    return retry(update, {
      ...LAST_WRITE,
      isRetryable: isGrpcFault,
      deadline: this.#deadlineOf(full),
      signal: this.signal,
      now: this.#now,
      sleep: this.#sleep,
    });
  }

  async #commit(full: Change, also: AlsoWrite | undefined): Promise<WriteResult> {
    const condition = { lastUpdateTime: this.#updateTime };
    const { change, writes } = await this.#changing(full);
    const all = [...(also ? [also] : []), ...writes];
    Object.assign(full, change);
    Object.assign(full, this.#moments.derive(applied(this.record, full), Object.keys(change)));
    if (all.length === 0) return this.#ref.update(toUpdate(full), condition);
    const batch = this.#ref.firestore.batch();
    batch.update(this.#ref, toUpdate(full), condition);
    for (const add of all) add(batch);
    const [result] = await batch.commit();
    return result as WriteResult;
  }

  /** All later writes wait for this one, so a feature that does not return must not keep it for ever. */
  async #changing(full: Change) {
    const limit = startTimeLimit(Math.max(0, this.#deadlineOf(full) - this.#now()));
    try {
      const after = applied(this.record, full);
      return await untilAborted(this.#moments.changing(this.record, after, this), limit.signal);
    } finally {
      limit.clear();
    }
  }

  /** Until when a write is tried, in epoch milliseconds. The last one says how the delivery went, also when its time is over. */
  #deadlineOf({ lease }: Change): number {
    return lease === null ? Math.max(this.#deadline, this.#now() + this.#leaseMs) : this.#deadline;
  }

  #complete(patch: Change): Change {
    const full: Change = { ...this.#kept, ...patch };
    const { progress, revision } = this.record;
    this.#checkStatus(patch);
    const now = this.#now();
    return {
      lease: { token: this.#token, expires_at: Timestamp.fromMillis(now + this.#leaseMs) },
      ...full,
      ...this.#moments.derive(applied(this.record, full), Object.keys(full)),
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
  #checkStatus(patch: Change): void {
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
  async #hasArrived(patch: Change, error: unknown): Promise<boolean> {
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
      patch.updated_at !== undefined &&
      record.updated_at.isEqual(patch.updated_at);
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
