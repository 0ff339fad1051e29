import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Bucket } from '@google-cloud/storage';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { googleStorage, openTestStorage, type TestStorage } from '../../test/support/storage.ts';
import {
  bareName,
  contentDisposition,
  inPlaceName,
  ObjectStore,
  originalName,
  previewName,
  type SourceObject,
  smallName,
  stagingName,
} from './objects.ts';

let storage: TestStorage;
let buckets: { STAGING_BUCKET: string; MEDIA_BUCKET: string };
let objects: ObjectStore;
beforeAll(async () => {
  storage = await openTestStorage();
});
afterAll(() => storage.close());
beforeEach(async () => {
  const [staging, media] = [await storage.createBucket(), await storage.createBucket()];
  buckets = { STAGING_BUCKET: staging.name, MEDIA_BUCKET: media.name };
  objects = new ObjectStore(storage.client, buckets);
});

const stage = (name: string, text: string) =>
  objects.stage(name, Readable.from([Buffer.from(text)]), new AbortController().signal);

const NEVER = new AbortController().signal;

async function names(bucket: string): Promise<string[]> {
  const [files] = await storage.client.bucket(bucket).getFiles();
  return files.map(({ name }) => name).sort();
}

describe('objects', () => {
  test('are staged, promoted with their real type, and unstaged', async () => {
    await stage(stagingName('m1'), 'photo');
    expect(await objects.stagedSize(stagingName('m1'))).toBe(5);
    await objects.promote(stagingName('m1'), originalName('m1'), 'image/webp');
    await objects.unstage(stagingName('m1'));
    expect(await objects.stagedSize(stagingName('m1'))).toBeUndefined();
    expect(String(await objects.readMedia('m1/original'))).toBe('photo');
    const original = storage.client.bucket(buckets.MEDIA_BUCKET).file('m1/original');
    expect((await original.getMetadata())[0].contentType).toBe('image/webp');
  });

  test('that are promoted twice stay as the first promotion made them', async () => {
    await stage('one', 'one');
    await stage('two', 'two');
    await objects.promote('one', 'm1/original', 'image/png');
    await objects.promote('two', 'm1/original', 'image/png');
    expect(String(await objects.readMedia('m1/original'))).toBe('one');
  });

  test('that came through a session are to be removed soon, and are kept for two weeks once they are accepted', async () => {
    const NOW = 1_700_000_000_000;
    const DAY_MS = 24 * 3600 * 1_000;
    const dated = new ObjectStore(storage.client, buckets, () => NOW);
    const staged = storage.client.bucket(buckets.STAGING_BUCKET).file('m1');
    const customTime = async () => {
      const [{ customTime }] = await staged.getMetadata();
      return Date.parse(String(customTime));
    };
    await fetch(await dated.openSession('m1', 3, undefined), { method: 'PUT', body: 'abc' });
    expect(await customTime()).toBe(NOW);
    await dated.keepStaged('m1');
    expect(await customTime()).toBe(NOW + 14 * DAY_MS);
    await dated.keepStaged('gone');
  });

  test('that do not exist cannot be promoted', async () => {
    await expect(objects.promote('gone', 'm1/original', 'image/png')).rejects.toMatchObject({
      code: 404,
    });
  });

  test('of a preview that is saved twice stay as they were first', async () => {
    await objects.savePreview('m1/preview', Buffer.from('one'), 'image/webp');
    await objects.savePreview('m1/preview', Buffer.from('two'), 'image/webp');
    expect(String(await objects.readMedia('m1/preview'))).toBe('one');
  });

  test('that do not exist are undefined, and removing them is no error', async () => {
    expect(await objects.readStaged('gone', { start: 0, end: 9 })).toBeUndefined();
    expect(await objects.readMedia('gone')).toBeUndefined();
    await objects.unstage('gone');
    await objects.removeAll('gone');
  });

  test('in a bucket that does not exist are an error', async () => {
    const nowhere = new ObjectStore(storage.client, { ...buckets, MEDIA_BUCKET: 'nowhere' });
    await expect(nowhere.savePreview('a', Buffer.from('x'), 'image/webp')).rejects.toMatchObject({
      code: 404,
    });
  });
});

