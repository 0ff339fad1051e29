/**
 * The records of requests that came with an `Idempotency-Key`: each says what its request made. `once.ts` (media) and
 * `make-once.ts` (everything else) create the record in the same commit. Of two requests with the same key, even side
 * by side, exactly one makes something, and the other one finds it.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
import { createHash } from 'node:crypto';
import { type DocumentReference, type Firestore, Timestamp } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { RejectedFile } from '@media-analysis/shared/uploads';
import { ALREADY_EXISTS, FAILED_PRECONDITION, hasCode } from '../../process/grpc-status.ts';
import { ownerHash } from '../media/owner-hash.ts';
import type { Writes } from '../media/request-record.ts';

export const IDEMPOTENCY_COLLECTION = 'idempotency';

const DAY_MS = 24 * 3600 * 1_000;

/** The fingerprint of no request: those are hashes. */
const CLOSED = 'closed';

export interface RequestOwner {
  /** null: a backend acts for nobody. */
  ownerId: string | null;
  /** The service key, where two of them share nothing although they act for the same user. */
  keyId?: string;
}

export interface OwnedKey extends RequestOwner {
  key: string;
}

/** The record of one request. */
export interface Acceptance {
  /** `ownerHash`. */
  owner_hash: string | null;
  fingerprint: string;
  media_ids: string[];
  /** The id of what it made that is no media of its own. */
  made_id?: string;
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
   * Adds the record of a request to a commit. The commit then fails with a conflict
   * (`isConflict`) if the key has a record that is not expired.
   */
  async addTo(
    writes: Writes,
    key: OwnedKey,
    made: Pick<Acceptance, 'fingerprint' | 'media_ids' | 'rejected' | 'made_id'>,
  ): Promise<void> {
    const ref = this.#ref(key);
    const expires_at = Timestamp.fromMillis(this.#now() + DAY_MS);
    const owner_hash = key.ownerId === null ? null : ownerHash(key.ownerId);
    const acceptance: Acceptance = { ...made, owner_hash, expires_at };
    const before = await ref.get();
    const earlier = before.data() as Acceptance | undefined;
    if (before.updateTime && earlier && this.#isExpired(earlier)) {
      writes.update(ref, { ...acceptance }, { lastUpdateTime: before.updateTime });
    } else {
      writes.create(ref, acceptance);
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
  #ref({ ownerId, keyId, key }: OwnedKey): DocumentReference {
    const owner = keyId === undefined ? [ownerId] : [ownerId, keyId];
    const id = createHash('sha256')
      .update(JSON.stringify([...owner, key]))
      .digest('hex');
    return this.#firestore.collection(IDEMPOTENCY_COLLECTION).doc(id);
  }
}

/** @throws {AppError} `idempotency_key_reused` */
export function refuseReused({ fingerprint: earlier }: Acceptance, fingerprint: string): void {
  if (earlier === fingerprint) return;
  throw new AppError(
    'idempotency_key_reused',
    'This Idempotency-Key was used for another request. Use a new key.',
  );
}

/**
 * Whether a commit failed because another request has written first. FAILED_PRECONDITION is Firestore's answer to the
 * update of an expired record that another request has updated first.
 */
export function isConflict(error: unknown): boolean {
  return hasCode(error, ALREADY_EXISTS, FAILED_PRECONDITION);
}
