import type { Bucket, File } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestStorage, refusal, type TestStorage } from '../../support/storage.ts';

let storage: TestStorage;
let bucket: Bucket;
beforeAll(async () => {
  storage = await openTestStorage();
  bucket = await storage.createBucket();
});
afterAll(() => storage.close());

const conditionNotMet = refusal(412, 'conditionNotMet');
let count = 0;
async function newFile(content = 'first'): Promise<{ file: File; generation: number }> {
  const file = bucket.file(`file-${++count}`);
  await file.save(content, { resumable: false });
  return { file: bucket.file(file.name), generation: Number(file.metadata.generation) };
}
const text = async (file: File) => (await file.download()).toString();

describe.each([
  ['simple', false],
  ['resumable', true],
])('a %s upload', (_, resumable) => {
  const save = (file: File, preconditionOpts: object) =>
    bucket.file(file.name).save('second', { resumable, preconditionOpts });

  test('with ifGenerationMatch 0 writes only if there is no object yet', async () => {
    const { file } = await newFile();
    await expect(save(file, { ifGenerationMatch: 0 })).rejects.toMatchObject({ code: 412 });
    expect(await text(file)).toBe('first');
    await file.delete();
    await save(file, { ifGenerationMatch: 0 });
    expect(await text(file)).toBe('second');
  });

  test('with ifGenerationMatch overwrites only that generation', async () => {
    const { file, generation } = await newFile();
    await expect(save(file, { ifGenerationMatch: generation - 1 })).rejects.toThrow();
    await save(file, { ifGenerationMatch: generation });
    expect(await text(file)).toBe('second');
  });

  test('with ifGenerationNotMatch 0 writes only over an object', async () => {
    const { file } = await newFile();
    await save(file, { ifGenerationNotMatch: 0 });
    await file.delete();
    await expect(save(file, { ifGenerationNotMatch: 0 })).rejects.toThrow();
    expect(await file.exists()).toEqual([false]);
  });

  test('with ifMetagenerationMatch needs metadata to be as expected', async () => {
    const { file } = await newFile();
    await expect(save(file, { ifMetagenerationMatch: 2 })).rejects.toThrow();
    await save(file, { ifMetagenerationMatch: 1 });
    expect(await text(file)).toBe('second');
  });
});

test('of many writers that expect no object, one wins', async () => {
  const file = bucket.file('race');
  const writers = Array.from({ length: 10 }, (_, writer) =>
    bucket.file('race').save(`writer ${writer}`, {
      resumable: writer % 2 === 0,
      preconditionOpts: { ifGenerationMatch: 0 },
    }),
  );
  const outcomes = await Promise.allSettled(writers);
  const winners = outcomes.flatMap(({ status }, at) => (status === 'fulfilled' ? [at] : []));
  expect(winners).toHaveLength(1);
  expect(await text(file)).toBe(`writer ${winners[0]}`);
});

test('a delete with a stale generation deletes nothing', async () => {
  const { file, generation } = await newFile();
  await expect(file.delete({ ifGenerationMatch: 1 })).rejects.toMatchObject(conditionNotMet);
  await file.delete({ ifGenerationMatch: generation });
  expect(await file.exists()).toEqual([false]);
});

test('metadata changes only from the expected metageneration', async () => {
  const { file } = await newFile();
  await file.setMetadata({ metadata: { a: '1' } }, { ifMetagenerationMatch: 1 });
  await expect(
    file.setMetadata({ metadata: { a: '2' } }, { ifMetagenerationMatch: 1 }),
  ).rejects.toMatchObject(conditionNotMet);
  const [{ metadata }] = await file.getMetadata();
  expect(metadata).toEqual({ a: '1' });
});

test('a read of what the reader has already is not modified, of anything else it is a miss', async () => {
  const { file, generation } = await newFile();
  const read = async (query: string) => {
    const url = `${storage.endpoint}/storage/v1/b/${bucket.name}/o/${file.name}?${query}`;
    return (await fetch(url)).status;
  };
  for (const alt of ['json', 'media']) {
    expect(await read(`alt=${alt}&ifGenerationNotMatch=${generation}`)).toBe(304);
    expect(await read(`alt=${alt}&ifMetagenerationNotMatch=1`)).toBe(304);
    expect(await read(`alt=${alt}&ifGenerationNotMatch=1`)).toBe(200);
    expect(await read(`alt=${alt}&ifGenerationMatch=1`)).toBe(412);
    expect(await read(`alt=${alt}&ifGenerationMatch=${generation}`)).toBe(200);
    expect(await read(`alt=${alt}&ifGenerationMatch=nonsense`)).toBe(400);
  }
});

test('a copy checks its target and its source', async () => {
  const { file, generation } = await newFile('source');
  const target = bucket.file('copy-target');
  const onlyNew = { preconditionOpts: { ifGenerationMatch: 0 } };
  await file.copy(target, onlyNew);
  await expect(file.copy(target, onlyNew)).rejects.toMatchObject(conditionNotMet);
  const copyIf = async (query: string) => {
    const path = `b/${bucket.name}/o/${file.name}/copyTo/b/${bucket.name}/o/other`;
    const url = `${storage.endpoint}/storage/v1/${path}?${query}`;
    return (await fetch(url, { method: 'POST' })).status;
  };
  expect(await copyIf(`ifSourceGenerationMatch=${generation}`)).toBe(200);
  expect(await copyIf('ifSourceGenerationMatch=1')).toBe(412);
  expect(await copyIf(`ifSourceGenerationNotMatch=${generation}`)).toBe(412);
  expect(await copyIf('ifSourceMetagenerationMatch=2')).toBe(412);
});
