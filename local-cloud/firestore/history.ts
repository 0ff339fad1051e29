/** The recent changes, for reads in the past and for listeners that catch up. */
import type { Micros } from './clock.ts';
import type { DocumentChange, StoredDocument } from './documents.ts';

/** The service keeps old versions for an hour. */
const MAX_AGE: Micros = 3_600 * 1e6;
/** Limits the memory: an hour with many writes would not fit. */
const MAX_CHANGES = 100_000;

/** By name, the documents that were different at some time, with their state then. */
export type Overlay = ReadonlyMap<string, DocumentChange>;

interface Entry {
  time: Micros;
  changes: readonly DocumentChange[];
}

export class History {
  #entries: Entry[] = [];
  #size = 0;
  #horizon: Micros;

  /** @param start the changes until this time are unknown */
  constructor(start: Micros) {
    this.#horizon = start;
  }

  /** The oldest time that reads can still ask for. */
  get horizon(): Micros {
    return this.#horizon;
  }

  record(time: Micros, changes: readonly DocumentChange[]): void {
    this.#entries.push({ time, changes });
    this.#size += changes.length;
    // Prunes in large steps: removing the first element of an array moves all others.
    if (this.#size > MAX_CHANGES * 1.1 || (this.#entries[0]?.time ?? time) < time - MAX_AGE * 1.1) {
      this.#prune(time);
    }
  }

  /**
   * The documents that have changed since `time`, each with its state then and its state now. Undefined
   * if `time` is too long ago.
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

/** The document's state in the overlay, or the current one. */
export function documentAt(
  overlay: Overlay | undefined,
  name: string,
  current: StoredDocument | undefined,
): StoredDocument | undefined {
  const change = overlay?.get(name);
  return change ? change.before : current;
}
