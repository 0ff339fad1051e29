/**
 * Keeps earlier results. Each is a document, written in the commit that replaces the result, and deleted in the commit that deletes
 * the media. So it is never lost, and never left over.
 */
import {
  type DocumentReference,
  type Firestore,
  type Query,
  Timestamp,
  type WriteBatch,
} from '@google-cloud/firestore';
import type { Analytics, Usage } from '@media-analysis/shared/analytics';
import { AppError } from '@media-analysis/shared/errors';
import type { EarlierResult } from '@media-analysis/shared/results';
import { isTerminal, PROGRESS } from '@media-analysis/shared/status';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import { isFull } from '../../core/media/capacity.ts';
import { type Moments, NO_FEATURES } from '../../core/media/moments.ts';
import { ownerHash } from '../../core/media/owner-hash.ts';
import {
  applied,
  askedFor,
  type Change,
  isNewer,
  type Made,
  MEDIA_COLLECTION,
  type MediaRecord,
  notFound,
  recordOf,
  refuseNewer,
  toUpdate,
  unwritten,
} from '../../core/media/record.ts';

export const EARLIER_RESULTS_COLLECTION = 'earlier_results';

/** For each analysis of a media. The next one replaces the oldest. */
const MAX_KEPT = 10;

interface EarlierResultRecord {
  media_id: string;
  /** An older release may delete a media without these records. The owner's command finds them by this. */
  owner_hash: string;
  analysis: string;
  input: Record<string, unknown>;
  output: Record<string, unknown> | null;
  analytics: Analytics | null;
  language: string;
  model: string | null;
  version: string | null;
  asked: string | null;
  usage: Usage | null;
  made_at: string | null;
  /** When it was replaced. */
  kept_at: Timestamp;
}

export class EarlierResults {
  readonly #firestore: Firestore;
  readonly #now: () => number;
  readonly #moments: Moments;

  constructor(firestore: Firestore, now: () => number = Date.now, moments = NO_FEATURES) {
    this.#firestore = firestore;
    this.#now = now;
    this.#moments = moments;
  }

  /**
   * Prepares to keep the current result of an analysis.
   * @returns a function that adds the writes to the commit of the new result; undefined if there is no result yet
   */
  async keeping(
    record: MediaRecord,
    name: string,
  ): Promise<((batch: WriteBatch) => void) | undefined> {
    const present = presentResult(record, name, this.#now());
    if (!present) return undefined;
    const ref = this.#collection.doc();
    const { docs } = await this.#of(record.id).where('analysis', '==', name).get();
    const surplus = docs
      .toSorted((a, b) => newestFirst(a.data(), b.data()))
      .slice(MAX_KEPT - 1)
      .map((doc) => doc.ref);
    return (batch) => {
      batch.set(ref, present);
      for (const old of surplus) batch.delete(old);
    };
  }

  /** Newest first. @param analysis Without it, the results of all analyses. */
  async list(mediaId: string, analysis?: string): Promise<EarlierResult[]> {
    const all = this.#of(mediaId);
    const query = analysis === undefined ? all : all.where('analysis', '==', analysis);
    const { docs } = await query.get();
    return docs
      .map((doc) => ({ id: doc.id, record: doc.data() as EarlierResultRecord }))
      .sort((a, b) => newestFirst(a.record, b.record))
      .map(({ id, record }) => toEarlierResult(id, record));
  }

  /** For the transaction that deletes the media. */
  ofMedia(mediaId: string): Query {
    return this.#of(mediaId).select();
  }

  /**
   * Swaps an earlier result with the current one. No model is asked.
   * @throws {AppError} `not_found`; `not_ready` while the media is being processed; `unavailable` if a later release wrote it;
   *   `invalid_request` if the media has no capacity for it; `media_held` if the media is withheld, unless the description says `unsafe`
   */
  async restore(mediaId: string, resultId: string, ownerId: string): Promise<MediaRecord> {
    const ref = this.#firestore.collection(MEDIA_COLLECTION).doc(mediaId);
    const from = this.#collection.doc(resultId);
    const to = this.#collection.doc();
    const check = await this.#prepareRestoring(ref, from, ownerId);
    return this.#firestore.runTransaction(async (transaction) => {
      const [media, earlier] = await transaction.getAll(ref, from);
      const record = media && recordOf(media);
      if (record?.owner_id !== ownerId) throw notFound(mediaId);
      // It is restored already. Perhaps the answer to that commit was lost.
      if (Object.values(record.made ?? {}).some((made) => made.restored === resultId))
        return record;
      const result = earlier?.data() as EarlierResultRecord | undefined;
      if (result?.media_id !== mediaId) throw unknownResult(record, resultId);
      refuseNewer(record);
      if (!isTerminal(record.status)) throw stillWorkedOn(record);
      // The work ended after the result was prepared.
      if (result.analytics && !check) throw stillWorkedOn(record);
      check?.(record);
      if (result.analysis !== DESCRIBE && isFull(record, result.analysis, result.input)) {
        throw new AppError(
          'invalid_request',
          `"${record.file_name}" has no room for this result beside its other answers. It stays among the earlier ones.`,
        );
      }
      const now = this.#now();
      const present = presentResult(record, result.analysis, now);
      if (present) transaction.set(to, present);
      transaction.delete(from);
      const restored = toPresent(record, result, now);
      const change: Change = {
        ...restored,
        ...this.#moments.derive(applied(record, restored), Object.keys(restored)),
        made: { ...record.made, [result.analysis]: madeOf(result, resultId) },
        revision: record.revision + 1,
        updated_at: Timestamp.fromMillis(now),
      };
      transaction.update(ref, toUpdate(change));
      return applied(record, change);
    });
  }

  /** @returns undefined if the result is no description, or if the transaction will refuse it anyway */
  async #prepareRestoring(media: DocumentReference, earlier: DocumentReference, ownerId: string) {
    const [of, from] = await this.#firestore.getAll(media, earlier);
    const record = of && recordOf(of);
    const result = from?.data() as EarlierResultRecord | undefined;
    if (record?.owner_id !== ownerId || result?.media_id !== record.id || isNewer(record)) return;
    if (!result.analytics || !isTerminal(record.status)) return;
    return this.#moments.restoring(record, result.analytics);
  }

  get #collection() {
    return this.#firestore.collection(EARLIER_RESULTS_COLLECTION);
  }

  #of(mediaId: string): Query {
    return this.#collection.where('media_id', '==', mediaId);
  }
}

