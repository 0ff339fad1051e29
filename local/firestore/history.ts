/** What changed recently, so that reads can go back in time and listeners can catch up. */
import type { Micros } from './clock.ts';
import type { DocumentChange, StoredDocument } from './documents.ts';

/** The service keeps old versions for an hour. */
const MAX_AGE: Micros = 3_600 * 1e6;
/** Bounds memory: an hour of heavy writing would not fit. */
const MAX_CHANGES = 100_000;

/** By name, the documents that were different at some time, as they were then. */
export type Overlay = ReadonlyMap<string, DocumentChange>;

interface Entry {
  time: Micros;
  changes: readonly DocumentChange[];
}

export class History {
  #entries: Entry[] = [];
  #size = 0;
  #horizon: Micros;

  /** @param start Nothing is known of what happened until then. */
  constructor(start: Micros) {
    this.#horizon = start;
  }

  /** The oldest time that can still be looked at. */
  get horizon(): Micros {
    return this.#horizon;
  }

  record(time: Micros, changes: readonly DocumentChange[]): void {
    this.#entries.push({ time, changes });
    this.#size += changes.length;
    // In larger steps, for removing the first element of an array moves all the others.
    if (this.#size > MAX_CHANGES * 1.1 || (this.#entries[0]?.time ?? time) < time - MAX_AGE * 1.1) {
      this.#prune(time);
    }
  }

  /**
   * The documents that have changed since `time`: for each, what it was then and what it is now.
   * Undefined if that is no longer known.
   */
  since(time: Micros): Overlay | undefined {
    if (time < this.#horizon) return undefined;
    const overlay = new Map<string, DocumentChange>();
    for (let index = this.#entries.length - 1; index >= 0; index--) {
      const entry = this.#entries[index];
      if (!entry || entry.time <= time) break;
      for (const change of entry.changes) {
        const later = overlay.get(change.name);
        overlay.set(change.name, { ...change, after: later ? later.after : change.after });
      }
    }
    return overlay;
  }

  #prune(now: Micros): void {
    let count = 0;
    for (const entry of this.#entries) {
      if (this.#size <= MAX_CHANGES && entry.time >= now - MAX_AGE) break;
      this.#size -= entry.changes.length;
      this.#horizon = entry.time;
      count++;
    }
    this.#entries = this.#entries.slice(count);
  }
}

/** The document as the overlay says it was, or as it is. */
export function documentAt(
  overlay: Overlay | undefined,
  name: string,
  current: StoredDocument | undefined,
): StoredDocument | undefined {
  const change = overlay?.get(name);
  return change ? change.before : current;
}
