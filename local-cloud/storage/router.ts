/** Finds the handler of each request. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { DISK_FULL, isDiskFull } from '../base/disk-full.ts';
import { isForThisService, isWriteWithoutPreflight } from '../base/this-machine.ts';
import * as buckets from './bucket-api.ts';
import {
  type Call,
  type Handler,
  openCall,
  type Params,
  type Storage,
  sendEmpty,
  sendError,
} from './call.ts';
import * as copies from './copy-api.ts';
import { allowOrigin, answerPreflight, corsRulesOf } from './cors.ts';
import { NotModified, StorageError } from './errors.ts';
import { parseFields } from './fields.ts';
import { decodeSegment } from './names.ts';
import * as notifications from './notification-api.ts';
import * as objects from './object-api.ts';
import { refuseUnsupported } from './unsupported.ts';
import { handleXml, parseXmlPath } from './xml-api.ts';

type Methods = Partial<Record<string, Handler>>;

const OBJECT = 'b/:bucket/o/:name';

const UPLOAD: Methods = { POST: objects.upload, PUT: objects.upload, DELETE: objects.upload };
const ROUTES: [pattern: string, methods: Methods][] = [
  ['b', { GET: buckets.listBuckets, POST: buckets.insertBucket }],
  [
    'b/:bucket',
    {
      GET: buckets.getBucket,
      PATCH: buckets.patchBucket,
      PUT: buckets.updateBucket,
      DELETE: buckets.deleteBucket,
    },
  ],
  ['b/:bucket/restore', { POST: buckets.restoreBucket }],
  [
    'b/:bucket/notificationConfigs',
    { GET: notifications.listNotifications, POST: notifications.insertNotification },
  ],
  [
    'b/:bucket/notificationConfigs/:name',
    { GET: notifications.getNotification, DELETE: notifications.deleteNotification },
  ],
  ['b/:bucket/o', { GET: objects.listObjectsOfBucket }],
  [
    OBJECT,
    {
      GET: objects.getObject,
      PATCH: objects.patchObject,
      PUT: objects.updateObject,
      DELETE: objects.deleteObject,
    },
  ],
  [`${OBJECT}/restore`, { POST: objects.restoreObject }],
  [`${OBJECT}/compose`, { POST: copies.composeObject }],
  [`${OBJECT}/rewriteTo/b/:toBucket/o/:toObject`, { POST: copies.rewriteObject }],
  [`${OBJECT}/copyTo/b/:toBucket/o/:toObject`, { POST: copies.copyObject }],
  [`${OBJECT}/moveTo/o/:toObject`, { POST: copies.moveObject }],
  ['upload/storage/v1/b/:bucket/o', UPLOAD],
  ['resumable/upload/storage/v1/b/:bucket/o', UPLOAD],
  [`download/storage/v1/${OBJECT}`, { GET: objects.downloadObject }],
];

/** Answers one request in every case. Resolves when the answer is sent or the client is gone. */
export async function handle(
  storage: Storage,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const call = openCall(req, res);
  // Strangers may have sent the stored files: a browser must not guess a more dangerous type than the declared one.
  res.setHeader('X-Content-Type-Options', 'nosniff');
  try {
    await dispatch(storage, call);
  } catch (error) {
    answerError(call, error);
  }
}

async function dispatch(storage: Storage, call: Call): Promise<void> {
  const isForUs = isForThisService(call.req) || call.req.headers.host === storage.servedAs;
  if (!isForUs || isWriteWithoutPreflight(call.req)) {
    const message = 'Only pages and programs on this machine may use the local storage.';
    throw new StorageError('accessDenied', message);
  }
  const route = matchRoute(call.path);
  const bucket = route ? route.params.bucket : parseXmlPath(call.path).bucket;
  const rules = corsRulesOf(storage, call, bucket);
  if (call.method === 'OPTIONS') return answerPreflight(call, rules);
  allowOrigin(call, rules);
  refuseUnsupported(call);
  // Checked before the handler runs, because an error afterwards would leave the work half done.
  if (route) parseFields(call.query.get('fields') || '*');
  if (!route) return isJsonPath(call.path) ? refuse(call) : handleXml(storage, call);
  const handler = route.methods[call.method === 'HEAD' ? 'GET' : call.method];
  if (!handler) throw new StorageError('methodNotAllowed', `Method not allowed: ${call.method}`);
  await handler(storage, call, route.params);
}

function matchRoute(path: string): { params: Params; methods: Methods } | undefined {
  const segments = apiPath(path).split('/');
  for (const [pattern, methods] of ROUTES) {
    const params = matchPattern(pattern.split('/'), segments);
    if (params) return { params, methods };
  }
  return undefined;
}

function matchPattern(pattern: string[], segments: string[]): Params | undefined {
  if (pattern.length !== segments.length) return undefined;
  const isMatch = pattern.every((part, at) => part.startsWith(':') || part === segments[at]);
  if (!isMatch) return undefined;
  const named = pattern.flatMap((part, at) =>
    part.startsWith(':') ? [[part.slice(1), decodeSegment(segments[at] ?? '')]] : [],
  );
  return { bucket: '', name: '', toBucket: '', toObject: '', ...Object.fromEntries(named) };
}

/**
 * With `STORAGE_EMULATOR_HOST`, Google's Node client leaves `/storage/v1` out of all requests except
 * uploads. The `b` that is left cannot be a bucket: bucket names have at least three characters.
 */
function apiPath(path: string): string {
  return path.replace(/^\/(storage\/v1\/)?/, '').replace(/\/$/, '');
}

function isJsonPath(path: string): boolean {
  return /^\/(storage\/v1|b|batch\/storage\/v1|channels\/stop|projects\/[^/]+\/(hmacKeys|serviceAccount))(\/|$)/.test(
    path,
  );
}

function refuse({ method, path }: Call): never {
  throw new StorageError(
    'notImplemented',
    `The local storage does not implement ${method} ${path}.`,
  );
}

function answerError(call: Call, error: unknown): void {
  const { req, res } = call;
  // The client is gone, or part of the answer is already sent.
  if (res.headersSent || req.errored || res.destroyed) {
    res.destroy();
    return;
  }
  // Reads and drops the rest of the body, because the next request on the connection follows it. A
  // handler that stopped in the middle left a listener, and the listener would stop the flow of bytes.
  req.removeAllListeners('readable').resume();
  if (error instanceof NotModified) {
    sendEmpty(call, 304);
  } else if (isDiskFull(error)) {
    sendError(call, new StorageError('diskFull', DISK_FULL));
  } else if (error instanceof StorageError) {
    sendError(call, error);
  } else {
    console.error('storage: %s %s failed:', call.method, call.path, error);
    sendError(call, new StorageError('internal', 'We encountered an internal error.'));
  }
}
