/** One request to the server, and the functions that answer it. */
import type { KeyObject } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlobStore } from './blobs.ts';
import type { Buckets } from './buckets.ts';
import type { Database } from './database.ts';
import { StorageError, toJsonError, toXmlError } from './errors.ts';
import { parseFields, selectFields } from './fields.ts';
import type { Notifications } from './notifications.ts';
import type { Objects } from './objects.ts';
import type { SoftDeletes } from './soft-delete.ts';
import type { Uploads } from './upload/uploads.ts';
import type { SessionWriter } from './upload/writer.ts';

/** Metadata is small. A larger JSON body is a mistake or an attack. */
const MAX_JSON_BYTES = 1 << 20;

export interface Storage {
  db: Database;
  blobs: BlobStore;
  buckets: Buckets;
  objects: Objects;
  notifications: Notifications;
  softDeletes: SoftDeletes;
  uploads: Uploads;
  writer: SessionWriter;
  /** Milliseconds. */
  now: () => number;
  /** The public key of a service account, to check signatures; undefined if the account is unknown. */
  publicKey: (email: string) => KeyObject | undefined;
  /** Another host name under which a proxy of this machine sends requests. */
  servedAs: string | undefined;
}

export interface Call {
  req: IncomingMessage;
  res: ServerResponse;
  method: string;
  /** The path as sent, still percent-encoded, without the query. */
  path: string;
  query: URLSearchParams;
  /** The address that the client used. Links in answers begin with it. */
  baseUrl: string;
  /** The format of this call's errors. Media downloads of the JSON API fail in plain text. */
  errorFormat: 'json' | 'xml' | 'text';
}

/** The names in a path. A name that the route does not have is empty. */
export interface Params {
  bucket: string;
  name: string;
  toBucket: string;
  toObject: string;
}

export type Handler = (storage: Storage, call: Call, params: Params) => void | Promise<void>;

export function openCall(req: IncomingMessage, res: ServerResponse): Call {
  const target = req.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  // A proxy in front may speak TLS.
  const scheme = req.headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  return {
    req,
    res,
    method: req.method ?? 'GET',
    path,
    query: new URLSearchParams(mark === -1 ? '' : target.slice(mark + 1)),
    baseUrl: `${scheme}://${req.headers.host ?? 'localhost'}`,
    errorFormat: 'json',
  };
}

/**
 * The bytes of the request. Unlike a loop over the request itself, stopping early keeps the connection
 * open.
 */
export function bodyOf({ req }: Call): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => req.iterator({ destroyOnReturn: false }) };
}

/** The body as JSON; `{}` if the body is empty. @throws {StorageError} 400. */
export async function readJson(call: Call): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of bodyOf(call)) {
    size += chunk.length;
    if (size > MAX_JSON_BYTES) throw new StorageError('invalid', 'Request body too large.');
    chunks.push(chunk);
  }
  return parseJson(Buffer.concat(chunks));
}

/** Parses a JSON object; `{}` if there are no bytes. @throws {StorageError} 400. */
export function parseJson(bytes: Buffer): Record<string, unknown> {
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(bytes.toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // The error below covers this case and JSON that is not an object.
  }
  throw new StorageError('parseError', 'Parse Error');
}

export function sendJson({ res, query }: Call, body: unknown, status = 200): void {
  const fields = query.get('fields');
  const shown = fields ? selectFields(body, parseFields(fields)) : body;
  const bytes = Buffer.from(JSON.stringify(shown));
  res.writeHead(status, {
    'Content-Type': 'application/json; charset=UTF-8',
    'Content-Length': bytes.length,
    'Cache-Control': 'no-cache, no-store, max-age=0, must-revalidate',
  });
  res.end(bytes);
}

export function sendEmpty(
  { res }: Call,
  status: number,
  headers: Record<string, string> = {},
): void {
  // A 204 or 304 has no body to measure (RFC 9110, section 8.6).
  const length = status === 204 || status === 304 ? {} : { 'Content-Length': 0 };
  res.writeHead(status, { ...length, ...headers });
  res.end();
}

export function sendError({ res, req, errorFormat }: Call, error: StorageError): void {
  const [type, text] = {
    json: () => ['application/json', JSON.stringify(toJsonError(error))] as const,
    xml: () => ['application/xml', toXmlError(error)] as const,
    text: () => ['text/plain', error.message] as const,
  }[errorFormat]();
  const bytes = Buffer.from(text);
  res.writeHead(error.status, {
    'Content-Type': `${type}; charset=UTF-8`,
    'Content-Length': bytes.length,
  });
  res.end(req.method === 'HEAD' ? undefined : bytes);
}
