/** Checks the values that a document may hold, and brings them into one form. */

import { invalidArgument } from '../../base/rpc-error.ts';
import { truncateTimestamp } from '../clock.ts';
import { checkFieldName } from '../fields.ts';
import { splitResourceName } from '../paths.ts';
import { isVector } from '../values.ts';
import type { Fields, Value } from '../wire.ts';

/** @see https://cloud.google.com/firestore/quotas#collections_documents_and_fields */
const MAX_DEPTH = 20;
const MAX_VECTOR_DIMENSIONS = 2_048;

/** @throws INVALID_ARGUMENT if a document cannot hold these fields */
export function normalizeFields(fields: Fields, depth = 0): Fields {
  const normalized: Fields = {};
  for (const [name, value] of Object.entries(fields)) {
    checkFieldName(name);
    normalized[name] = normalizeValue(value, depth);
  }
  return normalized;
}

/** @param depth number of maps and arrays around the value */
export function normalizeValue(value: Value, depth: number): Value {
  switch (value.valueType) {
    case 'nullValue':
    case 'booleanValue':
    case 'integerValue':
    case 'doubleValue':
    case 'stringValue':
      return value;
    case 'timestampValue':
      return {
        valueType: 'timestampValue',
        timestampValue: truncateTimestamp(value.timestampValue),
      };
    case 'bytesValue':
      // The decoded bytes are a view of the whole request. A copy lets the request's memory be freed.
      return { valueType: 'bytesValue', bytesValue: Buffer.from(value.bytesValue) };
    case 'referenceValue':
      checkReference(value.referenceValue);
      return value;
    case 'geoPointValue':
      return normalizeGeoPoint(value.geoPointValue);
    case 'arrayValue':
      return normalizeArray(value.arrayValue.values, depth);
    case 'mapValue':
      return normalizeMap(value, depth);
    default:
      throw invalidArgument('A Value must have a value type that documents can hold.');
  }
}

function checkReference(name: string): void {
  const { segments } = splitResourceName(name);
  if (segments.length === 0 || segments.length % 2 !== 0) {
    throw invalidArgument(`Reference value "${name}" does not name a document.`);
  }
}

function normalizeGeoPoint(point: { latitude?: number; longitude?: number }): Value {
  const latitude = point.latitude ?? 0;
  const longitude = point.longitude ?? 0;
  // In this form the check refuses NaN too.
  if (!(Math.abs(latitude) <= 90)) {
    throw invalidArgument(`Latitude must be between -90 and 90, but was ${latitude}.`);
  }
  if (!(Math.abs(longitude) <= 180)) {
    throw invalidArgument(`Longitude must be between -180 and 180, but was ${longitude}.`);
  }
  return { valueType: 'geoPointValue', geoPointValue: { latitude, longitude } };
}

function normalizeArray(values: Value[], depth: number): Value {
  checkDepth(depth + 1);
  const normalized = values.map((element) => {
    if (element.valueType === 'arrayValue') {
      throw invalidArgument('Cannot convert an array value in an array value.');
    }
    return normalizeValue(element, depth + 1);
  });
  return { valueType: 'arrayValue', arrayValue: { values: normalized } };
}

function normalizeMap(value: Extract<Value, { valueType: 'mapValue' }>, depth: number): Value {
  checkDepth(depth + 1);
  if (isVector(value)) return normalizeVector(value);
  const fields = normalizeFields(value.mapValue.fields, depth + 1);
  return { valueType: 'mapValue', mapValue: { fields } };
}

function normalizeVector(value: Extract<Value, { valueType: 'mapValue' }>): Value {
  const { __type__: type, value: elements, ...others } = value.mapValue.fields;
  if (elements?.valueType !== 'arrayValue' || !type || Object.keys(others).length > 0) {
    throw invalidArgument('A vector must have exactly the members __type__ and value.');
  }
  const numbers = elements.arrayValue.values;
  if (numbers.length === 0 || numbers.length > MAX_VECTOR_DIMENSIONS) {
    throw invalidArgument(`A vector must have 1 to ${MAX_VECTOR_DIMENSIONS} dimensions.`);
  }
  if (!numbers.every(({ valueType }) => valueType === 'doubleValue')) {
    throw invalidArgument('The elements of a vector must be doubles.');
  }
  return value;
}

function checkDepth(depth: number): void {
  if (depth > MAX_DEPTH) {
    throw invalidArgument(`Maps and arrays are nested deeper than ${MAX_DEPTH} levels.`);
  }
}
