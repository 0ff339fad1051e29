// Local only: what the service does and this server does not, it says, rather than to take it and do nothing.
import type {
  Bucket,
  BucketMetadata,
  CreateBucketRequest,
  FileMetadata,
} from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestStorage, refusal, type TestStorage } from '../../support/storage.ts';

let storage: TestStorage;
let bucket: Bucket;
beforeAll(async () => {
  storage = await openTestStorage();
  bucket = await storage.createBucket();
  await bucket.file('x').save('x');
});
afterAll(() => storage.close());

const NOT_DONE = refusal(501, 'notImplemented');

describe('a bucket', () => {
  test.each<BucketMetadata>([
    { retentionPolicy: { retentionPeriod: 10 } },
    { defaultEventBasedHold: true },
    { encryption: { defaultKmsKeyName: 'projects/p/locations/l/keyRings/r/cryptoKeys/k' } },
    { logging: { logBucket: 'logs' } },
    { website: { mainPageSuffix: 'index.html' } },
    { billing: { requesterPays: true } },
    { autoclass: { enabled: true } },
    { rpo: 'ASYNC_TURBO' },
    { acl: [{ entity: 'allUsers', role: 'READER' }] },
  ] as BucketMetadata[])(
    '%j is refused at creation and later, and leaves the bucket as it was',
    async (metadata) => {
      await expect(storage.createBucket(metadata as CreateBucketRequest)).rejects.toMatchObject(
        NOT_DONE,
      );
      await expect(bucket.setMetadata(metadata)).rejects.toMatchObject(NOT_DONE);
      const [is] = await bucket.getMetadata();
      for (const field of Object.keys(metadata)) expect(is).not.toHaveProperty(field);
    },
  );

  test('gives its storage class to objects that name none', async () => {
    const other = await storage.createBucket({ storageClass: 'NEARLINE' });
    await other.file('x').save('x', { resumable: false });
    await other.file('y').save('y', { metadata: { storageClass: 'COLDLINE' }, resumable: false });
    const [files] = await other.getFiles();
    expect(files.map(({ metadata }) => metadata.storageClass)).toEqual(['NEARLINE', 'COLDLINE']);
  });

  test('may say that it wants none of that', async () => {
    const nothing = { retentionPolicy: null, defaultEventBasedHold: false, rpo: 'DEFAULT' };
    await bucket.setMetadata({ ...nothing, autoclass: { enabled: false } } as never);
  });

  // The service refuses these, too.
  test.each([
    { iamConfiguration: { publicAccessPrevention: 'perhaps' } },
    { iamConfiguration: { uniformBucketLevelAccess: { enabled: 'yes' } } },
    { storageClass: 'FROZEN' },
    { versioning: { enabled: 'yes' } },
    { labels: { a: 1 } },
  ])('%j is invalid', async (metadata) => {
    const change = bucket.setMetadata(metadata as unknown as BucketMetadata);
    await expect(change).rejects.toMatchObject(refusal(400, 'invalid'));
  });

  test('without rules or labels has none of them, not empty ones', async () => {
    const other = await storage.createBucket({ labels: { a: '1', b: '2' } });
    await other.setCorsConfiguration([{ origin: ['https://a.test'], method: ['GET'] }]);
    await other.setCorsConfiguration([]);
    await other.deleteLabels();
    const [metadata] = await other.getMetadata();
    expect(metadata).not.toHaveProperty('cors');
    expect(metadata).not.toHaveProperty('labels');
  });
});

describe('an object', () => {
  test.each<FileMetadata>([
    { temporaryHold: true },
    { eventBasedHold: true },
    { retention: { mode: 'Unlocked', retainUntilTime: '2099-01-01T00:00:00Z' } },
    { contexts: { custom: { k: { value: 'v' } } } },
    { acl: [{ entity: 'allUsers', role: 'READER' }] },
  ] as FileMetadata[])('%j is refused with an upload and later', async (metadata) => {
    const upload = bucket.file('new').save('x', { metadata, resumable: false });
    await expect(upload).rejects.toMatchObject(NOT_DONE);
    await expect(bucket.file('x').setMetadata(metadata)).rejects.toMatchObject(NOT_DONE);
    expect(await bucket.file('new').exists()).toEqual([false]);
  });

  test('is not written or read with a key of the customer', async () => {
    const file = bucket.file('x', { encryptionKey: Buffer.alloc(32, 1) });
    await expect(file.download()).rejects.toMatchObject({ code: 501 });
    await expect(file.save('y', { resumable: false })).rejects.toMatchObject({ code: 501 });
    expect(String((await bucket.file('x').download())[0])).toBe('x');
  });

  test('is not made public by an upload', async () => {
    const upload = bucket.file('new').save('x', { predefinedAcl: 'publicRead', resumable: false });
    await expect(upload).rejects.toMatchObject(NOT_DONE);
    await bucket.file('mine').save('x', { predefinedAcl: 'private', resumable: false });
  });
});

test.each([
  ['a batch', 'POST', '/batch/storage/v1'],
  ['an ACL', 'GET', '/storage/v1/b/BUCKET/acl'],
  ['keys for the XML API', 'GET', '/projects/p/hmacKeys'],
  ['a context filter', 'GET', '/storage/v1/b/BUCKET/o?filter=contexts'],
])('%s is refused', async (_, method, path) => {
  const response = await fetch(storage.endpoint + path.replace('BUCKET', bucket.name), { method });
  expect(response.status).toBe(501);
  expect(await response.json()).toMatchObject({
    error: { errors: [{ reason: 'notImplemented' }] },
  });
});
