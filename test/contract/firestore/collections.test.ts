import { FieldPath, type Query } from '@google-cloud/firestore';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { idsOf, openFirestore } from '../../support/firestore.ts';

const { db, connect, fill } = await openFirestore();
const ID = FieldPath.documentId();

test('a filter only sees its own collection, not deeper ones or namesakes', async () => {
  const top = await fill({ a: { v: 1 } });
  await top.doc('a').collection('sub').doc('b').set({ v: 1 });
  await top.doc('a').collection(top.id).doc('c').set({ v: 1 });
  await db.collection(`${top.id}x`).doc('d').set({ v: 1 });
  expect(await idsOf(top.where('v', '==', 1))).toEqual(['a']);
  expect(await idsOf(top.doc('a').collection('sub'))).toEqual(['b']);
  expect(await idsOf(top.doc('a').collection(top.id))).toEqual(['c']);
});

test('a missing document with something below it is no result', async () => {
  const target = await fill({ a: {} });
  await target.doc('ghost').collection('sub').doc('1').set({});
  expect(await idsOf(target)).toEqual(['a']);
  expect((await target.count().get()).data().count).toBe(1);
});

describe('a collection group', () => {
  const group = `group-${Date.now().toString(36)}`;
  const paths = [`${group}/1`, `a/x/${group}/2`, `a/y/${group}/3`, `a/y/b/z/${group}/2`];
  const pathsOf = async (query: Query) => (await query.get()).docs.map((doc) => doc.ref.path);
  beforeAll(async () => {
    const batch = db.batch();
    paths.forEach((path, n) => {
      batch.set(db.doc(path), { n, even: n % 2 === 0 });
    });
    batch.set(db.doc(`a/y/${group}-not/5`), { n: 5, even: true });
    batch.set(db.doc(`a/y/other/${group}`), { n: 6, even: true });
    await batch.commit();
  });

  test('holds all collections of that id, at any depth, and no others', async () => {
    expect((await pathsOf(db.collectionGroup(group))).sort()).toEqual(paths.toSorted());
  });

  test('takes filters and orders', async () => {
    const query = db.collectionGroup(group).where('even', '==', true).orderBy('n', 'desc');
    expect(await pathsOf(query)).toEqual([paths[2], paths[0]]);
  });

  test('is ordered by full path', async () => {
    const byPath = [paths[1], paths[3], paths[2], paths[0]];
    expect(await pathsOf(db.collectionGroup(group).orderBy(ID))).toEqual([...byPath].sort());
  });

  test('filters the document id by full path', async () => {
    const all = db.collectionGroup(group);
    expect(await pathsOf(all.where(ID, '==', paths[1]))).toEqual([paths[1]]);
    expect(await pathsOf(all.where(ID, 'in', [paths[0], paths[3]]))).toEqual([paths[3], paths[0]]);
    expect(await pathsOf(all.where(ID, '>=', 'a/y').where(ID, '<', 'a/z'))).toEqual(
      [paths[2], paths[3]].sort(),
    );
  });
});

test('another client with a query built from its own references gets the same', async () => {
  const target = await fill({ a: { n: 1 }, b: { n: 2 } });
  expect(await idsOf(connect().collection(target.path).where('n', '>', 1))).toEqual(['b']);
});
