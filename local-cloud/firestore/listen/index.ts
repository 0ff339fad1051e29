/** Finds the targets that a commit may concern, without asking each target. */

import type { Micros } from '../clock.ts';
import { collectionPath, type DocumentChange, type StoredDocument } from '../documents.ts';
import { type FieldPath, formatFieldPath } from '../fields.ts';
import { valueAt } from '../query/filter.ts';
import type { Scope } from '../query/query.ts';
import { valueKey } from '../value-key.ts';
import { DocumentsTarget, QueryTarget, type Target } from './target.ts';

/** Receives all of a commit's changes for its targets in one call. */
export interface Listener {
  deliver(changes: ReadonlyMap<Target, DocumentChange[]>, commitTime: Micros): void;
}

/** Sets of targets by key. Empty sets are removed. */
class Buckets {
  readonly #buckets = new Map<string, Set<Target>>();

  add(key: string, target: Target): void {
    const bucket = this.#buckets.get(key);
    if (bucket) bucket.add(target);
    else this.#buckets.set(key, new Set([target]));
  }

  remove(key: string, target: Target): void {
    const bucket = this.#buckets.get(key);
    bucket?.delete(target);
    if (bucket?.size === 0) this.#buckets.delete(key);
  }

  get(key: string): Iterable<Target> {
    return this.#buckets.get(key) ?? [];
  }

  get size(): number {
    return this.#buckets.size;
  }
}

/** The query targets on one scope, by a value that each result must have, if the query has one. */
class ScopeIndex {
  readonly #fields = new Map<string, { path: FieldPath; byValue: Buckets }>();
  readonly #others = new Set<Target>();

  add(target: QueryTarget): void {
    const { lookup } = target.query;
    if (!lookup) {
      this.#others.add(target);
      return;
    }
    const key = formatFieldPath(lookup.path);
    const field = this.#fields.get(key) ?? { path: lookup.path, byValue: new Buckets() };
    this.#fields.set(key, field);
    for (const value of lookup.keys) field.byValue.add(value, target);
  }

  remove(target: QueryTarget): void {
    const { lookup } = target.query;
    this.#others.delete(target);
    if (!lookup) return;
    const key = formatFieldPath(lookup.path);
    const field = this.#fields.get(key);
    for (const value of lookup.keys) field?.byValue.remove(value, target);
    if (field?.byValue.size === 0) this.#fields.delete(key);
  }

  get empty(): boolean {
    return this.#fields.size === 0 && this.#others.size === 0;
  }

  /** Finds the targets that may contain the document before or after the change. */
  find({ before, after }: DocumentChange, found: (target: Target) => void): void {
    for (const target of this.#others) found(target);
    for (const { path, byValue } of this.#fields.values()) {
      const keys = new Set([keyOf(before, path), keyOf(after, path)]);
      for (const key of keys) {
        if (key !== undefined) for (const target of byValue.get(key)) found(target);
      }
    }
  }
}

function keyOf(document: StoredDocument | undefined, path: FieldPath): string | undefined {
  const value = document && valueAt(document, path);
  return value && valueKey(value);
}

export class TargetIndex {
  readonly #listeners = new Map<Target, Listener>();
  readonly #byName = new Buckets();
  readonly #scopes = new Map<string, ScopeIndex>();

  add(target: Target, listener: Listener): void {
    this.#listeners.set(target, listener);
    if (target instanceof DocumentsTarget) {
      for (const name of target.names) this.#byName.add(name, target);
    } else if (target instanceof QueryTarget) {
      const key = scopeKey(target.query.scope);
      const scope = this.#scopes.get(key) ?? new ScopeIndex();
      this.#scopes.set(key, scope);
      scope.add(target);
    }
  }

  remove(target: Target): void {
    this.#listeners.delete(target);
    if (target instanceof DocumentsTarget) {
      for (const name of target.names) this.#byName.remove(name, target);
    } else if (target instanceof QueryTarget) {
      const key = scopeKey(target.query.scope);
      const scope = this.#scopes.get(key);
      scope?.remove(target);
      if (scope?.empty) this.#scopes.delete(key);
    }
  }

  /** Notifies each listener that may be concerned, once. */
  dispatch(changes: readonly DocumentChange[], commitTime: Micros): void {
    if (this.#listeners.size === 0) return;
    const deliveries = new Map<Listener, Map<Target, DocumentChange[]>>();
    for (const change of changes) {
      this.#find(change, (target) => {
        const listener = this.#listeners.get(target);
        if (!listener) return;
        const targets = deliveries.get(listener) ?? new Map<Target, DocumentChange[]>();
        deliveries.set(listener, targets);
        const seen = targets.get(target);
        if (seen) seen.push(change);
        else targets.set(target, [change]);
      });
    }
    for (const [listener, targets] of deliveries) listener.deliver(targets, commitTime);
  }

  #find(change: DocumentChange, found: (target: Target) => void): void {
    for (const target of this.#byName.get(change.name)) found(target);
    const path = collectionPath(change.segments);
    for (const key of [`in ${path}`, `group ${change.segments.at(-2)}`, ANYWHERE]) {
      this.#scopes.get(key)?.find(change, found);
    }
  }
}

const ANYWHERE = 'anywhere';

function scopeKey({ parent, collectionId, allDescendants }: Scope): string {
  if (collectionId === undefined) return ANYWHERE;
  return allDescendants ? `group ${collectionId}` : `in ${[...parent, collectionId].join('/')}`;
}
