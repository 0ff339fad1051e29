/** What `imports.test.ts` and its long form share: a bucket is imported, and the worker is killed on the way. */
import { createHash } from 'node:crypto';
import type { Firestore } from '@google-cloud/firestore';
import type { Bucket } from '@google-cloud/storage';
import { expect } from '@jest/globals';
import {
  type CreateImport,
  type Import,
  importListSchema,
  importSchema,
} from '@media-analysis/shared/imports';
import { type MediaRecord, recordOf } from '../../functions/core/media/record.ts';
import { ServiceKeys } from '../../functions/http/service-keys.ts';
import type { FaultPlan } from '../../local-cloud/faults/plan.ts';
import { makePicture } from '../faults/user.ts';
import { signal } from '../support/signal.ts';
import { client, databaseOf, eventually, type Stack } from '../support/stack.ts';
import { clientFor } from '../support/storage.ts';

export interface Backend {
  firestore: Firestore;
  /** Acts for a user. */
  as(user: string, key?: string): (path: string, init?: RequestInit) => Promise<Response>;
  keys: Record<'all' | 'reader', string>;
  close(): Promise<void>;
}

/** A backend with a service key, before the units read the keys. */
export async function openBackend(stack: Stack): Promise<Backend> {
  const firestore = databaseOf(stack);
  const made = new ServiceKeys(async () => firestore);
  const keys = {
    all: (await made.add('all', ['read', 'write'])).key,
    reader: (await made.add('reader', ['read'])).key,
  };
  return {
    firestore,
    keys,
    as: (user, key = keys.all) => {
      const { call } = client(stack, key);
      return (path, init) => call(path, { ...init, headers: { 'X-On-Behalf-Of': user } });
    },
    close: () => firestore.terminate(),
  };
}

/** A bucket as its owner sees it, through Google's own client. */
export function bucketOf(stack: Stack, name: string): Bucket {
  return clientFor(stack.environment.STORAGE_EMULATOR_HOST ?? '').bucket(name);
}

/** Stores pictures, no two alike. @returns the SHA-256 of each, by the name of its object */
export async function fillBucket(
  bucket: Bucket,
  prefix: string,
  count: number,
  seed = 1,
): Promise<Map<string, string>> {
  const stored = new Map<string, string>();
  for (let n = 0; n < count; n++) {
    const { file, sha256 } = await makePicture(seed, n);
    const name = `${prefix}${String(n).padStart(5, '0')}.png`;
    await bucket.file(name).save(Buffer.from(await file.arrayBuffer()), {
      resumable: false,
      contentType: 'image/png',
    });
    stored.set(name, sha256);
  }
  return stored;
}

export type Caller = ReturnType<Backend['as']>;

export async function post(who: Caller, path: string, body?: object): Promise<Response> {
  return who(path, { method: 'POST', ...(body && { body: JSON.stringify(body) }) });
}

export async function begin(who: Caller, body: CreateImport): Promise<Import> {
  const response = await post(who, '/api/imports', body);
  expect({ status: response.status, body: await response.clone().json() }).toMatchObject({
    status: 202,
  });
  return importSchema.strict().parse(await response.json());
}

async function get(who: Caller, { id }: Import): Promise<Import> {
  return importSchema.strict().parse(await (await who(`/api/imports/${id}`)).json());
}

export async function change(who: Caller, { id }: Import, what: string): Promise<Import> {
  const response = await post(who, `/api/imports/${id}/${what}`);
  expect(response.status).toBe(202);
  return importSchema.parse(await response.json());
}

export async function listImports(who: Caller): Promise<Import[]> {
  return importListSchema.parse(await (await who('/api/imports')).json()).imports;
}

/** Waits until an import is as `test` wants it. */
export function becomes(who: Caller, run: Import, test: (run: Import) => boolean): Promise<Import> {
  return eventually(async () => {
    const present = await get(who, run);
    return test(present) ? present : undefined;
  });
}

export const isCompleted = ({ state }: Import) => state === 'completed';

export async function mediaOf({ firestore }: Backend, owner: string): Promise<MediaRecord[]> {
  const { docs } = await firestore.collection('media').where('owner_id', '==', owner).get();
  return docs.flatMap((doc) => recordOf(doc) ?? []);
}

interface Setting {
  stack: Stack;
  backend: Backend;
  faults: FaultPlan;
  bucket: string;
}

/** Imports a bucket while the worker is killed and answers to commits are lost: each object is one media. */
export async function expectAllImported(
  { stack, backend, faults, bucket }: Setting,
  count: number,
  kills = 3,
): Promise<void> {
  const objects = await fillBucket(bucketOf(stack, bucket), 'all/', count);
  const alice = backend.as('alice');
  const run = await begin(alice, { source: { gs: `gs://${bucket}/all/` } });
  for (let kill = 1; kill <= kills; kill++) {
    const enough = Math.floor((kill * count) / (kills + 1));
    await becomes(alice, run, ({ done }) => done >= enough);
    for (let lost = 0; lost < 3; lost++) {
      faults.script('firestore', 'Commit', { kind: 'lose', code: 'UNAVAILABLE' });
    }
    signal(stack.units.worker, 'SIGKILL');
  }
  const ended = await becomes(alice, run, isCompleted);
  expect(ended).toMatchObject({
    found: count,
    accepted: count,
    done: count,
    skipped: 0,
    failed: 0,
    in_flight: 0,
    failures: [],
    wait_code: null,
    error_code: null,
  });

  const media = await mediaOf(backend, 'alice');
  const imported = media.map(({ source, sha256 }) => [source?.name ?? '', sha256] as const);
  expect(imported.toSorted()).toEqual([...objects].toSorted());
  expect(media.every(({ status }) => status === 'completed')).toBe(true);
  await expectStored(stack, media);
  // Each is counted once in the day, too.
  const { docs } = await backend.firestore.collection('daily_uploads').get();
  const bytes = media.reduce((sum, { size }) => sum + size, 0);
  expect(docs.map((doc) => [doc.get('files'), doc.get('bytes')])).toContainEqual([count, bytes]);

  const again = await begin(alice, { source: { gs: `gs://${bucket}/all/` } });
  const skipped = await becomes(alice, again, isCompleted);
  expect(skipped).toMatchObject({ found: count, skipped: count, accepted: 0, failed: 0 });
  expect(await mediaOf(backend, 'alice')).toHaveLength(count);
}

/** The bytes of each media are there, and are those of its object. */
async function expectStored(stack: Stack, media: readonly MediaRecord[]): Promise<void> {
  const bucket = bucketOf(stack, stack.environment.MEDIA_BUCKET ?? '');
  for (const { object, sha256 } of media) {
    const [bytes] = await bucket.file(object ?? '').download();
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256);
  }
}
