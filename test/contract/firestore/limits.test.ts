import { describe, expect, test } from '@jest/globals';
import {
  codeOf,
  emulatorDiffers,
  GrpcStatus,
  openFirestore,
  range,
  watch,
} from '../../support/firestore.ts';

const { db, collection } = await openFirestore();

describe('limits', () => {
  const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: nested(levels - 1) });

  test('maps nest up to 20 levels and no further', async () => {
    const ref = collection().doc();
    await ref.set({ value: nested(18) });
    expect((await ref.get()).get('value')).toEqual(nested(18));
    await expect((async () => ref.set({ value: nested(22) }))()).rejects.toThrow();
    expect((await ref.get()).get('value')).toEqual(nested(18));
  });

  test('a document may be almost 1 MiB large', async () => {
    const ref = collection().doc();
    const halves = { one: 'x'.repeat(524_000), two: Buffer.alloc(524_000, 7) };
    await ref.set(halves);
    expect((await ref.get()).data()).toEqual(halves);
  });

  test('one commit may carry 9 MB, and one query and listener may bring them back', async () => {
    const target = collection();
    const batch = db.batch();
    const text = 'x'.repeat(1_000_000);
    // 4 MiB, gRPC's default, against the service's 10: https://firebase.google.com/docs/firestore/quotas#writes_and_transactions
    const count = emulatorDiffers(
      'takes 4 MiB a request',
      'https://github.com/firebase/firebase-tools/issues/8081',
    )
      ? 3
      : 9;
    for (const n of range(count)) batch.set(target.doc(`d${n}`), { text, n });
    await batch.commit();
    const read = await target.get();
    const watched = await watch(target).until((s) => s.size === count);
    const looked = await db.getAll(...read.docs.map((doc) => doc.ref));
    for (const docs of [read.docs, watched.docs, looked]) {
      expect(docs.map((doc) => [doc.get('n'), doc.get('text') === text])).toEqual(
        range(count).map((n) => [n, true]),
      );
    }
  });

  test.each<[string, Record<string, unknown>]>([
    ['in one string', { text: 'x'.repeat(1_048_577) }],
    ['in one run of bytes', { bytes: Buffer.alloc(1_048_577) }],
    ['counted in UTF-8', { text: 'é'.repeat(524_289) }],
    ['in sum', { a: 'x'.repeat(400_000), b: 'x'.repeat(400_000), c: 'x'.repeat(400_000) }],
  ])('a document above 1 MiB %s is refused and leaves the old one as it was', async (_, data) => {
    const ref = collection().doc();
    await ref.set({ old: true });
    expect(await codeOf(ref.set(data))).toBe(GrpcStatus.INVALID_ARGUMENT);
    expect((await ref.get()).data()).toEqual({ old: true });
  });

  test('a document that grows above 1 MiB by an update is refused', async () => {
    const ref = collection().doc();
    await ref.set({ a: 'x'.repeat(600_000) });
    expect(await codeOf(ref.update({ b: 'x'.repeat(600_000) }))).toBe(GrpcStatus.INVALID_ARGUMENT);
    expect(Object.keys((await ref.get()).data() ?? {})).toEqual(['a']);
  });
});

describe('reserved names are refused', () => {
  test.each([
    ['a document id between double underscores', 'things/__reserved__'],
    ['a collection id between double underscores', '__reserved__/thing'],
    ['a single dot as document id', 'things/.'],
    ['two dots as document id', 'things/..'],
    ['a document id of more than 1,500 bytes', `things/${'x'.repeat(1501)}`],
  ])('%s', async (_, path) => {
    expect(await codeOf(db.doc(path).set({ a: 1 }))).toBe(GrpcStatus.INVALID_ARGUMENT);
  });

  test('a field name between double underscores', async () => {
    const ref = collection().doc();
    expect(await codeOf(ref.set({ __reserved__: 1 }))).toBe(GrpcStatus.INVALID_ARGUMENT);
    expect((await ref.get()).exists).toBe(false);
  });

  test('but ids that only resemble them are fine', async () => {
    const target = collection();
    const ids = [
      '__',
      '__x',
      'x__',
      '...',
      '.a',
      'A',
      'a',
      'é',
      'e\u0301',
      'x'.repeat(1500),
      '漢字 🐈',
      'a:b*c?d',
    ];
    await Promise.all(ids.map((id) => target.doc(id).set({ id })));
    const stored = await target.get();
    expect(stored.docs.map((doc) => doc.id).sort()).toEqual(ids.toSorted());
    expect(stored.docs.every((doc) => doc.get('id') === doc.id)).toBe(true);
  });
});
