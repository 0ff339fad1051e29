import { beforeEach, expect, test } from '@jest/globals';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { analyticsOf, shelve } from '../../../test/support/library.ts';
import { MediaStore } from '../../core/media/store.ts';
import { createLogger } from '../../process/log.ts';
import { backfillFields } from './backfill-fields.ts';
import { backfillVector, backfillVectors } from './backfill-vectors.ts';
import { findableOf } from './findable.ts';
import { EMBEDDER, embed } from './meaning.ts';
import { MediaSearch } from './search.ts';

const { db } = await openFirestore();
const logger = createLogger('worker', 'silent');
const media = db.collection('media');
/** More than a page (`PAGE`). */
const MANY = 110;
const SOME = 40;

type Answer = number[] | 'limit' | 'away';

/** A fake service. @param answer Its answer to each text; by default the local vector. */
function service(
  by: string,
  answer: (text: string, owner: string) => Answer | undefined = () => undefined,
) {
  const asked: string[] = [];
  const embedMedia = async (text: string, owner: string): Promise<Answer> => {
    asked.push(text);
    return answer(text, owner) ?? embed(text) ?? [];
  };
  return { asked, deps: { firestore: db, logger, embedder: { by, embedMedia } } };
}

async function makers(): Promise<Record<string, number>> {
  const { docs } = await media.get();
  const counts: Record<string, number> = {};
  for (const doc of docs) counts[doc.get('meaning_by')] = (counts[doc.get('meaning_by')] ?? 0) + 1;
  return counts;
}

beforeEach(async () => {
  await db.recursiveDelete(media);
  await db.recursiveDelete(db.collection('sweeps'));
});

const shelveDogs = (count: number) =>
  shelve(
    db,
    'alice',
    range(count).map((n) => ({ title: `dog w${n}` })),
  );

test('all media get their vectors, each once, and no revision changes', async () => {
  await shelveDogs(MANY);
  const { asked, deps } = service('a/1');
  expect(await backfillVectors(deps)).toBe(MANY);
  expect(await makers()).toEqual({ 'a/1': MANY });
  expect((await media.doc('alicex0').get()).get('revision')).toBe(1);
  expect(await backfillVectors(deps)).toBe(0);
  expect(asked).toHaveLength(MANY);
});

test('an outage loses nothing: the next sweep goes on', async () => {
  await shelveDogs(SOME);
  let calls = 0;
  const { asked, deps } = service('a/1', () => (++calls > 25 && calls <= 30 ? 'away' : undefined));
  await backfillVectors(deps);
  expect(asked).toHaveLength(30);
  expect(await makers()).toEqual({ 'a/1': 25, [EMBEDDER]: SOME - 25 });
  await backfillVectors(deps);
  expect(await makers()).toEqual({ 'a/1': SOME });
});

test('a text of which the service makes nothing keeps nobody else waiting', async () => {
  await shelveDogs(SOME);
  const { deps } = service('a/1', (text) => (/\bw0\b/.test(text) ? 'away' : undefined));
  for (const _ of range(3)) await backfillVectors(deps);
  expect(await makers()).toEqual({ 'a/1': SOME - 1, [EMBEDDER]: 1 });
});

test('an owner who may spend no more keeps nobody else waiting, and comes later', async () => {
  await shelveDogs(MANY);
  await shelve(db, 'zoe', [{ title: 'cat' }]);
  let isFull = true;
  const { deps } = service('a/1', (_, owner) =>
    owner === 'alice' && isFull ? 'limit' : undefined,
  );
  // First a page of alice's media, and then the others.
  await backfillVectors(deps, 1);
  await backfillVectors(deps, 1);
  expect(await makers()).toEqual({ 'a/1': 1, [EMBEDDER]: MANY });
  isFull = false;
  await backfillVectors(deps);
  expect(await makers()).toEqual({ 'a/1': MANY + 1 });
});

test('a description that came meanwhile keeps its own vector', async () => {
  await shelveDogs(1);
  const ref = media.doc('alicex0');
  const analytics = analyticsOf({ title: 'Another one', tags: ['lake'] });
  const file = { file_name: 'a.jpg', content_type: 'image/jpeg', analytics };
  const { deps } = service('a/1');
  const { embedMedia } = deps.embedder;
  const meanwhile = async (text: string, owner: string) => {
    await ref.update({ analytics, ...findableOf(file) });
    return embedMedia(text, owner);
  };
  await backfillVector(ref, { by: 'a/1', embedMedia: meanwhile });
  expect((await ref.get()).get('meaning_by')).toBe(EMBEDDER);
  await backfillVector(ref, deps.embedder);
  expect((await ref.get()).get('meaning_by')).toBe('a/1');
});

test('another embedder makes all vectors anew, and none of two are compared', async () => {
  await shelveDogs(SOME);
  await backfillVectors(service('a/1').deps);
  const { deps } = service('b/2');
  // The numbers are the same, so only the name separates the two embedders.
  const search = new MediaSearch(db, new MediaStore(db), {
    by: 'b/2',
    maxDistance: 0.65,
    embedSearch: async (text) => embed(text),
  });
  const found = async () => (await search.find('alice', { q: 'puppy' }, 100)).records.length;
  expect(await found()).toBe(0);
  await backfillFields(deps);
  expect(await makers()).toEqual({ [EMBEDDER]: SOME });
  await backfillVectors(deps);
  expect(await makers()).toEqual({ 'b/2': SOME });
  expect(await found()).toBeGreaterThan(0);
});

test('without a word that says something the service is not asked, and nothing is similar', async () => {
  await shelve(db, 'alice', [{ file_name: 'a.jpg', title: 'a.jpg', tags: [] }]);
  const { asked, deps } = service('a/1');
  expect(await backfillVectors(deps)).toBe(1);
  expect(asked).toEqual([]);
  expect(await makers()).toEqual({ 'a/1': 1 });
  const { records } = await new MediaSearch(db, new MediaStore(db)).find(
    'alice',
    { similar_to: 'alicex0' },
    100,
  );
  expect(records).toEqual([]);
});
