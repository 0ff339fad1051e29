/**
 * The order and equality of values across all types.
 *
 * @see https://cloud.google.com/firestore/native/docs/concepts/data-types#value_type_ordering
 */
import { compareSegments } from './paths.ts';
import { compareUtf8 } from './utf8.ts';
import type { Fields, Value, WireTimestamp } from './wire.ts';

export type Comparison = number;

const TYPE_ORDER = {
  nullValue: 0,
  booleanValue: 1,
  integerValue: 2,
  doubleValue: 2,
  timestampValue: 3,
  stringValue: 4,
  bytesValue: 5,
  referenceValue: 6,
  geoPointValue: 7,
  arrayValue: 8,
  /** A vector is stored as a map but has its own place in the order. */
  vector: 9,
  mapValue: 10,
} as const;

export const NULL_VALUE: Value = { valueType: 'nullValue', nullValue: 'NULL_VALUE' };

/** Only values with the same number are compared. A range never contains values with another number. */
export function typeOrder(value: Value): number {
  return TYPE_ORDER[isVector(value) ? 'vector' : value.valueType];
}

/** Negative, zero or positive if `left` sorts before, with or after `right`. */
export function compareValues(left: Value, right: Value): Comparison {
  const byType = typeOrder(left) - typeOrder(right);
  return byType !== 0 ? byType : compareSameType(left, right);
}

/** Equality for queries and array transforms: `3` equals `3.0`, and NaN equals NaN. */
export function valuesEqual(left: Value, right: Value): boolean {
  return compareValues(left, right) === 0;
}

export function isNumber(
  value: Value | undefined,
): value is Extract<Value, { valueType: 'integerValue' | 'doubleValue' }> {
  return value?.valueType === 'integerValue' || value?.valueType === 'doubleValue';
}

export function isNaNValue(value: Value): boolean {
  return value.valueType === 'doubleValue' && Number.isNaN(value.doubleValue);
}

/**
 * Vectors are maps `{__type__: "__vector__", value: [...]}`. `__type__` is the only reserved name that a
 * map may have.
 */
export function isVector(value: Value): boolean {
  if (value.valueType !== 'mapValue' || !Object.hasOwn(value.mapValue.fields, '__type__')) {
    return false;
  }
  const type = value.mapValue.fields.__type__;
  return type?.valueType === 'stringValue' && type.stringValue === '__vector__';
}

export function vectorElements(value: Value): Value[] {
  const elements = value.valueType === 'mapValue' ? value.mapValue.fields.value : undefined;
  return elements?.valueType === 'arrayValue' ? elements.arrayValue.values : [];
}

/** Both values must have the same {@link typeOrder}. */
function compareSameType(left: Value, right: Value): Comparison {
  if (isNumber(left) && isNumber(right)) return compareNumbers(left, right);
  switch (left.valueType) {
    case 'booleanValue':
      return Number(left.booleanValue) - Number(is(right, left.valueType).booleanValue);
    case 'timestampValue':
      return compareTimestamps(left.timestampValue, is(right, left.valueType).timestampValue);
    case 'stringValue':
      return compareUtf8(left.stringValue, is(right, left.valueType).stringValue);
    case 'bytesValue':
      return Buffer.compare(left.bytesValue, is(right, left.valueType).bytesValue);
    case 'referenceValue':
      return compareNames(left.referenceValue, is(right, left.valueType).referenceValue);
    case 'geoPointValue': {
      const other = is(right, left.valueType).geoPointValue;
      const byLatitude = (left.geoPointValue.latitude ?? 0) - (other.latitude ?? 0);
      return byLatitude || (left.geoPointValue.longitude ?? 0) - (other.longitude ?? 0);
    }
    case 'arrayValue':
      return compareArrays(left.arrayValue.values, is(right, left.valueType).arrayValue.values);
    case 'mapValue':
      return isVector(left)
        ? compareVectors(vectorElements(left), vectorElements(right))
        : compareMaps(left.mapValue.fields, is(right, left.valueType).mapValue.fields);
    default:
      return 0;
  }
}

/** Narrows the type of the right-hand side, which is the type of the left-hand side. */
function is<K extends Value['valueType']>(value: Value, valueType: K) {
  if (value.valueType !== valueType) throw new TypeError(`expected ${valueType}`);
  return value as Extract<Value, { valueType: K }>;
}

function compareNumbers(
  left: Extract<Value, { valueType: 'integerValue' | 'doubleValue' }>,
  right: Extract<Value, { valueType: 'integerValue' | 'doubleValue' }>,
): Comparison {
  const a = toNumber(left);
  const b = toNumber(right);
  if (a < b) return -1;
  if (a > b) return 1;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  // Beyond 2^53, different integers may round to the same double. Only these are compared exactly.
  return Number.isSafeInteger(a) || !Number.isFinite(a) || !Number.isInteger(a)
    ? 0
    : compareExactly(toBigInt(left), toBigInt(right));
}

function compareExactly(left: bigint, right: bigint): Comparison {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

export function toNumber(value: Value): number {
  if (value.valueType === 'integerValue') return Number(value.integerValue);
  return value.valueType === 'doubleValue' ? value.doubleValue : Number.NaN;
}

function toBigInt(value: Value): bigint {
  return value.valueType === 'integerValue'
    ? BigInt(value.integerValue)
    : BigInt(Math.trunc(toNumber(value)));
}

function compareNames(left: string, right: string): Comparison {
  return left === right ? 0 : compareSegments(left.split('/'), right.split('/'));
}

function compareTimestamps(left: WireTimestamp, right: WireTimestamp): Comparison {
  return (
    Number(left.seconds ?? 0) - Number(right.seconds ?? 0) || (left.nanos ?? 0) - (right.nanos ?? 0)
  );
}

function compareArrays(left: Value[], right: Value[]): Comparison {
  for (const [index, element] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const comparison = compareValues(element, other);
    if (comparison !== 0) return comparison;
  }
  return left.length - right.length;
}

/** A shorter vector sorts first, whatever its elements are. */
function compareVectors(left: Value[], right: Value[]): Comparison {
  return left.length - right.length || compareArrays(left, right);
}

/** Compares by the first different key, then by its value, then by the number of keys. */
function compareMaps(left: Fields, right: Fields): Comparison {
  const leftEntries = sortedEntries(left);
  const rightEntries = sortedEntries(right);
  for (const [index, [key, value]] of leftEntries.entries()) {
    const other = rightEntries[index];
    if (other === undefined) return 1;
    const comparison = compareUtf8(key, other[0]) || compareValues(value, other[1]);
    if (comparison !== 0) return comparison;
  }
  return leftEntries.length - rightEntries.length;
}

export function sortedEntries(fields: Fields): [string, Value][] {
  return Object.entries(fields).sort(([a], [b]) => compareUtf8(a, b));
}
