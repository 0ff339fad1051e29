/** The `Range` of a download (RFC 9110, section 14). */
import { StorageError } from './errors.ts';

export interface ByteRange {
  /** Inclusive. */
  start: number;
  /** Inclusive. */
  end: number;
}

/**
 * The part of `size` bytes that `header` asks for. Undefined means all bytes: there is no header, it has several ranges, or it is
 * malformed, which the RFC says to ignore.
 * @throws {StorageError} 416 if the range begins after the last byte
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first !== '' && last !== '' && Number(last) < Number(first)) return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start >= size || (first === '' && Number(last) === 0)) {
    throw new StorageError('rangeNotSatisfiable', 'The requested range cannot be satisfied.');
  }
  return { start, end };
}
