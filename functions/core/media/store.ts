/** The media documents: creation, reading, listing, retry, deletion. What a delivery changes in them is in `lease.ts`. */
import {
  type DocumentReference,
  type Firestore,
  Timestamp,
  type Transaction,
  type WriteBatch,
} from '@google-cloud/firestore';
import type { Tier } from '@media-analysis/shared/analytics';
import { PROGRESS } from '@media-analysis/shared/status';
import type { RejectedFile } from '@media-analysis/shared/uploads';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import { refuseFull } from './capacity.ts';
import type { CollectionName } from './collections.ts';
import { type Moments, NO_FEATURES, type Removal } from './moments.ts';
import {
  applied,
  askedFor,
  type Change,
  isAnnounced,
  MEDIA_COLLECTION,
  type MediaRecord,
  nextAttempt,
  notFound,
  type QueueState,
  recordOf,
  refuseNewer,
  type StagedFrames,
  toUpdate,
  unwritten,
} from './record.ts';
import { refuseLateFrames, refuseRetry, refuseUnfinished, unmade } from './refusals.ts';

/** What is asked about a media. */
export interface Asking {
  name: string;
  input: Record<string, unknown>;
  /** Of the answer, from now on. */
  language?: string | undefined;
  /** In place of the model of the deployment. */
  model?: string | undefined;
  tier?: Tier | undefined;
}

/**
 * Takes part in the transaction that asks: it may read and refuse, and it adds to the change of the media.
 * @throws {AppError} to refuse it
 */
export type WhileAsking = (
  transaction: Transaction,
  record: MediaRecord,
) => Promise<Change | undefined>;

export class MediaStore {
  readonly #firestore: Firestore;
  readonly #now: () => number;
  readonly #moments: Moments;

  constructor(firestore: Firestore, now: () => number = Date.now, moments = NO_FEATURES) {
    this.#firestore = firestore;
    this.#now = now;
    this.#moments = moments;
  }

  newId(): string {
    return this.#firestore.collection(MEDIA_COLLECTION).doc().id;
  }

  ref(id: string): DocumentReference {
    return this.#firestore.collection(MEDIA_COLLECTION).doc(id);
  }

  /** An empty set of writes, for `create`. */
  batch(): WriteBatch {
    return this.#firestore.batch();
  }

