import { randomUUID } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { UNSEEN } from '@media-analysis/shared/local-models';
import type { MediaFilters } from '@media-analysis/shared/search';
import { openMedia } from '../../../test/support/features.ts';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { type Shelved, shelve } from '../../../test/support/library.ts';
import { CONCEPTS } from './concepts.ts';
import { MediaSearch } from './search.ts';

const { db } = await openFirestore();
const { media: store, bin } = openMedia(db);
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
  await bin.put(deleted(first.ids), owner);
  expect((await page(first.nextPageToken)).ids).toEqual(second.ids);
});

test.each([
  ['動画', 'a video'],
  ['ビデオ', 'a video'],
  ['video', 'a video'],
  ['videos', 'a video'],
  ['写真', 'a photo'],
  ['しゃしん', 'a photo'],
  ['photo', 'a photo'],
])('%s finds all of that kind, and beside another word no more', async (word, kind) => {
  const owner = randomUUID();
  const ids = await shelve(db, owner, [
    { title: 'Lantern', content_type: 'video/mp4' },
    { title: 'Lantern' },
    { title: 'Harbour', content_type: 'video/mp4' },
    { title: 'Harbour' },
  ]);
  const find = async (q: string) => {
    const { records } = await search.find(owner, { q }, 10);
    return records.map(({ id }) => ids.indexOf(id));
  };
  const first = kind === 'a video' ? 0 : 1;
  expect(await find(word)).toEqual([first + 2, first]);
  expect(await find(`lantern ${word}`)).toEqual([first, 1 - first]);
});

test.each([
  ['mp4', ['clip']],
  ['.MOV', ['film']],
  ['HEIC', ['phone']],
  ['jpeg', ['dog', 'cat']],
  ['jpg', ['dog', 'cat']],
  ['cat jpg', ['cat', 'png']],
  ['png cat', ['png', 'cat']],
  ['cat.jpg', ['cat', 'png']],
  ['tiff', []],
])('%s finds files of the type, and beside a word no more', async (q, expected) => {
  const owner = randomUUID();
  const names = ['clip', 'film', 'phone', 'cat', 'dog', 'png'];
  const types = 'video/mp4 video/quicktime image/heic image/jpeg image/jpeg image/png'.split(' ');
  const titles = ['Harbour', 'Harbour', 'Harbour', 'A cat', 'Harbour', 'A cat'];
  const files = names.map((name, n) => ({
    title: titles[n] ?? '',
    file_name: `${name}.bin`,
    content_type: types[n] ?? '',
  }));
  await shelve(db, owner, files);
  const { records } = await search.find(owner, { q }, 10);
  expect(records.map(({ file_name }) => file_name.replace('.bin', ''))).toEqual(expected);
});

test.each(['IMG_0003', 'img_0003.JPG', ' IMG_0003.jpg '])(
  'the file with the name %p comes first',
  async (q) => {
    const owner = randomUUID();
    const [exact, ...others] = await shelve(db, owner, [
      { title: 'Harbour', file_name: 'IMG_0003.jpg' },
      { title: 'Harbour', file_name: 'IMG_0003 (1).jpg' },
      { title: 'IMG 0003', tags: ['IMG', '0003'], file_name: 'screenshot.jpg' },
      { title: 'Harbour', file_name: 'IMG_0004.jpg' },
    ]);
    const { records } = await search.find(owner, { q }, 10);
    const ids = records.map(({ id }) => id);
    expect(ids[0]).toBe(exact);
    expect(ids).toEqual(expect.arrayContaining(others.slice(0, 2)));
  },
);

