/** What may be called what. https://cloud.google.com/storage/docs/buckets#naming */
import { isIPv4 } from 'node:net';
import { StorageError } from './errors.ts';

const MAX_OBJECT_NAME_BYTES = 1024;
const MAX_FOLDER_NAME_BYTES = 512;
const BUCKET_NAME = /^[a-z0-9][a-z0-9_.-]*[a-z0-9]$/;

/** @throws {StorageError} 400 unless Cloud Storage would take `name` for a new bucket. */
export function checkBucketName(name: string): void {
  const labels = name.split('.');
  const fits =
    name.length >= 3 &&
    name.length <= (labels.length > 1 ? 222 : 63) &&
    BUCKET_NAME.test(name) &&
    labels.every((label) => label.length >= 1 && label.length <= 63) &&
    !isIPv4(name) &&
    !name.startsWith('goog');
  if (!fits) throw new StorageError('invalid', `Invalid bucket name: '${name}'`);
}

/**
 * Objects are named by any text but these; a name is a key of the database, never a path.
 * https://cloud.google.com/storage/docs/objects#naming
 *
 * @throws {StorageError} 400 unless Cloud Storage would take `name` for an object.
 */
export function checkObjectName(name: string): void {
  if (name === '') throw new StorageError('required', 'Required parameter: name');
  const fits =
    Buffer.byteLength(name) <= MAX_OBJECT_NAME_BYTES &&
    name.isWellFormed() &&
    !/[\r\n]/.test(name) &&
    name !== '.' &&
    name !== '..' &&
    !name.startsWith('.well-known/acme-challenge/');
  if (!fits) throw new StorageError('invalid', `Invalid object name: '${name}'`);
}

/**
 * Where folders are a thing of their own, the folder and the name in it have limits of their own.
 *
 * @throws {StorageError} 400.
 */
export function checkNameWithFolders(name: string): void {
  const base = name.lastIndexOf('/') + 1;
  const parts = [name.slice(0, base), name.slice(base)];
  if (parts.some((part) => Buffer.byteLength(part) > MAX_FOLDER_NAME_BYTES)) {
    throw new StorageError('invalid', `Invalid object name: '${name}'`);
  }
}

/** A percent-encoded piece of a URL. @throws {StorageError} 400 if it is no UTF-8. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new StorageError('invalid', `Malformed percent-encoding: '${segment}'`);
  }
}

/** `encodeURIComponent`, but for all of RFC 3986's reserved characters, as Google's signers do it. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
