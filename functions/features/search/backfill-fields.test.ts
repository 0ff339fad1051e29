import { FieldValue } from '@google-cloud/firestore';
import { beforeEach, expect, test } from '@jest/globals';
import { openFirestore, range } from '../../../test/support/firestore.ts';
import { shelve } from '../../../test/support/library.ts';
import { MediaStore } from '../../core/media/store.ts';
import { createLogger } from '../../process/log.ts';
import { backfillFields } from './backfill-fields.ts';
import { MediaSearch } from './search.ts';

const { db } = await openFirestore();
const deps = { firestore: db, logger: createLogger('worker', 'silent') };
/** More than a page (`PAGE`). */
const MANY = 110;
const SOME = 20;
const WITHOUT = {
  search: FieldValue.delete(),
  meaning: FieldValue.delete(),
  meaning_by: FieldValue.delete(),
};

beforeEach(async () => {
  await db.recursiveDelete(db.collection('media'));
  await db.recursiveDelete(db.collection('sweeps'));
});

/** Creates media of earlier versions. @returns their ids */
async function shelveEarlier(count: number): Promise<string[]> {
  const titles = range(count).map((n) => ({ title: `dog w${n}`, tags: ['dog'] }));
  const ids = await shelve(db, 'alice', titles);
  const batch = db.batch();
  for (const id of ids) batch.update(db.collection('media').doc(id), WITHOUT);
  await batch.commit();
  return ids;
}

const search = new MediaSearch(db, new MediaStore(db));
const found = async (q: string) => {
  const { records } = await search.find('alice', { q }, 300);
  return records.map(({ id }) => id);
};

test('media of earlier versions are found after a sweep, and are not written again by the next one', async () => {
  await shelveEarlier(SOME);
  expect(await found('dog')).toEqual([]);
  expect(await backfillFields(deps)).toBe(SOME);
  expect((await found('dog')).length).toBe(SOME);
  expect((await found('puppy')).length).toBeGreaterThan(0);
  expect(await backfillFields(deps)).toBe(0);
});

test('a sweep that was stopped is gone on with, and nothing is left out', async () => {
  const ids = await shelveEarlier(MANY);
  expect(await backfillFields(deps, 1)).toBe(100);
  expect(await backfillFields(deps)).toBe(MANY - 100);
  expect((await found('dog')).toSorted()).toEqual(ids.toSorted());
});

test('one that cannot be read keeps none from being found', async () => {
  const [first = ''] = await shelveEarlier(SOME);
  await db.collection('media').doc(first).update({ 'analytics.tags': null });
  expect(await backfillFields(deps)).toBe(SOME - 1);
  expect((await found('dog')).length).toBe(SOME - 1);
  expect(await backfillFields(deps)).toBe(0);
});

test('what a later release has written is left alone, and no revision changes', async () => {
  const [first = '', second = ''] = await shelveEarlier(SOME);
  await db.collection('media').doc(first).update({ schema_version: 99 });
  expect(await backfillFields(deps)).toBe(SOME - 1);
  expect((await db.collection('media').doc(first).get()).get('search')).toBeUndefined();
  expect((await db.collection('media').doc(second).get()).get('revision')).toBe(1);
});
