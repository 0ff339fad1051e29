import type { Bucket } from '@google-cloud/storage';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestStorage, refusal, type TestStorage } from '../../support/storage.ts';

let storage: TestStorage;
let bucket: Bucket;
beforeAll(async () => {
  storage = await openTestStorage();
  bucket = await storage.createBucket();
});
afterAll(() => storage.close());

const metadata = { contentType: 'image/png', cacheControl: 'no-store', metadata: { owner: 'a' } };

test('a copy has content, hashes and metadata of its source, and a generation of its own', async () => {
  const other = await storage.createBucket();
  const source = bucket.file('source/ü.png');
  await source.save('pixels', { metadata });
  const [copy] = await source.copy(other.file('copied/ü.png'));
  const [of, is] = [(await source.getMetadata())[0], (await copy.getMetadata())[0]];
  expect(is).toMatchObject({ ...metadata, md5Hash: of.md5Hash, crc32c: of.crc32c, size: of.size });
  expect(is.generation).not.toBe(of.generation);
  expect((await copy.download()).toString()).toBe('pixels');
});

test('a copy outlives its source, and a source its copies', async () => {
  const source = bucket.file('original');
  await source.save('shared');
  const [first] = await source.copy('first');
  const [second] = await source.copy('second');
  await first.delete();
  expect((await source.download()).toString()).toBe('shared');
  await source.save('changed');
  expect((await second.download()).toString()).toBe('shared');
});

test('an object may be copied onto itself', async () => {
  const file = bucket.file('self');
  await file.save('same');
  await file.copy(file, { metadata: { touched: 'yes' } });
  expect((await file.download()).toString()).toBe('same');
});

test("metadata given with a copy takes the place of the source's", async () => {
  const source = bucket.file('with-metadata');
  await source.save('x', { metadata });
  const [copy] = await source.copy('override', {
    contentType: 'image/webp',
    metadata: { owner: 'b' },
  });
  const [is] = await copy.getMetadata();
  expect(is).toMatchObject({ contentType: 'image/webp', metadata: { owner: 'b' } });
  expect(is).not.toHaveProperty('cacheControl');
});

test('a rename leaves the new name only', async () => {
  const file = bucket.file('old-name');
  await file.save('moved');
  await file.move('new-name');
  expect(await file.exists()).toEqual([false]);
  expect((await bucket.file('new-name').download()).toString()).toBe('moved');
  await bucket.file('new-name').moveFileAtomic('newest-name');
  expect(await bucket.file('new-name').exists()).toEqual([false]);
  expect((await bucket.file('newest-name').download()).toString()).toBe('moved');
});

test('a copy into a missing bucket is not found and leaves nothing', async () => {
  const source = bucket.file('stays');
  await source.save('x');
  const target = storage.client.bucket('no-such-bucket').file('x');
  await expect(source.copy(target)).rejects.toMatchObject(refusal(404, 'notFound'));
});

test('composed objects are their parts in order, whatever becomes of these', async () => {
  const parts = ['one ', '', 'two ', 'three'].map((content, at) => ({
    file: bucket.file(`part-${at}`),
    content,
  }));
  await Promise.all(parts.map(({ file, content }) => file.save(content, { resumable: false })));
  const [whole] = await bucket.combine(
    parts.map(({ file }) => file),
    'whole.txt',
  );
  await Promise.all(parts.map(({ file }) => file.delete()));
  expect((await whole.download()).toString()).toBe('one two three');
  const [composed] = await whole.getMetadata();
  expect(composed).toMatchObject({ componentCount: 4, contentType: 'text/plain' });
  expect(composed).not.toHaveProperty('md5Hash');
});

test('composing with a part that is missing composes nothing', async () => {
  await bucket.file('there').save('x');
  await expect(bucket.combine(['there', 'missing'], 'never')).rejects.toMatchObject(
    refusal(404, 'notFound'),
  );
  expect(await bucket.file('never').exists()).toEqual([false]);
});
