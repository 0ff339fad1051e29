/** The `Content-Range` of a request to a resumable session. */
import { StorageError } from '../errors.ts';

export interface UploadRange {
  /** First byte of the body; undefined: the client asks for the status and sends no bytes. */
  start: number | undefined;
  /** Last byte, inclusive; undefined: the body's end. */
  end: number | undefined;
  /** Bytes of the whole object; undefined if the client does not know yet. */
  total: number | undefined;
}

/**
 * Forms: `bytes 0-524287/2000000`; `bytes 0-524287/*` if the size is not known yet; `bytes *` over a size or over `*` to ask for
 * the status; no header for the whole object; and `bytes 0-*` over either, which Google's Node client sends for a streamed body.
 * https://cloud.google.com/storage/docs/performing-resumable-uploads
 * @throws {StorageError} 400
 */
export function parseContentRange(header: string | undefined): UploadRange {
  if (header === undefined) return { start: 0, end: undefined, total: undefined };
  const match = /^bytes (?:\*|(\d{1,15})-(\d{1,15}|\*))\/(\d{1,15}|\*)$/.exec(header.trim());
  const [start, end, total] = (match ?? []).slice(1).map(numberOf);
  const isOrdered = start === undefined || end === undefined || start <= end;
  const isWithin = end === undefined || total === undefined || end < total;
  if (!match || !isOrdered || !isWithin) {
    throw new StorageError('invalid', `Failed to parse Content-Range header: '${header}'`);
  }
  return { start, end, total };
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || text === '*' ? undefined : Number(text);
}
