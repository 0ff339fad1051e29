/** One transaction: the documents that it has read, and whether they are unchanged. */
import type { Micros } from '../clock.ts';
import type { DocumentChange } from '../documents.ts';
import type { Query } from '../query/query.ts';

export class Transaction {
  readonly id: string;
  /** Higher for younger transactions. A transaction that is run again keeps the age of its first run. */
  readonly age: number;
  /** The state that a read-only transaction sees; undefined if it may write. */
  readonly readTime: Micros | undefined;
  /** Another commit has changed a document that this transaction has read. */
  aborted = false;
  readonly documents = new Set<string>();
  readonly queries = new Set<Query>();
  /** Keys of the read locks that it holds. */
  readonly locks = new Set<string>();

  constructor(id: string, age: number, readTime: Micros | undefined) {
    this.id = id;
    this.age = age;
    this.readTime = readTime;
  }

  hasRead(changes: readonly DocumentChange[]): boolean {
    return changes.some(({ name, before, after }) => {
      if (this.documents.has(name)) return true;
      for (const { matches } of this.queries) {
        if ((before && matches(before)) || (after && matches(after))) return true;
      }
      return false;
    });
  }
}
