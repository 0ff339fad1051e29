/** Sends an object's content, for the JSON API and the XML API. */
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { BlobStore } from './blobs.ts';
import { type Call, sendEmpty } from './call.ts';
import { noSuchObject, StorageError } from './errors.ts';
import type { ObjectRow } from './metadata.ts';
import { etagOf } from './metadata.ts';
import { type ByteRange, parseRange } from './ranges.ts';

export interface DownloadOverrides {
  contentType?: string | null;
  contentDisposition?: string | null;
}

/**
 * Answers 200, or 206 for a range, or 304 if the reader already has this ETag.
 * @param overrides headers that a signed URL sets for this answer
 * @throws {StorageError} 416 or 412; 404 or 500 if the stored file is missing or damaged
 */
export async function sendContent(
  call: Call,
  blobs: BlobStore,
  row: ObjectRow,
  overrides: DownloadOverrides = {},
): Promise<void> {
  const { req, res } = call;
  checkFile(blobs, row);
  const headers = { ...objectHeaders(row), ...contentHeaders(row, overrides) };
  if (isCached(call, row)) return sendEmpty(call, 304, headers);
  const gunzip = needsGunzip(call, row);
  const range = gunzip ? undefined : rangeOf(call, row);
  if (range) {
    headers['Content-Range'] = `bytes ${range.start}-${range.end}/${row.size}`;
    headers['Content-Length'] = String(range.end - range.start + 1);
  } else if (gunzip) {
    delete headers['Content-Encoding'];
    headers.Warning = '214 UploadServer gunzipped';
  } else {
    headers['Content-Length'] = String(row.size);
  }
  res.writeHead(range ? 206 : 200, headers);
  if (req.method === 'HEAD' || row.size === 0) {
    res.end();
    return;
  }
  const file = blobs.read(row.blob, range);
  await (gunzip ? pipeline(file, createGunzip(), res) : pipeline(file, res));
}

/**
 * Somebody may have deleted or cut a file in the data folder. The answer must say so before it begins.
 * @throws {StorageError} 404 or 500
 */
function checkFile(blobs: BlobStore, { bucket, name, blob, size }: ObjectRow): void {
  const present = blobs.size(blob);
  if (present === size) return;
  console.error(
    `storage: ${bucket}/${name} has ${size} bytes, but its file ${blob} has ${present}. Was it changed in the folder of the data?`,
  );
  if (present === 0) throw noSuchObject(bucket, name);
  throw new StorageError('internal', `The stored bytes of ${bucket}/${name} are damaged.`);
}

/** Headers that describe the object. Clients check downloads with `x-goog-hash`. */
export function objectHeaders(row: ObjectRow): Record<string, string> {
  const hashes = [`crc32c=${row.crc32c}`, ...(row.md5Hash === null ? [] : [`md5=${row.md5Hash}`])];
  return {
    ETag: `"${etagOf(row)}"`,
    'x-goog-generation': String(row.generation),
    'x-goog-metageneration': String(row.metageneration),
    'x-goog-hash': hashes.join(','),
    'x-goog-stored-content-encoding': row.metadata.contentEncoding ?? 'identity',
    'x-goog-stored-content-length': String(row.size),
    'x-goog-storage-class': row.metadata.storageClass ?? 'STANDARD',
    ...(row.componentCount !== null && { 'x-goog-component-count': String(row.componentCount) }),
  };
}

/** Text for a header. Node writes headers as Latin-1, so the UTF-8 bytes are passed through one by one. */
export function headerText(text: string): string {
  return Buffer.from(text.replace(/\p{Cc}/gu, ' ')).toString('latin1');
}

function contentHeaders(
  { metadata, updated }: ObjectRow,
  overrides: DownloadOverrides,
): Record<string, string> {
  const disposition = overrides.contentDisposition ?? metadata.contentDisposition;
  const stored = {
    'Content-Type': overrides.contentType ?? metadata.contentType ?? 'application/octet-stream',
    'Content-Disposition': disposition,
    'Content-Encoding': metadata.contentEncoding,
    'Content-Language': metadata.contentLanguage,
    'Cache-Control': metadata.cacheControl ?? 'private, max-age=0',
  };
  const headers: Record<string, string> = {
    'Accept-Ranges': 'bytes',
    'Last-Modified': new Date(updated).toUTCString(),
  };
  for (const [name, value] of Object.entries(stored)) {
    if (value) headers[name] = headerText(value);
  }
  return headers;
}

/** Checks `If-Match` and `If-None-Match` (RFC 9110, section 13). @throws {StorageError} 412. */
function isCached({ req }: Call, row: ObjectRow): boolean {
  const tags = (header: string | undefined) =>
    header?.split(',').map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''));
  const names = (list: string[]) => list.includes('*') || list.includes(etagOf(row));
  const wanted = tags(req.headers['if-match']);
  if (wanted && !names(wanted)) {
    throw new StorageError('conditionNotMet', 'The ETag does not match.');
  }
  const had = tags(req.headers['if-none-match']);
  return had !== undefined && names(had);
}

/** https://cloud.google.com/storage/docs/transcoding#decompressive_transcoding */
function needsGunzip({ req }: Call, { metadata }: ObjectRow): boolean {
  return (
    metadata.contentEncoding === 'gzip' &&
    !/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(req.headers['accept-encoding'] ?? '')) &&
    !metadata.cacheControl?.includes('no-transform')
  );
}

function rangeOf({ req, res }: Call, row: ObjectRow): ByteRange | undefined {
  try {
    return parseRange(req.headers.range, row.size);
  } catch (error) {
    res.setHeader('Content-Range', `bytes */${row.size}`);
    throw error;
  }
}
