import {
  type DocumentData,
  type DocumentReference,
  FieldValue,
  Timestamp,
} from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { codeOf, GrpcStatus, openFirestore } from '../../support/firestore.ts';

const { db, collection, fill } = await openFirestore();

const dataOf = async (ref: DocumentReference) => (await ref.get()).data();
const written = async (data: DocumentData) => {
  const ref = collection().doc();
  const result = await ref.set(data);
  return { ref, time: result.writeTime };
};

describe('a batch', () => {
  test('applies its writes to one document in their order', async () => {
    const ref = collection().doc();
    const batch = db.batch();
    batch.set(ref, { a: 1, n: 1 });
    batch.update(ref, { n: FieldValue.increment(1), b: 2 });
    batch.set(ref, { c: 3 }, { merge: true });
    batch.update(ref, { a: FieldValue.delete() });
    await batch.commit();
    expect(await dataOf(ref)).toEqual({ n: 2, b: 2, c: 3 });
  });

  test('can delete and create the same document', async () => {
    const { ref } = await written({ old: true });
    await db.batch().delete(ref).create(ref, { new: true }).commit();
    expect(await dataOf(ref)).toEqual({ new: true });
    await db.batch().set(ref, { newer: true }).delete(ref).commit();
    expect((await ref.get()).exists).toBe(false);
  });

  test.each([true, false])(
    'that deletes a document and then updates it is refused, also if it is there: %s',
    async (exists) => {
      const ref = collection().doc();
      if (exists) await ref.set({ a: 1 });
      const commit = db.batch().delete(ref).update(ref, { a: 2 }).commit();
      expect(await codeOf(commit)).toBe(GrpcStatus.INVALID_ARGUMENT);
      expect(await dataOf(ref)).toEqual(exists ? { a: 1 } : undefined);
    },
  );

  test('gives all its documents one time', async () => {
    const target = collection();
    const batch = db.batch();
    for (const id of ['a', 'b', 'c']) batch.set(target.doc(id), { id });
    const results = await batch.commit();
    const stored = await target.get();
    const times = [...results.map((r) => r.writeTime), ...stored.docs.map((d) => d.updateTime)];
    expect(new Set(times.map((time) => time.valueOf())).size).toBe(1);
    expect(results).toHaveLength(3);
  });

  type AddFailure = (batch: FirebaseFirestore.WriteBatch, taken: DocumentReference) => unknown;
  test.each<[string, AddFailure, number]>([
    ['create of a taken id', (b, taken) => b.create(taken, {}), GrpcStatus.ALREADY_EXISTS],
    [
      'update of a missing one',
      (b, t) => b.update(t.parent.doc('no'), { a: 1 }),
      GrpcStatus.NOT_FOUND,
    ],
    [
      'stale precondition',
      (b, taken) => b.update(taken, { a: 1 }, { lastUpdateTime: new Timestamp(1, 0) }),
      GrpcStatus.FAILED_PRECONDITION,
    ],
    [
      'document too large',
      (b, t) => b.set(t, { a: 'x'.repeat(1_048_600) }),
      GrpcStatus.INVALID_ARGUMENT,
    ],
  ])('with one %s changes nothing at all', async (_, addFailure, code) => {
    const target = await fill({ taken: { n: 1 }, other: { n: 1 } });
    const batch = db.batch();
    batch.set(target.doc('new'), { n: 2 });
    batch.update(target.doc('other'), { n: 2 });
    addFailure(batch, target.doc('taken'));
    batch.delete(target.doc('other'));
    expect(await codeOf(batch.commit())).toBe(code);
    const stored = await target.get();
    expect(Object.fromEntries(stored.docs.map((doc) => [doc.id, doc.data()]))).toEqual({
      other: { n: 1 },
      taken: { n: 1 },
    });
  });

  test('of 500 writes commits whole', async () => {
    const target = collection();
    const batch = db.batch();
    for (let n = 0; n < 500; n++) batch.create(target.doc(`d${n}`), { n });
    expect(await batch.commit()).toHaveLength(500);
    expect((await target.count().get()).data().count).toBe(500);
  });

  test('without writes commits', async () => {
    expect(await db.batch().commit()).toEqual([]);
  });
});

describe('getAll', () => {
  test('answers in the order of the question, missing and repeated documents included', async () => {
    const target = await fill({ a: { n: 1 }, b: { n: 2 } });
    const ids = ['b', 'missing', 'a', 'b'];
    const snapshots = await db.getAll(...ids.map((id) => target.doc(id)));
    expect(snapshots.map((s) => s.id)).toEqual(ids);
    expect(snapshots.map((s) => s.get('n'))).toEqual([2, undefined, 1, 2]);
    expect(snapshots.map((s) => s.exists)).toEqual([true, false, true, true]);
  });

  test('with a field mask returns only those fields', async () => {
    const target = await fill({ a: { x: 1, m: { y: 2, z: 3 }, w: 4 }, b: { other: 1 } });
    const refs = [target.doc('a'), target.doc('b'), target.doc('missing')];
    const [a, b, missing] = await db.getAll(...refs, { fieldMask: ['x', 'm.y', 'none'] });
    expect(a?.data()).toEqual({ x: 1, m: { y: 2 } });
    expect(b?.exists).toBe(true);
    expect(b?.data()).toEqual({});
    expect(missing?.exists).toBe(false);
  });

  test('with an empty field mask tells existence and times only', async () => {
    const { ref, time } = await written({ x: 1 });
    const [snapshot] = await db.getAll(ref, { fieldMask: [] });
    expect(snapshot?.data()).toEqual({});
    expect(snapshot?.updateTime).toEqual(time);
  });

  test('of 300 documents finds each', async () => {
    const target = await fill(
      Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`d${n}`, { n }])),
    );
    const refs = Array.from({ length: 300 }, (_, n) => target.doc(`d${n}`));
    const snapshots = await db.getAll(...refs);
    expect(snapshots.map((s) => s.get('n'))).toEqual(refs.map((_, n) => n));
  });
});
