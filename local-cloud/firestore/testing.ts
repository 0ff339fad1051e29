/** Short functions that build values, documents and requests for tests. */
import type { DocumentChange, StoredDocument } from './documents.ts';
import type { Fields, Filter, StructuredQuery, Value, Write } from './wire.ts';

export const DATABASE = 'projects/p/databases/d';
export const ROOT = `${DATABASE}/documents`;

export const integer = (value: number | bigint): Value => ({
  valueType: 'integerValue',
  integerValue: String(value),
});
export const double = (doubleValue: number): Value => ({ valueType: 'doubleValue', doubleValue });
export const text = (stringValue: string): Value => ({ valueType: 'stringValue', stringValue });
export const list = (...values: Value[]): Value => ({
  valueType: 'arrayValue',
  arrayValue: { values },
});
export const map = (fields: Fields): Value => ({ valueType: 'mapValue', mapValue: { fields } });
export const reference = (path: string): Value => ({
  valueType: 'referenceValue',
  referenceValue: `${ROOT}/${path}`,
});
export const flag = (booleanValue: boolean): Value => ({ valueType: 'booleanValue', booleanValue });
export const bytes = (...values: number[]): Value => ({
  valueType: 'bytesValue',
  bytesValue: Buffer.from(values),
});
export const timestamp = (seconds: number, nanos = 0): Value => ({
  valueType: 'timestampValue',
  timestampValue: { seconds, nanos },
});
export const point = (latitude: number, longitude: number): Value => ({
  valueType: 'geoPointValue',
  geoPointValue: { latitude, longitude },
});
export const vector = (...values: number[]): Value =>
  map({ __type__: text('__vector__'), value: list(...values.map(double)) });

export function document(path: string, fields: Fields, time = 1): StoredDocument {
  const segments = path.split('/');
  return { name: `${ROOT}/${path}`, segments, fields, createTime: time, updateTime: time };
}

export function change(before?: StoredDocument, after?: StoredDocument): DocumentChange {
  const { name, segments } = after ?? before ?? document('c/none', {});
  return { name, segments, before, after };
}

export function set(path: string, fields: Fields, more: Partial<Write> = {}): Write {
  const update = { name: `${ROOT}/${path}`, fields };
  return { operation: 'update', update, updateTransforms: [], ...more };
}

export function remove(path: string): Write {
  return { operation: 'delete', delete: `${ROOT}/${path}`, updateTransforms: [] };
}

export function where(fieldPath: string, op: string, value: Value): Filter {
  return { filterType: 'fieldFilter', fieldFilter: { field: { fieldPath }, op, value } };
}

export function both(...filters: Filter[]): Filter {
  return { filterType: 'compositeFilter', compositeFilter: { op: 'AND', filters } };
}

export function either(...filters: Filter[]): Filter {
  return { filterType: 'compositeFilter', compositeFilter: { op: 'OR', filters } };
}

/** A query on the root collection `c`. */
export function query(more: Partial<StructuredQuery> = {}): StructuredQuery {
  return { from: [{ collectionId: 'c' }], orderBy: [], ...more };
}
