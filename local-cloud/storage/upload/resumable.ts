/** Resumable uploads. https://cloud.google.com/storage/docs/performing-resumable-uploads */
import { bodyOf, type Call, readJson, type Storage, sendEmpty, sendJson } from '../call.ts';
import { checkClaims, claimsOf } from '../digest.ts';
import { objectHeaders } from '../download.ts';
import { StorageError } from '../errors.ts';
import type { ObjectRow } from '../metadata.ts';
import { parseUploadBody, toObjectResource } from '../metadata.ts';
import { encodeSegment } from '../names.ts';
import { preconditionsOf } from '../preconditions.ts';
import { parseContentRange, type UploadRange } from './content-range.ts';
import type { NewUpload, UploadSession } from './uploads.ts';
import { CHUNK_GRANULARITY } from './writer.ts';

/** JSON API: `POST …?uploadType=resumable`. The answer's `Location` is the session. */
export async function startResumable(storage: Storage, call: Call, bucket: string): Promise<void> {
  const { req, query, baseUrl } = call;
  const described = parseUploadBody(await readJson(call));
  const name = query.get('name') ?? described.name ?? '';
  const type = described.metadata.contentType ?? req.headers['x-upload-content-type'];
  const { metadata } = parseUploadBody({ ...described.metadata, contentType: type });
  const preconditions = preconditionsOf(query);
  const claims = described.claims;
  const { id } = startSession(storage, call, { bucket, name, metadata, preconditions, claims });
  const path = `/upload/storage/v1/b/${bucket}/o`;
  sendEmpty(call, 200, {
    Location: `${baseUrl}${path}?uploadType=resumable&name=${encodeSegment(name)}&upload_id=${id}`,
    'X-GUploader-UploadID': id,
  });
}

/** Stores a new session: the description of the upload, and the origin that started it. @throws {StorageError} */
export function startSession(
  storage: Storage,
  { req }: Call,
  upload: Omit<NewUpload, 'size' | 'origin'>,
): UploadSession {
  const declared = req.headers['x-upload-content-length'];
  if (declared !== undefined && !/^\d{1,15}$/.test(String(declared))) {
    throw new StorageError('invalid', `Invalid X-Upload-Content-Length: '${declared}'`);
  }
  storage.objects.checkPut(upload.bucket, upload.name, upload.preconditions);
  return storage.uploads.start({
    ...upload,
    size: declared === undefined ? null : Number(declared),
    origin: req.headers.origin ?? null,
  });
}

/** `PUT` to a session: sends bytes, or asks for the status. */
export async function continueUpload(storage: Storage, call: Call, id: string): Promise<void> {
  const range = parseContentRange(call.req.headers['content-range']);
  if (range.start === undefined) return answerStatus(storage, call, id, range);
  await storage.writer.exclusively(id, call.req, async () => {
    const session = declareTotal(storage, id, range);
    if (session.result) {
      call.req.resume();
      return sendResult(call, session.result);
    }
    await receive(storage, call, session, range);
  });
}

/** `DELETE` of a session. Cloud Storage confirms it with the client error 499. */
export async function cancelUpload(storage: Storage, call: Call, id: string): Promise<never> {
  return storage.writer.exclusively(id, call.req, async () => {
    drop(storage, storage.uploads.get(id));
    throw new StorageError('uploadCancelled', 'The upload was cancelled.');
  });
}

async function receive(
  storage: Storage,
  call: Call,
  session: UploadSession,
  { start = 0, end }: UploadRange,
): Promise<void> {
  const total = session.size ?? undefined;
  const length = lengthOfBody(call, start, end, total);
  // From a chunk that is not the last, the service keeps only whole multiples. The client sends the rest
  // again.
  const isLast = end === undefined || end + 1 === total;
  const keep = isLast ? length : length - ((start + length) % CHUNK_GRANULARITY);
  await storage.writer.append(session, { start, length, keep, body: bodyOf(call) });
  const received = storage.writer.received(session);
  const isWhole = total === undefined ? end === undefined : received === total;
  if (!isWhole) return sendProgress(storage, call, session);
  sendResult(call, await finish(storage, call, session));
}

/** How many bytes the body may have. @throws {StorageError} 400 if the declared size is impossible. */
function lengthOfBody(
  { req }: Call,
  start: number,
  end: number | undefined,
  total: number | undefined,
): number {
  const rest = total === undefined ? Number.POSITIVE_INFINITY : total - start;
  if (end === undefined) return rest;
  const length = end - start + 1;
  const sent = req.headers['content-length'];
  if (length > rest || (sent !== undefined && Number(sent) !== length)) {
    throw new StorageError('invalid', 'Invalid request. Content-Range does not fit the body.');
  }
  if (length !== rest && length < CHUNK_GRANULARITY) {
    throw new StorageError(
      'invalid',
      `Invalid request. There were ${length} byte(s) in the request body, but all chunks except the last must have at least ${CHUNK_GRANULARITY} bytes.`,
    );
  }
  return length;
}

async function answerStatus(
  storage: Storage,
  call: Call,
  id: string,
  range: UploadRange,
): Promise<void> {
  const session = declareTotal(storage, id, range);
  if (session.result) return sendResult(call, session.result);
  // All bytes are stored, but the request with the last bytes was cut off, or the client did not know
  // then that they were the last.
  if (!storage.writer.isBusy(id) && session.size === storage.writer.received(session)) {
    const row = await storage.writer.exclusively(id, call.req, async () => {
      const current = storage.uploads.get(id);
      return current.result ?? finish(storage, call, current);
    });
    return sendResult(call, row);
  }
  sendProgress(storage, call, session);
}

/** Stores the size of the object if a request declares it. @throws {StorageError} 400 if the size changes */
function declareTotal(storage: Storage, id: string, { total }: UploadRange): UploadSession {
  const session = storage.uploads.get(id);
  if (total === undefined || session.size === total) return session;
  if (session.size !== null || storage.writer.received(session) > total) {
    throw new StorageError('invalid', `Invalid request. The size of the upload is not ${total}.`);
  }
  storage.uploads.declareSize(id, total);
  return storage.uploads.get(id);
}

/** Turns the session's bytes into an object. If that fails, the session ends. */
async function finish(storage: Storage, call: Call, session: UploadSession): Promise<ObjectRow> {
  const digest = await storage.writer.digest(session, storage.writer.received(session));
  const content = { ...digest.summary(), blob: session.blob, componentCount: null };
  try {
    checkClaims(content, session.claims, claimsOf(call.req.headers));
    const row = storage.db.transaction(() => {
      const { metadata, preconditions } = session;
      const stored = storage.objects.put(session, content, metadata, preconditions);
      storage.uploads.complete(session.id, stored);
      return stored;
    });
    storage.writer.forget(session);
    return row;
  } catch (error) {
    drop(storage, session);
    throw error;
  }
}

function drop(storage: Storage, session: UploadSession): void {
  storage.writer.forget(session);
  storage.uploads.remove(session);
}

function sendProgress(storage: Storage, call: Call, session: UploadSession): void {
  const persisted = storage.writer.persisted(session);
  sendEmpty(call, 308, {
    ...(persisted > 0 && { Range: `bytes=0-${persisted - 1}` }),
    'X-GUploader-UploadID': session.id,
  });
}

/** The JSON API returns the object, the XML API only its headers. */
function sendResult(call: Call, row: ObjectRow): void {
  if (call.errorFormat === 'xml') sendEmpty(call, 200, objectHeaders(row));
  else sendJson(call, toObjectResource(row, call.baseUrl));
}
