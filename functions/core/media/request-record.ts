import type { DocumentData, DocumentReference, Precondition } from '@google-cloud/firestore';

/** A batch or a transaction. */
export interface Writes {
  create(ref: DocumentReference, data: DocumentData): unknown;
  update(ref: DocumentReference, data: DocumentData, precondition?: Precondition): unknown;
}

/**
 * Adds the record of a request that has an `Idempotency-Key` to the commit that makes what it asks for
 * (`core/accept/make-once.ts`).
 * @param madeId The id of what is made.
 */
export type RecordRequest = (writes: Writes, madeId: string) => Promise<void>;
