import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { openFirestore, range } from '../../test/support/firestore.ts';
import { shelve } from '../../test/support/library.ts';
import { MediaSearch } from './media-search.ts';
import { MediaStore } from './store.ts';

const { db } = await openFirestore();
const store = new MediaStore(db);
const search = new MediaSearch(db, store);

test.each([
  ['the last of the page', (page: string[]) => page.slice(-1)],
  ['the whole page', (page: string[]) => page],
])('who deletes %s misses nothing on the next one', async (_title, deleted) => {
  const owner = randomUUID();
  const titles = range(9).map((n) => ({ title: `lantern ${n}` }));
  await shelve(db, owner, titles);
  const page = async (token?: string) => {
    const { records, nextPageToken } = await search.find(
      owner,
      { q: 'lantern', sort: 'newest' },
      3,
      token,
    );
    return { ids: records.map(({ id }) => id), nextPageToken };
  };
  const first = await page();
  const second = await page(first.nextPageToken);
  await store.bin.put(deleted(first.ids), owner);
  expect((await page(first.nextPageToken)).ids).toEqual(second.ids);
});
