/** Decides which delivery may work on a media: one at a time, counting those of its copies of the same content too. */
import { randomUUID } from 'node:crypto';
import type { DocumentReference, DocumentSnapshot } from '@google-cloud/firestore';
import type { Phase, TaskPayload } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';
import type { Moments } from '../media/moments.ts';
import { isNewer, type MediaRecord, recordOf } from '../media/record.ts';
import {
  type Analyst,
  isCopyable,
  presentKey,
  readWithCopies,
  waitForCopy,
} from '../media/same-content.ts';
import { Lease, LeaseLostError, type Sleep } from './lease.ts';

export type ClaimDecision =
  | { kind: 'claim' }
  /** The media was deleted. Objects that are left in the buckets belong to no media. */
  | { kind: 'gone' }
  /** A later release has written the document. This one leaves it alone. */
  | { kind: 'newer' }
  /** The media is done, or the task is of an earlier attempt: this delivery has nothing to do. */
  | { kind: 'finished' }
  /** The bytes are stored already. Only the analyze task may still have to be enqueued. */
  | { kind: 'stored'; record: MediaRecord }
  /** Another delivery works on the media or on a copy, or a quota is used up: come back after `ms`. */
  | { kind: 'wait'; ms: number; reason: 'leased' | 'quota' | 'copy' }
  /** The media has no place in the queues. It has to ask for one first. */
  | { kind: 'placeless' }
  /** The media was claimed too often without an end. */
  | { kind: 'exhausted' };

interface DecideOptions {
  nowMs: number;
  maxDeliveries: number;
  copies?: readonly MediaRecord[];
  analyst?: Analyst | undefined;
}

/** Decides what a delivery may do, from the document alone. */
export function decideClaim(
  record: MediaRecord | undefined,
  phase: Phase,
  { attempt }: Pick<TaskPayload, 'attempt'>,
  { nowMs, maxDeliveries, copies = [], analyst }: DecideOptions,
): ClaimDecision {
  if (!record) return { kind: 'gone' };
  if (isNewer(record)) return { kind: 'newer' };
  if (isTerminal(record.status) || record.attempts !== attempt) return { kind: 'finished' };
  if (phase === 'upload' && record.object !== null) return { kind: 'stored', record };
  if (phase === 'analyze' && record.object === null) return { kind: 'finished' };
  const leased = (record.lease?.expires_at.toMillis() ?? 0) - nowMs;
  if (leased > 0) return { kind: 'wait', ms: leased, reason: 'leased' };
  const quota = (record.retry_at?.toMillis() ?? 0) - nowMs;
  if (quota > 0) return { kind: 'wait', ms: quota, reason: 'quota' };
  if (isPlaceless(record)) return { kind: 'placeless' };
  const copyMs = waitForCopy(record, copies, nowMs, analyst);
  if (copyMs !== undefined) return { kind: 'wait', ms: copyMs, reason: 'copy' };
  return { kind: record.deliveries >= maxDeliveries ? 'exhausted' : 'claim' };
}

/** A document of an earlier version has no state. Its task shows that it may be worked on. */
function isPlaceless({ queue_state }: MediaRecord): boolean {
  return queue_state === 'resting' || queue_state === 'waiting';
}

interface LeaseOptions {
  leaseMs: number;
  /** How long the delivery may work, in milliseconds. By default as long as a lease lives without being renewed. */
  budgetMs?: number;
  maxDeliveries: number;
  /** This is the first delivery of the task. */
  isFirst?: boolean;
  /** Analyses the media. Without it the analysis of each completed copy can be copied. */
  analyst?: Analyst | undefined;
  moments?: Moments | undefined;
  now?: () => number;
  sleep?: Sleep | undefined;
}

export interface Claim {
  decision: ClaimDecision;
  /** Present if the decision is `claim`, or `exhausted` (to write the failure). */
  lease: Lease | undefined;
  /** The media as it was read before the decision. */
  snapshot: DocumentSnapshot;
}

/**
 * Reads the document and takes the lease if it is free. The write is conditional on the update time of the
 * read, so both together are a transaction of one document: of two workers one wins. Unlike
 * `runTransaction`, this also returns the update time, which fences the next write.
 */
export async function claim(
  ref: DocumentReference,
  phase: Phase,
  payload: TaskPayload,
  options: LeaseOptions,
): Promise<Claim> {
  const {
    leaseMs,
    budgetMs = leaseMs,
    maxDeliveries,
    isFirst = false,
    analyst,
    moments,
    now = Date.now,
    sleep,
  } = options;
  const token = randomUUID();
  for (;;) {
    const { snapshot, copies } =
      phase === 'analyze'
        ? await readWithCopies(ref, payload.content_key, now(), analyst)
        : { snapshot: await ref.get(), copies: [] };
    const record = recordOf(snapshot);
    const decision = decideClaim(record, phase, payload, {
      nowMs: now(),
      maxDeliveries,
      copies,
      analyst,
    });
    const free = decision.kind === 'claim' || decision.kind === 'exhausted';
    if (!record || !snapshot.updateTime || !free) return { decision, lease: undefined, snapshot };
    const lease = new Lease(ref, record, snapshot.updateTime, {
      token,
      leaseMs,
      budgetMs,
      now,
      sleep,
      copies,
      moments,
    });
    let isClaimed = false;
    try {
      // Storing twice is harmless, so the first delivery need not exclude others by a write of its own.
      const deferWrite = isFirst && phase === 'upload' && decision.kind === 'claim';
      const contentKey = presentKey(record, analyst);
      await lease.take(phase, { deferWrite, contentKey, isWork: decision.kind === 'claim' });
      const isAlone = copies.length === 0 && contentKey === (record.content_key ?? undefined);
      const wait = isAlone ? undefined : await releaseIfCopyIsAnalysed(ref, lease, now, analyst);
      isClaimed = wait === undefined;
      return wait ? { decision: wait, lease: undefined, snapshot } : { decision, lease, snapshot };
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
    } finally {
      // Otherwise its heartbeat would renew it for as long as this process lives.
      if (!isClaimed) lease.abandon();
    }
  }
}

/**
 * Two deliveries can claim two copies at the same time. Each reads again after its claim; at least one
 * sees the other's lease and releases its own, so two copies are never analysed side by side.
 */
async function releaseIfCopyIsAnalysed(
  ref: DocumentReference,
  lease: Lease,
  now: () => number,
  analyst: Analyst | undefined,
): Promise<ClaimDecision | undefined> {
  const { record, copies } = lease;
  if (copies.some((copy) => isCopyable(copy, record, analyst))) return undefined;
  const key = record.content_key ?? undefined;
  const { copies: present } = await readWithCopies(ref, key, now(), analyst);
  const ms = waitForCopy(record, present, now(), analyst);
  if (ms === undefined) return undefined;
  await lease.giveBack();
  return { kind: 'wait', ms, reason: 'copy' };
}
