/** Cloud Storage: buckets, and objects with their bytes and generations, as gcloud, Terraform's provider and its state use them. */
import { createHash } from 'node:crypto';
import { CRC32C } from '@google-cloud/storage';
import { AT, key, PROJECT_NUMBER, refuse } from './names.ts';
import { type Call, Plain, type Service } from './request.ts';
import { ApiError, type Json, type Resources } from './resources.ts';

export const storage: Service = (call) => {
  const { method, path, query, body, resources } = call;
  const upload = /^upload\/b\/([^/]+)\/o$/.exec(path);
  if (upload) return receive(call, String(upload[1]));
  const account = /^projects\/([^/]+)\/serviceAccount$/.exec(path)?.[1];
  if (account !== undefined) return accountOf(account);
  if (/^b\/[^/]+\/notificationConfigs\b/.test(path)) return notifications(call);
  const [, bucket, object] = /^b\/?([^/]*)(?:\/o\/?(.*))?$/.exec(path) ?? [];
  if (method === 'POST') return createBucket(body, resources);
  if (bucket === '') {
    const all = resources.under(key('storage', 'b/'));
    return { items: all.filter(({ kind }) => kind === 'storage#bucket') };
  }
  const objects = key('storage', `b/${bucket}/o/`);
  if (object === '') {
    resources.get(key('storage', `b/${bucket}`));
    return { items: resources.under(`${objects}${query.get('prefix') ?? ''}`) };
  }
  const name = key('storage', path);
  if (object !== undefined) checkGeneration(resources.find(name), query);
  if (method === 'GET' && object !== undefined) checkThere(name, call);
  if (method === 'GET' && query.get('alt') === 'media') return read(name, resources);
  if (method === 'GET') return resources.get(name);
  if (method !== 'DELETE') return resources.merge(name, body);
  if (object === undefined && resources.under(objects).length > 0) {
    throw new ApiError(409, 'CONFLICT', 'The bucket you tried to delete is not empty.');
  }
  resources.delete(name);
  resources.contents.delete(name);
  return {};
};

/** The account as which Cloud Storage writes for the buckets of a project. */
const accountOf = (project: string): Json => ({
  kind: 'storage#serviceAccount',
  email_address: `service-${project}@gs-project-accounts.iam.gserviceaccount.com`,
});

/** https://cloud.google.com/storage/docs/json_api/v1/notifications. The bucket may be somebody else's. */
function notifications({ method, path, body, resources }: Call): Json {
  const all = key('storage', `${path.split('/').slice(0, 3).join('/')}/`);
  if (method === 'POST') {
    checkMayPublish(String(body.topic), resources);
    const id = resources.next();
    return resources.create(`${all}${id}`, { kind: 'storage#notification', ...body, id });
  }
  if (path.endsWith('/notificationConfigs')) return { items: resources.under(all) };
  const name = key('storage', path);
  const found = resources.get(name);
  if (method === 'DELETE') resources.delete(name);
  return found;
}

/** @throws {ApiError} If Cloud Storage may not write to the topic: it tries before it accepts the wish. */
function checkMayPublish(topic: string, resources: Resources): void {
  const name = topic.replace('//pubsub.googleapis.com/', '');
  resources.get(key('pubsub', name));
  const { bindings = [] } = resources.find(`policy of ${key('pubsub', name)}`) ?? {};
  const isAllowed = (bindings as { role: string; members: string[] }[]).some(
    ({ role, members }) =>
      role === 'roles/pubsub.publisher' &&
      members.some((member) => member.endsWith('@gs-project-accounts.iam.gserviceaccount.com')),
  );
  if (!isAllowed) throw refuse('The account of Cloud Storage may not publish to the topic.');
}

function createBucket(body: Json, resources: Resources): Json {
  const location = String(body.location ?? 'us').toUpperCase();
  return resources.create(key('storage', `b/${body.name}`), {
    kind: 'storage#bucket',
    id: body.name,
    selfLink: `https://www.googleapis.com/storage/v1/b/${body.name}`,
    projectNumber: PROJECT_NUMBER,
    storageClass: 'STANDARD',
    rpo: 'DEFAULT',
    timeCreated: AT,
    updated: AT,
    ...body,
    location,
  });
}

/** `GET /BUCKET/OBJECT`: Google's client for Go, which keeps Terraform's state, reads by the XML API. */
export function readObject(path: string, resources: Resources): Plain | undefined {
  const [, bucket, object] = /^\/([a-z0-9][a-z0-9._-]+)\/(.+)$/.exec(path) ?? [];
  if (!resources.find(key('storage', `b/${bucket}`))) return undefined;
  return read(key('storage', `b/${bucket}/o/${object}`), resources);
}

function read(name: string, resources: Resources): Plain {
  const { generation } = resources.get(name);
  const bytes = resources.contents.get(name) ?? Buffer.alloc(0);
  return new Plain(bytes, { 'x-goog-generation': String(generation) });
}