describe('an object of somebody’s bucket', () => {
  const save = async (bucket: Bucket, text: string): Promise<SourceObject> => {
    const object = bucket.file('2026/a b.png');
    await object.save(text, { resumable: false });
    const [{ generation = '' }] = await object.getMetadata();
    return { bucket: bucket.name, name: object.name, generation: String(generation) };
  };

  test('is read and copied where it is, and stays there', async () => {
    const source = await save(await storage.createBucket(), 'photo');
    expect(await objects.stagedSize(source)).toBe(5);
    const head = await objects.readStaged(source, { start: 1, end: 3 });
    expect({ ...head, bytes: String(head?.bytes) }).toEqual({ bytes: 'ho', size: 5 });
    const hash = await objects.hashStaged(source, NEVER, () => undefined);
    expect(hash).toBe(createHash('sha256').update('photo').digest('hex'));
    await objects.promote(source, originalName('m1'), 'image/png');
    await objects.removeAll('m1');
    expect(await names(source.bucket)).toEqual([source.name]);
    expect(await names(buckets.MEDIA_BUCKET)).toEqual([]);
  });

  test('can be shown where it is, by its generation, and is removed with no media', async () => {
    const bucket = await storage.createBucket();
    const source = await save(bucket, 'photo');
    const name = inPlaceName({ ...source, name: source.name });
    expect(String(await objects.readMedia(name))).toBe('photo');
    const part = await objects.readMediaPart(name, { start: 1, end: 3 });
    expect(String(part?.bytes)).toBe('ho');
    const url = await objects.signedUrl(name, 'a.png', 60_000, false, 'image/png');
    const shown = await fetch(url);
    expect([shown.status, await shown.text()]).toEqual([200, 'photo']);
    expect(shown.headers.get('content-type')).toBe('image/png');
    await objects.removeMedia(name);
    expect(await names(bucket.name)).toEqual([source.name]);
    await save(bucket, 'other');
    expect(await objects.readMedia(name)).toBeUndefined();
    const gone = await fetch(url);
    expect([gone.status, await gone.text()]).not.toContain('other');
    expect(gone.status).toBe(404);
  });

  test('that was replaced is gone: another file is not taken for it', async () => {
    const bucket = await storage.createBucket();
    const source = await save(bucket, 'photo');
    await save(bucket, 'other');
    expect(await objects.stagedSize(source)).toBeUndefined();
    expect(await objects.readStaged(source, { start: 0, end: 9 })).toBeUndefined();
    await expect(objects.promote(source, originalName('m1'), 'image/png')).rejects.toMatchObject({
      code: 404,
    });
  });
});

test('removing a media removes all its objects and no others', async () => {
  for (const id of ['m1', 'm10']) {
    await stage(stagingName(id), id);
    await objects.promote(id, originalName(id), 'image/png');
    await objects.savePreview(previewName(id), Buffer.from(id), 'image/webp');
    await objects.savePreview(smallName(id), Buffer.from(id), 'image/webp');
    await objects.saveMedia(bareName(id), Readable.from([id]), 'video/mp4', NEVER);
  }
  await objects.removeAll('m1');
  expect(await names(buckets.STAGING_BUCKET)).toEqual(['m10']);
  expect(await names(buckets.MEDIA_BUCKET)).toEqual(
    ['bare', 'original', 'preview', 'small'].map((name) => `m10/${name}`),
  );
});

