/**
 * Copies of the same content: media of one owner with the same bytes, language, model and prompt, which
 * would get the same analysis. They are the result cache: the analysis of one is copied to the next, and
 * it is gone when the last copy is deleted. Media of two owners are never copies of each other.
 */
import { createHash } from 'node:crypto';
import {
  type DocumentReference,
  type DocumentSnapshot,
  type Query,
  Timestamp,
} from '@google-cloud/firestore';
import { MEDIA_STATUSES } from '@media-analysis/shared/status';
import { isNewer, type MediaRecord } from './record.ts';

/** A failed copy has no analysis to copy, and its owner does not wait for one. */
const USEFUL = MEDIA_STATUSES.filter((status) => status !== 'failed');

/** One query reads this many copies. If there are more, two further queries find those that matter. */
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
 * Reads a media together with its copies. One query finds up to four of them, so a media without a copy costs one
 * read, as it does anyway. Of more copies it finds at least a completed one, or one that is being analysed, if there is any.
 * @param hint The content key, as the task carries it. Without it, two reads are needed.
 */
export async function readWithCopies(
  ref: DocumentReference,
  hint?: string,
  nowMs = Date.now(),
): Promise<MediaWithCopies> {
  const alone = hint === undefined ? await ref.get() : undefined;
  const key: unknown = hint ?? alone?.get('content_key');
  if (alone && !key) return { snapshot: alone, copies: [] };
  const all = ref.parent.where('content_key', '==', key);
  const { docs } = await all
    .where('status', 'in', USEFUL)
    .limit(MAX_COPIES + 1)
    .get();
  const own = docs.find(({ id }) => id === ref.id);
  const copies = readable(docs.filter((doc) => doc !== own));
  const isEnough = docs.length <= MAX_COPIES || copies.some((copy) => isTelling(copy, nowMs));
  const telling = isEnough ? [] : await tellingCopies(all, ref.id, nowMs);
  return {
    snapshot: own ?? alone ?? (await ref.get()),
    copies: telling.length > 0 ? telling : copies,
  };
}

/** Whether the copy can be copied, or must be waited for. */
function isTelling({ status, lease }: MediaRecord, nowMs: number): boolean {
  return status === 'completed' || isHeld({ lease }, nowMs);
}

function isHeld({ lease }: Pick<MediaRecord, 'lease'>, nowMs: number): boolean {
  return (lease?.expires_at.toMillis() ?? 0) > nowMs;
}

async function tellingCopies(all: Query, id: string, nowMs: number): Promise<MediaRecord[]> {
  const [completed, held] = await Promise.all([
    all.where('status', '==', 'completed').limit(1).get(),
    all
      .where('lease.expires_at', '>', Timestamp.fromMillis(nowMs))
      .orderBy('lease.expires_at')
      // The media itself may be one of them.
      .limit(2)
      .get(),
  ]);
  return readable([...completed.docs, ...held.docs].filter((doc) => doc.id !== id));
}

/** What a later release has written is not copied. */
function readable(docs: readonly DocumentSnapshot[]): MediaRecord[] {
  return docs.map((doc) => doc.data() as MediaRecord).filter((record) => !isNewer(record));
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
  const held = copies.find((copy) => isHeld(copy, nowMs));
  return held && (id < held.id ? 1_000 : 2_000);
}
