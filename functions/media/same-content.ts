/**
 * Copies of the same content: media of one owner with the same bytes, language, model and prompt, which
 * would get the same analysis. They are the result cache: the analysis of one is copied to the next, and
 * it is gone when the last copy is deleted. Media of two owners are never copies of each other.
 */
import { createHash } from 'node:crypto';
import type { DocumentReference, DocumentSnapshot } from '@google-cloud/firestore';
import { MEDIA_STATUSES } from '@media-analysis/shared/status';
import type { MediaRecord } from './record.ts';

/** A failed copy has no analysis to copy, and its owner does not wait for one. */
const USEFUL = MEDIA_STATUSES.filter((status) => status !== 'failed');

/** This is enough to find a completed copy, even if an owner sent the same photo a thousand times. */
const MAX_COPIES = 4;

/** A hash, so a task may carry it: it says nothing about the media. */
export function contentKey(
  { owner_id, language }: Pick<MediaRecord, 'owner_id' | 'language'>,
  sha256: string,
  { model, promptVersion }: { model: string; promptVersion: string },
): string {
  const parts = [owner_id, sha256, language, model, promptVersion];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

export interface MediaWithCopies {
  snapshot: DocumentSnapshot;
  copies: MediaRecord[];
}

/**
 * Reads a media together with its copies. One query finds them all, so a media without a copy costs one
 * read, as it does anyway.
 * @param hint The content key, as the task carries it. Without it, two reads are needed.
 */
export async function readWithCopies(
  ref: DocumentReference,
  hint?: string,
): Promise<MediaWithCopies> {
  const alone = hint === undefined ? await ref.get() : undefined;
  const key: unknown = hint ?? alone?.get('content_key');
  if (alone && !key) return { snapshot: alone, copies: [] };
  const { docs } = await ref.parent
    .where('content_key', '==', key)
    .where('status', 'in', USEFUL)
    .limit(MAX_COPIES + 1)
    .get();
  const own = docs.find(({ id }) => id === ref.id);
  return {
    snapshot: own ?? alone ?? (await ref.get()),
    copies: docs.filter((doc) => doc !== own).map((doc) => doc.data() as MediaRecord),
  };
}

/**
 * How long a media has to wait for a copy that is being analysed, in milliseconds. Two copies that wait
 * for each other come again at different times.
 * @returns undefined if there is nothing to wait for; also if one copy is completed and can be copied.
 */
export function waitForCopy(
  { id }: Pick<MediaRecord, 'id'>,
  copies: readonly MediaRecord[],
  nowMs: number,
): number | undefined {
  if (copies.some(({ status }) => status === 'completed')) return undefined;
  const held = copies.find(({ lease }) => (lease?.expires_at.toMillis() ?? 0) > nowMs);
  return held && (id < held.id ? 1_000 : 2_000);
}
