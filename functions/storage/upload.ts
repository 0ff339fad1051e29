/**
 * One streaming upload to Cloud Storage. The client library's write stream is a chain of about ten streams, whose buffers
 * take 0.7 MB for each running upload and reach V8's old generation before they are garbage. So this file sends the same
 * request itself, with the library's address and credentials
 * (https://cloud.google.com/storage/docs/json_api/v1/objects/insert, `uploadType=media`).
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Storage } from '@google-cloud/storage';
import { z } from 'zod';
import { UnusableAnswerError } from '../process/service-fault.ts';
import { credentials } from './download.ts';
import { StalledError, withStallLimit } from './stalled.ts';

const insertedSchema = z.object({ size: z.coerce.number(), md5Hash: z.string() });

/** Neither side may be silent for longer, in milliseconds. The sender of the bytes has less time (`BodyTimeouts`). */
const STALL_MS = 60_000;

export interface UploadedObject {
  /** Bytes. */
  size: number;
  /** Base64, computed by Cloud Storage. */
  md5: string;
}

interface Upload {
  bucket: string;
  name: string;
  bytes: Readable;
  /** If it is aborted, no object is stored, even if all bytes were sent. */
  signal: AbortSignal;
  /** Default: `application/octet-stream`, because the worker finds the real type when it checks the bytes. */
  contentType?: string;
  stallMs?: number | undefined;
}

/**
 * Stores `bytes` as a new object. If an object of that name exists, it stays as it is and the upload fails. A streamed body
 * cannot be sent again, so this does not retry.
 * @throws the signal's reason, or an error with the answer of Cloud Storage; `bytes` is drained then
 */
export async function uploadStream(
  storage: Storage,
  {
    bucket,
    name,
    bytes,
    signal,
    contentType = 'application/octet-stream',
    stallMs = STALL_MS,
  }: Upload,
): Promise<UploadedObject> {
  const url = new URL(`${storage.apiEndpoint}/upload/storage/v1/b/${bucket}/o`);
  url.search = new URLSearchParams({
    uploadType: 'media',
    name,
    ifGenerationMatch: '0',
    fields: 'size,md5Hash',
  }).toString();
  const stop = new AbortController();
  try {
    const headers = { ...(await credentials(storage, url)), 'Content-Type': contentType };
    const either = AbortSignal.any([signal, stop.signal]);
    const response = await send(url, headers, bytes, either, stallMs);
    const body = await withStallLimit(text(response), stallMs);
    if (response.statusCode !== 200) {
      const message = `Cloud Storage answered ${response.statusCode}: ${body}`;
      throw Object.assign(new Error(message), { code: response.statusCode });
    }
    const { size, md5Hash } = insertedSchema.parse(JSON.parse(body));
    return { size, md5: md5Hash };
  } catch (thrown) {
    const { code } = thrown as { code?: unknown };
    const isKnown = signal.aborted || typeof code === 'number' || thrown instanceof StalledError;
    const error = isKnown
      ? thrown
      : new UnusableAnswerError('Cloud Storage gave no answer to an upload.', { cause: thrown });
    // If the answer came before the end of the body, the request is still open.
    stop.abort(error);
    bytes.unpipe();
    bytes.resume();
    throw error;
  }
}

function send(
  url: URL,
  headers: Record<string, string>,
  bytes: Readable,
  signal: AbortSignal,
  stallMs: number,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      headers,
    });
    request.once('response', resolve);
    request.setTimeout(stallMs, () => request.destroy(new StalledError(stallMs)));
    request.on('error', reject);
    const onAbort = () => {
      reject(signal.reason);
      // An incomplete chunked body does not become an object: RFC 9112 §8.
      request.destroy();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    // A combined signal lives as long as it has a listener, and keeps 7 kB of the request in memory.
    request.once('close', () => signal.removeEventListener('abort', onAbort));
    bytes.pipe(request);
  });
}
