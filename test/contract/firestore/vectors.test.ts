// https://firebase.google.com/docs/firestore/vector-search
import {
  type CollectionReference,
  FieldValue,
  type VectorQueryOptions,
} from '@google-cloud/firestore';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { codeOf, emulatorDiffers, GrpcStatus, openFirestore } from '../../support/firestore.ts';

/** Constraints on field names: none between double underscores. */
const RESERVED =
  'https://firebase.google.com/docs/firestore/quotas#collections_documents_and_fields';

/** "vector-field" is the path of a field, as in each composite index. */
const IN_A_MAP =
  'https://firebase.google.com/docs/firestore/vector-search#create_and_manage_vector_indexes';

const { fill } = await openFirestore();
const vector = (...numbers: number[]) => FieldValue.vector(numbers);

let stored: CollectionReference;
beforeAll(async () => {
  stored = await fill({
    near: { v: vector(1, 1), kind: 'a' },
    far: { v: vector(10, 0), kind: 'a' },
    farther: { v: vector(100, 100), kind: 'b' },
    longer: { v: vector(1, 1, 1), kind: 'a' },
    array: { v: [1, 1], kind: 'a' },
    none: { kind: 'a' },
  });
});

const search = (more: Partial<VectorQueryOptions> = {}): VectorQueryOptions => ({
  vectorField: 'v',
  queryVector: [1, 2],
  limit: 10,
  distanceMeasure: 'EUCLIDEAN',
  ...more,
});
const nearest = async (more: Partial<VectorQueryOptions> = {}) =>
  (await stored.findNearest(search(more)).get()).docs.map((doc) => doc.id);

describe('the nearest', () => {
  test.each<[VectorQueryOptions['distanceMeasure'], string[]]>([
    ['EUCLIDEAN', ['near', 'far', 'farther']],
    ['DOT_PRODUCT', ['farther', 'far', 'near']],
  ])('by %s, among vectors of as many dimensions', async (distanceMeasure, expected) => {
    expect(await nearest({ distanceMeasure })).toEqual(expected);
  });

  test('by COSINE does not look at lengths', async () => {
    expect((await nearest({ distanceMeasure: 'COSINE' })).at(-1)).toBe('far');
  });

  test('are as many as asked for, and none beyond the threshold', async () => {
    expect(await nearest({ limit: 2 })).toEqual(['near', 'far']);
    expect(await nearest({ distanceThreshold: 1 })).toEqual(['near']);
    const dot = { distanceMeasure: 'DOT_PRODUCT', distanceThreshold: 10 } as const;
    expect(await nearest(dot)).toEqual(['farther', 'far']);
  });

  test('are found among what a filter leaves, and tell their distance', async () => {
    const query = stored.where('kind', '==', 'a').findNearest(search({ distanceResultField: 'd' }));
    const { docs } = await query.get();
    expect(docs.map((doc) => [doc.id, doc.get('d')])).toEqual([
      ['near', 1],
      // The last digit is not the same everywhere.
      ['far', expect.closeTo(Math.hypot(9, 2), 10)],
    ]);
    expect((await stored.doc('near').get()).data()).not.toHaveProperty('d');
  });
});

describe('what a search gives', () => {
  test('has the fields that are selected, and the distance', async () => {
    const { docs } = await stored
      .select('kind', 'd')
      .findNearest({
        ...search({ queryVector: [10, 1], limit: 1 }),
        distanceMeasure: 'COSINE',
        distanceResultField: 'd',
      })
      .get();
    expect(docs.map((doc) => doc.data())).toEqual([
      { kind: 'a', d: expect.closeTo(1 - 10 / Math.sqrt(101), 10) },
    ]);
  });

  test('may come from a vector in a map', async () => {
    if (emulatorDiffers('finds no vector in a map', IN_A_MAP)) return;
    const nested = await fill({ one: { m: { v: vector(1, 2) } }, two: { m: { v: vector(2, 2) } } });
    const { docs } = await nested.findNearest(search({ vectorField: 'm.v', limit: 1 })).get();
    expect(docs.map((doc) => doc.id)).toEqual(['one']);
  });
});

test.each<[string, Partial<VectorQueryOptions>]>([
  ['of 2,049 dimensions', { queryVector: Array<number>(2_049).fill(1) }],
  ['for a reserved field', { distanceResultField: '__d__' }],
])('a search %s is refused', async (title, more) => {
  if (title === 'for a reserved field' && emulatorDiffers('does not answer that', RESERVED)) return;
  expect(await codeOf(stored.findNearest(search(more)).get())).toBe(GrpcStatus.INVALID_ARGUMENT);
});
