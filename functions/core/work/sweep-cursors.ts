/** Where each part of the sweep goes on, if the last sweep had to stop before the end. */
import type { DocumentReference, Firestore } from '@google-cloud/firestore';

const SWEEPS_COLLECTION = 'sweeps';

export type SweepPart = 'queued' | 'waiting' | 'resting' | 'announced' | 'stateless';

/** The values of the last result by which the query is ordered; empty: from the beginning. */
export type Cursor = readonly unknown[];

export class SweepCursors {
  readonly #ref: DocumentReference;
  readonly #read: Partial<Record<SweepPart, Cursor>>;
  readonly #cursors: Partial<Record<SweepPart, Cursor>>;

  private constructor(ref: DocumentReference, read: Partial<Record<SweepPart, Cursor>>) {
    this.#ref = ref;
    this.#read = read;
    this.#cursors = { ...read };
  }

  static async read(firestore: Firestore): Promise<SweepCursors> {
    const ref = firestore.collection(SWEEPS_COLLECTION).doc('cursors');
    return new SweepCursors(ref, (await ref.get()).data() ?? {});
  }

  get(part: SweepPart): Cursor {
    return this.#cursors[part] ?? [];
  }

  set(part: SweepPart, cursor: Cursor): void {
    this.#cursors[part] = cursor;
  }

  /** Costs a write only if a part has stopped on its way, or has gone on from where one had stopped. */
  async write(): Promise<void> {
    const all = [this.#read, this.#cursors].flatMap((cursors) => Object.values(cursors));
    if (all.some((cursor) => cursor.length > 0)) await this.#ref.set(this.#cursors);
  }
}
