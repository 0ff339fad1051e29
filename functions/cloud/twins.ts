/**
 * Twins: media of one owner that would get the same analysis, for their bytes, their language, the
 * model and its prompt are the same. They are the result cache: what was written about one is copied
 * to the next, and goes when the last of them is deleted. Nobody else's media can be a twin.
 */
import { createHash } from 'node:crypto';
import type { DocumentReference, DocumentSnapshot } from '@google-cloud/firestore';
import { MEDIA_STATUSES } from '@media-analysis/shared/status';
import type { MediaRecord } from './media.ts';

/** What failed has nothing to give, and is in nobody's way. */
const USEFUL = MEDIA_STATUSES.filter((status) => status !== 'failed');

/** Enough to find one that is finished; an owner may have sent the same photo a thousand times. */
const MAX_TWINS = 4;

/** Says nothing to who reads it: it may travel in a task. */
export function contentKey(
  { owner_id, language }: Pick<MediaRecord, 'owner_id' | 'language'>,
  sha256: string,
  { model, promptVersion }: { model: string; promptVersion: string },
): string {
  const parts = [owner_id, sha256, language, model, promptVersion];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

export interface Sight {
  snapshot: DocumentSnapshot;
  twins: MediaRecord[];
}

/**
 * A media, and its twins with it: one query finds them all, so a media that has none costs the one
 * read that it costs anyway.
 * @param hint Its content key, as a task has it; without it, two reads are needed.
 */
export async function readWithTwins(ref: DocumentReference, hint?: string): Promise<Sight> {
  const alone = hint === undefined ? await ref.get() : undefined;
  const key: unknown = hint ?? alone?.get('content_key');
  if (alone && !key) return { snapshot: alone, twins: [] };
  const { docs } = await ref.parent
    .where('content_key', '==', key)
    .where('status', 'in', USEFUL)
    .limit(MAX_TWINS + 1)
    .get();
  const own = docs.find(({ id }) => id === ref.id);
  return {
    snapshot: own ?? alone ?? (await ref.get()),
    twins: docs.filter((doc) => doc !== own).map((doc) => doc.data() as MediaRecord),
  };
}

/**
 * How long `record` has to wait for a twin that is being analysed, in milliseconds. Two that stand
 * back for each other come again at different times.
 * @returns undefined also if another one is finished: that is all that it would wait for.
 */
export function waitForTwin(
  { id }: Pick<MediaRecord, 'id'>,
  twins: readonly MediaRecord[],
  nowMs: number,
): number | undefined {
  if (twins.some(({ status }) => status === 'completed')) return undefined;
  const held = twins.find(({ lease }) => (lease?.expires_at.toMillis() ?? 0) > nowMs);
  return held && (id < held.id ? 1_000 : 2_000);
}
