/** Photos are found by the place where they were taken, in English and Japanese, where places are kept. */
import type { Firestore } from '@google-cloud/firestore';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mediaListSchema } from '@media-analysis/shared/search';
import { backfillFields } from '../../functions/features/search/backfill-fields.ts';
import { LOUVRE, photoAt, SHIBUYA } from '../support/located.ts';
import {
  client,
  databaseOf,
  eventually,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

let stack: Stack;
let db: Firestore;
let alice: ReturnType<typeof client>;
let mallory: ReturnType<typeof client>;
/** Alice's media by the names of their files. */
let ids: Record<string, string>;

beforeAll(async () => {
  stack = await startStack({
    environment: { CAPTURE_LOCATION: 'on', ANALYSIS_MODEL: 'local/facts' },
  });
  db = databaseOf(stack);
  alice = client(stack, await tokenOf(stack, 'alice'));
  mallory = client(stack, await tokenOf(stack, 'mallory'));
  const names = ['a.jpg', 'b.jpg', 'c.jpg'];
  const { media_ids } = await alice.analyze(
    await Promise.all([
      photoAt('a.jpg', LOUVRE),
      photoAt('b.jpg', SHIBUYA),
      photoAt('c.jpg', undefined, { model: 'iPhone 6' }),
    ]),
  );
  ids = Object.fromEntries(names.map((name, n) => [name, media_ids[n] ?? '']));
  const others = await mallory.analyze([await photoAt('m.jpg', LOUVRE)]);
  await Promise.all([alice.results(media_ids), mallory.results(others.media_ids)]);
});
afterAll(async () => {
  await db.terminate();
  await stack.close();
});

const found = async (query: Record<string, string>, who = alice) => {
  const response = await who.call(`/api/media?${new URLSearchParams(query)}`);
  expect(response.status).toBe(200);
  const { media } = mediaListSchema.parse(await response.json());
  return media.map(({ file_name }) => file_name).sort();
};

test('the result says the city, the region and the country', async () => {
  const [paris, , none] = await alice.results(Object.values(ids));
  expect(paris?.analytics?.capture.place).toEqual({
    latitude: 48.8606,
    longitude: 2.3376,
    city: 'Paris',
    region: 'Île-de-France',
    country: 'FR',
    translations: { ja: { city: 'パリ', region: 'イル＝ド＝フランス' } },
  });
  expect(none?.analytics?.capture).toEqual({ taken_at: null, camera: 'Apple iPhone 6' });
  const table = await (await alice.call('/api/media/export?format=csv')).text();
  expect(table).toContain('city,region,country');
  expect(table).toMatch(/,48\.8606,2\.3376,Paris,Île-de-France,FR,/);
});

const OF_PARIS = ['Paris', 'パリ', 'ぱり', 'France', 'フランス', 'Ile-de-France', 'Paris, France'];
const OF_TOKYO = [
  'Tokyo',
  '東京',
  '東京都',
  'Shibuya',
  '渋谷',
  '渋谷区',
  '東京都渋谷区',
  'とうきょう',
  'Japan',
  '日本',
  'Tokyo, Japan',
  '日本 東京',
];

test.each([
  ...OF_PARIS.map((words) => [words, ['a.jpg']] as const),
  ...OF_TOKYO.map((words) => [words, ['b.jpg']] as const),
  // A part of 東京都 is no 京都.
  ...['京都', 'Kyoto', 'London', 'ロンドン', '東京 フランス'].map((words) => [words, []] as const),
])('%s', async (words, names) => {
  expect(await found({ place: words })).toEqual(names);
  if (words !== '東京 フランス') expect(await found({ q: words })).toEqual(names);
});

test.each(['東京で撮った写真', '日本で撮影した写真'])('%s', async (q) => {
  expect(await found({ q })).toEqual(['b.jpg']);
});

test('goes together with other words and filters, and nobody else’s is found', async () => {
  expect(await found({ q: 'photo', place: 'Paris' })).toEqual(['a.jpg']);
  expect(await found({ place: 'Paris', kind: 'video' })).toEqual([]);
  expect(await found({ place: 'photo' })).toEqual([]);
  expect(await found({ place: 'Paris' }, mallory)).toEqual(['m.jpg']);
  expect(await found({ q: '東京' }, mallory)).toEqual([]);
  expect((await alice.call('/api/media?place=')).status).toBe(400);
  // A filter without a word is fulfilled by nothing, also beside others.
  for (const query of ['place=,', 'q=photo&place=,', 'q=photo&camera=-', 'q=photo&tag=,']) {
    expect(await (await alice.call(`/api/media?${query}`)).json()).toEqual({ media: [], total: 0 });
  }
});

test('a camera is a filter too, with all of its words', async () => {
  expect(await found({ camera: 'iphone 15' })).toEqual(['a.jpg', 'b.jpg']);
  expect(await found({ camera: 'iPhone', place: '日本' })).toEqual(['b.jpg']);
  expect(await found({ camera: 'Paris' })).toEqual([]);
});

test('what an earlier release kept only the coordinates of gets the name from the sweeper', async () => {
  const ref = db.collection('media').doc(ids['b.jpg'] ?? '');
  const before = (await ref.get()).data();
  const bare = { latitude: 35.6595, longitude: 139.7005 };
  await ref.update({
    'facts.capture.place': bare,
    'analytics.capture.place': bare,
    search: { ...before?.search, version: 7, terms: ['photo'], places: ' photo:32 ' },
  });
  expect(await found({ place: '東京' })).toEqual([]);
  await db.collection('sweeps').doc('search').delete();
  const logger = { info: () => undefined, error: () => undefined } as never;
  await eventually(async () =>
    (await backfillFields({ firestore: db, logger })) > 0 ? true : undefined,
  );
  expect(await found({ place: '東京' })).toEqual(['b.jpg']);
  const { analytics, facts, revision } = (await ref.get()).data() ?? {};
  expect(analytics.capture).toEqual(before?.analytics.capture);
  expect(facts.capture).toEqual(before?.facts.capture);
  expect(revision).toBe(before?.revision);
});
