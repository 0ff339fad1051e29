import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { inProcess } from '../../../test/support/inspector.ts';
import { mediaRecord } from '../../../test/support/media.ts';
import { openTestStorage, type TestStorage } from '../../../test/support/storage.ts';
import { bareName, ObjectStore, originalName } from '../../storage/objects.ts';
import { bareCopy } from './bare-copy.ts';

const NEVER = new AbortController().signal;

let storage: TestStorage;
let bucket: string;
let objects: ObjectStore;
let video: Buffer;
beforeAll(async () => {
  storage = await openTestStorage();
  video = await readFile(new URL('../../../test/videos/portrait.mov', import.meta.url));
});
afterAll(() => storage.close());
beforeEach(async () => {
  const [staging, media] = [await storage.createBucket(), await storage.createBucket()];
  bucket = media.name;
  objects = new ObjectStore(storage.client, { STAGING_BUCKET: staging.name, MEDIA_BUCKET: bucket });
});

async function stored(bytes: Buffer) {
  const name = originalName('m1');
  await objects.saveMedia(name, Readable.from([bytes]), 'video/quicktime', NEVER);
  return mediaRecord({
    object: name,
    size: bytes.length,
    content_type: 'video/quicktime',
    file_name: 'holiday.mov',
  });
}

const metadata = async () =>
  (await storage.client.bucket(bucket).file(bareName('m1')).getMetadata())[0];

test('a copy lies beside the original, with its type and without the place', async () => {
  expect(video.toString('latin1')).toContain('35.6586');
  const copy = await bareCopy(objects, inProcess, await stored(video), NEVER);
  const bytes = await copy.read(0, copy.size);
  expect(bytes).toEqual(await objects.readMedia(bareName('m1')));
  expect(bytes.length).toBe(copy.size);
  expect(bytes.toString('latin1')).not.toMatch(/35\.6586|139\.7454|iPhone|2024-05-06|holiday/);
  expect(await metadata()).toMatchObject({ contentType: 'video/quicktime' });
  // The copy is in an emulator, which Google's services cannot reach.
  expect([copy.uri, await copy.signedUrl()]).toEqual([undefined, undefined]);
});

test('a later delivery finds the copy and makes no other', async () => {
  const record = await stored(video);
  const { size } = await bareCopy(objects, inProcess, record, NEVER);
  const { generation } = await metadata();
  await objects.removeMedia(originalName('m1'));
  expect((await bareCopy(objects, inProcess, record, NEVER)).size).toBe(size);
  expect((await metadata()).generation).toBe(generation);
});

test.each([
  ['damaged', 'media_corrupt', async () => stored(Buffer.from('no video'.repeat(1_000)))],
  [
    'gone',
    'media_missing',
    async () => mediaRecord({ object: originalName('m1'), content_type: 'video/mp4', size: 9_000 }),
  ],
])('of an original that is %s there is none', async (_, code, record) => {
  await expect(bareCopy(objects, inProcess, await record(), NEVER)).rejects.toMatchObject({ code });
  expect(await objects.mediaSize(bareName('m1'))).toBeUndefined();
});

test('stopped work leaves no copy', async () => {
  const record = await stored(video);
  const reason = new Error('lease lost');
  const stop = new AbortController();
  const save = objects.saveMedia.bind(objects);
  objects.saveMedia = (...of) => {
    stop.abort(reason);
    return save(...of);
  };
  await expect(bareCopy(objects, inProcess, record, stop.signal)).rejects.toBe(reason);
  expect(await objects.mediaSize(bareName('m1'))).toBeUndefined();
});

test('a fault of the storage does not count as a fault of the file', async () => {
  const record = await stored(video);
  const full = new Error('503');
  objects.saveMedia = () => Promise.reject(full);
  await expect(bareCopy(objects, inProcess, record, NEVER)).rejects.toBe(full);
});
