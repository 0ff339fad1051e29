/**
 * The bin keeps deleted media for 30 days. One commit moves a media there or back, so it is always in exactly one of the two
 * collections, and queries for media need not know of the bin. docs/decisions/0039-bin.md has the reasons.
 *
 * Only `erase_at` decides: before that time a media can be restored, afterwards it is erased, by the request or by the sweeper. So
 * an interrupted erasure goes on, and no media comes back without its bytes.
 */
import {
  type DocumentReference,
  type Firestore,
  type QueryDocumentSnapshot,
  Timestamp,
  type Transaction,
} from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import { isTerminal, PROGRESS } from '@media-analysis/shared/status';
import { type Moments, NO_FEATURES, transact } from '../../core/media/moments.ts';
import { type Page, readPage } from '../../core/media/paging.ts';
import {
  applied,
  BIN_COLLECTION,
  isAnnounced,
  isNewer,
  MEDIA_COLLECTION,
  type MediaRecord,
  nextAttempt,
  notFound,
  refuseNewer,
} from '../../core/media/record.ts';

export const KEEP_DAYS = 30;
const KEEP_MS = KEEP_DAYS * 24 * 3600 * 1_000;

/** Clocks may differ. The sweeper waits until no other machine would still restore the media. */
const CLOCKS_DIFFER_MS = 3_600_000;

/** A commit takes 10 MiB, and few records have more than 20 KB. */
const MAX_IN_COMMIT = 20;

/** A record in the bin lacks the fields of the search. */
export interface BinRecord extends MediaRecord {
  binned_at: Timestamp;
  erase_at: Timestamp;
}

export type Moved<R extends MediaRecord = MediaRecord> =
  | { id: string; record: R }
  | { id: string; error: AppError };

/** `unsent`: the bytes have not arrived, so there is nothing to restore. The caller erases the media. */
export type Binned = Moved<BinRecord> | { id: string; unsent: MediaRecord };

export interface PutOptions {
  /** The media are to be erased now: from here on `restore` does not find them. */
  permanently?: boolean;
  /** Media outside of the bin are not found, restored ones included. */
  onlyBinned?: boolean;
  /** Throws to refuse to delete a media in this state. */
  check?: (record: MediaRecord) => void;
}

export class Bin {
  readonly #firestore: Firestore;
  readonly #now: () => number;
  readonly #moments: Moments;

  constructor(firestore: Firestore, now: () => number = Date.now, moments = NO_FEATURES) {
    this.#firestore = firestore;
    this.#now = now;
    this.#moments = moments;
  }

