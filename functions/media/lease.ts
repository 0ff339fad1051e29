/**
 * The right to work on one media, for a while. Cloud Tasks may deliver a task twice, late, or after
 * the first worker died; of all deliveries the one that holds the lease works, and each of its writes
 * is conditional on the document being as its last write left it (fencing).
 */
import { type DocumentReference, Timestamp, type UpdateData } from '@google-cloud/firestore';
import type { Phase } from '@media-analysis/shared/media';
import { canTransition, type MediaStatus, PROGRESS } from '@media-analysis/shared/status';
import { type MediaRecord, recordOf } from './record.ts';

const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;

/**
 * Each step is paid for, by a write and a read for everybody who watches: work that is soon done takes
 * none. A document could sustain one a second: https://cloud.google.com/firestore/quotas
 */
export const PROGRESS_INTERVAL_MS = 5_000;

/** How long work may go on before it is seen in the document that somebody is at it. */
const LATE_CLAIM_MS = 2_000;

/** Somebody else has the media now, or it was deleted: stop, and change nothing. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}

type Patch = UpdateData<MediaRecord> & { status?: MediaStatus; progress?: number };

interface LeaseFields {
  token: string;
  leaseMs: number;
  now: () => number;
  copies: readonly MediaRecord[];
}

export class Lease {
  /** Aborted as soon as the lease is known to be lost. */
  readonly signal: AbortSignal;
  /** The document as this lease last left it. */
  record: MediaRecord;
  /** Others of the same content, as they were when it was claimed. */
  readonly copies: readonly MediaRecord[];

  private readonly ref: DocumentReference;
  private updateTime: Timestamp;
  private readonly token: string;
  private readonly leaseMs: number;
  private readonly now: () => number;
  private readonly lost = new AbortController();
  private heartbeat: NodeJS.Timeout | undefined;
  private lateClaim: NodeJS.Timeout | undefined;
  private writtenAt = 0;
  private isWritingInBackground = false;
  /** Whether the work is over: nothing more is told of it then. */
  private isOver = false;
  private released = false;
  private kept: Patch = {};
  /** Writes follow one another: each needs the update time that the one before it made. */
  private tail: Promise<unknown> = Promise.resolve();

  constructor(
    ref: DocumentReference,
    record: MediaRecord,
    updateTime: Timestamp,
    { token, leaseMs, now, copies }: LeaseFields,
  ) {
    this.ref = ref;
    this.record = record;
    this.copies = copies;
    this.updateTime = updateTime;
    this.token = token;
    this.leaseMs = leaseMs;
    this.now = now;
    this.signal = this.lost.signal;
  }

  /**
   * Takes the lease for `phase`, and keeps it by a write whenever a third of its time has passed.
   * @param deferWrite Writes it together with whatever is written first: another delivery may begin
   *   meanwhile, and one of the two will find its first write refused.
   */
  async take(phase: Phase, { deferWrite = false } = {}): Promise<void> {
    const [status, progress] =
      phase === 'upload'
        ? (['uploading', PROGRESS.claimed] as const)
        : (['analyzing', PROGRESS.stored] as const);
    const deliveries = this.record.deliveries + 1;
    const claimed = { status, progress, deliveries, retry_at: null, wait_code: null };
    if (deferWrite) {
      this.addToNextWrite(claimed);
      this.writtenAt = this.now();
      this.lateClaim = setInterval(() => this.claimLate(), LATE_CLAIM_MS);
      this.lateClaim.unref();
    } else {
      await this.write(claimed);
    }
    this.heartbeat = setInterval(() => this.renew(), this.leaseMs / 3);
    this.heartbeat.unref();
  }

  /**
   * Tells how far the work is, 0 to 1. At most one write in five seconds, and never a step back; a value
   * that comes too soon, or while the last one is on its way, is left out: the next makes up for it.
   */
  progress(value: number): void {
    if (this.now() - this.writtenAt < PROGRESS_INTERVAL_MS) return;
    const progress = Math.min(value, PROGRESS.done);
    if (progress > this.record.progress) this.writeInBackground({ progress });
  }

  /** Goes into the document with whatever is written next, at no write of its own. */
  addToNextWrite(patch: Patch): void {
    this.kept = { ...this.kept, ...patch };
  }

  /** The last write of this delivery: what came of the work, and the lease given back. */
  async release(patch: Patch): Promise<void> {
    this.abandon();
    await this.write({ ...patch, lease: null });
  }

  get isReleased(): boolean {
    return this.released;
  }

  /** Stops renewing, for a delivery that ends without a word: the lease runs out by itself. */
  abandon(): void {
    clearInterval(this.heartbeat);
    clearInterval(this.lateClaim);
    this.isOver = true;
  }

  /** Work that goes on for long enough to be seen. */
  private claimLate(): void {
    clearInterval(this.lateClaim);
    this.writeInBackground({});
  }

  private renew(): void {
    if (this.now() - this.writtenAt >= this.leaseMs / 3) this.writeInBackground({});
  }

  /** Failure to reach Firestore is no news here; the next write, or the end of the lease, tells. */
  private writeInBackground(patch: Patch): void {
    if (this.isOver || this.isWritingInBackground) return;
    this.isWritingInBackground = true;
    this.writtenAt = this.now();
    this.write(patch)
      .catch(() => undefined)
      .finally(() => {
        this.isWritingInBackground = false;
      });
  }

  private write(patch: Patch): Promise<void> {
    const written = this.tail.then(() => this.writeFenced(patch));
    this.tail = written.catch(() => undefined);
    return written;
  }

  /** @throws {LeaseLostError} */
  private async writeFenced(patch: Patch): Promise<void> {
    // Work that nobody waits for any more may still come to its end.
    if (this.released) throw this.lose();
    let isWritten = false;
    while (!isWritten) {
      this.signal.throwIfAborted();
      const full = this.complete(patch);
      try {
        const { writeTime } = await this.ref.update(full, { lastUpdateTime: this.updateTime });
        this.updateTime = writeTime;
        this.record = { ...this.record, ...full } as MediaRecord;
        isWritten = true;
      } catch (error) {
        isWritten = await this.hasArrived(full, error);
      }
    }
    this.writtenAt = this.now();
    this.released = patch.lease === null;
  }

  private complete(patch: Patch): Patch {
    const full: Patch = { ...this.kept, ...patch };
    const { progress, revision } = this.record;
    this.checkStatus(patch);
    const now = this.now();
    return {
      lease: { token: this.token, expires_at: Timestamp.fromMillis(now + this.leaseMs) },
      ...full,
      progress: Math.max(full.progress ?? 0, progress),
      revision: revision + 1,
      updated_at: this.timeOfOwn(now),
    };
  }

  /** Down to its own microseconds, by which a release is known for this lease's own. */
  private timeOfOwn(ms: number): Timestamp {
    const { seconds, nanoseconds } = Timestamp.fromMillis(ms);
    const microseconds = Number.parseInt(this.token.slice(0, 6), 16) % 1_000;
    return new Timestamp(seconds, nanoseconds + microseconds * 1_000);
  }

  /** A quiet claim is a step of its own, though it is written with the next one. */
  private checkStatus(patch: Patch): void {
    let { status } = this.record;
    for (const next of [this.kept.status, patch.status]) {
      if (next && !canTransition(status, next)) {
        throw new Error(`A media cannot go from ${status} to ${next}.`);
      }
      status = next ?? status;
    }
  }

  /**
   * A write whose answer was lost has arrived all the same, and what comes after it (another write, or
   * the client's own repetition) meets a document that it did not expect. The token in it tells that
   * the lease is still held. A release carries none, but the revision and the time that we gave it: the
   * revision alone would not do, as others may have claimed and released while ours could not be written.
   *
   * @returns whether the document is as `patch` would make it; else it can be written again.
   * @throws {LeaseLostError} if somebody else wrote; `error` if it says nothing of that.
   */
  private async hasArrived(patch: Patch, error: unknown): Promise<boolean> {
    const { code } = error as { code?: unknown };
    if (code !== NOT_FOUND && code !== FAILED_PRECONDITION) {
      // It may have arrived: its revision is spent, so that what comes next cannot be taken for it.
      this.record = { ...this.record, revision: this.record.revision + 1 };
      throw error;
    }
    const snapshot = await this.ref.get();
    const record = recordOf(snapshot);
    const isHeld = record?.lease?.token === this.token;
    const isReleased =
      patch.lease === null &&
      record?.lease === null &&
      record.revision === patch.revision &&
      record.updated_at.isEqual(patch.updated_at as Timestamp);
    if (!record || !snapshot.updateTime || !(isHeld || isReleased)) throw this.lose();
    this.record = record;
    this.updateTime = snapshot.updateTime;
    return record.revision === patch.revision;
  }

  private lose(): LeaseLostError {
    clearInterval(this.heartbeat);
    const error = new LeaseLostError('Another delivery has this media now, or it was deleted.');
    this.lost.abort(error);
    return error;
  }
}
