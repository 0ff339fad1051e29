/** Targets: what a listener wants to see, and what a commit changes about it. */
import type { DocumentChange, StoredDocument } from '../documents.ts';
import { documentAt } from '../history.ts';
import type { Query } from '../query/query.ts';
import { runQuery, runUnlimited, type View } from '../query/run.ts';

/** What must be told of a target so that the listener is up to date. */
export interface Delta {
  changed: StoredDocument[];
  /** Documents that are not in the target any more; `deleted` if they do not exist at all. */
  removed: { name: string; deleted: boolean }[];
}

export interface Target {
  /** Documents that the target consists of in a view. */
  documentsIn(view: View): StoredDocument[];
  /** Looks at the present state, from which {@link update} then goes on. */
  start(view: View): StoredDocument[];
  /** What a commit changes, given the changes that may concern this target. */
  update(changes: readonly DocumentChange[]): Delta;
  /** Names to report as missing at the start, although nobody has seen them. */
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

/** Documents by name. */
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
  /** Needs no state: whether a document was in the target shows from what it was before. */
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
 * The results of a query with a limit or an offset: a window on everything that matches. All of it
 * is kept in order, so that a document that leaves the window makes room without a new search.
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
