/**
 * The XML API's paths, `/bucket/object`, to which signed URLs point.
 * https://cloud.google.com/storage/docs/xml-api/overview
 *
 * This server's JSON API is open, because clients that use `STORAGE_EMULATOR_HOST` send no credentials.
 * The XML API demands a signature and refuses every request without one.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Source } from './blobs.ts';
import { bodyOf, type Call, type Storage, sendEmpty } from './call.ts';
import { claimsOf } from './digest.ts';
import { headerText, objectHeaders, sendContent } from './download.ts';
import { StorageError } from './errors.ts';
import { parseUploadBody } from './metadata.ts';
import { decodeSegment } from './names.ts';
import { checkReadPreconditions, preconditionsOfHeaders } from './preconditions.ts';
import { isSigned, signedContentHash, verifySignedUrl } from './signed-url.ts';
import { storeObject } from './upload/media.ts';
import { cancelUpload, continueUpload, startSession } from './upload/resumable.ts';
import { generationOf } from './values.ts';

interface Target {
  bucket: string;
  name: string;
}

/** The bucket and object that a path names. */
export function parseXmlPath(path: string): Target {
  const [, bucket = '', ...name] = path.split('/');
  return { bucket: decodeSegment(bucket), name: decodeSegment(name.join('/')) };
}

export async function handleXml(storage: Storage, call: Call): Promise<void> {
  call.errorFormat = 'xml';
  const session = call.query.get('upload_id');
  if (session !== null && call.method === 'PUT') return continueUpload(storage, call, session);
  if (session !== null && call.method === 'DELETE') return cancelUpload(storage, call, session);
  if (!isSigned(call)) {
    throw new StorageError('accessDenied', 'Access denied.', {
      Details: 'Anonymous caller does not have access. Use a V4 signed URL, or the JSON API.',
    });
  }
  verifySignedUrl(call, storage.publicKey, storage.now());
  const target = parseXmlPath(call.path);
  if (target.name === '') throw new StorageError('notImplemented', 'Only objects can be signed.');
  switch (call.method) {
    case 'GET':
    case 'HEAD':
      return getObject(storage, call, target);
    case 'PUT':
      return putObject(storage, call, target);
    case 'POST':
      return startUpload(storage, call, target);
    case 'DELETE':
      return deleteObject(storage, call, target);
    default:
      throw new StorageError('methodNotAllowed', 'The specified method is not allowed.');
  }
}

async function getObject(storage: Storage, call: Call, target: Target): Promise<void> {
  const { req, res, query } = call;
  const row = storage.objects.get({ ...target, generation: generationOf(query) });
  checkReadPreconditions(preconditionsOfHeaders(req.headers), row);
  for (const [key, value] of Object.entries(row.metadata.metadata ?? {})) {
    // A key that cannot be part of a header's name is visible only through the JSON API.
    if (/^[\w.-]+$/.test(key)) res.setHeader(`x-goog-meta-${key}`, headerText(value));
  }
  await sendContent(call, storage.blobs, row, {
    contentType: query.get('response-content-type'),
    contentDisposition: query.get('response-content-disposition'),
  });
}

async function putObject(storage: Storage, call: Call, target: Target): Promise<void> {
  const { headers } = call.req;
  const row = await storeObject(storage, {
    ...target,
    metadata: metadataOf(headers),
    preconditions: preconditionsOfHeaders(headers),
    content: withinSignedLength(call),
    claims: [claimsOf(headers), { sha256: signedContentHash(call) }],
  });
  sendEmpty(call, 200, objectHeaders(row));
}

/** `x-goog-resumable: start`. The session in `Location` needs no signature. */
function startUpload(storage: Storage, call: Call, target: Target): void {
  const { headers } = call.req;
  if (headers['x-goog-resumable'] !== 'start') {
    throw new StorageError(
      'invalid',
      'A signed POST must have the header x-goog-resumable: start.',
    );
  }
  const { id } = startSession(storage, call, {
    ...target,
    metadata: metadataOf(headers),
    claims: claimsOf(headers),
    preconditions: preconditionsOfHeaders(headers),
  });
  call.req.resume();
  sendEmpty(call, 201, {
    Location: `${call.baseUrl}${call.path}?upload_id=${id}`,
    'X-GUploader-UploadID': id,
  });
}

function deleteObject(storage: Storage, call: Call, target: Target): void {
  const address = { ...target, generation: generationOf(call.query) };
  storage.objects.delete(address, preconditionsOfHeaders(call.req.headers));
  sendEmpty(call, 204);
}

function metadataOf(headers: IncomingHttpHeaders) {
  const custom = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-goog-meta-'))
    .map(([name, value]) => [name.slice('x-goog-meta-'.length), String(value)]);
  return parseUploadBody({
    cacheControl: headers['cache-control'],
    contentDisposition: headers['content-disposition'],
    contentEncoding: headers['content-encoding'],
    contentLanguage: headers['content-language'],
    contentType: headers['content-type'],
    storageClass: headers['x-goog-storage-class'],
    ...(custom.length > 0 && { metadata: Object.fromEntries(custom) }),
  }).metadata;
}

/**
 * The body, limited by `x-goog-content-length-range: min,max`, with which a signer limits a stranger's uploads.
 * https://cloud.google.com/storage/docs/xml-api/reference-headers#xgoogcontentlengthrange
 */
function withinSignedLength(call: Call): Source {
  const header = call.req.headers['x-goog-content-length-range'];
  if (header === undefined) return bodyOf(call);
  const [, min, max] = /^(\d{1,15}),(\d{1,15})$/.exec(String(header)) ?? [];
  if (min === undefined || max === undefined) {
    throw new StorageError('invalid', `Invalid x-goog-content-length-range: '${header}'`);
  }
  return (async function* () {
    let size = 0;
    for await (const chunk of bodyOf(call)) {
      size += chunk.length;
      if (size > Number(max)) {
        throw new StorageError('entityTooLarge', 'Your proposed upload is too large.');
      }
      yield chunk;
    }
    if (size < Number(min)) {
      throw new StorageError('entityTooSmall', 'Your proposed upload is too small.');
    }
  })();
}
