/**
 * The records of requests that came with an `Idempotency-Key`: each says which media its request made.
 * `once.ts` creates the record in the same commit as the media. Of two requests with the same key, even side
 * by side, exactly one makes media, and the other one finds them.
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
import { ownerHash } from '../../media/owner-hash.ts';
import { ALREADY_EXISTS, FAILED_PRECONDITION, hasCode } from '../../process/grpc-status.ts';

export const IDEMPOTENCY_COLLECTION: CollectionName = 'idempotency';

const DAY_MS = 24 * 3600 * 1_000;

/** The fingerprint of no request: those are hashes. */
const CLOSED = 'closed';

export interface OwnedKey {
  ownerId: string;
  key: string;
}

/** What one request made. */
export interface Acceptance {
  /** `ownerHash`. */
  owner_hash: string;
  fingerprint: string;
  media_ids: string[];
  rejected: RejectedFile[];
  /** From this time on, the key can be used again. The TTL policy of the collection deletes the record by it. */
  expires_at: Timestamp;
}

export class AcceptanceStore {
  readonly #firestore: Firestore;
  readonly #now: () => number;

  constructor(firestore: Firestore, now: () => number = Date.now) {
    this.#firestore = firestore;
    this.#now = now;
  }

  /** @returns undefined also if the record has expired. */
  async find(key: OwnedKey): Promise<Acceptance | undefined> {
    const acceptance = (await this.#ref(key).get()).data() as Acceptance | undefined;
    return acceptance && !this.#isExpired(acceptance) ? acceptance : undefined;
  }

  /**
   * Adds the record of a request to `batch`. The commit of the batch then fails with a conflict
   * (`isConflict`) if the key has a record that is not expired.
   */
  async addTo(
    batch: WriteBatch,
    { ownerId, key }: OwnedKey,
    made: Pick<Acceptance, 'fingerprint' | 'media_ids' | 'rejected'>,
  ): Promise<void> {
    const ref = this.#ref({ ownerId, key });
    const expires_at = Timestamp.fromMillis(this.#now() + DAY_MS);
    const acceptance: Acceptance = { ...made, owner_hash: ownerHash(ownerId), expires_at };
    const before = await ref.get();
    const earlier = before.data() as Acceptance | undefined;
    if (before.updateTime && earlier && this.#isExpired(earlier)) {
      batch.update(ref, { ...acceptance }, { lastUpdateTime: before.updateTime });
    } else {
      batch.create(ref, acceptance);
    }
  }

  /**
   * From now on, no request with this key makes media: one that is still on its way finds this record at its commit.
   * @returns what a request with the key has made before
   */
  async close(key: OwnedKey): Promise<Acceptance | undefined> {
    const batch = this.#firestore.batch();
    await this.addTo(batch, key, { fingerprint: CLOSED, media_ids: [], rejected: [] });
    try {
      await batch.commit();
      return undefined;
    } catch (error) {
      if (!isConflict(error)) throw error;
      return this.find(key);
    }
  }

  #isExpired({ expires_at }: Acceptance): boolean {
    return expires_at.toMillis() <= this.#now();
  }

  /** The hash contains the owner, so two owners can use the same key. A key can be any text. */
  #ref({ ownerId, key }: OwnedKey): DocumentReference {
    const id = createHash('sha256')
      .update(JSON.stringify([ownerId, key]))
      .digest('hex');
    return this.#firestore.collection(IDEMPOTENCY_COLLECTION).doc(id);
  }
}

/**
 * Whether a commit failed because another request has written first. FAILED_PRECONDITION is Firestore's answer to the
 * update of an expired record that another request has updated first.
 */
export function isConflict(error: unknown): boolean {
  return hasCode(error, ALREADY_EXISTS, FAILED_PRECONDITION);
}
