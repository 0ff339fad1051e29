/** Computes the effects of writes on the documents, without applying them. */
import { isDeepStrictEqual } from 'node:util';
import { invalidArgument } from '../../base/rpc-error.ts';
import { type Micros, toWireTimestamp } from '../clock.ts';
import type { DocumentChange, StoredDocument } from '../documents.ts';
import { alreadyExists, failedPrecondition, notFound } from '../errors.ts';
import { getField, setField } from '../fields.ts';
import type { Fields, Value, WriteResult } from '../wire.ts';
import type { ParsedPrecondition, ParsedWrite } from './parse.ts';
import { checkDocumentSize } from './size.ts';

export interface WritePlan {
  /** One for each document that changes. */
  changes: DocumentChange[];
  /** One for each write, in order. */
  results: WriteResult[];
}

/**
 * @param read returns the committed state of a document
 * @throws {RpcError} the status with which the whole commit fails
 */
export function planWrites(
  writes: readonly ParsedWrite[],
  read: (segments: readonly string[]) => StoredDocument | undefined,
  commitTime: Micros,
): WritePlan {
  const planned = new Map<string, DocumentChange>();
  const results = writes.map((write) => {
    const before = read(write.segments);
    const existing = planned.get(write.name);
    const current = existing ? existing.after : before;
    if (existing && !current) checkUpdateAfterDelete(write);
    checkPrecondition(write.precondition, current, write.name);
    if (write.kind === 'verify') return resultOf(current, []);
    const { document, transformResults } = applyWrite(write, current, commitTime);
    planned.set(write.name, {
      name: write.name,
      segments: write.segments,
      before,
      after: document,
    });
    return resultOf(document, transformResults);
  });
  const changes = [...planned.values()].filter(({ before, after }) => before !== after);
  for (const { name, segments, after } of changes) {
    if (after) checkDocumentSize(name, segments, after.fields);
  }
  return { changes, results };
}

/** @param document the document after the write */
function resultOf(document: StoredDocument | undefined, transformResults: Value[]): WriteResult {
  return {
    ...(document && { updateTime: toWireTimestamp(document.updateTime) }),
    transformResults,
  };
}

/**
 * A commit that deletes a document and then updates it can never succeed. So the service reports an error
 * of the request and not of the database's state.
 */
function checkUpdateAfterDelete({ name, precondition }: ParsedWrite): void {
  if (precondition && 'exists' in precondition && precondition.exists) {
    throw invalidArgument(`This commit deletes the document before it updates it: ${name}`);
  }
}

function checkPrecondition(
  precondition: ParsedPrecondition | undefined,
  current: StoredDocument | undefined,
  name: string,
): void {
  if (precondition === undefined) return;
  if ('updateTime' in precondition) {
    const stored = current?.updateTime ?? 0;
    if (stored === precondition.updateTime) return;
    throw failedPrecondition(
      `the stored version (${stored}) does not match the required base version (${precondition.updateTime})`,
    );
  }
  if (precondition.exists && !current) throw notFound(`No document to update: ${name}`);
  if (!precondition.exists && current) throw alreadyExists(`Document already exists: ${name}`);
}

function applyWrite(
  write: ParsedWrite,
  current: StoredDocument | undefined,
  commitTime: Micros,
): { document: StoredDocument | undefined; transformResults: Value[] } {
  if (write.kind === 'delete') return { document: undefined, transformResults: [] };
  let fields = updatedFields(write, current?.fields ?? {});
  const transformResults: Value[] = [];
  for (const transform of write.transforms) {
    const { value, result } = transform.apply(getField(fields, transform.path), commitTime);
    fields = setField(fields, transform.path, value);
    transformResults.push(result);
  }
  const changed =
    write.transforms.some(({ usesRequestTime }) => usesRequestTime) ||
    !isDeepStrictEqual(fields, current?.fields);
  // A write that changes nothing keeps the update time, and listeners do not see it.
  const document = changed || !current ? stored(write, fields, current, commitTime) : current;
  return { document, transformResults };
}

function updatedFields(write: ParsedWrite, current: Fields): Fields {
  if (write.kind === 'transform') return current;
  if (write.mask === undefined) return write.fields;
  return write.mask.reduce(
    (fields, path) => setField(fields, path, getField(write.fields, path)),
    current,
  );
}

function stored(
  { name, segments }: ParsedWrite,
  fields: Fields,
  current: StoredDocument | undefined,
  commitTime: Micros,
): StoredDocument {
  const createTime = current?.createTime ?? commitTime;
  return { name, segments, fields, createTime, updateTime: commitTime };
}
