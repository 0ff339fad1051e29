/** Stored documents. They are immutable: a change creates a new one. */
import { type Micros, toWireTimestamp } from './clock.ts';
import { type FieldPath, pickFields } from './fields.ts';
import type { Fields, WireDocument } from './wire.ts';

export interface StoredDocument {
  /** Resource name. */
  readonly name: string;
  /** Ids below `documents/`. */
  readonly segments: readonly string[];
  readonly fields: Fields;
  readonly createTime: Micros;
  readonly updateTime: Micros;
}

/** The effect of one commit on one document. `before` or `after` is undefined if the document did not exist then. */
export interface DocumentChange {
  readonly name: string;
  readonly segments: readonly string[];
  readonly before: StoredDocument | undefined;
  readonly after: StoredDocument | undefined;
}

/** @param mask fields to return; undefined: all */
export function toWireDocument(
  document: StoredDocument,
  mask?: readonly FieldPath[] | undefined,
): WireDocument {
  return {
    name: document.name,
    fields: mask === undefined ? document.fields : pickFields(document.fields, mask),
    createTime: toWireTimestamp(document.createTime),
    updateTime: toWireTimestamp(document.updateTime),
  };
}

/** Path of the document's collection, relative to the database: `users/alice/photos`. */
export function collectionPath(segments: readonly string[]): string {
  return segments.slice(0, -1).join('/');
}
