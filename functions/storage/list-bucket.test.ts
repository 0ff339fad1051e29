import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientFor, openTestStorage, type TestStorage } from '../../test/support/storage.ts';
import { UnusableAnswerError } from '../process/service-fault.ts';
import { BucketClosedError, listBucket } from './list-bucket.ts';

let storage: TestStorage;
beforeAll(async () => {
  storage = await openTestStorage();
});
afterAll(() => storage.close());

test('a bucket is listed page by page, each object once, also names that sort by their bytes', async () => {
  const bucket = await storage.createBucket();
  const names = ['a', 'b/1', 'b/2', 'b/é', 'b/😀', 'b/ﬀ', 'c'];
  for (const name of names) {
    await bucket.file(name).save(name, { resumable: false, contentType: 'image/png' });
  }
  for (const [prefix, limit] of [
    ['', 1],
    ['', 3],
    ['b/', 2],
    ['b/', 9],
  ] as const) {
    const listed: string[] = [];
    for (let after: string | null = null, isOver = false; !isOver; ) {
      const { objects, isEnd } = await listBucket(storage.client, bucket.name, {
        prefix,
        after,
        limit,
      });
      expect(objects.length).toBeLessThanOrEqual(limit);
      listed.push(...objects.map(({ name }) => name));
      after = listed.at(-1) ?? null;
      isOver = isEnd;
    }
    const expected = names.filter((name) => name.startsWith(prefix));
    expect(listed.toSorted()).toEqual(expected.toSorted());
  }
});

test('an object is told of with its generation, and what the sender said of it', async () => {
  const bucket = await storage.createBucket();
  const options = { resumable: false, metadata: { contentEncoding: 'gzip' } };
  await bucket.file('a.jpg').save('photo', { ...options, contentType: 'image/jpeg' });
  const [{ generation }] = await bucket.file('a.jpg').getMetadata();
  const range = { prefix: '', after: null, limit: 9 };
  expect(await listBucket(storage.client, bucket.name, range)).toEqual({
    objects: [
      {
        name: 'a.jpg',
        generation: String(generation),
        size: 5,
        content_type: 'image/jpeg',
        content_encoding: 'gzip',
      },
    ],
    isEnd: true,
  });
});

test('an object that was deleted since is no end: the page begins after its name', async () => {
  const bucket = await storage.createBucket();
  for (const name of ['a', 'c']) await bucket.file(name).save(name, { resumable: false });
  const range = { prefix: '', after: 'b', limit: 1 };
  const { objects } = await listBucket(storage.client, bucket.name, range);
  expect(objects.map(({ name }) => name)).toEqual(['c']);
});

describe('an answer of Cloud Storage', () => {
  let status = 200;
  let body = '';
  const server = createServer((_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.close();
  });
  const listing = async () => {
    const { port } = server.address() as AddressInfo;
    const range = { prefix: '', after: null, limit: 9 };
    return listBucket(clientFor(`http://127.0.0.1:${port}`), 'shop', range).catch(
      (error: unknown) => error,
    );
  };

  test.each([403, 404] as const)(
    '%d says that the bucket is closed, in its own words',
    async (code) => {
      const message =
        'worker@p.iam.gserviceaccount.com does not have storage.objects.list access to the Google Cloud Storage bucket.';
      status = code;
      body = JSON.stringify({
        error: { code, message, errors: [{ message, reason: 'forbidden' }] },
      });
      const error = await listing();
      expect(error).toBeInstanceOf(BucketClosedError);
      expect(error).toMatchObject({ code, message: expect.stringContaining('worker@p.iam') });
    },
  );

  test('503 is a fault that passes', async () => {
    status = 503;
    body = '{}';
    expect(await listing()).toMatchObject({ code: 503 });
  });

  test.each(['{}', '<html>', '{"kind":"storage#objects","items":[{"name":"a"}]}'])(
    'with status 200 and %j is no list: nothing is taken for the end of the bucket',
    async (text) => {
      status = 200;
      body = text;
      expect(await listing()).toBeInstanceOf(UnusableAnswerError);
    },
  );
});
