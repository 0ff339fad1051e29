/**
 * `Idempotency-Key`: the record of a request is created in the same commit as its media, so of two
 * requests with one key, even side by side, exactly one makes media and the other finds them.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
import { createHash } from 'node:crypto';
import {
  type DocumentReference,
  type Firestore,
  Timestamp,
  type WriteBatch,
} from '@google-cloud/firestore';
import type { RejectedFile } from '@media-analysis/shared/api';
import type { CollectionName } from '../../media/collections.ts';
import type { MediaRecord } from '../../media/record.ts';
import type { MediaStore } from '../../media/store.ts';

export const IDEMPOTENCY_COLLECTION: CollectionName = 'idempotency';

const ALREADY_EXISTS = 6;
/** What an update of an expired record meets when another request was quicker. */
const FAILED_PRECONDITION = 9;
const DAY_MS = 24 * 3600 * 1_000;

export interface OwnedKey {
  ownerId: string;
  key: string;
}

/** What one request came to. */
export interface Acceptance {
  owner_id: string;
  fingerprint: string;
  media_ids: string[];
  rejected: RejectedFile[];
  /** After this the key may be used again; the collection's TTL policy deletes by it. */
  expires_at: Timestamp;
}

export class IdempotencyStore {
  private readonly firestore: Firestore;
  private readonly media: MediaStore;
  private readonly now: () => number;

  constructor(firestore: Firestore, media: MediaStore, now: () => number = Date.now) {
    this.firestore = firestore;
    this.media = media;
    this.now = now;
  }

  async find(key: OwnedKey): Promise<Acceptance | undefined> {
    const acceptance = (await this.ref(key).get()).data() as Acceptance | undefined;
    return acceptance && acceptance.expires_at.toMillis() > this.now() ? acceptance : undefined;
  }

  /**
   * Creates the media, and with a key the record of the request, all or nothing.
   * @param alsoWrite What else belongs into that commit.
   * @returns what another request with the same key made meanwhile; nothing was created then.
   */
  async create(
    records: MediaRecord[],
    request: Pick<Acceptance, 'fingerprint' | 'rejected'>,
    key: OwnedKey | undefined,
    alsoWrite: (batch: WriteBatch) => void,
  ): Promise<Acceptance | undefined> {
    const batch = this.firestore.batch();
    alsoWrite(batch);
    for (const record of records) batch.create(this.media.ref(record.id), record);
    if (key) {
      const acceptance: Acceptance = {
        ...request,
        owner_id: key.ownerId,
        media_ids: records.map(({ id }) => id),
        expires_at: Timestamp.fromMillis(this.now() + DAY_MS),
      };
      const ref = this.ref(key);
      const expired = await this.expiredAt(ref);
      if (expired) batch.update(ref, { ...acceptance }, { lastUpdateTime: expired });
      else batch.create(ref, acceptance);
    }
    try {
      await batch.commit();
      return undefined;
    } catch (error) {
      if (!isConflict(error)) throw error;
      const winner = key && (await this.find(key));
      const [first] = records;
      if (winner && winner.media_ids[0] !== first?.id) return winner;
      // Media ids are random: a conflict over them is a commit whose answer was lost, repeated by the
      // client, meeting its own documents.
      if (first && (await this.media.ref(first.id).get()).exists) return undefined;
      throw error;
    }
  }

  /** The update time of a record whose day is over but that was not deleted yet. */
  private async expiredAt(ref: DocumentReference): Promise<Timestamp | undefined> {
    const snapshot = await ref.get();
    const acceptance = snapshot.data() as Acceptance | undefined;
    return acceptance && acceptance.expires_at.toMillis() <= this.now()
      ? snapshot.updateTime
      : undefined;
  }

  /** Keyed per owner and hashed: a key is any text, and nobody else's. */
  private ref({ ownerId, key }: OwnedKey): DocumentReference {
    const id = createHash('sha256')
      .update(JSON.stringify([ownerId, key]))
      .digest('hex');
    return this.firestore.collection(IDEMPOTENCY_COLLECTION).doc(id);
  }
}

/** Whether somebody else wrote first. */
export function isConflict(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === ALREADY_EXISTS || code === FAILED_PRECONDITION;
}
