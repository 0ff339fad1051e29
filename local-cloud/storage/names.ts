/** Rules for names. https://cloud.google.com/storage/docs/buckets#naming */
import { isIPv4 } from 'node:net';
import { StorageError } from './errors.ts';

const MAX_OBJECT_NAME_BYTES = 1024;
const MAX_FOLDER_NAME_BYTES = 512;
const BUCKET_NAME = /^[a-z0-9][a-z0-9_.-]*[a-z0-9]$/;

/** @throws {StorageError} 400 if Cloud Storage would refuse `name` for a new bucket */
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
 * Checks the name of an object. Names are keys in the database and never paths.
 * https://cloud.google.com/storage/docs/objects#naming
 * @throws {StorageError} 400 if Cloud Storage would refuse `name` for an object
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
 * In a bucket with real folders, the folder's name and the last part of the name each have their own limit.
 * @throws {StorageError} 400
 */
export function checkNameWithFolders(name: string): void {
  const base = name.lastIndexOf('/') + 1;
  const parts = [name.slice(0, base), name.slice(base)];
  if (parts.some((part) => Buffer.byteLength(part) > MAX_FOLDER_NAME_BYTES)) {
    throw new StorageError('invalid', `Invalid object name: '${name}'`);
  }
}

/** Decodes a percent-encoded part of a URL. @throws {StorageError} 400 if it is not UTF-8. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new StorageError('invalid', `Malformed percent-encoding: '${segment}'`);
  }
}

/** Like `encodeURIComponent`, but encodes all reserved characters of RFC 3986, as Google's signers do. */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
