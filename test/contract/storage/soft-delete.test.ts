// https://cloud.google.com/storage/docs/soft-delete
import type { Bucket, File } from '@google-cloud/storage';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestStorage, refusal, type TestStorage } from '../../support/storage.ts';

const DAY_MS = 86_400_000;
const WEEK_S = 7 * 86_400;

let storage: TestStorage;
let ahead = 0;
beforeAll(async () => {
  storage = await openTestStorage(() => Date.now() + ahead);
});
afterAll(() => storage.close());

const keeping = (more: object = {}): Promise<Bucket> =>
  storage.createBucket({ softDeletePolicy: { retentionDurationSeconds: WEEK_S }, ...more });

async function saved(file: File, content = 'content'): Promise<number> {
  await file.save(content);
  return Number((await file.getMetadata())[0].generation);
}

const deletedNames = async (bucket: Bucket) =>
  (await bucket.getFiles({ softDeleted: true }))[0].map(({ name }) => name);

test('a deleted object is neither read nor listed, but can be found and restored', async () => {
  const bucket = await keeping();
  const file = bucket.file('folder/a');
  await file.save('content', { metadata: { contentType: 'a/b', metadata: { k: 'v' } } });
  const generation = Number((await file.getMetadata())[0].generation);
  await file.delete();
  expect(await file.exists()).toEqual([false]);
  expect((await bucket.getFiles())[0]).toEqual([]);
  expect(await deletedNames(bucket)).toEqual(['folder/a']);
  const [{ metadata }] = await file.get({ softDeleted: true, generation });
  const [from, until] = [metadata.softDeleteTime, metadata.hardDeleteTime].map((time) =>
    Date.parse(String(time)),
  );
  expect(Number(until) - Number(from)).toBe(7 * DAY_MS);

  await file.restore({ generation });
  const [restored] = await file.getMetadata();
  expect(Number(restored.generation)).toBeGreaterThan(generation);
  expect(restored).toMatchObject({ contentType: 'a/b', metadata: { k: 'v' } });
  expect(restored).not.toHaveProperty('softDeleteTime');
  expect(String((await file.download())[0])).toBe('content');
  expect(await deletedNames(bucket)).toEqual([]);
});

test('what is overwritten can be restored, and what it then overwrites too', async () => {
  const bucket = await keeping();
  const file = bucket.file('a');
  const generation = await saved(file, 'first');
  await file.save('second');
  await file.restore({ generation });
  expect(String((await file.download())[0])).toBe('first');
  expect(await deletedNames(bucket)).toEqual(['a']);
});

test('restoring keeps to preconditions', async () => {
  const bucket = await keeping();
  const file = bucket.file('a');
  const generation = await saved(file);
  await file.save('live');
  await expect(file.restore({ generation, ifGenerationMatch: 0 })).rejects.toMatchObject(
    refusal(412, 'conditionNotMet'),
  );
  expect(String((await file.download())[0])).toBe('live');
});

test('without a generation, or with that of a live object, there is nothing to restore', async () => {
  const bucket = await keeping();
  const file = bucket.file('a');
  const generation = await saved(file);
  await expect(file.restore({ generation })).rejects.toMatchObject(refusal(404, 'notFound'));
  const url = `${storage.endpoint}/storage/v1/b/${bucket.name}/o/a`;
  expect((await fetch(`${url}/restore`, { method: 'POST' })).status).toBe(400);
  await file.delete();
  const content = `${url}?alt=media&softDeleted=true&generation=${generation}`;
  expect((await fetch(content)).status).toBe(400);
});

test('after its time, and where no policy says so, a deleted object is gone for good', async () => {
  const bucket = await keeping();
  const file = bucket.file('a');
  const generation = await saved(file);
  await file.delete();
  ahead += 7 * DAY_MS + 1_000;
  expect(await deletedNames(bucket)).toEqual([]);
  await expect(file.restore({ generation })).rejects.toMatchObject(refusal(404, 'notFound'));

  await bucket.setMetadata({ softDeletePolicy: { retentionDurationSeconds: 0 } });
  const second = await saved(file);
  await file.delete();
  await expect(file.restore({ generation: second })).rejects.toMatchObject(
    refusal(404, 'notFound'),
  );
});

test('a bucket tells its policy and since when it holds', async () => {
  const bucket = await keeping();
  const [{ softDeletePolicy }] = await bucket.getMetadata();
  expect(softDeletePolicy?.retentionDurationSeconds).toBe(String(WEEK_S));
  expect(Date.parse(String(softDeletePolicy?.effectiveTime))).toBeGreaterThan(0);
  for (const retentionDurationSeconds of [-1, 1, WEEK_S - 1, 90 * 86_400 + 1]) {
    const change = bucket.setMetadata({ softDeletePolicy: { retentionDurationSeconds } });
    await expect(change).rejects.toMatchObject(refusal(400, 'invalid'));
  }
});

test('a deleted bucket can be restored with what can be restored in it, until its name is taken', async () => {
  const bucket = await keeping({ labels: { a: 'b' } });
  const file = bucket.file('a');
  const objectGeneration = await saved(file);
  await file.delete();
  const generation = String((await bucket.getMetadata())[0].generation);
  await bucket.delete();
  expect(await bucket.exists()).toEqual([false]);
  const [deleted] = await storage.client.getBuckets({ softDeleted: true, prefix: bucket.name });
  expect(deleted).toMatchObject([{ name: bucket.name, metadata: { generation } }]);

  await storage.client.createBucket(bucket.name);
  expect(await deletedNames(bucket)).toEqual([]);
  const conflict = bucket.restore({ generation });
  await expect(conflict).rejects.toMatchObject(refusal(409, 'conflict'));
  await bucket.delete();
  await bucket.restore({ generation });
  expect((await bucket.getMetadata())[0].labels).toEqual({ a: 'b' });
  await file.restore({ generation: objectGeneration });
  expect(String((await file.download())[0])).toBe('content');
});

test('in a bucket with folders a deleted object has a token, and only that one restores it', async () => {
  const bucket = await keeping({
    hierarchicalNamespace: { enabled: true },
    iamConfiguration: { uniformBucketLevelAccess: { enabled: true } },
  });
  const file = bucket.file('a/b');
  const generation = await saved(file);
  await file.delete();
  const [{ metadata }] = await file.get({ softDeleted: true, generation });
  const { restoreToken = '' } = metadata;
  expect(restoreToken).not.toBe('');
  await expect(file.restore({ generation, restoreToken: 'another' })).rejects.toMatchObject(
    refusal(400, 'invalid'),
  );
  await file.restore({ generation, restoreToken });
  const tooLong = bucket.file(`folder/${'x'.repeat(513)}`).save('x', { resumable: false });
  await expect(tooLong).rejects.toMatchObject(refusal(400, 'invalid'));
  const withoutFolders = bucket.setMetadata({ hierarchicalNamespace: { enabled: false } });
  await expect(withoutFolders).rejects.toMatchObject(refusal(400, 'invalid'));
});
