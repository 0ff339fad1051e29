/** Targets: the documents that a listener watches, and the effects of a commit on them. */
import type { DocumentChange, StoredDocument } from '../documents.ts';
import { documentAt } from '../history.ts';
import type { Query } from '../query/query.ts';
import { runQuery, runUnlimited, type View } from '../query/run.ts';

/** The changes that a listener must get to be up to date. */
export interface Delta {
  changed: StoredDocument[];
  /** Documents that left the target; `deleted` if they do not exist any more. */
  removed: { name: string; deleted: boolean }[];
}

export interface Target {
  /** The target's documents in a view. */
  documentsIn(view: View): StoredDocument[];
  /** Reads the present state. {@link update} continues from this state. */
  start(view: View): StoredDocument[];
  /** Computes the effect of a commit on this target from the changes that may concern it. */
  update(changes: readonly DocumentChange[]): Delta;
  /** Names to report as missing at the start, although the client has not seen them. */
  missing(documents: readonly StoredDocument[]): string[];
}

/** The difference between two states of a target. */
export function difference(
  before: readonly StoredDocument[],
  after: readonly StoredDocument[],
  exists: (name: string) => boolean,
): Delta {
  const previous = new Map(before.map((document) => [document.name, document]));
  const changed = after.filter((document) => previous.get(document.name) !== document);
  for (const { name } of after) previous.delete(name);
  const removed = [...previous.keys()].map((name) => ({ name, deleted: !exists(name) }));
  return { changed, removed };
}

/** A target of documents, by name. */
export class DocumentsTarget implements Target {
  readonly names: ReadonlySet<string>;

  constructor(names: readonly string[]) {
    this.names = new Set(names);
  }

  documentsIn({ store, overlay }: View): StoredDocument[] {
    const documents: StoredDocument[] = [];
    for (const name of this.names) {
      const document = documentAt(overlay, name, store.get(name.split('/').slice(5)));
      if (document) documents.push(document);
    }
    return documents;
  }

  start(view: View): StoredDocument[] {
    return this.documentsIn(view);
  }

  update(changes: readonly DocumentChange[]): Delta {
    const delta: Delta = { changed: [], removed: [] };
    for (const { name, after } of changes) {
      if (after) delta.changed.push(after);
      else delta.removed.push({ name, deleted: true });
    }
    return delta;
  }

  missing(documents: readonly StoredDocument[]): string[] {
    const found = new Set(documents.map(({ name }) => name));
    return [...this.names].filter((name) => !found.has(name));
  }
}

/** The results of a query. */
export class QueryTarget implements Target {
  readonly query: Query;
  /** Keeps no state: the document before the change shows whether it was in the target. */
  readonly #matches: Query['matches'];

  constructor(query: Query) {
    this.query = query;
    this.#matches = query.matches;
  }

  documentsIn(view: View): StoredDocument[] {
    return runQuery(this.query, view).documents;
  }

  start(view: View): StoredDocument[] {
    return this.documentsIn(view);
  }

  update(changes: readonly DocumentChange[]): Delta {
    const delta: Delta = { changed: [], removed: [] };
    for (const { name, before, after } of changes) {
      if (after && this.#matches(after)) delta.changed.push(after);
      else if (before && this.#matches(before)) delta.removed.push({ name, deleted: !after });
    }
    return delta;
  }

  missing(): string[] {
    return [];
  }
}

/**
 * The results of a query with a limit or an offset: a window of all matching documents. Keeps all of them
 * in order, so that no new search is needed when a document leaves the window.
 */
class WindowTarget extends QueryTarget {
  #matching: StoredDocument[] = [];

  override start(view: View): StoredDocument[] {
    this.#matching = runUnlimited(this.query, view);
    return this.#window();
  }

  override update(changes: readonly DocumentChange[]): Delta {
    const before = this.#window();
    const deleted = new Set<string>();
    for (const change of changes) {
      if (change.before && this.query.matches(change.before)) {
        this.#matching.splice(this.#position(change.before), 1);
      }
      if (change.after && this.query.matches(change.after)) {
        this.#matching.splice(this.#position(change.after), 0, change.after);
      }
      if (!change.after) deleted.add(change.name);
    }
    return difference(before, this.#window(), (name) => !deleted.has(name));
  }

  #window(): StoredDocument[] {
    const { offset, limit } = this.query;
    return this.#matching.slice(offset, offset + limit);
  }

  /** Index of the first document that does not sort before the given one. */
  #position(document: StoredDocument): number {
    let low = 0;
    let high = this.#matching.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#matching[middle];
      if (other && this.query.compare(other, document) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

export function queryTarget(query: Query): QueryTarget {
  const windowed = query.offset > 0 || query.limit !== Number.POSITIVE_INFINITY;
  return windowed ? new WindowTarget(query) : new QueryTarget(query);
}
