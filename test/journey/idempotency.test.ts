/** The same `Idempotency-Key` with the same request: one resource, the same answer, and a header that says so. */
import { randomUUID } from 'node:crypto';
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CONTRACT, OPERATIONS } from '@media-analysis/shared/contract';
import { problemSchema } from '@media-analysis/shared/errors';
import { webhookWithSecretSchema } from '@media-analysis/shared/webhooks';
import { type MediaRecord, recordOf } from '../../functions/core/media/record.ts';
import { ServiceKeys } from '../../functions/http/service-keys.ts';
import {
  client,
  databaseOf,
  file,
  form,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

type User = ReturnType<typeof client>;

let stack: Stack;
let db: Firestore;
let alice: User;
/** Two service keys that may do all. */
let [shop, other]: User[] = [];
/** A photo of alice's that is analysed. */
let photo: string;

beforeAll(async () => {
  stack = await startStack({ environment: { IMPORT_BUCKETS: 'shop-photos' } });
  db = databaseOf(stack);
  alice = client(stack, await tokenOf(stack, 'alice'));
  const keys = new ServiceKeys(async () => db);
  const made = async (name: string) =>
    client(stack, (await keys.add(name, ['read', 'write', 'admin'])).key);
  [shop, other] = [await made('shop'), await made('other')];
  const { media_ids } = await alice.analyze([await file('02-cat.png')]);
  photo = media_ids[0] ?? '';
  await alice.results([photo]);
});
afterAll(async () => {
  await db.terminate();
  await stack.close();
});

type Headers = Record<string, string>;
type Body = object | (() => Promise<FormData>);

const ON_BEHALF = { 'X-On-Behalf-Of': 'alice' };
const CAT = async () => form([await file('02-cat.png')]);
const DOGS = async () => form([await file('05-dogs.jpg')]);
const announced = (size: number) => ({
  files: [{ file_name: 'a.mov', content_type: 'video/quicktime', size }],
});

interface Case {
  path: string;
  /** Who may send it. */
  who: () => User | undefined;
  headers?: Headers;
  body: Body;
  /** What asks for something else. */
  otherBody: Body;
  /** What is counted: one more for one request. */
  made: () => Promise<number>;
}

const sizeOf = (collection: string) => async () =>
  (await db.collection(collection).count().get()).data().count;

async function attempts(): Promise<number> {
  return recordOf(await db.doc(`media/${photo}`).get())?.attempts ?? 0;
}

const CASES: Record<string, Case> = {
  analyzeMedia: {
    path: '/api/agent/analyze-media',
    who: () => alice,
    body: CAT,
    otherBody: DOGS,
    made: sizeOf('media'),
  },
  uploadMedia: {
    path: '/api/media',
    who: () => alice,
    body: CAT,
    otherBody: DOGS,
    made: sizeOf('media'),
  },
  announceMedia: {
    path: '/api/media/uploads',
    who: () => alice,
    body: announced(9),
    otherBody: announced(10),
    made: sizeOf('media'),
  },
  askMedia: {
    path: '/api/media/PHOTO/analyses/describe',
    who: () => alice,
    body: { language: 'ja' },
    otherBody: { language: 'en' },
    made: attempts,
  },
  createReanalysis: {
    path: '/api/reanalyses',
    who: () => alice,
    made: sizeOf('reanalyses'),
    body: { analysis: 'describe', language: 'ja' },
    otherBody: { analysis: 'describe', language: 'en' },
  },
  createImport: {
    path: '/api/imports',
    who: () => shop,
    headers: ON_BEHALF,
    made: sizeOf('imports'),
    body: { source: { gs: 'gs://shop-photos/a/' } },
    otherBody: { source: { gs: 'gs://shop-photos/b/' } },
  },
  createWebhook: {
    path: '/api/webhooks',
    who: () => shop,
    made: sizeOf('webhooks'),
    body: { url: 'https://shop.example/a' },
    otherBody: { url: 'https://shop.example/b' },
  },
};

interface Answer {
  status: number;
  replayed: string | null;
  body: Record<string, unknown>;
}

async function send(one: Case, key: Headers, body = one.body, who = one.who()): Promise<Answer> {
  const response = await who?.call(one.path.replace('PHOTO', photo), {
    method: 'POST',
    headers: { ...one.headers, ...key },
    body: typeof body === 'function' ? await body() : JSON.stringify(body),
  });
  if (!response) throw new Error('Nobody sends it.');
  return {
    status: response.status,
    replayed: response.headers.get('idempotent-replayed'),
    body: (await response.json()) as Record<string, unknown>,
  };
}

const newKey = () => ({ 'Idempotency-Key': randomUUID() });

/** What stays the same of an answer while the work goes on: the ids and the secret. */
const essence = ({ status, body }: Answer) => {
  const { id, secret, media_id, media_ids, uploads } = body;
  const announcedIds = (uploads as { media_id: string }[] | undefined)?.map(
    (each) => each.media_id,
  );
  return { status, id, secret, media_id, media_ids, announcedIds };
};

/** Until nobody works on the photo, it cannot be asked anew. */
const settle = () => alice.results([photo]);

describe.each(Object.entries(CASES))('%s', (_name, one) => {
  test('sent again makes nothing, and the answer is the same and says so', async () => {
    await settle();
    const before = await one.made();
    const key = newKey();
    const first = await send(one, key);
    await settle();
    const again = await send(one, key);
    expect(first.status).toBeLessThan(300);
    expect(first.replayed).toBeNull();
    expect(again.replayed).toBe('true');
    expect(essence(again)).toEqual(essence(first));
    expect(await one.made()).toBe(before + 1);
  });

  test('twice at the same time makes one', async () => {
    await settle();
    const before = await one.made();
    const key = newKey();
    const both = await Promise.all([send(one, key), send(one, key)]);
    expect(essence(both[0])).toEqual(essence(both[1]));
    expect(both.map(({ replayed }) => replayed).toSorted()).toEqual(['true', null].toSorted());
    expect(await one.made()).toBe(before + 1);
  });

  test('with another body is refused', async () => {
    await settle();
    const key = newKey();
    await send(one, key);
    await settle();
    const before = await one.made();
    const refused = await send(one, key, one.otherBody);
    expect(problemSchema.parse(refused.body)).toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
    expect(refused.replayed).toBeNull();
    expect(await one.made()).toBe(before);
  });
});

test('a key that was used at one address makes nothing at another', async () => {
  const key = newKey();
  const one = CASES.createReanalysis as Case;
  await send(one, key);
  const elsewhere = await send(CASES.analyzeMedia as Case, key);
  expect(elsewhere.body).toMatchObject({ code: 'idempotency_key_reused' });
  const closed = await alice.call('/api/media/uploads/close', { method: 'POST', headers: key });
  expect(await closed.json()).toMatchObject({ media_ids: [] });
});

test('the key of a request that was closed makes nothing', async () => {
  const key = newKey();
  await (await alice.call('/api/media/uploads/close', { method: 'POST', headers: key })).json();
  const before = await sizeOf('reanalyses')();
  const late = await send(CASES.createReanalysis as Case, key);
  expect(late.body).toMatchObject({ code: 'idempotency_key_reused' });
  expect(await sizeOf('reanalyses')()).toBe(before);
});

describe('the same key of somebody else', () => {
  test('makes a reanalysis of their own', async () => {
    const key = newKey();
    const one = CASES.createReanalysis as Case;
    const mine = await send(one, key);
    const bob = client(stack, await tokenOf(stack, 'bob'));
    const theirs = await send(one, key, one.body, bob);
    expect(theirs).toMatchObject({ status: 201, replayed: null });
    expect(theirs.body.id).not.toBe(mine.body.id);
  });

  test('makes a webhook of their own, and tells no secret', async () => {
    const key = newKey();
    const one = CASES.createWebhook as Case;
    const mine = webhookWithSecretSchema.parse((await send(one, key)).body);
    const ofAlice = { ...one, headers: ON_BEHALF };
    for (const answer of [
      await send(one, key, one.body, other),
      await send(ofAlice, key, one.body, shop),
      await send(ofAlice, key, one.body, other),
    ]) {
      expect(answer.replayed).toBeNull();
      expect(answer.body.secret).not.toBe(mine.secret);
      expect(answer.body.id).not.toBe(mine.id);
    }
  });
});

test('a webhook that was rotated meanwhile is told again with its first secret, which signs for a day', async () => {
  const key = newKey();
  const one = CASES.createWebhook as Case;
  const { id, secret } = webhookWithSecretSchema.parse((await send(one, key)).body);
  await shop?.call(`/api/webhooks/${id}/rotate`, { method: 'POST' });
  expect((await send(one, key)).body).toMatchObject({ id, secret });
});

test('a webhook that was removed meanwhile is not made again', async () => {
  const key = newKey();
  const one = CASES.createWebhook as Case;
  const { id } = webhookWithSecretSchema.parse((await send(one, key)).body);
  await shop?.call(`/api/webhooks/${id}`, { method: 'DELETE' });
  expect((await send(one, key)).body).toMatchObject({ code: 'not_found' });
});

test('an analysis that was asked for is not asked for again, also after its end', async () => {
  await settle();
  const key = newKey();
  const one = CASES.askMedia as Case;
  await send(one, key);
  await settle();
  const before = (await db.doc(`media/${photo}`).get()).data() as MediaRecord;
  expect((await send(one, key)).body).toMatchObject({ status: 'completed' });
  expect((await db.doc(`media/${photo}`).get()).data()).toEqual(before);
});

test('each POST that makes something is tried here', () => {
  const withKey = OPERATIONS.filter((name) => CONTRACT[name].idempotencyKey === 'optional');
  expect(withKey.toSorted()).toEqual(Object.keys(CASES).toSorted());
});
