/** Parses values in addresses and bodies like Cloud Storage. */
import { z } from 'zod';
import { StorageError } from './errors.ts';

/** A 64-bit number in a body. JSON has none, so clients may send it as text. Null is not a number. */
export const int64Schema = z
  .union([z.int().nonnegative(), z.string().regex(/^\d{1,16}$/)])
  .transform(Number);

/**
 * True if a parameter such as `versions=true` is on, in upper or lower case: Google's client for Python writes `True`.
 * @throws {StorageError} 400 if it is neither on nor off
 */
export function isOn(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)?.toLowerCase() ?? '';
  if (!['true', 'false', ''].includes(text)) {
    throw new StorageError('invalid', `Invalid value for ${name}: '${query.get(name)}'`);
  }
  return text === 'true';
}

/** A parameter such as `generation=…`. @throws {StorageError} 400 if it is not a number */
export function generationOf(query: URLSearchParams, name = 'generation'): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,16}$/.test(text)) {
    throw new StorageError('invalid', `Invalid value for ${name}: '${text}'`);
  }
  return Number(text);
}
