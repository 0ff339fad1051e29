import {
  type DocumentReference,
  FieldPath,
  FieldValue,
  GeoPoint,
  Timestamp,
} from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { openFirestore } from '../../support/firestore.ts';

const { db, connect, collection } = await openFirestore();
const exact = connect({ useBigInt: true });

const roundTrip = async (value: unknown) => {
  const ref = collection().doc();
  await ref.set({ value });
  return (await ref.get()).data()?.value;
};

describe('a value reads back as it was written', () => {
  test.each<[string, unknown]>([
    ['null', null],
    ['false', false],
    ['true', true],
    ['zero', 0],
    ['negative zero', -0],
    ['the greatest safe integer', Number.MAX_SAFE_INTEGER],
    ['the least safe integer', Number.MIN_SAFE_INTEGER],
    ['a fraction', 0.1],
    ['the greatest double', Number.MAX_VALUE],
    ['the smallest double', Number.MIN_VALUE],
    ['infinity', Number.POSITIVE_INFINITY],
    ['negative infinity', Number.NEGATIVE_INFINITY],
    ['not a number', Number.NaN],
    ['the empty string', ''],
    ['text outside ASCII', 'naïve – 漢字 🐈‍⬛ \u200f\uffee'],
    ['a string of 100,000 characters', 'é'.repeat(100_000)],
    ['no bytes', Buffer.alloc(0)],
    ['bytes', Buffer.from([0, 1, 127, 128, 255])],
    ['the earliest timestamp', Timestamp.fromDate(new Date('0001-01-01T00:00:00Z'))],
    ['the latest timestamp', new Timestamp(253_402_300_799, 999_999_000)],
    ['a timestamp with microseconds, long ago', new Timestamp(-62_000_000_000, 1_000)],
    ['a timestamp with microseconds, far ahead', new Timestamp(17_000_000_000, 123_457_000)],
    ['a timestamp with microseconds', new Timestamp(1_700_000_000, 123_456_000)],
    ['a geographical point', new GeoPoint(52.52, -13.405)],
    ['the corners of the globe', [new GeoPoint(90, 180), new GeoPoint(-90, -180)]],
    ['an empty array', []],
    ['an array of every other type', [null, true, 1, 1.5, 'a', { b: [2, { c: [] }] }]],
    ['an empty map', {}],
    ['maps in maps', { a: { b: { c: {} } }, d: null }],
    ['keys outside ASCII', { 'ключ 🗝': 1, 'a b': 2, '`': 3, '\\': 4, 'a.b': 5, '0': 6 }],
    ['a vector', FieldValue.vector([1, -0.5, 1e-9])],
    ['vectors within a map', { deep: { vector: FieldValue.vector([0.25]) } }],
  ])('%s', async (_, value) => {
    expect(await roundTrip(value)).toEqual(value);
  });

  test('a document without fields', async () => {
    const ref = collection().doc();
    await ref.set({});
    const snapshot = await ref.get();
    expect(snapshot.exists).toBe(true);
    expect(snapshot.data()).toEqual({});
  });

  test('references, to whichever depth', async () => {
    const targets = [db.doc('rooms/1'), db.doc('rooms/1/doors/ä'), db.doc('a/b/c/d/e/f')];
    const back = (await roundTrip(targets)) as DocumentReference[];
    expect(back.map((ref) => ref.path)).toEqual(targets.map((ref) => ref.path));
    expect(back.every((ref, i) => targets[i]?.isEqual(ref))).toBe(true);
  });

  test('64-bit integers lose no digit, and doubles stay doubles', async () => {
    const ref = exact.doc(collection().doc().path);
    const values = {
      max: 2n ** 63n - 1n,
      min: -(2n ** 63n),
      odd: 2n ** 53n + 1n,
      one: 1n,
      half: 0.5,
      large: 2 ** 60,
    };
    await ref.set(values);
    expect((await ref.get()).data()).toEqual(values);
  });
});

describe('timestamps keep microseconds and drop what is finer', () => {
  test.each<[string, Timestamp, Timestamp]>([
    ['after 1970', new Timestamp(1, 123_456_789), new Timestamp(1, 123_456_000)],
    ['before 1970', new Timestamp(-1, 999_999_999), new Timestamp(-1, 999_999_000)],
    ['below one microsecond', new Timestamp(5, 999), new Timestamp(5, 0)],
  ])('%s', async (_, written, read) => {
    expect(await roundTrip(written)).toEqual(read);
    expect(await roundTrip([{ at: written }])).toEqual([{ at: read }]);
  });

  test('a Date reads back as the same instant', async () => {
    const date = new Date('2024-02-29T12:34:56.789Z');
    expect(await roundTrip(date)).toEqual(Timestamp.fromDate(date));
  });
});

describe('a field path', () => {
  const fields = { a: { b: 1, 'c.d': { 'e f': 2 } }, 'a.b': 3, '`q`': 4 };

  test.each<[string, string | FieldPath, unknown]>([
    ['with dots goes into maps', 'a.b', 1],
    ['made of one name keeps its dots', new FieldPath('a.b'), 3],
    ['made of names mixes both', new FieldPath('a', 'c.d', 'e f'), 2],
    ['may contain backticks', new FieldPath('`q`'), 4],
    ['through a value that is no map leads nowhere', 'a.b.c', undefined],
  ])('%s', async (_, path, value) => {
    const ref = collection().doc();
    await ref.set(fields);
    expect((await ref.get()).get(path)).toEqual(value);
    const mask = await db.getAll(ref, { fieldMask: [path] });
    expect(mask[0]?.get(path)).toEqual(value);
  });

  test('that needs quoting addresses its field in update, filter and order', async () => {
    const target = collection();
    const names = ['a.b', 'ключ', '1st', 'x y', '`', '\\', 'a~b*c/d[e]'];
    for (const name of names) {
      const ref = target.doc();
      const path = new FieldPath('map', name);
      await ref.set({ map: { other: 1 } });
      await ref.update(path, 7);
      expect((await ref.get()).data()).toEqual({ map: { other: 1, [name]: 7 } });
      const found = await target.where(path, '==', 7).orderBy(path).get();
      expect(found.docs.map((doc) => doc.id)).toEqual([ref.id]);
    }
  });
});
