/** Runs queries on the documents in memory, now or at a time in the past. */
import type { StoredDocument } from '../documents.ts';
import { documentAt, type Overlay } from '../history.ts';
import type { Collection, DocumentStore } from '../store.ts';
import { isDocumentId } from './filter.ts';
import type { Query, Scope } from './query.ts';

/** A state of the database: the stored documents, or the state before the overlay's changes. */
export interface View {
  store: DocumentStore;
  overlay?: Overlay | undefined;
}

export interface QueryResult {
  documents: StoredDocument[];
  /** How many matching documents the offset skipped. */
  skipped: number;
}

export function runQuery(query: Query, view: View): QueryResult {
  const { offset, limit, nearest } = query;
  const matching = nearest
    ? nearest.select(runUnlimited(query, view))
    : matchingDocuments(query, view, offset + limit);
  return {
    documents: matching.slice(offset, offset + limit),
    skipped: Math.min(offset, matching.length),
  };
}

/** All matching documents in order, ignoring offset and limit. */
export function runUnlimited(query: Query, view: View): StoredDocument[] {
  return matchingDocuments(query, view, Number.POSITIVE_INFINITY);
}

/** @param enough the search may stop after this number of documents */
function matchingDocuments(query: Query, view: View, enough: number): StoredDocument[] {
  const few = documentsByName(query, view) ?? documentsByIndex(query, view);
  if (few) return firstInOrder(few.filter(query.matches), query, enough);
  const [order, ...others] = query.orders;
  const inOrder = order && others.length === 0 && !view.overlay && !query.scope.allDescendants;
  if (inOrder && query.scope.collectionId !== undefined) {
    return firstInNameOrder(query, view, order.descending, enough);
  }
  const matching: StoredDocument[] = [];
  for (const document of candidates(query.scope, view)) {
    if (query.matches(document)) matching.push(document);
  }
  return firstInOrder(matching, query, enough);
}

/** Finding a page of many documents takes half the time if not all of them are sorted. */
function firstInOrder(
  documents: StoredDocument[],
  { compare }: Query,
  enough: number,
): StoredDocument[] {
  if (enough > documents.length / 8) return documents.sort(compare);
  const first: StoredDocument[] = [];
  for (const document of documents) {
    const last = first.at(-1);
    if (last && first.length >= enough && compare(document, last) >= 0) continue;
    first.splice(placeOf(document, first, compare), 0, document);
    if (first.length > enough) first.pop();
  }
  return first;
}

function placeOf(
  document: StoredDocument,
  sorted: readonly StoredDocument[],
  compare: Query['compare'],
): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = sorted[middle];
    if (other && compare(other, document) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A condition on the name finds its documents directly. */
function documentsByName(query: Query, { store, overlay }: View): StoredDocument[] | undefined {
  if (!query.lookup || !isDocumentId(query.lookup.path)) return undefined;
  const found: StoredDocument[] = [];
  for (const key of query.lookup.keys) {
    const name = key.slice(key.indexOf(':') + 1);
    const document = documentAt(overlay, name, store.get(name.split('/').slice(5)));
    // The path does not include the database, so compare the whole name.
    if (document?.name === name) found.push(document);
  }
  return found;
}

/** An equality on another field, or an element of an array, finds its documents by an index. */
function documentsByIndex(
  { lookup, elementLookup, scope }: Query,
  { store, overlay }: View,
): StoredDocument[] | undefined {
  if (overlay || scope.allDescendants || scope.collectionId === undefined) return undefined;
  const collections = [...collectionsIn(scope, store)];
  // Of two conditions, the one on an array selects fewer documents.
  if (elementLookup) {
    const { path, keys } = elementLookup;
    return collections.flatMap((collection) => [...collection.withElement(path, keys)]);
  }
  if (!lookup) return undefined;
  return collections.flatMap((collection) => [...collection.withValue(lookup.path, lookup.keys)]);
}

/**
 * A collection keeps its documents in name order. Queries in name order need no sorting and can stop
 * early.
 */
function firstInNameOrder(
  query: Query,
  { store }: View,
  descending: boolean,
  enough: number,
): StoredDocument[] {
  const matching: StoredDocument[] = [];
  for (const collection of collectionsIn(query.scope, store)) {
    const { ids, documents } = collection;
    for (let index = 0; index < ids.length && matching.length < enough; index++) {
      const document = documents.get(ids.at(descending ? -1 - index : index) ?? '');
      if (document && query.matches(document)) matching.push(document);
    }
  }
  return matching;
}

function* candidates(scope: Scope, { store, overlay }: View): Iterable<StoredDocument> {
  for (const { documents } of collectionsIn(scope, store)) {
    for (const document of documents.values()) {
      if (!overlay?.has(document.name)) yield document;
    }
  }
  for (const { before } of overlay?.values() ?? []) {
    if (before) yield before;
  }
}

function* collectionsIn(scope: Scope, store: DocumentStore): Iterable<Collection> {
  const { parent, collectionId, allDescendants } = scope;
  if (collectionId === undefined) yield* store.collections();
  else if (allDescendants) yield* store.group(collectionId);
  else {
    const collection = store.collection([...parent, collectionId].join('/'));
    if (collection) yield collection;
  }
}