/** Earlier generations are not kept. @throws {ApiError} If another generation than that of the object is asked for. */
function checkThere(name: string, { query, resources }: Call): void {
  const wanted = query.get('generation');
  if (wanted === null || wanted === String(resources.get(name).generation)) return;
  throw new ApiError(404, 'NOT_FOUND', `${name}#${wanted} was not found.`);
}

/** https://cloud.google.com/storage/docs/request-preconditions: a lock of Terraform's is an object that must not be there. */
function checkGeneration(found: Json | undefined, query: URLSearchParams): void {
  const expected = query.get('ifGenerationMatch');
  if (expected === null || expected === String(found?.generation ?? '0')) return;
  throw new ApiError(
    412,
    'conditionNotMet',
    'At least one of the pre-conditions you specified did not hold.',
  );
}

/** An upload in one request, or in a session of its own (`uploadType=resumable`). */
function receive(call: Call, bucket: string): unknown {
  const { method, query, body, raw, headers, resources } = call;
  resources.get(key('storage', `b/${bucket}`));
  const session = query.get('upload_id');
  if (session !== null) {
    const bytes = Buffer.concat([resources.contents.get(session) ?? Buffer.alloc(0), raw]);
    resources.contents.set(session, bytes);
    // The size is unknown until the last part: https://cloud.google.com/storage/docs/performing-resumable-uploads
    const isLast = !/\/\*$/.test(headers['content-range'] ?? '');
    if (!isLast) throw new Incomplete(bytes.length);
    const { ifGenerationMatch, ...meta } = resources.get(`upload ${session}`);
    if (ifGenerationMatch) query.set('ifGenerationMatch', String(ifGenerationMatch));
    return keep(bucket, meta, bytes, call);
  }
  if (query.get('uploadType') === 'resumable' && method === 'POST') {
    const id = `upload-${resources.next()}`;
    const name = query.get('name') ?? body.name;
    checkGeneration(resources.find(key('storage', `b/${bucket}/o/${name}`)), query);
    const ifGenerationMatch = query.get('ifGenerationMatch');
    resources.replace(`upload ${id}`, {
      ...body,
      name,
      ...(ifGenerationMatch && { ifGenerationMatch }),
    });
    const address = `http://${headers.host}/upload/storage/v1/b/${bucket}/o?uploadType=resumable&upload_id=${id}`;
    return new Plain(Buffer.alloc(0), { Location: address });
  }
  const isMedia = query.get('uploadType') === 'media';
  const { meta, bytes } = isMedia ? { meta: {} as Json, bytes: raw } : multipart(raw, body);
  return keep(bucket, { ...meta, name: query.get('name') ?? meta.name }, bytes, call);
}

/** 308: the session goes on. */
export class Incomplete extends Error {
  readonly received: number;

  constructor(received: number) {
    super('The upload goes on.');
    this.received = received;
  }
}

function keep(bucket: string, meta: Json, bytes: Buffer, call: Call): Json {
  const { query, headers, resources } = call;
  const name = key('storage', `b/${bucket}/o/${meta.name}`);
  checkGeneration(resources.find(name), query);
  resources.contents.set(name, bytes);
  const crc32c = new CRC32C();
  crc32c.update(bytes);
  return resources.replace(name, {
    ...meta,
    kind: 'storage#object',
    bucket,
    size: String(bytes.length),
    md5Hash: createHash('md5').update(bytes).digest('base64'),
    crc32c: crc32c.toString(),
    storageClass: 'STANDARD',
    timeCreated: AT,
    updated: AT,
    metageneration: '1',
    selfLink: `https://www.googleapis.com/storage/v1/b/${bucket}/o/${meta.name}`,
    mediaLink: `http://${headers.host}/storage/storage/v1/b/${bucket}/o/${encodeURIComponent(String(meta.name))}?alt=media`,
    generation: resources.next(),
  });
}

/** The two parts of a multipart upload: what the object is to be, and its bytes. */
function multipart(raw: Buffer, meta: Json): { meta: Json; bytes: Buffer } {
  if (!raw.subarray(0, 2).equals(Buffer.from('--'))) return { meta, bytes: raw };
  const eol = raw.subarray(0, raw.indexOf('\n') + 1).toString('latin1');
  const [line, blank] = eol.endsWith('\r\n') ? ['\r\n', '\r\n\r\n'] : ['\n', '\n\n'];
  const [, first = '', second = ''] = raw.toString('latin1').split(eol.trimEnd());
  const content = (part: string) =>
    part.slice(part.indexOf(blank) + blank.length, part.lastIndexOf(line));
  return {
    meta: JSON.parse(Buffer.from(content(first), 'latin1').toString()) as Json,
    bytes: Buffer.from(content(second), 'latin1'),
  };
}
