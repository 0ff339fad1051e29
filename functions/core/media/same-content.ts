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
import type { Analytics } from '@media-analysis/shared/analytics';
import type { AnalysisResult } from '@media-analysis/shared/media';
import { MEDIA_STATUSES } from '@media-analysis/shared/status';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import type { MediaFacts } from '../../inspect/index.ts';
import { isNewer, languageOf, type MediaRecord, recordOf, wantedOf } from './record.ts';

/** A failed copy has no analysis to copy, and its owner does not wait for one. */
const USEFUL = MEDIA_STATUSES.filter((status) => status !== 'failed');

/** One query reads this many copies. If there are more, two further queries find those that matter. */
const MAX_COPIES = 4;

/** The model and prompt that analyse the media now: with others they would get another analysis. */
export interface Analyst {
  /** The one of media for which this model was asked. */
  asking(model: string | null | undefined): Analyst;
  model: string;
  promptVersion: string;
  /** The model gets the frames that came with a video, and not the video. */
  looksAtFrames?: boolean;
  /** An earlier analysis can be copied if it would be written in the same way now. */
  isCurrent(earlier: Analytics): boolean;
  /** The same for the analysis `name`, and for what its caller gives it now. */
  isCurrentResult(
    name: string,
    earlier: AnalysisResult,
    asked: { input: unknown; kind: MediaFacts['kind']; hasFrames?: boolean },
  ): boolean;
}

/** A hash, so a task may carry it: it says nothing about the media. */
export function contentKey(
  { owner_id, language, frames }: Pick<MediaRecord, 'owner_id' | 'language' | 'frames'>,
  sha256: string,
  {
    model,
    promptVersion,
    looksAtFrames,
  }: Pick<Analyst, 'model' | 'promptVersion' | 'looksAtFrames'>,
): string {
  // The same video may come with other frames, or without any.
  const seen = looksAtFrames && frames ? [frames.sha256] : [];
  const parts = [owner_id, sha256, language, model, promptVersion, ...seen];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * The key of a stored media now. The one that is on its record may be of an earlier model or prompt, and a media that was
 * only stored has none.
 */
export function presentKey(
  record: MediaRecord | undefined,
  analyst: Analyst | undefined,
): string | undefined {
  if (!record) return undefined;
  const { content_key, sha256, asked_model } = record;
  if (!analyst || !sha256) return content_key ?? undefined;
  return contentKey(record, sha256, analyst.asking(asked_model));
}

/** The analyses that are still to be made of a media, and the model that makes them. */
type Wanting = Pick<MediaRecord, 'wanted' | 'analyze' | 'analyses' | 'asked_model'> &
  Partial<Pick<MediaRecord, 'language'>>;

/**
 * Whether a copy has all that is still to be made of `media`. A copy that is out of date is not waited for, and ends no
 * wait.
 */
export function isCopyable(copy: MediaRecord, media: Wanting, analyst?: Analyst): boolean {
  const { status, analytics, analyses, facts } = copy;
  if (status !== 'completed') return false;
  const asked = analyst?.asking(media.asked_model);
  if (!asked) return true;
  return wantedOf(media).every((name) => {
    if (media.language !== undefined && languageOf(copy, name) !== media.language) return false;
    if (name === DESCRIBE) return analytics !== null && asked.isCurrent(analytics);
    const result = analyses?.[name];
    const { input } = media.analyses?.[name] ?? {};
    const kind = facts?.kind ?? 'image';
    const hasFrames = copy.frames != null;
    return result !== undefined && asked.isCurrentResult(name, result, { input, kind, hasFrames });
  });
}

export interface MediaWithCopies {
  snapshot: DocumentSnapshot;
  copies: MediaRecord[];
}

/**
 * Reads a media together with its copies. One query finds up to four of them, so a media without a copy costs one
 * read, as it does anyway. Of more copies it finds at least a completed one, or one that is being analysed, if there is any.
 * @param hint The content key, as the task carries it. Without it, two reads are needed.
 * @param analyst Without it each analysis can be copied, and each key is the present one.
 */
export async function readWithCopies(
  ref: DocumentReference,
  hint?: string,
  nowMs = Date.now(),
  analyst?: Analyst,
): Promise<MediaWithCopies> {
  const alone = hint === undefined ? await ref.get() : undefined;
  const key: unknown = hint ?? (alone && presentKey(recordOf(alone), analyst));
  if (alone && !key) return { snapshot: alone, copies: [] };
  const { own, copies } = await copiesOf(ref, key, nowMs, analyst);
  const snapshot = own ?? alone ?? (await ref.get());
  const present = presentKey(recordOf(snapshot), analyst);
  if (present === undefined || present === key) return { snapshot, copies };
  // Model or prompt have changed since the task was made. A copy that was claimed since then has the present key.
  return { snapshot, copies: (await copiesOf(ref, present, nowMs, analyst)).copies };
}

async function copiesOf(
  ref: DocumentReference,
  key: unknown,
  nowMs: number,
  analyst: Analyst | undefined,
): Promise<{ own: DocumentSnapshot | undefined; copies: MediaRecord[] }> {
  const all = ref.parent.where('content_key', '==', key);
  const { docs } = await all
    .where('status', 'in', USEFUL)
    .limit(MAX_COPIES + 1)
    .get();
  const own = docs.find(({ id }) => id === ref.id);
  const copies = readable(docs.filter((doc) => doc !== own));
  // Without the media itself it is not known what is wanted of it. Most want `describe`.
  const media = (own?.data() as MediaRecord | undefined) ?? { analyze: true };
  // The answer of this copy can be copied, or must be waited for.
  const isTelling = (copy: MediaRecord) => isCopyable(copy, media, analyst) || isHeld(copy, nowMs);
  const isEnough = docs.length <= MAX_COPIES || copies.some(isTelling);
  const telling = isEnough ? [] : await tellingCopies(all, ref.id, nowMs);
  return { own, copies: telling.length > 0 ? telling : copies };
}

function isHeld({ lease }: Pick<MediaRecord, 'lease'>, nowMs: number): boolean {
  return (lease?.expires_at.toMillis() ?? 0) > nowMs;
}

async function tellingCopies(all: Query, id: string, nowMs: number): Promise<MediaRecord[]> {
  const [completed, held] = await Promise.all([
    // The latest ones: what has changed since then has made the others out of date.
    all.where('status', '==', 'completed').orderBy('updated_at', 'desc').limit(MAX_COPIES).get(),
    all
      .where('lease.expires_at', '>', Timestamp.fromMillis(nowMs))
      .orderBy('lease.expires_at')
      // The media itself may be one of them.
      .limit(2)
      .get(),
  ]);
  return readable([...completed.docs, ...held.docs].filter((doc) => doc.id !== id));
}

/** A record that a later release has written is not copied. */
function readable(docs: readonly DocumentSnapshot[]): MediaRecord[] {
  return docs.map((doc) => doc.data() as MediaRecord).filter((record) => !isNewer(record));
}

/**
 * How long a media has to wait for a copy that is being analysed, in milliseconds. Two copies that wait
 * for each other come again at different times.
 * @returns undefined if there is nothing to wait for; also if one copy can be copied.
 */
export function waitForCopy(
  media: Wanting & Pick<MediaRecord, 'id'>,
  copies: readonly MediaRecord[],
  nowMs: number,
  analyst?: Analyst,
): number | undefined {
  if (copies.some((copy) => isCopyable(copy, media, analyst))) return undefined;
  const held = copies.find((copy) => isHeld(copy, nowMs));
  return held && (media.id < held.id ? 1_000 : 2_000);
}
