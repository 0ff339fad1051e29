import type { Bucket, BucketMetadata, LifecycleRule } from '@google-cloud/storage';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestStorage, refusal, type TestStorage } from '../../support/storage.ts';

let storage: TestStorage;
beforeAll(async () => {
  storage = await openTestStorage();
});
afterAll(() => storage.close());

test('a bucket is there from its creation to its deletion', async () => {
  const bucket = await storage.createBucket();
  expect(await bucket.exists()).toEqual([true]);
  const [metadata] = await bucket.getMetadata();
  expect(metadata).toMatchObject({
    kind: 'storage#bucket',
    name: bucket.name,
    metageneration: '1',
  });
  await bucket.delete();
  expect(await bucket.exists()).toEqual([false]);
});

test('a name is given once: the second creation conflicts', async () => {
  const { name } = await storage.createBucket();
  await expect(storage.client.createBucket(name)).rejects.toMatchObject(refusal(409, 'conflict'));
});

test.each(['ab', 'UPPER', 'a'.repeat(64), '-dash', '192.168.1.1', 'googlish', 'a..b'])(
  'a bucket cannot be called %s',
  async (name) => {
    await expect(storage.client.createBucket(name)).rejects.toMatchObject(refusal(400, 'invalid'));
  },
);

test('a bucket that is missing is not found, by any method', async () => {
  const bucket = storage.client.bucket('no-such-bucket');
  const notFound = refusal(404, 'notFound');
  await expect(bucket.getMetadata()).rejects.toMatchObject(notFound);
  await expect(bucket.setMetadata({ labels: { a: 'b' } })).rejects.toMatchObject(notFound);
  await expect(bucket.getFiles()).rejects.toMatchObject(notFound);
  await expect(bucket.delete()).rejects.toMatchObject(notFound);
  const upload = bucket.file('x').save('x', { resumable: false });
  await expect(upload).rejects.toMatchObject(notFound);
});

test('a bucket with an object in it is not deleted', async () => {
  const bucket = await storage.createBucket();
  await bucket.file('x').save('x');
  await expect(bucket.delete()).rejects.toMatchObject(refusal(409, 'conflict'));
  await bucket.deleteFiles();
  await bucket.delete();
});

test('configuration is kept as it was set, and changed field by field', async () => {
  const bucket = await storage.createBucket({ location: 'EU', labels: { keep: '1', drop: '2' } });
  const rule: LifecycleRule = { action: { type: 'Delete' }, condition: { age: 3 } };
  await bucket.setMetadata({
    labels: { drop: null, added: '3' },
    lifecycle: { rule: [rule] },
    cors: [{ origin: ['https://a.test'], method: ['GET'], maxAgeSeconds: 60 }],
    iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
  });
  const [metadata] = await storage.client.bucket(bucket.name).getMetadata();
  expect(metadata).toMatchObject({
    location: 'EU',
    labels: { keep: '1', added: '3' },
    lifecycle: { rule: [rule] },
    cors: [{ origin: ['https://a.test'], method: ['GET'], maxAgeSeconds: 60 }],
    iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
    metageneration: '2',
  });
  expect(metadata.labels).not.toHaveProperty('drop');
  // The API deletes what is null; the client's types do not know it.
  await bucket.setMetadata({ cors: null, lifecycle: null } as unknown as BucketMetadata);
  const [cleared] = await bucket.getMetadata();
  expect(cleared).not.toHaveProperty('cors');
  expect(cleared).not.toHaveProperty('lifecycle');
});

test.each([
  [{}, 'multi-region'],
  [{ location: 'europe-west1' }, 'region'],
  [{ location: 'NAM4' }, 'dual-region'],
  [
    { location: 'US', customPlacementConfig: { dataLocations: ['US-EAST1', 'US-WEST1'] } },
    'dual-region',
  ],
])('a bucket with %j is in a %s', async (settings, locationType) => {
  const bucket = await storage.createBucket(settings);
  expect((await bucket.getMetadata())[0].locationType).toBe(locationType);
});

test('a bucket changes only if its metageneration is as expected', async () => {
  const bucket = await storage.createBucket();
  await bucket.setMetadata({ labels: { a: '1' } }, { ifMetagenerationMatch: 1 });
  await expect(
    bucket.setMetadata({ labels: { a: '2' } }, { ifMetagenerationMatch: 1 }),
  ).rejects.toMatchObject(refusal(412, 'conditionNotMet'));
  const [metadata] = await bucket.getMetadata();
  expect(metadata.labels).toEqual({ a: '1' });
});

test('buckets are listed by prefix, page by page', async () => {
  const { name } = await storage.createBucket();
  await storage.client.createBucket(`${name}-2`);
  await storage.client.createBucket(`${name}-1`);
  const names: string[] = [];
  let next: object | null = { prefix: name, maxResults: 1, autoPaginate: false };
  while (next) {
    const [page, following] = (await storage.client.getBuckets(next)) as unknown as [
      Bucket[],
      object | null,
    ];
    names.push(...page.map((bucket) => bucket.name));
    next = following;
  }
  expect(names).toEqual([name, `${name}-1`, `${name}-2`]);
});