  /** Media that are in the bin already stay as they are. */
  put(ids: readonly string[], ownerId: string, how: PutOptions = {}): Promise<Binned[]> {
    return inBatches(ids, (part) => this.#put(part, ownerId, how));
  }

  /**
   * A media whose work had not ended begins its next attempt, and waits for a slot in the queue. A media that was restored before is
   * returned as it is.
   */
  restore(ids: readonly string[], ownerId: string): Promise<Moved[]> {
    return inBatches(ids, (part) => this.#restore(part, ownerId));
  }

  /** @throws {AppError} `not_found`, also after `erase_at` */
  async get(id: string, ownerId: string): Promise<BinRecord> {
    const binned = (await this.#bin.doc(id).get()).data() as BinRecord | undefined;
    if (binned?.owner_id !== ownerId || this.#isOver(binned)) throw notFound(id);
    return binned;
  }

  /** The last deleted media first. @throws {AppError} `invalid_request` for a bad token */
  list(ownerId: string, limit: number, pageToken?: string): Promise<Page<BinRecord>> {
    const query = this.#bin
      .where('owner_id', '==', ownerId)
      .where('erase_at', '>', Timestamp.fromMillis(this.#now()))
      .orderBy('erase_at', 'desc')
      .orderBy('__name__', 'desc');
    return readPage(query, limit, pageToken, ({ erase_at }: BinRecord) => erase_at);
  }

  /**
   * Media after their `erase_at`, the oldest first. Records of a later release are left to that release.
   * @returns `next`: where the next page begins; undefined on the last page
   */
  async due(limit: number, after?: QueryDocumentSnapshot) {
    const over = Timestamp.fromMillis(this.#now() - CLOCKS_DIFFER_MS);
    const query = this.#bin.where('erase_at', '<', over).orderBy('erase_at').limit(limit);
    const { docs } = await (after ? query.startAfter(after) : query).get();
    const records = docs.map((doc) => doc.data() as BinRecord);
    return {
      records: records.filter((record) => !isNewer(record)),
      next: docs.length < limit ? undefined : docs.at(-1),
    };
  }

  /** Includes media after their `erase_at`. */
  async ofOwner(ownerId: string, limit: number): Promise<BinRecord[]> {
    const { docs } = await this.#bin.where('owner_id', '==', ownerId).limit(limit).get();
    return docs.map((doc) => doc.data() as BinRecord);
  }

  /** Deletes the record and the records that features keep of it. Call it after the objects are gone. */
  async forget(
    record: MediaRecord,
    how: 'erased_from_bin' | 'owner' = 'erased_from_bin',
  ): Promise<void> {
    const ref = this.#bin.doc(record.id);
    await transact(this.#firestore, async (transaction, add) => {
      // Another call may have erased it, and told so.
      const { exists } = await transaction.get(ref);
      const write = await this.#moments.removing(record, transaction, 'erased_from_bin');
      write();
      if (exists) add(await this.#moments.moving(record, how));
      transaction.delete(ref);
    });
  }

  #put(
    ids: readonly string[],
    ownerId: string,
    { permanently = false, onlyBinned = false, check }: PutOptions,
  ): Promise<Binned[]> {
    const nowMs = this.#now();
    const binned_at = Timestamp.fromMillis(nowMs);
    const erase_at = Timestamp.fromMillis(permanently ? 0 : nowMs + KEEP_MS);
    return transact(this.#firestore, async (transaction, add) => {
      const all = await this.#read(transaction, ids, ownerId);
      const prepared = await Promise.all(
        all.map(async ({ media, ...each }) => ({
          ...each,
          media,
          write: media && (await this.#moments.removing(media, transaction, 'binned')),
          // An erasure is told when it is done.
          moved: media && !permanently ? await this.#moments.moving(media, 'binned') : undefined,
        })),
      );
      return prepared.map(({ id, media, binned, ref, binRef, write, moved }): Binned => {
        try {
          if (media) {
            if (onlyBinned) throw notFound(id);
            refuseNewer(media);
            check?.(media);
            if (isAnnounced(media)) return { id, unsent: media };
            const change = { ...write?.(), ...(moved && add(moved)) };
            const kept = applied(this.#moments.withoutDerived(media), change);
            const record = { ...kept, binned_at, erase_at };
            transaction.set(binRef, record);
            transaction.delete(ref);
            return { id, record };
          }
          // Or Firestore's client runs this again, because the answer to the commit was lost.
          if (!binned || (!permanently && this.#isOver(binned))) throw notFound(id);
          refuseNewer(binned);
          if (!permanently) return { id, record: binned };
          check?.(binned);
          transaction.update(binRef, { erase_at });
          return { id, record: { ...binned, erase_at } };
        } catch (error) {
          return refused(id, error);
        }
      });
    });
  }

  #restore(ids: readonly string[], ownerId: string): Promise<Moved[]> {
    return transact(this.#firestore, async (transaction, add) => {
      const all = await this.#read(transaction, ids, ownerId);
      const restore = async ({ id, media, binned, ref, binRef }: (typeof all)[number]) => {
        try {
          if (media) return { id, record: media };
          if (!binned || this.#isOver(binned)) throw notFound(id);
          refuseNewer(binned);
          const restored = this.#restored(binned, transaction);
          const record = applied(restored, add(await this.#moments.moving(restored, 'restored')));
          transaction.create(ref, record);
          transaction.delete(binRef);
          return { id, record };
        } catch (error) {
          return refused(id, error);
        }
      };
      return Promise.all(all.map(restore));
    });
  }

  #restored(binned: BinRecord, transaction: Transaction): MediaRecord {
    const { binned_at: _binned, erase_at: _erase, ...record } = binned;
    const now = this.#now();
    const found = applied(record, this.#moments.derive(record));
    if (isTerminal(record.status)) {
      return { ...found, revision: record.revision + 1, updated_at: Timestamp.fromMillis(now) };
    }
    return applied(found, {
      ...nextAttempt(record, 'waiting', now),
      progress: record.object === null ? 0 : PROGRESS.stored,
      ...this.#moments.again(record, { by: 'return', transaction, nowMs: now }),
    });
  }

  async #read(transaction: Transaction, ids: readonly string[], ownerId: string) {
    const media = this.#firestore.collection(MEDIA_COLLECTION);
    const all = ids.map((id) => ({ id, ref: media.doc(id), binRef: this.#bin.doc(id) }));
    const refs = all.flatMap(({ ref, binRef }) => [ref, binRef]);
    const snapshots = await transaction.getAll(...refs);
    const byPath = new Map(snapshots.map((each) => [each.ref.path, each.data()]));
    const own = <R extends MediaRecord>({ path }: DocumentReference) => {
      const record = byPath.get(path) as R | undefined;
      return record?.owner_id === ownerId ? record : undefined;
    };
    return all.map((each) => ({
      ...each,
      media: own<MediaRecord>(each.ref),
      binned: own<BinRecord>(each.binRef),
    }));
  }

  #isOver({ erase_at }: BinRecord): boolean {
    return erase_at.toMillis() <= this.#now();
  }

  get #bin() {
    return this.#firestore.collection(BIN_COLLECTION);
  }
}

function refused(id: string, error: unknown): { id: string; error: AppError } {
  if (error instanceof AppError) return { id, error };
  throw error;
}

/** One commit after the other, because all of them write receipts to one document of the owner. */
async function inBatches<R>(
  ids: readonly string[],
  work: (part: readonly string[]) => Promise<R[]>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < ids.length; start += MAX_IN_COMMIT) {
    results.push(...(await work(ids.slice(start, start + MAX_IN_COMMIT))));
  }
  return results;
}