test.each([
  ['IMG_3036', ['IMG_3036.jpg', 'IMG_3036 (1).jpg']],
  ['img_3036.jpg', ['IMG_3036.jpg', 'IMG_3036 (1).jpg']],
  ['harbour IMG_3036', ['IMG_3036 (1).jpg', 'IMG_3036.jpg']],
  ['img 3037', ['IMG_3037.jpg']],
  ['IMG_9999', []],
])('%s finds no file with another number', async (q, expected) => {
  const owner = randomUUID();
  const names = ['IMG_3036.jpg', 'IMG_3036 (1).jpg', 'IMG_3037.jpg', 'IMG_3038.jpg'];
  await shelve(
    db,
    owner,
    names.map((file_name) => ({ title: 'Harbour', file_name })),
  );
  const { records } = await search.find(owner, { q }, 10);
  expect(records.map(({ file_name }) => file_name)).toEqual(expected);
});

test.each([
  ['flat white', ['Menu', 'Drink', 'A white wall of a flat', 'Flat roof']],
  ['flat white 2024', ['Drink', 'Menu']],
  ['白い犬', ['散歩', '白い猫と犬']],
])('%s: what has the words side by side comes first', async (q, expected) => {
  const owner = randomUUID();
  await shelve(db, owner, [
    { title: 'Menu', text: 'FLAT WHITE 4.50', taken: null, summary: 'Said in 2024' },
    {
      title: 'Drink',
      tags: ['coffee', 'white'],
      summary: 'A flat white.',
      taken: '2024-05-01T12:00:00',
    },
    { title: 'Flat roof', tags: ['flat'] },
    { title: '散歩', summary: '庭に白い犬がいる' },
    // These have both words in title and tags, which count more.
    { title: '白い猫と犬', tags: ['猫', '犬'] },
    { title: 'A white wall of a flat', tags: ['white', 'flat', 'wall'] },
  ]);
  const { records } = await search.find(owner, { q }, 10);
  const titles = records.map(({ analytics }) => analytics?.title);
  expect(titles.slice(0, expected.length)).toEqual(expected);
});

test('a photo in which nothing was recognised is near in meaning to nothing', async () => {
  const owner = randomUUID();
  const unseen = { title: 'noise.png', file_name: 'noise.png', summary: UNSEEN.en.nothing };
  const tags = [['blurry'], ['bright'], ['black and white']];
  await shelve(
    db,
    owner,
    tags.map((each) => ({ ...unseen, tags: each })),
  );
  const found = await Promise.all(
    Object.keys(CONCEPTS).map(async (q) => {
      return (await search.find(owner, { q }, 10)).records.length > 0 ? [q] : [];
    }),
  );
  expect(found.flat()).toEqual([]);
});

test('where nobody says which day it is, it is that of UTC', async () => {
  const owner = randomUUID();
  const at = Date.parse('2026-03-01T00:30:00+01:00');
  const late = new MediaSearch(db, store, undefined, () => at);
  await shelve(db, owner, [
    { title: 'Before', taken: '2026-02-27T23:59:59' },
    { title: 'Then', taken: '2026-02-28T12:00:00' },
  ]);
  const find = async (filters: MediaFilters) => {
    const { records } = await late.find(owner, filters, 10);
    return records.map(({ analytics }) => analytics?.title);
  };
  expect(await find({ q: 'yesterday' })).toEqual(['Before']);
  expect(await find({ q: 'yesterday', today: '2026-03-01' })).toEqual(['Then']);
});

test('a word and a date find what has both, also if too many have one to compare all', async () => {
  const owner = randomUUID();
  const many = (n: number, each: Shelved) => range(n).map(() => each);
  await shelve(db, owner, [
    { title: 'A lantern', taken: '2024-01-01T12:00:00' },
    { title: 'Sunset', taken: '2025-01-01T12:00:00' },
    ...many(1_001, { title: 'Harbour', taken: '2024-07-01T12:00:00' }),
    ...many(1_001, { title: 'A lantern', taken: '2020-07-01T12:00:00' }),
    { title: 'Sunset', taken: '2024-01-01T12:00:00' },
  ]);
  const find = async (q: string) => (await search.find(owner, { q }, 10)).records;
  for (const q of ['lantern 2024', 'sunset 2024']) {
    const [record, ...others] = await find(q);
    expect([q, record?.search?.taken, others]).toEqual([q, '2024-01-01T12:00:00', []]);
  }
});