  /**
   * Creates the documents of new media together with the other writes that `batch` already holds: all of them
   * in one commit, or nothing.
   * @param records As `newMediaRecord` makes them.
   * @throws the error of Firestore: code 6 (ALREADY_EXISTS) if one of the ids is taken.
   */
  async create(records: readonly MediaRecord[], batch: WriteBatch): Promise<void> {
    for (const record of records) {
      batch.create(this.ref(record.id), applied(record, this.#moments.derive(record)));
    }
    await batch.commit();
  }

  /**
   * Whether a media is nowhere, so that its objects belong to nobody. All places are read as of one moment: it may be moved from
   * one to another. https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#batchgetdocumentsresponse
   */
  async isGone(id: string): Promise<boolean> {
    const found = await this.#firestore.getAll(this.ref(id), ...this.#moments.keptAt(id));
    return found.every(({ exists }) => !exists);
  }

  /** @throws {AppError} `not_found` */
  async get(id: string, ownerId: string): Promise<MediaRecord> {
    const record = recordOf(await this.ref(id).get());
    if (record?.owner_id !== ownerId) throw notFound(id);
    return record;
  }

  /** The owner's media among `ids`, in the order of `ids`. */
  async getMany(ids: readonly string[], ownerId: string): Promise<MediaRecord[]> {
    if (ids.length === 0) return [];
    const snapshots = await this.#firestore.getAll(...ids.map((id) => this.ref(id)));
    const records = snapshots.map(recordOf);
    return records.filter((record) => record?.owner_id === ownerId) as MediaRecord[];
  }

  /**
   * Notes that the bytes of an announced media are there.
   * @returns undefined if that was noted before
   * @throws {AppError} `not_found`; `unavailable` if a later release has written it
   */
  async confirm(
    id: string,
    ownerId: string,
    queue_state: QueueState,
  ): Promise<MediaRecord | undefined> {
    let confirmed: MediaRecord | undefined;
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      // If the answer to the commit was lost, Firestore's client runs this again.
      if (!isAnnounced(record)) return confirmed;
      refuseNewer(record);
      const revision = record.revision + 1;
      const patch = { queue_state, revision, updated_at: Timestamp.fromMillis(this.#now()) };
      transaction.update(this.ref(id), patch);
      confirmed = { ...record, ...patch };
      return confirmed;
    });
  }

  /**
   * Notes which frames of an announced video were sent. They replace those that were noted before.
   * @throws {AppError} `not_found`; `not_ready` if its work has begun; `unavailable` if a later release has written it
   */
  async addFrames(id: string, ownerId: string, staged_frames: StagedFrames): Promise<MediaRecord> {
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseNewer(record);
      refuseLateFrames(record);
      const revision = record.revision + 1;
      const patch = { staged_frames, revision, updated_at: Timestamp.fromMillis(this.#now()) };
      transaction.update(this.ref(id), patch);
      return { ...record, ...patch };
    });
  }

  /**
   * Starts the next attempt of a failed media.
   * @throws {AppError} `not_found`; `not_retryable`, with the reason; `unavailable` if a later release has written it
   */
  async retry(
    id: string,
    ownerId: string,
    queue_state: QueueState = 'queued',
  ): Promise<MediaRecord> {
    const now = this.#now();
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseNewer(record);
      refuseRetry(record);
      const change = this.#withDerived(record, {
        ...nextAttempt(record, queue_state, now),
        progress: 0,
        wanted: unmade(record),
        failure: null,
        // Who tries again looks on: half the price is not worth a quarter of an hour.
        tier: undefined,
        ...this.#moments.again(record, { by: 'retry', transaction, nowMs: now }),
      });
      transaction.update(this.ref(id), toUpdate(change));
      return applied(record, change);
    });
  }

  /**
   * Asks for an analysis of a stored media, also for one that was made before: its answer stays until there is a new one.
   * A person asks for each one, so the limit on calls counts anew; that on dollars goes on.
   * @param input What the analysis needs to know, by its schema. `language`: of the answer, from now on. `model`: asked first.
   * @throws {AppError} `not_found`; `invalid_request` if there is no room for the answer; `not_ready` while it is worked on, or
   *   if it was never stored; `unavailable` if a later
   *   release has written it
   */
  async ask(
    id: string,
    ownerId: string,
    { name, input, language, model, tier }: Asking,
    queue_state: QueueState,
    whileAsking?: WhileAsking,
  ): Promise<MediaRecord> {
    const now = this.#now();
    let asked: MediaRecord | undefined;
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      // If the answer to the commit was lost, Firestore's client runs this again.
      if (asked && record.revision === asked.revision) return asked;
      refuseNewer(record);
      const added = await whileAsking?.(transaction, record);
      refuseUnfinished(record);
      if (name !== DESCRIBE) refuseFull(record, name, input);
      const { status, error_code: code, error_message: message, analyses = {} } = record;
      const change = this.#withDerived(record, {
        ...nextAttempt(record, queue_state, now),
        progress: PROGRESS.stored,
        analyze: true,
        wanted: [name],
        language: language ?? record.language,
        // From here on the media does not say any more how its present result was made.
        made: { ...record.made, [name]: record.made?.[name] ?? unwritten(record, name) },
        failure:
          name !== DESCRIBE && status === 'failed' && code && message ? { code, message } : null,
        ...(name !== DESCRIBE && {
          analyses: { ...analyses, [name]: askedFor(input, now, analyses[name]) },
        }),
        // The attempt before may have asked another model, or in another way.
        asked_model: model,
        tier,
        ...this.#moments.again(record, { by: 'question', analysis: name, transaction, nowMs: now }),
        ...added,
      });
      transaction.update(this.ref(id), toUpdate(change));
      asked = applied(record, change);
      return asked;
    });
  }

  /**
   * Deletes the document. A worker that is still busy with it fails at its next write.
   * @throws {AppError} `not_found`; `unavailable` if a later release has written it
   */
  async remove(id: string, ownerId: string, how: Removal = 'erased'): Promise<MediaRecord> {
    let removed: MediaRecord | undefined;
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      // Firestore's client runs this again if the answer to the commit was lost. If the document is missing
      // then, the first run has removed it.
      if (!record && removed) return removed;
      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseNewer(record);
      const write = await this.#moments.removing(record, transaction, how);
      write();
      transaction.delete(this.ref(id));
      removed = record;
      return record;
    });
  }

  /**
   * Removes the names of files that came with a media from the record of its request. The record itself stays for its
   * day: a request that is repeated must not make the media again.
   */
  async forgetFileNames(id: string): Promise<void> {
    const requests: CollectionName = 'idempotency';
    const query = this.#firestore.collection(requests).where('media_ids', 'array-contains', id);
    for (const { ref, data } of (await query.get()).docs.map((doc) => ({
      ref: doc.ref,
      data: doc.data(),
    }))) {
      const { rejected } = data as { rejected: RejectedFile[] };
      if (rejected.every(({ file_name }) => file_name === '')) continue;
      await ref.update({
        rejected: rejected.map((each) => ({ ...each, file_name: '', message: '' })),
      });
    }
  }

  #withDerived(record: MediaRecord, change: Change): Change {
    const derived = this.#moments.derive(applied(record, change), Object.keys(change));
    return { ...change, ...derived };
  }
}
