/** Parses writes, with all checks that need no document. */

import { invalidArgument } from '../../base/rpc-error.ts';
import { fromWireTimestamp, type Micros } from '../clock.ts';
import { type FieldPath, parseWritableFieldPath } from '../fields.ts';
import { parseDocumentName } from '../paths.ts';
import type { Fields, FieldTransform, Precondition, Write } from '../wire.ts';
import { normalizeFields } from './normalize.ts';
import { type ParsedTransform, parseTransform } from './transforms.ts';

/** @see https://cloud.google.com/firestore/quotas#writes_and_transactions */
const MAX_TRANSFORMS = 500;

export type ParsedPrecondition = { exists: boolean } | { updateTime: Micros };

export interface ParsedWrite {
  name: string;
  segments: readonly string[];
  kind: 'update' | 'delete' | 'verify' | 'transform';
  /** The fields of an update. */
  fields: Fields;
  /** Paths that an update writes; undefined if it replaces the document. */
  mask: readonly FieldPath[] | undefined;
  transforms: readonly ParsedTransform[];
  precondition: ParsedPrecondition | undefined;
}

/** @throws INVALID_ARGUMENT for the first write that is malformed or belongs to another database */
export function parseWrites(writes: readonly Write[], database: string): ParsedWrite[] {
  const parsed = writes.map((write) => parseWrite(write, database));
  const transforms = new Map<string, number>();
  for (const write of parsed) {
    const count = (transforms.get(write.name) ?? 0) + write.transforms.length;
    transforms.set(write.name, count);
    if (count > MAX_TRANSFORMS) {
      throw invalidArgument(
        `Cannot apply more than ${MAX_TRANSFORMS} field transforms to document "${write.name}" in one commit.`,
      );
    }
  }
  return parsed;
}

function parseWrite(write: Write, database: string): ParsedWrite {
  const name = documentName(write);
  const path = parseDocumentName(name);
  if (path.database !== database) {
    throw invalidArgument(`Document "${name}" is not in the database "${database}".`);
  }
  const kind = write.operation ?? 'update';
  if (kind !== 'update' && (write.updateMask || write.updateTransforms.length > 0)) {
    throw invalidArgument('Only an update can have an update mask or update transforms.');
  }
  const precondition = parsePrecondition(write.currentDocument);
  if (kind === 'verify' && !precondition) {
    throw invalidArgument('A verify write must have a precondition.');
  }
  const transforms: readonly FieldTransform[] =
    kind === 'transform' ? (write.transform?.fieldTransforms ?? []) : write.updateTransforms;
  if (kind === 'transform' && transforms.length === 0) {
    throw invalidArgument('A transform must have at least one field transform.');
  }
  return {
    name,
    segments: path.segments,
    kind,
    fields: normalizeFields(write.update?.fields ?? {}),
    mask: write.updateMask?.fieldPaths.map(parseWritableFieldPath),
    transforms: transforms.map(parseTransform),
    precondition,
  };
}

function documentName(write: Write): string {
  switch (write.operation) {
    case 'update':
      return write.update?.name ?? '';
    case 'delete':
      return write.delete ?? '';
    case 'verify':
      return write.verify ?? '';
    case 'transform':
      return write.transform?.document ?? '';
    default:
      throw invalidArgument('A write must have an operation.');
  }
}

function parsePrecondition(condition: Precondition | undefined): ParsedPrecondition | undefined {
  if (condition?.conditionType === 'exists') return { exists: condition.exists ?? false };
  if (condition?.updateTime) return { updateTime: fromWireTimestamp(condition.updateTime) };
  return undefined;
}