test('a signed URL shows the object with the sender’s name for it, for a limited time', async () => {
  await stage('m1', 'photo');
  await objects.promote('m1', originalName('m1'), 'image/png');
  const name = '写真 "1"\r\nSet-Cookie: a=b; x.png';
  const url = await objects.signedUrl(originalName('m1'), name, 60_000);
  expect(Number(new URL(url).searchParams.get('X-Goog-Expires'))).toBeLessThanOrEqual(60);
  const response = await fetch(url);
  expect([response.status, await response.text()]).toEqual([200, 'photo']);
  expect(response.headers.get('content-disposition')).toBe(contentDisposition(name));
  expect(response.headers.get('set-cookie')).toBeNull();
});

test('a preview keeps its address for a while, and a browser keeps its bytes', async () => {
  await objects.savePreview(previewName('m1'), Buffer.from('small'), 'image/jpeg');
  let now = Math.floor(Date.now() / 120_000) * 120_000;
  const then = new ObjectStore(storage.client, buckets, () => now);
  const sign = () => then.signedUrl(previewName('m1'), 'a.jpg', 240_000);
  const first = await sign();
  now += 119_000;
  const cached = await fetch(await sign());
  expect([await cached.text(), cached.headers.get('cache-control')]).toEqual([
    'small',
    'private, max-age=31536000, immutable',
  ]);
  expect([first, await sign()]).toEqual([first, first]);
  now += 1_000;
  expect(await sign()).not.toBe(first);
});

test('a copy is saved with its type, has a size, and can be read in parts', async () => {
  const stored = await objects.saveMedia('m1/bare', Readable.from(['video']), 'video/mp4', NEVER);
  expect(stored.size).toBe(5);
  expect(await objects.mediaSize('m1/bare')).toBe(5);
  expect(await objects.mediaSize('m2/bare')).toBeUndefined();
  const [metadata] = await storage.client
    .bucket(buckets.MEDIA_BUCKET)
    .file('m1/bare')
    .getMetadata();
  expect(metadata.contentType).toBe('video/mp4');
  const part = await objects.readMediaPart('m1/bare', { start: 1, end: 3 });
  expect([String(part?.bytes), part?.size]).toEqual(['id', 5]);
  const again = objects.saveMedia('m1/bare', Readable.from(['other']), 'video/mp4', NEVER);
  await expect(again).rejects.toThrow('412');
  await objects.removeMedia('m1/bare');
  expect(await objects.mediaSize('m1/bare')).toBeUndefined();
});

test('Google’s services get a signed URL without the file’s name, and none for an emulator', async () => {
  expect(await objects.bareUrl('m1/bare', 60_000)).toBeUndefined();
  const url = await new ObjectStore(googleStorage(), buckets).bareUrl('m1/bare', 60_000);
  const { host, pathname, searchParams } = new URL(url ?? '');
  expect([host, pathname]).toEqual(['storage.googleapis.com', `/${buckets.MEDIA_BUCKET}/m1/bare`]);
  expect([...searchParams.keys()].join()).not.toMatch(/disposition|filename/i);
  expect(Number(searchParams.get('X-Goog-Expires'))).toBeLessThanOrEqual(60);
});

test.each([
  ['a.jpg', `inline; filename="a.jpg"; filename*=UTF-8''a.jpg`],
  ['写.jpg', `inline; filename="_.jpg"; filename*=UTF-8''%E5%86%99.jpg`],
  ['a"b\\c%d/e', `inline; filename="a_b_c_d_e"; filename*=UTF-8''a%22b%5Cc%25d%2Fe`],
  ["it's (1)*", `inline; filename="it's (1)*"; filename*=UTF-8''it%27s%20%281%29%2A`],
  ['a\r\nb\0', `inline; filename="a__b_"; filename*=UTF-8''a%0D%0Ab%00`],
  ['\ud800', `inline; filename="_"; filename*=UTF-8''%EF%BF%BD`],
])('the header for a file named %j names it without breaking', (name, header) => {
  expect(contentDisposition(name)).toBe(header);
  expect(contentDisposition(name, true)).toBe(header.replace('inline', 'attachment'));
});
