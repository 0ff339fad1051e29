import type { Bucket, GetFilesOptions } from '@google-cloud/storage';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestStorage, refusal, type TestStorage } from '../../support/storage.ts';

// In the order of their UTF-8 bytes, which differs from that of UTF-16: U+FF21 comes before U+1F600.
const NAMES = ['a', 'a/', 'a/1', 'a/2', 'a/b/1', 'a0', 'b/1', 'b/c/1', 'z', 'Ａ', '😀', '😁'];

let storage: TestStorage;
let bucket: Bucket;
beforeAll(async () => {
  storage = await openTestStorage();
  bucket = await storage.createBucket();
  await Promise.all(
    NAMES.toReversed().map((name) => bucket.file(name).save('x', { resumable: false })),
  );
});
afterAll(() => storage.close());

interface Page {
  items?: { name: string }[];
  prefixes?: string[];
}

/** Every page of a listing: the names and the prefixes of each. */
async function pages(options: GetFilesOptions): Promise<string[][]> {
  const result: string[][] = [];
  let next: GetFilesOptions | null = { ...options, autoPaginate: false };
  while (next && result.length <= NAMES.length) {
    const [, following, page] = (await bucket.getFiles(next)) as unknown as [
      unknown,
      GetFilesOptions | null,
      Page,
    ];
    result.push([...(page.items ?? []).map(({ name }) => name), ...(page.prefixes ?? [])]);
    next = following;
  }
  return result;
}

const names = async (options: GetFilesOptions) => (await pages(options)).flat();

test('objects come in the order of their bytes', async () => {
  expect(await names({})).toEqual(NAMES);
});

test('a prefix narrows the list to names that begin with it', async () => {
  expect(await names({ prefix: 'a/' })).toEqual(['a/', 'a/1', 'a/2', 'a/b/1']);
  expect(await names({ prefix: '😀' })).toEqual(['😀']);
  expect(await names({ prefix: 'none' })).toEqual([]);
});

test('a delimiter folds what lies below it into prefixes', async () => {
  expect(await names({ delimiter: '/' })).toEqual(['a', 'a0', 'z', 'Ａ', '😀', '😁', 'a/', 'b/']);
  expect(await names({ delimiter: '/', prefix: 'a/' })).toEqual(['a/', 'a/1', 'a/2', 'a/b/']);
});

test('the start is included, the end is not', async () => {
  expect(await names({ startOffset: 'a/2', endOffset: 'b/1' })).toEqual(['a/2', 'a/b/1', 'a0']);
});

test.each([1, 2, 3, 7, 11, 12])(
  'pages of %d show every entry once, folded or not',
  async (maxResults) => {
    for (const options of [
      {},
      { delimiter: '/' },
      { prefix: 'a/', delimiter: '/' },
      { startOffset: 'Ａ' },
    ]) {
      const whole = await names(options);
      const paged = await pages({ ...options, maxResults });
      expect(paged.flat().toSorted()).toEqual(whole.toSorted());
      expect(paged.slice(0, -1).every((page) => page.length === maxResults)).toBe(true);
    }
  },
);

test('a glob matches whole names; one star stays within a folder', async () => {
  expect(await names({ matchGlob: 'a/*' })).toEqual(['a/1', 'a/2']);
  expect(await names({ matchGlob: '**/1' })).toEqual(['a/1', 'a/b/1', 'b/1', 'b/c/1']);
});

test('a page token that was never handed out is refused', async () => {
  const page = bucket.getFiles({ pageToken: 'forged', autoPaginate: false });
  await expect(page).rejects.toMatchObject(refusal(400, 'invalid'));
});
