import {
  type DocumentData,
  type DocumentReference,
  FieldPath,
  FieldValue,
} from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { idsOf, openFirestore } from '../../support/firestore.ts';

const { connect, collection } = await openFirestore();

const dataOf = async (ref: DocumentReference) => (await ref.get()).data();
const written = async (data: DocumentData) => {
  const ref = collection().doc();
  const result = await ref.set(data);
  return { ref, time: result.writeTime };
};

describe('what a write leaves of the old document', () => {
  const before = { keep: 1, map: { a: 1, b: { c: 2 } }, list: [1, 2] };
  type Change = (ref: DocumentReference) => Promise<unknown>;

  test.each<[string, Change, DocumentData]>([
    ['set replaces all', (ref) => ref.set({ new: 1 }), { new: 1 }],
    [
      'merge keeps every field it does not name, at any depth',
      (ref) => ref.set({ map: { b: { d: 3 } }, list: [9] }, { merge: true }),
      { keep: 1, map: { a: 1, b: { c: 2, d: 3 } }, list: [9] },
    ],
    [
      'merging an empty map replaces the map',
      (ref) => ref.set({ map: {} }, { merge: true }),
      { keep: 1, map: {}, list: [1, 2] },
    ],
    ['merging nothing changes nothing', (ref) => ref.set({}, { merge: true }), before],
    [
      'merge removes what it names with delete()',
      (ref) =>
        ref.set({ keep: FieldValue.delete(), map: { a: FieldValue.delete() } }, { merge: true }),
      { map: { b: { c: 2 } }, list: [1, 2] },
    ],
    [
      'mergeFields writes only the fields it lists',
      (ref) => ref.set({ keep: 5, map: { a: 5, b: 6 }, x: 7 }, { mergeFields: ['map.a', 'x'] }),
      { keep: 1, map: { a: 5, b: { c: 2 } }, list: [1, 2], x: 7 },
    ],
    [
      'mergeFields replaces a listed map whole',
      (ref) => ref.set({ map: { z: 0 }, keep: 2 }, { mergeFields: ['map'] }),
      { keep: 1, map: { z: 0 }, list: [1, 2] },
    ],
    [
      'update replaces a map named by its field',
      (ref) => ref.update({ map: { z: 0 } }),
      { keep: 1, map: { z: 0 }, list: [1, 2] },
    ],
    [
      'update with dots reaches one nested field',
      (ref) => ref.update({ 'map.b.c': 9, 'map.new.deep': 1 }),
      { keep: 1, map: { a: 1, b: { c: 9 }, new: { deep: 1 } }, list: [1, 2] },
    ],
    [
      'update with pairs of path and value takes names that contain dots',
      (ref) => ref.update('keep', 2, new FieldPath('map', 'a.b'), 3),
      { keep: 2, map: { a: 1, b: { c: 2 }, 'a.b': 3 }, list: [1, 2] },
    ],
    [
      'update below a value that is no map makes it one',
      (ref) => ref.update({ 'keep.inner': 1 }),
      { keep: { inner: 1 }, map: before.map, list: [1, 2] },
    ],
    [
      'update with delete() removes the field and leaves an empty map behind',
      (ref) => ref.update({ list: FieldValue.delete(), 'map.b.c': FieldValue.delete() }),
      { keep: 1, map: { a: 1, b: {} } },
    ],
    [
      'deleting a field that is not there changes nothing',
      (ref) => ref.update({ nothing: FieldValue.delete(), 'no.such': FieldValue.delete() }),
      before,
    ],
  ])('%s', async (_, change, after) => {
    const { ref } = await written(before);
    await change(ref);
    expect(await dataOf(ref)).toEqual(after);
  });

  test('merge creates a document that is missing', async () => {
    const ref = collection().doc();
    await ref.set({ a: { b: 1 } }, { merge: true });
    expect(await dataOf(ref)).toEqual({ a: { b: 1 } });
  });

  test('deleting a document keeps its subcollections', async () => {
    const { ref } = await written({ a: 1 });
    await ref.collection('sub').doc('child').set({ b: 2 });
    await ref.delete();
    expect((await ref.get()).exists).toBe(false);
    expect(await idsOf(ref.collection('sub'))).toEqual(['child']);
  });
});

test('projects do not see each other’s documents', async () => {
  const { ref } = await written({ secret: true });
  const stranger = connect({ projectId: `stranger-${ref.id.toLowerCase()}` });
  expect((await stranger.doc(ref.path).get()).exists).toBe(false);
  await stranger.doc(ref.path).set({ mine: true });
  expect(await dataOf(ref)).toEqual({ secret: true });
});

test('add gives each document an id of its own', async () => {
  const target = collection();
  const refs = await Promise.all(Array.from({ length: 50 }, (_, n) => target.add({ n })));
  expect(new Set(refs.map((ref) => ref.id)).size).toBe(50);
  expect(await idsOf(target)).toEqual(refs.map((ref) => ref.id).sort());
});
