/** The order of the results, with the fields that the service adds, and cursors in that order. */

import { invalidArgument } from '../../base/rpc-error.ts';
import type { StoredDocument } from '../documents.ts';
import { DOCUMENT_ID, type FieldPath, formatFieldPath } from '../fields.ts';
import { compareSegments, splitResourceName } from '../paths.ts';
import { compareUtf8 } from '../utf8.ts';
import { compareValues } from '../values.ts';
import type { Cursor, StructuredQuery, Value } from '../wire.ts';
import { type Condition, isDocumentId, type Predicate, parsePath, valueAt } from './filter.ts';
import { isInequality } from './limits.ts';

const MAX_ORDERS = 100;

export interface Order {
  path: FieldPath;
  descending: boolean;
}

export type Comparator = (left: StoredDocument, right: StoredDocument) => number;

/**
 * The complete order: the given orders, then the other fields with inequalities in lexicographical order,
 * then the name. The added fields have the direction of the last given order.
 */
export function parseOrders(
  orderBy: StructuredQuery['orderBy'],
  conditions: readonly Condition[],
): Order[] {
  const orders = orderBy.map(({ field, direction }) => ({
    path: parsePath(field),
    descending: direction === 'DESCENDING',
  }));
  const ordered = new Set(orders.map(({ path }) => formatFieldPath(path)));
  if (ordered.size < orders.length) throw invalidArgument('A field is ordered by twice.');
  if (orders.length > MAX_ORDERS) throw invalidArgument(`More than ${MAX_ORDERS} orders.`);
  const descending = orders.at(-1)?.descending ?? false;
  const implied = conditions
    .filter((condition) => isInequality(condition) && !isDocumentId(condition.path))
    .map(({ path }) => ({ key: formatFieldPath(path), path }))
    .sort((a, b) => compareUtf8(a.key, b.key));
  for (const { key, path } of implied) {
    if (!ordered.has(key)) orders.push({ path, descending });
    ordered.add(key);
  }
  if (!ordered.has(DOCUMENT_ID)) orders.push({ path: [DOCUMENT_ID], descending });
  return orders;
}

export function comparator(orders: readonly Order[]): Comparator {
  const comparators = orders.map(({ path, descending }): Comparator => {
    const compare: Comparator = isDocumentId(path)
      ? (left, right) => compareSegments(left.segments, right.segments)
      : (left, right) => compareOptional(valueAt(left, path), valueAt(right, path));
    return descending ? (left, right) => compare(right, left) : compare;
  });
  return (left, right) => {
    for (const compare of comparators) {
      const comparison = compare(left, right);
      if (comparison !== 0) return comparison;
    }
    return 0;
  };
}

/** Queries leave out documents that lack a field of their order. */
function compareOptional(left: Value | undefined, right: Value | undefined): number {
  if (left === undefined || right === undefined) return Number(!!left) - Number(!!right);
  return compareValues(left, right);
}

/**
 * Matches documents on the wanted side of a cursor. If a cursor has fewer values than there are orders,
 * it stands before or after all documents with these values.
 */
export function cursorPredicate(
  cursor: Cursor | undefined,
  orders: readonly Order[],
  side: 'start' | 'end',
): Predicate {
  if (!cursor) return () => true;
  if (cursor.values.length > orders.length) throw invalidArgument('Cursor has too many values.');
  const distances = cursor.values.map((value, index) => distanceFrom(value, orders[index]));
  const before = cursor.before ?? false;
  return (document) => {
    let distance = 0;
    for (const distanceTo of distances) {
      distance = distanceTo(document);
      if (distance !== 0) break;
    }
    if (distance === 0) return side === 'start' ? before : !before;
    return side === 'start' ? distance > 0 : distance < 0;
  };
}

/** Compares a document with a cursor's value in one order: positive if the document comes later. */
function distanceFrom(
  value: Value,
  order: Order | undefined,
): (document: StoredDocument) => number {
  if (!order) return () => 0;
  const sign = order.descending ? -1 : 1;
  if (isDocumentId(order.path)) {
    if (value.valueType !== 'referenceValue') {
      throw invalidArgument('A cursor position for __name__ must be a reference.');
    }
    const { segments } = splitResourceName(value.referenceValue);
    return (document) => sign * compareSegments(document.segments, segments);
  }
  return (document) => {
    const actual = valueAt(document, order.path);
    return actual === undefined ? 0 : sign * compareValues(actual, value);
  };
}
