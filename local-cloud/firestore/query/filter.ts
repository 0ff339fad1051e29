/** Filters as predicates on documents. */

import { invalidArgument } from '../../base/rpc-error.ts';
import type { StoredDocument } from '../documents.ts';
import { DOCUMENT_ID, type FieldPath, getField, parseFieldPath } from '../fields.ts';
import { valueKey } from '../value-key.ts';
import { compareValues, isNaNValue, typeOrder, valuesEqual } from '../values.ts';
import type { FieldReference, Filter, Value } from '../wire.ts';

export type Predicate = (document: StoredDocument) => boolean;

/** A filter on one field, with the protocol's name of its operator. Unary operators have no value. */
export interface Condition {
  path: FieldPath;
  op: string;
  value: Value;
}

/** Flattened form of a filter: a tree of AND and OR over conditions. */
export type FilterTree =
  | { kind: 'and' | 'or'; children: FilterTree[] }
  | { kind: 'condition'; condition: Condition };

const NULL: Value = { valueType: 'nullValue', nullValue: 'NULL_VALUE' };
const NAN: Value = { valueType: 'doubleValue', doubleValue: Number.NaN };

/** Unary operators are equality with null or NaN. */
const UNARY: Record<string, { op: string; value: Value }> = {
  IS_NULL: { op: 'EQUAL', value: NULL },
  IS_NAN: { op: 'EQUAL', value: NAN },
  IS_NOT_NULL: { op: 'NOT_EQUAL', value: NULL },
  IS_NOT_NAN: { op: 'NOT_EQUAL', value: NAN },
};

export function isDocumentId(path: FieldPath): boolean {
  return path.length === 1 && path[0] === DOCUMENT_ID;
}

export function parsePath(field: FieldReference | undefined): FieldPath {
  return parseFieldPath(field?.fieldPath);
}

/** @throws INVALID_ARGUMENT if the filter is malformed */
export function parseFilter(filter: Filter): FilterTree {
  switch (filter.filterType) {
    case 'compositeFilter': {
      const { op, filters } = filter.compositeFilter;
      if (op !== 'AND' && op !== 'OR')
        throw invalidArgument('A composite filter must be AND or OR.');
      if (filters.length === 0) throw invalidArgument('A composite filter must not be empty.');
      return { kind: op === 'AND' ? 'and' : 'or', children: filters.map(parseFilter) };
    }
    case 'unaryFilter': {
      const unary = UNARY[filter.unaryFilter.op ?? ''];
      if (!unary) throw invalidArgument('A unary filter must have an operator.');
      return condition(parsePath(filter.unaryFilter.field), unary.op, unary.value);
    }
    case 'fieldFilter': {
      const { field, op = '', value } = filter.fieldFilter;
      if (!Object.hasOwn(OPERATORS, op)) throw invalidArgument('A filter must have an operator.');
      if (!value?.valueType) throw invalidArgument('A field filter must have a value.');
      return condition(parsePath(field), op, value);
    }
    default:
      throw invalidArgument('A filter must have a type.');
  }
}

function condition(path: FieldPath, op: string, value: Value): FilterTree {
  return { kind: 'condition', condition: { path, op, value } };
}

export function compileFilter(tree: FilterTree): Predicate {
  if (tree.kind === 'condition') return compileCondition(tree.condition);
  const predicates = tree.children.map(compileFilter);
  return tree.kind === 'and'
    ? (document) => predicates.every((matches) => matches(document))
    : (document) => predicates.some((matches) => matches(document));
}

function compileCondition({ path, op, value }: Condition): Predicate {
  const test = OPERATORS[op]?.(value);
  if (!test) throw invalidArgument(`Unknown operator ${op}.`);
  return (document) => {
    const actual = valueAt(document, path);
    return actual !== undefined && test(actual);
  };
}

/** The value of a path in a query. The path of the name gives a reference. */
export function valueAt(document: StoredDocument, path: FieldPath): Value | undefined {
  return isDocumentId(path)
    ? { valueType: 'referenceValue', referenceValue: document.name }
    : getField(document.fields, path);
}

type Test = (actual: Value) => boolean;

const OPERATORS: Record<string, (operand: Value) => Test> = {
  EQUAL: (operand) => (actual) => valuesEqual(actual, operand),
  NOT_EQUAL: (operand) => (actual) => !isNull(actual) && !valuesEqual(actual, operand),
  LESS_THAN: (operand) => range(operand, (comparison) => comparison < 0),
  LESS_THAN_OR_EQUAL: (operand) => range(operand, (comparison) => comparison <= 0),
  GREATER_THAN: (operand) => range(operand, (comparison) => comparison > 0),
  GREATER_THAN_OR_EQUAL: (operand) => range(operand, (comparison) => comparison >= 0),
  ARRAY_CONTAINS: (operand) => contains([operand]),
  ARRAY_CONTAINS_ANY: (operand) => contains(elements(operand)),
  IN: (operand) => {
    const keys = new Set(elements(operand).filter(isComparable).map(valueKey));
    return (actual) => keys.has(valueKey(actual));
  },
  NOT_IN: (operand) => {
    const excluded = elements(operand);
    // As in SQL, no value is known to differ from null.
    if (excluded.some(isNull)) return () => false;
    return (actual) => !isNull(actual) && !excluded.some((value) => valuesEqual(actual, value));
  },
};

/** A range contains only values of its bound's type. NaN sorts as the smallest number but is in no range. */
function range(operand: Value, accept: (comparison: number) => boolean): Test {
  const type = typeOrder(operand);
  return (actual) =>
    typeOrder(actual) === type && !isNaNValue(actual) && accept(compareValues(actual, operand));
}

function contains(operands: Value[]): Test {
  const candidates = operands.filter(isComparable);
  return (actual) =>
    actual.valueType === 'arrayValue' &&
    actual.arrayValue.values.some((element) =>
      candidates.some((candidate) => valuesEqual(element, candidate)),
    );
}

/** Only `==` finds null and NaN. In a list of candidates they match nothing. */
function isComparable(value: Value): boolean {
  return !isNull(value) && !isNaNValue(value);
}

function isNull(value: Value): boolean {
  return value.valueType === 'nullValue';
}

export function elements(value: Value): Value[] {
  return value.valueType === 'arrayValue' ? value.arrayValue.values : [];
}
