/** Field paths (`a.b.`c d``) and the values that they point to. No function changes its arguments. */
import { invalidArgument } from '../base/rpc-error.ts';
import { utf8Length } from './utf8.ts';
import type { FieldMask, Fields, Value } from './wire.ts';

export type FieldPath = readonly string[];

const MAX_FIELD_NAME_BYTES = 1_500;
const SIMPLE_NAME = /^[a-zA-Z_][a-zA-Z_0-9]*$/;
/** A simple name, or a quoted one in which `\` escapes the next character. */
const SEGMENT = /([a-zA-Z_][a-zA-Z_0-9]*)|`((?:[^`\\]|\\.)+)`/sy;

/** The path by which queries name the document itself. */
export const DOCUMENT_ID = '__name__';

/** @throws INVALID_ARGUMENT if the text is not a field path */
export function parseFieldPath(text: string | undefined): FieldPath {
  const path: string[] = [];
  let position = 0;
  const source = text ?? '';
  do {
    SEGMENT.lastIndex = position;
    const match = SEGMENT.exec(source);
    if (!match) throw invalidArgument(`Invalid property path "${source}".`);
    path.push(match[1] ?? (match[2] ?? '').replace(/\\(.)/gs, '$1'));
    position = SEGMENT.lastIndex;
    if (position < source.length && source[position] !== '.') {
      throw invalidArgument(`Invalid property path "${source}".`);
    }
    position++;
  } while (position <= source.length);
  return path;
}

/** A path to write to: its names must be allowed in a document. */
export function parseWritableFieldPath(text: string | undefined): FieldPath {
  const path = parseFieldPath(text);
  for (const name of path) checkFieldName(name);
  return path;
}

/** @throws INVALID_ARGUMENT if no field can have this name */
export function checkFieldName(name: string): void {
  if (name === '') throw invalidArgument('Property name must not be empty.');
  if (/^__.*__$/s.test(name)) {
    throw invalidArgument(`Property name "${name}" is invalid because it is reserved.`);
  }
  if (utf8Length(name) > MAX_FIELD_NAME_BYTES) {
    throw invalidArgument(`Property name is longer than ${MAX_FIELD_NAME_BYTES} bytes.`);
  }
}

export function formatFieldPath(path: FieldPath): string {
  return path
    .map((name) => (SIMPLE_NAME.test(name) ? name : `\`${name.replace(/[\\`]/g, '\\$&')}\``))
    .join('.');
}

export function getField(fields: Fields, path: FieldPath): Value | undefined {
  let current: Fields | undefined = fields;
  let value: Value | undefined;
  for (const name of path) {
    if (current === undefined) return undefined;
    value = Object.hasOwn(current, name) ? current[name] : undefined;
    current = value?.valueType === 'mapValue' ? value.mapValue.fields : undefined;
  }
  return value;
}

/** Returns the fields with `value` at `path`. Undefined removes the field. */
export function setField(fields: Fields, path: FieldPath, value: Value | undefined): Fields {
  const [name, ...rest] = path;
  if (name === undefined) return fields;
  const existing = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (rest.length === 0) {
    const { [name]: _replaced, ...others } = fields;
    return value === undefined ? others : { ...fields, [name]: value };
  }
  const isMap = existing?.valueType === 'mapValue';
  if (value === undefined && !isMap) return fields;
  const children = setField(isMap ? existing.mapValue.fields : {}, rest, value);
  return { ...fields, [name]: { valueType: 'mapValue', mapValue: { fields: children } } };
}

/** Keeps only the fields that the paths name, inside the same maps. */
export function pickFields(fields: Fields, paths: readonly FieldPath[]): Fields {
  let picked: Fields = {};
  for (const path of paths) {
    const value = getField(fields, path);
    if (value !== undefined) picked = setField(picked, path, value);
  }
  return picked;
}

/** The paths of a read mask. `__name__` is left out, because every document has its name anyway. */
export function parseReadMask(mask: FieldMask | undefined): FieldPath[] | undefined {
  return mask?.fieldPaths
    .map(parseFieldPath)
    .filter((path) => !(path.length === 1 && path[0] === DOCUMENT_ID));
}
