/**
 * Field transforms: the new value is computed from the stored value when the write is applied.
 *
 * @see https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#fieldtransform
 */

import { invalidArgument } from '../../base/rpc-error.ts';
import { type Micros, toWireTimestamp } from '../clock.ts';
import { type FieldPath, parseWritableFieldPath } from '../fields.ts';
import {
  compareValues,
  isNaNValue,
  isNumber,
  NULL_VALUE,
  toNumber,
  valuesEqual,
} from '../values.ts';
import type { FieldTransform, Value } from '../wire.ts';
import { normalizeValue } from './normalize.ts';

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);

/** The new value of the field, and the value that the answer returns for it. */
interface Transformed {
  value: Value;
  result: Value;
}

export interface ParsedTransform {
  path: FieldPath;
  /** True if the value is the time of the request. Such a write always changes the document. */
  usesRequestTime: boolean;
  apply(current: Value | undefined, commitTime: Micros): Transformed;
}

/** @throws INVALID_ARGUMENT if the transform is malformed */
export function parseTransform(transform: FieldTransform): ParsedTransform {
  const path = parseWritableFieldPath(transform.fieldPath);
  const numeric = (operand: Value | undefined, combine: (a: Value, b: Value) => Value) => {
    if (!isNumber(operand)) throw invalidArgument('The operand of a transform must be a number.');
    return withResult(path, (current) => (isNumber(current) ? combine(current, operand) : operand));
  };
  switch (transform.transformType) {
    case 'setToServerValue':
      if (transform.setToServerValue !== 'REQUEST_TIME') {
        throw invalidArgument('The only server value is REQUEST_TIME.');
      }
      return {
        ...withResult(path, (_current, commitTime) => requestTime(commitTime)),
        usesRequestTime: true,
      };
    case 'increment':
      return numeric(transform.increment, add);
    case 'maximum':
      return numeric(transform.maximum, (a, b) => extreme(a, b, 1));
    case 'minimum':
      return numeric(transform.minimum, (a, b) => extreme(a, b, -1));
    case 'appendMissingElements':
      return arrayTransform(path, transform.appendMissingElements?.values ?? [], union);
    case 'removeAllFromArray':
      return arrayTransform(path, transform.removeAllFromArray?.values ?? [], without);
    default:
      throw invalidArgument('A field transform must have a transform type.');
  }
}

function withResult(
  path: FieldPath,
  compute: (current: Value | undefined, commitTime: Micros) => Value,
): ParsedTransform {
  return {
    path,
    usesRequestTime: false,
    apply(current, commitTime) {
      const value = compute(current, commitTime);
      return { value, result: value };
    },
  };
}

function arrayTransform(
  path: FieldPath,
  operands: Value[],
  combine: (current: Value[], operands: Value[]) => Value[],
): ParsedTransform {
  const array: Value = { valueType: 'arrayValue', arrayValue: { values: operands } };
  const normalized = normalizeValue(array, path.length - 1);
  const elements = normalized.valueType === 'arrayValue' ? normalized.arrayValue.values : [];
  return {
    path,
    usesRequestTime: false,
    apply(current) {
      const existing = current?.valueType === 'arrayValue' ? current.arrayValue.values : [];
      const values = combine(existing, elements);
      return {
        value: { valueType: 'arrayValue', arrayValue: { values } },
        result: NULL_VALUE,
      };
    },
  };
}

/** The service uses millisecond precision here, although it stores microseconds. */
function requestTime(commitTime: Micros): Value {
  const milliseconds = Math.floor(commitTime / 1_000);
  return { valueType: 'timestampValue', timestampValue: toWireTimestamp(milliseconds * 1_000) };
}

/** Integers saturate instead of overflowing. If either value is a double, the sum is a double. */
function add(current: Value, operand: Value): Value {
  if (current.valueType === 'integerValue' && operand.valueType === 'integerValue') {
    const sum = BigInt(current.integerValue) + BigInt(operand.integerValue);
    const clamped = sum > MAX_INT64 ? MAX_INT64 : sum < MIN_INT64 ? MIN_INT64 : sum;
    return { valueType: 'integerValue', integerValue: String(clamped) };
  }
  return { valueType: 'doubleValue', doubleValue: toNumber(current) + toNumber(operand) };
}

/** The larger (`sign` 1) or smaller (-1) value; the stored one if they are equal. */
function extreme(current: Value, operand: Value, sign: 1 | -1): Value {
  if (isNaNValue(current) || isNaNValue(operand)) {
    return { valueType: 'doubleValue', doubleValue: Number.NaN };
  }
  return compareValues(operand, current) * sign > 0 ? operand : current;
}

function union(current: Value[], operands: Value[]): Value[] {
  const values = [...current];
  for (const operand of operands) {
    if (!values.some((value) => valuesEqual(value, operand))) values.push(operand);
  }
  return values;
}

function without(current: Value[], operands: Value[]): Value[] {
  return current.filter((value) => !operands.some((operand) => valuesEqual(value, operand)));
}
