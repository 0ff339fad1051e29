/** The documents of one database, in memory. */
import { collectionPath, type DocumentChange, type StoredDocument } from './documents.ts';
import { type FieldPath, formatFieldPath, getField } from './fields.ts';
import { compareIds, startsWith } from './paths.ts';
import { valueKey } from './value-key.ts';

/** An index of one field: from the key of a value to the ids of the documents that have it. */
interface FieldIndex {
  path: FieldPath;
  /** True for an index of arrays, whose keys are those of the elements. */
  ofArrays: boolean;
  ids: Map<string, Set<string>>;
}

/** More than the queries of one program need. */
const MAX_FIELD_INDEXES = 20;

/** Documents with the same parent and collection id. */
export class Collection {
  readonly path: string;
  readonly documents = new Map<string, StoredDocument>();
  #sortedIds: string[] | undefined = [];
  /** Indexes of the fields that queries have used. */
  readonly #byField = new Map<string, FieldIndex>();

  constructor(path: string) {
    this.path = path;
  }

  /** Document ids in the order of names. */
  get ids(): readonly string[] {
    this.#sortedIds ??= [...this.documents.keys()].sort(compareIds);
    return this.#sortedIds;
  }

  set(id: string, document: StoredDocument): void {
    const before = this.documents.get(id);
    if (!before) this.#insertId(id);
    this.documents.set(id, document);
    for (const index of this.#byField.values()) {
      if (before) removeFrom(index, id, before);
      addTo(index, id, document);
    }
  }

  /**
   * Finds the documents whose field has one of these values. A scan of some thousand documents would take milliseconds for each
   * query.
   * @param keys from `valueKey`
   */
  withValue(path: FieldPath, keys: Iterable<string>): Iterable<StoredDocument> {
    return this.#found(this.#indexOf(path, false), keys);
  }

  /** Finds the documents whose field is an array that has one of these elements, each once. */
  withElement(path: FieldPath, keys: Iterable<string>): Iterable<StoredDocument> {
    return this.#found(this.#indexOf(path, true), keys);
  }

  *#found({ ids }: FieldIndex, keys: Iterable<string>): Iterable<StoredDocument> {
    const all = new Set([...keys].flatMap((key) => [...(ids.get(key) ?? [])]));
    for (const id of all) {
      const document = this.documents.get(id);
      if (document) yield document;
    }
  }

  #indexOf(path: FieldPath, ofArrays: boolean): FieldIndex {
    const name = `${formatFieldPath(path)}${ofArrays ? '[]' : ''}`;
    const known = this.#byField.get(name);
    if (known) return known;
    if (this.#byField.size >= MAX_FIELD_INDEXES) this.#byField.clear();
    const index: FieldIndex = { path, ofArrays, ids: new Map() };
    for (const [id, document] of this.documents) addTo(index, id, document);
    this.#byField.set(name, index);
    return index;
  }

  delete(id: string): void {
    const before = this.documents.get(id);
    if (before) for (const index of this.#byField.values()) removeFrom(index, id, before);
    this.documents.delete(id);
    const ids = this.#sortedIds;
    if (ids === undefined) return;
    ids.splice(insertionPoint(ids, id), 1);
  }

  /** Adds a document without sorting, for many documents at once. */
  load(id: string, document: StoredDocument): void {
    this.documents.set(id, document);
    this.#sortedIds = undefined;
    this.#byField.clear();
  }

  #insertId(id: string): void {
    const ids = this.#sortedIds;
    if (ids === undefined) return;
    ids.splice(insertionPoint(ids, id), 0, id);
  }
}

function addTo(index: FieldIndex, id: string, document: StoredDocument): void {
  for (const key of keysOf(index, document)) {
    const bucket = index.ids.get(key) ?? new Set();
    index.ids.set(key, bucket.add(id));
  }
}

function removeFrom(index: FieldIndex, id: string, document: StoredDocument): void {
  for (const key of keysOf(index, document)) {
    const bucket = index.ids.get(key);
    bucket?.delete(id);
    if (bucket?.size === 0) index.ids.delete(key);
  }
}

function keysOf({ path, ofArrays }: FieldIndex, { fields }: StoredDocument): string[] {
  const value = getField(fields, path);
  if (value === undefined) return [];
  if (!ofArrays) return [valueKey(value)];
  return value.valueType === 'arrayValue' ? value.arrayValue.values.map(valueKey) : [];
}

/** Index of the first id that does not sort before `id`. */
function insertionPoint(ids: readonly string[], id: string): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareIds(ids[middle] ?? '', id) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class DocumentStore {
  readonly #collections = new Map<string, Collection>();
  /** Collection id → collections with this id. A collection group query reads them. */
  readonly #groups = new Map<string, Set<Collection>>();

  get(segments: readonly string[]): StoredDocument | undefined {
    return this.#collections.get(collectionPath(segments))?.documents.get(segments.at(-1) ?? '');
  }

  collection(path: string): Collection | undefined {
    return this.#collections.get(path);
  }

  group(collectionId: string): Iterable<Collection> {
    return this.#groups.get(collectionId) ?? [];
  }

  collections(): Iterable<Collection> {
    return this.#collections.values();
  }

  /** Sorted ids of the collections directly below a parent that have documents at any depth. */
  collectionIds(parent: readonly string[]): string[] {
    const ids = new Set<string>();
    for (const path of this.#collections.keys()) {
      const segments = path.split('/');
      if (startsWith(segments, parent)) ids.add(segments[parent.length] ?? '');
    }
    return [...ids].sort(compareIds);
  }

  load(document: StoredDocument): void {
    this.#collectionOf(document.segments).load(document.segments.at(-1) ?? '', document);
  }

  apply(changes: readonly DocumentChange[]): void {
    for (const { segments, after } of changes) {
      const id = segments.at(-1) ?? '';
      if (after) this.#collectionOf(segments).set(id, after);
      else this.#remove(segments, id);
    }
  }

  #collectionOf(segments: readonly string[]): Collection {
    const path = collectionPath(segments);
    const existing = this.#collections.get(path);
    if (existing) return existing;
    const created = new Collection(path);
    this.#collections.set(path, created);
    const collectionId = segments.at(-2) ?? '';
    const group = this.#groups.get(collectionId) ?? new Set();
    this.#groups.set(collectionId, group.add(created));
    return created;
  }

  #remove(segments: readonly string[], id: string): void {
    const path = collectionPath(segments);
    const collection = this.#collections.get(path);
    if (!collection?.documents.has(id)) return;
    collection.delete(id);
    if (collection.documents.size > 0) return;
    this.#collections.delete(path);
    const collectionId = segments.at(-2) ?? '';
    const group = this.#groups.get(collectionId);
    group?.delete(collection);
    if (group?.size === 0) this.#groups.delete(collectionId);
  }
}
