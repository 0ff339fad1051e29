/** The media documents: creation, reading, listing, retry, deletion. What a delivery changes in them is in `lease.ts`. */
import {
  type DocumentReference,
  type Firestore,
  Timestamp,
  type WriteBatch,
} from '@google-cloud/firestore';
import type { RejectedFile } from '@media-analysis/shared/uploads';
import { Attempts } from './attempts.ts';
import { type Moments, NO_FEATURES, type Removal, transact } from './moments.ts';
import {
  applied,
  type Change,
  isAnnounced,
  MEDIA_COLLECTION,
  type MediaRecord,
  notFound,
  type QueueState,
  recordOf,
  refuseNewer,
  type StagedFrames,
  toUpdate,
} from './record.ts';
import { refuseLateFrames } from './refusals.ts';

export class MediaStore {
  readonly #firestore: Firestore;
  readonly #now: () => number;
  readonly #moments: Moments;
  readonly #attempts: Attempts;

  constructor(firestore: Firestore, now: () => number = Date.now, moments = NO_FEATURES) {
    this.#firestore = firestore;
    this.#now = now;
    this.#moments = moments;
    this.#attempts = new Attempts(firestore, now, moments);
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
    const added = await Promise.all(
      records.map(async (record) => {
        const { change, write, after } = await this.#moments.moving(record, 'accepted');
        const made = { ...this.#moments.derive(record), ...change };
        batch.create(this.ref(record.id), applied(record, made));
        write(batch);
        return after;
      }),
    );
    await batch.commit();
    await Promise.all(added.map((after) => after()));
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
    return transact(this.#firestore, async (transaction, add) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      // If the answer to the commit was lost, Firestore's client runs this again.
      if (!isAnnounced(record)) return confirmed;
      refuseNewer(record);
      const revision = record.revision + 1;
      const patch = { queue_state, revision, updated_at: Timestamp.fromMillis(this.#now()) };
      confirmed = { ...record, ...patch };
      const change = add(await this.#moments.moving(confirmed, 'accepted'));
      transaction.update(this.ref(id), toUpdate({ ...patch, ...change }));
      return confirmed;
    });
  }

  /**
   * Notes which frames of an announced video were sent. They replace those that were noted before.
   * @throws {AppError} `not_found`; `not_ready` if its work has begun; `unavailable` if a later release has written it
   */
  async addFrames(id: string, ownerId: string, staged_frames: StagedFrames): Promise<MediaRecord> {
    return this.change(id, ownerId, (record) => {
      refuseLateFrames(record);
      return { staged_frames };
    });
  }

  /**
   * Changes fields that belong to the owner and not to the work, and the fields that follow from them.
   * @param make Pure. It may throw to refuse the change.
   * @throws {AppError} `not_found`; `unavailable` if a later release has written it
   * @example
   * await media.change(id, ownerId, (record) => ({ edits: editsAfter(record.edits, wanted) }));
   */
  async change(
    id: string,
    ownerId: string,
    make: (record: MediaRecord) => Change,
  ): Promise<MediaRecord> {
    return this.#firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseNewer(record);
      const made = make(record);
      const change: Change = {
        ...made,
        ...this.#moments.derive(applied(record, made), Object.keys(made)),
        // A worker with a lease knows its own writes by their revision. Its next write shows this change to the page.
        ...(record.lease === null && {
          revision: record.revision + 1,
          updated_at: Timestamp.fromMillis(this.#now()),
        }),
      };
      transaction.update(this.ref(id), toUpdate(change));
      return applied(record, change);
    });
  }

  /** See `Attempts`. */
  retry(...args: Parameters<Attempts['retry']>): Promise<MediaRecord> {
    return this.#attempts.retry(...args);
  }

  /** See `Attempts`. */
  ask(...args: Parameters<Attempts['ask']>): Promise<MediaRecord> {
    return this.#attempts.ask(...args);
  }

  /**
   * Deletes the document. A worker that is still busy with it fails at its next write.
   * @throws {AppError} `not_found`; `unavailable` if a later release has written it
   */
  async remove(
    id: string,
    ownerId: string,
    how: Removal = 'erased',
    check?: (record: MediaRecord) => void,
  ): Promise<MediaRecord> {
    let removed: MediaRecord | undefined;
    return transact(this.#firestore, async (transaction, add) => {
      const record = recordOf(await transaction.get(this.ref(id)));
      // Firestore's client runs this again if the answer to the commit was lost. If the document is missing
      // then, the first run has removed it.
      if (!record && removed) return removed;
      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseNewer(record);
      check?.(record);
      const write = await this.#moments.removing(record, transaction, how);
      write();
      add(await this.#moments.moving(record, how));
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
    const requests = 'idempotency';
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
}
