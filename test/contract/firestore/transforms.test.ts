import { type DocumentData, FieldValue, Timestamp } from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { codeOf, GrpcStatus, openFirestore } from '../../support/firestore.ts';

const { db, connect, collection } = await openFirestore();
// Integers come back as bigint and doubles as number, so a test sees which of both is stored.
const exact = connect({ useBigInt: true });
const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

const applied = async (before: DocumentData, change: DocumentData) => {
  const ref = exact.doc(collection().doc().path);
  await ref.set(before);
  await ref.update(change);
  return (await ref.get()).data();
};

describe('increment', () => {
  test.each<[string, unknown, number, unknown]>([
    ['integer and integer give an integer', 5n, 3, 8n],
    ['a negative step counts down', 5n, -8, -3n],
    ['integer and double give a double', 5n, 0.5, 5.5],
    ['double and integer give a double', 0.5, 1, 1.5],
    ['double and double give a double, even if whole', 0.5, 0.5, 1],
    ['above the greatest integer it stays there', MAX, 1, MAX],
    ['below the least integer it stays there', MIN, -1, MIN],
    ['digits beyond 2^53 count', 2n ** 53n, 1, 2n ** 53n + 1n],
    ['not a number stays so', Number.NaN, 1, Number.NaN],
    ['infinity is kept', Number.POSITIVE_INFINITY, 1, Number.POSITIVE_INFINITY],
    ['a string becomes the step', 'text', 2, 2n],
    ['null becomes the step', null, 2, 2n],
    ['a map becomes the step', { n: 1 }, 1.5, 1.5],
  ])('%s', async (_, stored, step, result) => {
    expect(await applied({ n: stored }, { n: FieldValue.increment(step) })).toEqual({ n: result });
  });

  test('a missing field counts from zero', async () => {
    const change = { n: FieldValue.increment(4), 'deep.er': FieldValue.increment(0.5) };
    expect(await applied({}, change)).toEqual({ n: 4n, deep: { er: 0.5 } });
  });

  test('200 concurrent increments all count', async () => {
    const ref = collection().doc();
    await ref.set({ n: 0 });
    await Promise.all(
      Array.from({ length: 200 }, () => ref.update({ n: FieldValue.increment(1) })),
    );
    expect((await ref.get()).get('n')).toBe(200);
  });
});

// A mixed pair takes the type of the larger operand, equal ones leave the field as it is.
describe.each<['maximum' | 'minimum', [string, unknown, number, unknown][]]>([
  [
    'maximum',
    [
      ['a greater step wins', 5n, 8, 8n],
      ['a lesser step changes nothing', 5n, 3, 5n],
      ['a double may win over an integer', 5n, 5.5, 5.5],
      ['an integer may win over a double', 5.5, 6, 6n],
      ['an equal step keeps the stored type', 2n ** 60n, 2 ** 60, 2n ** 60n],
      ['zeros are equal', 0n, -0, 0n],
      ['a stored not-a-number stays', Number.NaN, 5, Number.NaN],
      ['a string becomes the step', 'text', 2, 2n],
      ['null becomes the step', null, -2, -2n],
    ],
  ],
  [
    'minimum',
    [
      ['a lesser step wins', 5n, 3, 3n],
      ['a greater step changes nothing', 5n, 8, 5n],
      ['a double may win over an integer', 5n, 4.5, 4.5],
      ['an integer may win over a double', 5.5, 5, 5n],
      ['zeros are equal', 0n, -0, 0n],
      ['a stored not-a-number stays', Number.NaN, 5, Number.NaN],
      ['a string becomes the step', 'text', 2, 2n],
      ['a map becomes the step', { a: 1 }, 2.5, 2.5],
    ],
  ],
])('%s', (operation, cases) => {
  test.each(cases)('%s', async (_, stored, operand, result) => {
    expect(await applied({ n: stored }, { n: FieldValue[operation](operand) })).toEqual({
      n: result,
    });
  });

  test('a missing field becomes the step', async () => {
    expect(await applied({}, { n: FieldValue[operation](7) })).toEqual({ n: 7n });
  });
});

describe('arrayUnion', () => {
  test.each<[string, unknown, unknown[], unknown]>([
    ['appends what is missing, in order', ['a'], ['c', 'a', 'b'], ['a', 'c', 'b']],
    ['adds one element only once', [], ['a', 'b', 'a'], ['a', 'b']],
    ['keeps duplicates that were there', ['a', 'a'], ['b'], ['a', 'a', 'b']],
    ['takes an integer for an equal double', [2n ** 60n], [2 ** 60], [2n ** 60n]],
    ['takes a double for an equal integer', [2 ** 60], [2n ** 60n], [2 ** 60]],
    ['knows not-a-number and null', [Number.NaN, null], [null, Number.NaN], [Number.NaN, null]],
    ['tells a string from a number', ['1'], [1n], ['1', 1n]],
    ['compares maps by value', [{ a: 1n, b: 2n }], [{ b: 2n, a: 1n }], [{ a: 1n, b: 2n }]],
    ['replaces what is no array', 'text', ['a'], ['a']],
  ])('%s', async (_, stored, elements, result) => {
    const change = { list: FieldValue.arrayUnion(...elements) };
    expect(await applied({ list: stored }, change)).toEqual({ list: result });
  });

  test('makes an array where there was none', async () => {
    const change = { 'deep.list': FieldValue.arrayUnion(1) };
    expect(await applied({}, change)).toEqual({ deep: { list: [1n] } });
  });

  test('concurrent unions lose no element', async () => {
    const ref = collection().doc();
    await ref.set({ list: [] });
    const wanted = Array.from({ length: 60 }, (_, n) => n);
    await Promise.all(wanted.map((n) => ref.update({ list: FieldValue.arrayUnion(n, n % 10) })));
    const list: number[] = (await ref.get()).get('list');
    expect(list.toSorted((a, b) => a - b)).toEqual(wanted);
  });
});

