/** Documents as they are kept: immutable; a change makes a new one. */
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

/** What one commit did to one document; a document is absent before it exists and after it is gone. */
export interface DocumentChange {
  readonly name: string;
  readonly segments: readonly string[];
  readonly before: StoredDocument | undefined;
  readonly after: StoredDocument | undefined;
}

/** @param mask Fields to show; all of them if undefined. */
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

/** Path of the collection that a document is in, relative to the database: `users/alice/photos`. */
export function collectionPath(segments: readonly string[]): string {
  return segments.slice(0, -1).join('/');
}
