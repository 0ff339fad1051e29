/**
 * Sizes by the service's own rules for billing and limits.
 *
 * @see https://cloud.google.com/firestore/native/docs/concepts/storage-size
 */
import { invalidArgument } from '../../base/rpc-error.ts';
import { utf8Length } from '../utf8.ts';
import { isVector, vectorElements } from '../values.ts';
import type { Fields, Value } from '../wire.ts';

const MAX_DOCUMENT_BYTES = 1_048_576;

const NAME_OVERHEAD = 16;
const DOCUMENT_OVERHEAD = 32;

/** @throws INVALID_ARGUMENT if the document is larger than 1 MiB */
export function checkDocumentSize(name: string, segments: readonly string[], fields: Fields): void {
  const size = documentSize(segments, fields);
  if (size > MAX_DOCUMENT_BYTES) {
    throw invalidArgument(
      `Document '${name}' cannot be written because its size (${format(size)} bytes) exceeds the maximum allowed size of ${format(MAX_DOCUMENT_BYTES)} bytes.`,
    );
  }
}

function documentSize(segments: readonly string[], fields: Fields): number {
  return nameSize(segments) + mapSize(fields);
}

function nameSize(segments: readonly string[]): number {
  return segments.reduce((sum, id) => sum + stringSize(id), NAME_OVERHEAD);
}

function mapSize(fields: Fields): number {
  let size = DOCUMENT_OVERHEAD;
  for (const [name, value] of Object.entries(fields)) size += stringSize(name) + valueSize(value);
  return size;
}

function valueSize(value: Value): number {
  switch (value.valueType) {
    case 'nullValue':
    case 'booleanValue':
      return 1;
    case 'integerValue':
    case 'doubleValue':
    case 'timestampValue':
      return 8;
    case 'geoPointValue':
      return 16;
    case 'stringValue':
      return stringSize(value.stringValue);
    case 'bytesValue':
      return value.bytesValue.length;
    case 'referenceValue':
      return nameSize(value.referenceValue.split('/').slice(5));
    case 'arrayValue':
      return value.arrayValue.values.reduce((sum, element) => sum + valueSize(element), 0);
    case 'mapValue':
      return isVector(value) ? 8 * vectorElements(value).length : mapSize(value.mapValue.fields);
  }
}

function stringSize(text: string): number {
  return utf8Length(text) + 1;
}

function format(bytes: number): string {
  return bytes.toLocaleString('en-US');
}