describe('arrayRemove', () => {
  test.each<[string, unknown, unknown[], unknown]>([
    ['removes every occurrence', ['a', 'b', 'a', 'c'], ['a', 'c'], ['b']],
    ['ignores what is not there', ['a'], ['z'], ['a']],
    ['takes a double for an equal integer', [2n ** 60n, 1n], [2 ** 60], [1n]],
    ['knows not-a-number and null', [Number.NaN, null, 1n], [null, Number.NaN], [1n]],
    ['compares maps by value', [{ a: 1n, b: 2n }, { a: 1n }], [{ b: 2n, a: 1n }], [{ a: 1n }]],
    ['turns what is no array into an empty one', 'text', ['a'], []],
  ])('%s', async (_, stored, elements, result) => {
    const change = { list: FieldValue.arrayRemove(...elements) };
    expect(await applied({ list: stored }, change)).toEqual({ list: result });
  });

  test('makes an empty array where there was none', async () => {
    expect(await applied({}, { list: FieldValue.arrayRemove(1) })).toEqual({ list: [] });
  });
});

describe('serverTimestamp', () => {
  test('is one instant for all fields and documents of a commit, at its write time', async () => {
    const target = collection();
    const stamp = FieldValue.serverTimestamp();
    const batch = db.batch();
    batch.set(target.doc('a'), { at: stamp, deep: { at: stamp } });
    batch.set(target.doc('b'), { at: stamp });
    const [result] = await batch.commit();
    const [a, b] = (await target.get()).docs;
    const times: Timestamp[] = [a?.get('at'), a?.get('deep.at'), b?.get('at')];
    expect(times[0]).toBeInstanceOf(Timestamp);
    expect(times).toEqual([times[0], times[0], times[0]]);
    const lag = (result?.writeTime.toMillis() ?? 0) - (times[0]?.toMillis() ?? 0);
    expect(Math.abs(lag)).toBeLessThan(5_000);
  });

  test('never runs backwards from write to write', async () => {
    const ref = collection().doc();
    const times: string[] = [];
    for (let n = 0; n < 5; n++) {
      await ref.set({ at: FieldValue.serverTimestamp() });
      times.push((await ref.get()).get('at').valueOf());
    }
    expect(times).toEqual(times.toSorted());
  });
});

describe('a transform', () => {
  test('in set applies to the new document, not to the replaced one', async () => {
    const ref = collection().doc();
    await ref.set({ n: 5, list: ['old'] });
    await ref.set({ n: FieldValue.increment(1), list: FieldValue.arrayUnion('new') });
    expect((await ref.get()).data()).toEqual({ n: 1, list: ['new'] });
  });

  test('in a merge applies to the stored value', async () => {
    const ref = collection().doc();
    await ref.set({ n: 5, keep: true });
    await ref.set({ n: FieldValue.increment(1) }, { merge: true });
    expect((await ref.get()).data()).toEqual({ n: 6, keep: true });
  });

  test('in a merge or create makes a missing document', async () => {
    const target = collection();
    await target.doc('a').set({ n: FieldValue.increment(2) }, { merge: true });
    await target.doc('b').create({ n: FieldValue.increment(3) });
    const stored = await target.get();
    expect(stored.docs.map((doc) => doc.data())).toEqual([{ n: 2 }, { n: 3 }]);
  });

  test('in an update of a missing document fails', async () => {
    const ref = collection().doc();
    const update = ref.update({ n: FieldValue.increment(1) });
    expect(await codeOf(update)).toBe(GrpcStatus.NOT_FOUND);
  });

  test('goes along with plain and deleted fields in one update', async () => {
    const change = {
      plain: 'new',
      gone: FieldValue.delete(),
      'map.n': FieldValue.increment(1),
      'map.list': FieldValue.arrayUnion(3),
    };
    const before = { plain: 'old', gone: 1, map: { n: 1, list: [2], other: 0 } };
    expect(await applied(before, change)).toEqual({
      plain: 'new',
      map: { n: 2n, list: [2n, 3n], other: 0n },
    });
  });

  test('twice in one batch applies twice', async () => {
    const ref = collection().doc();
    const batch = db.batch().set(ref, { n: 1 });
    batch.update(ref, { n: FieldValue.increment(10) });
    batch.update(ref, { n: FieldValue.increment(100) });
    await batch.commit();
    expect((await ref.get()).get('n')).toBe(111);
  });

  test('that is refused with its batch leaves no trace', async () => {
    const target = collection();
    await target.doc('a').set({ n: 1 });
    const batch = db.batch().update(target.doc('a'), { n: FieldValue.increment(1) });
    batch.update(target.doc('missing'), { n: 1 });
    expect(await codeOf(batch.commit())).toBe(GrpcStatus.NOT_FOUND);
    expect((await target.doc('a').get()).get('n')).toBe(1);
  });

  test('that changes nothing still answers and keeps the value', async () => {
    const ref = collection().doc();
    await ref.set({ list: [1] });
    await ref.update({ list: FieldValue.arrayUnion(1) });
    expect((await ref.get()).data()).toEqual({ list: [1] });
  });
});
