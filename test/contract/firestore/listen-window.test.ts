import {
  type CollectionReference,
  FieldPath,
  FieldValue,
  Filter,
  type Query,
} from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { changesOf, holds, openFirestore, range, watch } from '../../support/firestore.ts';

const { db, collection, fill } = await openFirestore();
const ID = FieldPath.documentId();

describe('the window of a listener', () => {
  test('with a limit keeps the first ones as documents come, go and move', async () => {
    const target = await fill({ b: { n: 2 }, c: { n: 3 }, d: { n: 4 } });
    const watcher = watch(target.orderBy('n').limit(2));
    await watcher.until(holds('bc'));
    await target.doc('a').set({ n: 1 });
    expect(changesOf(await watcher.until(holds('ab')))).toEqual([
      ['removed', 'c', 1, -1],
      ['added', 'a', -1, 0],
    ]);
    await target.doc('b').delete();
    expect(changesOf(await watcher.until(holds('ac')))).toEqual([
      ['removed', 'b', 1, -1],
      ['added', 'c', -1, 1],
    ]);
    await target.doc('a').update({ n: 9 });
    await watcher.until(holds('cd'));
    await target.doc('d').update({ n: 0 });
    expect(changesOf(await watcher.until(holds('dc')))).toEqual([['modified', 'd', 1, 0]]);
  });

  test('with limitToLast keeps the last ones, in ascending order', async () => {
    const target = await fill({ a: { n: 1 }, b: { n: 2 }, c: { n: 3 } });
    const watcher = watch(target.orderBy('n').limitToLast(2));
    await watcher.until(holds('bc'));
    await target.doc('d').set({ n: 4 });
    await watcher.until(holds('cd'));
    await target.doc('c').delete();
    await watcher.until(holds('bd'));
    await target.doc('b').update({ n: 5 });
    await watcher.until(holds('db'));
  });

  test('between cursors holds what lies there', async () => {
    const target = await fill({ a: { n: 1 }, b: { n: 2 }, c: { n: 3 } });
    const watcher = watch(target.orderBy('n').startAfter(1).endAt(3));
    await watcher.until(holds('bc'));
    await target.doc('c').update({ n: 4 });
    await watcher.until(holds('b'));
    await target.doc('a').update({ n: 2.5 });
    await watcher.until(holds('ba'));
  });
});

describe('a listener finds', () => {
  const rows = { a: { n: 1, tags: ['x'] }, b: { n: 2, tags: ['y'] }, c: { n: null }, d: {} };

  test.each<[string, (all: CollectionReference) => Query, string, string]>([
    ['a membership', (q) => q.where('n', 'in', [1, 5]), 'a', 'ae'],
    ['unequal', (q) => q.where('n', '!=', 1), 'b', 'be'],
    ['no membership', (q) => q.where('n', 'not-in', [1]), 'b', 'be'],
    ['an array element', (q) => q.where('tags', 'array-contains', 'x'), 'a', 'ae'],
    ['any of array elements', (q) => q.where('tags', 'array-contains-any', ['x', 'q']), 'a', 'ae'],
    ['null', (q) => q.where('n', '==', null), 'c', 'c'],
    [
      'either of two conditions',
      (q) => q.where(Filter.or(Filter.where('n', '==', 2), Filter.where('tags', '==', ['x', 5]))),
      'b',
      'be',
    ],
    ['an id range', (q) => q.where(ID, '>', 'c'), 'd', 'de'],
    ['two inequalities', (q) => q.where('n', '>', 1).where('n', '<', 9), 'b', 'be'],
  ])('%s', async (_, query, before, after) => {
    const target = await fill(rows);
    const watcher = watch(query(target));
    await watcher.until(holds(before));
    await target.doc('e').set({ n: 5, tags: ['x', 5] });
    await watcher.until(holds(after));
  });

  test('a collection group, and not its namesakes', async () => {
    const { id: group } = collection();
    await db.doc(`x/1/${group}/a`).set({});
    const watcher = watch(db.collectionGroup(group));
    await watcher.until(holds('a'));
    await db.doc(`x/1/${group}x/b`).set({});
    await db.doc(`x/2/${group}/c`).set({});
    await watcher.until(holds('ac'));
    await db.doc(`x/1/${group}/a`).delete();
    await watcher.until(holds('c'));
  });

  test('only its own collection, not the ones below', async () => {
    const target = await fill({ a: {} });
    const watcher = watch(target);
    await watcher.until(holds('a'));
    await target.doc('a').collection(target.id).doc('x').set({});
    await target.doc('b').set({});
    await watcher.until(holds('ab'));
    expect(watcher.seen).toHaveLength(2);
  });
});

describe('watching media of one owner by id', () => {
  const watched = (media: CollectionReference, wanted: string[]) =>
    media.where('owner_id', '==', 'alice').where(ID, 'in', wanted);

  test('shows own documents only, and follows each change', async () => {
    const media = await fill({
      a: { owner_id: 'alice', status: 'pending' },
      b: { owner_id: 'bob', status: 'pending' },
      c: { owner_id: 'alice', status: 'pending' },
      unasked: { owner_id: 'alice', status: 'pending' },
    });
    const watcher = watch(watched(media, ['c', 'b', 'a', 'later']));
    await watcher.until(holds('ac'));
    await media.doc('b').update({ status: 'completed' });
    await media.doc('unasked').update({ status: 'completed' });
    await media.doc('c').update({ status: 'completed' });
    const updated = await watcher.until((s) => s.docs[1]?.get('status') === 'completed');
    expect(changesOf(updated)).toEqual([['modified', 'c', 1, 1]]);
    await media.doc('later').set({ owner_id: 'alice', status: 'pending' });
    await watcher.until(holds(['a', 'c', 'later']));
    await media.doc('a').update({ owner_id: 'bob' });
    expect(changesOf(await watcher.until(holds(['c', 'later'])))).toEqual([
      ['removed', 'a', 0, -1],
    ]);
    await media.doc('c').delete();
    await watcher.until(holds(['later']));
    expect(watcher.seen).toHaveLength(5);
  });

  test('works for 30 ids at once, each change told', async () => {
    const wanted = range(30).map((n) => `m${String(n).padStart(2, '0')}`);
    const media = await fill(
      Object.fromEntries(wanted.map((id) => [id, { owner_id: 'alice', revision: 0 }])),
    );
    const watcher = watch(watched(media, wanted));
    await watcher.until(holds(wanted));
    const finish = (id: string) => media.doc(id).update({ revision: FieldValue.increment(1) });
    await Promise.all([...wanted, ...wanted, ...wanted].map(finish));
    await watcher.until((s) => s.docs.every((doc) => doc.get('revision') === 3));
    await Promise.all(wanted.slice(5).map((id) => media.doc(id).delete()));
    await watcher.until(holds(wanted.slice(0, 5)));
  });
});