function stillWorkedOn({ file_name }: MediaRecord): AppError {
  return new AppError(
    'not_ready',
    `"${file_name}" is still being worked on. Try again when it is done.`,
  );
}

function newestFirst(
  a: Partial<Pick<EarlierResultRecord, 'kept_at'>>,
  b: Partial<Pick<EarlierResultRecord, 'kept_at'>>,
): number {
  return (b.kept_at?.toMillis() ?? 0) - (a.kept_at?.toMillis() ?? 0);
}

function presentResult(
  record: MediaRecord,
  name: string,
  nowMs: number,
): EarlierResultRecord | undefined {
  const { id: media_id, owner_id, analytics, analyses } = record;
  const result = analyses?.[name];
  const kept_at = Timestamp.fromMillis(nowMs);
  const made = record.made?.[name] ?? unwritten(record, name);
  const { input, language, usage, at: made_at, asked } = made;
  const owner_hash = ownerHash(owner_id);
  const all = {
    media_id,
    owner_hash,
    analysis: name,
    input,
    language,
    usage,
    made_at,
    asked,
    kept_at,
  };
  if (name === DESCRIBE) {
    if (!analytics) return undefined;
    const { model, prompt_version: version } = analytics;
    return { ...all, language: analytics.language, output: null, analytics, model, version };
  }
  if (!result?.output) return undefined;
  const { output, model, version } = result;
  return { ...all, output, analytics: null, model, version };
}

function toPresent(record: MediaRecord, result: EarlierResultRecord, nowMs: number): Change {
  const { analysis, analytics, input, output, model, version, usage } = result;
  if (analysis !== DESCRIBE) {
    const restored = { ...askedFor(input, nowMs), status: 'completed' as const };
    const { analyses = {} } = record;
    return {
      analyses: { ...analyses, [analysis]: { ...restored, output, model, version, usage } },
    };
  }
  // A failed media has no description. Now it has one.
  const mended = { error_code: null, error_message: null, failure: null, progress: PROGRESS.done };
  return {
    analytics,
    ...(record.status === 'failed' && { status: 'completed' as const, ...mended }),
  };
}

function madeOf(
  { made_at: at, input, language, usage, asked }: EarlierResultRecord,
  restored: string,
): Made {
  return { at, attempt: 0, input, language, usage, asked, restored };
}

function toEarlierResult(
  id: string,
  {
    analysis,
    input,
    output,
    analytics,
    language,
    model,
    version,
    usage,
    made_at,
  }: EarlierResultRecord,
): EarlierResult {
  return { id, analysis, input, output, analytics, language, model, version, usage, made_at };
}

function unknownResult({ file_name }: MediaRecord, id: string): AppError {
  return new AppError('not_found', `"${file_name}" has no earlier result "${id}".`);
}
