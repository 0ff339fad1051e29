import { FieldValue } from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { codeOf, GrpcStatus, idsOf, openFirestore } from '../../support/firestore.ts';

const { db, collection, fill } = await openFirestore();

describe('atomicity', () => {
  test('what is thrown comes out, and nothing was written', async () => {
    const target = await fill({ a: { n: 1 } });
    const broken = db.runTransaction(async (tx) => {
      await tx.get(target.doc('a'));
      tx.update(target.doc('a'), { n: 2 });
      tx.create(target.doc('b'), {});
      throw new Error('changed my mind');
    });
    await expect(broken).rejects.toThrow('changed my mind');
    expect(await idsOf(target)).toEqual(['a']);
    expect((await target.doc('a').get()).get('n')).toBe(1);
  });

  test('a rolled back transaction holds nobody up', async () => {
    const ref = collection().doc();
    await ref.set({ n: 1 });
    const broken = db.runTransaction(async (tx) => {
      await tx.get(ref);
      throw new Error('stop');
    });
    await expect(broken).rejects.toThrow('stop');
    await ref.update({ n: 2 });
    expect((await ref.get()).get('n')).toBe(2);
  });

  test('its writes are not visible before the commit and all at once after it', async () => {
    const target = collection();
    await db.runTransaction(async (tx) => {
      tx.set(target.doc('a'), { n: 1 });
      tx.set(target.doc('b'), { n: 2 });
      expect(await idsOf(target)).toEqual([]);
    });
    const stored = await target.get();
    expect(stored.docs.map((doc) => doc.id)).toEqual(['a', 'b']);
    expect(stored.docs[0]?.updateTime).toEqual(stored.docs[1]?.updateTime);
  });

  test.each<[string, number]>([
    ['create', GrpcStatus.ALREADY_EXISTS],
    ['update', GrpcStatus.NOT_FOUND],
  ])('a %s that cannot be fails all of it, once and for all', async (kind, code) => {
    const target = await fill({ taken: { n: 1 } });
    let attempts = 0;
    const failing = db.runTransaction(async (tx) => {
      attempts++;
      await tx.get(target.doc('taken'));
      tx.set(target.doc('new'), { n: 2 });
      if (kind === 'create') tx.create(target.doc('taken'), { n: 2 });
      else tx.update(target.doc('missing'), { n: 2 });
    });
    expect(await codeOf(failing)).toBe(code);
    expect(attempts).toBe(1);
    expect(await idsOf(target)).toEqual(['taken']);
  });

  test('preconditions hold inside a transaction', async () => {
    const ref = collection().doc();
    const { writeTime } = await ref.set({ n: 1 });
    await ref.set({ n: 2 });
    const stale = db.runTransaction(async (tx) => {
      tx.update(ref, { n: 3 }, { lastUpdateTime: writeTime });
    });
    expect(await codeOf(stale)).toBe(GrpcStatus.FAILED_PRECONDITION);
    expect((await ref.get()).get('n')).toBe(2);
  });

  test('transforms and deletes take part', async () => {
    const target = await fill({ a: { n: 1 }, b: {} });
    await db.runTransaction(async (tx) => {
      const a = await tx.get(target.doc('a'));
      tx.update(a.ref, { n: FieldValue.increment(4), list: FieldValue.arrayUnion('x') });
      tx.delete(target.doc('b'));
    });
    const stored = await target.get();
    expect(stored.docs.map((doc) => doc.data())).toEqual([{ n: 5, list: ['x'] }]);
  });
});

describe('reading', () => {
  test('after writing is an error of the caller', async () => {
    const ref = collection().doc();
    const wrong = db.runTransaction(async (tx) => {
      tx.set(ref, {});
      await tx.get(ref);
    });
    await expect(wrong).rejects.toThrow(/reads to be executed before all writes/);
    expect((await ref.get()).exists).toBe(false);
  });

  test('returns what the function returns', async () => {
    const target = await fill({ a: { n: 1 }, b: { n: 2 } });
    const sum = await db.runTransaction(async (tx) => {
      const [a, b, none] = await tx.getAll(target.doc('a'), target.doc('b'), target.doc('c'));
      const masked = await tx.getAll(target.doc('a'), { fieldMask: ['none'] });
      expect(none?.exists).toBe(false);
      expect(masked[0]?.data()).toEqual({});
      return a?.get('n') + b?.get('n');
    });
    expect(sum).toBe(3);
  });

  test('in parallel shares one transaction', async () => {
    const target = await fill({ a: { n: 1 }, b: { n: 2 } });
    await db.runTransaction(async (tx) => {
      const reads = [tx.get(target.doc('a')), tx.get(target.doc('b'))];
      const [a, b] = await Promise.all(reads);
      tx.set(target.doc('sum'), { n: a?.get('n') + b?.get('n') });
    });
    expect((await target.doc('sum').get()).get('n')).toBe(3);
  });

  test('nothing and writing nothing is a transaction too', async () => {
    expect(await db.runTransaction(async () => 'empty')).toBe('empty');
    const ref = collection().doc();
    await db.runTransaction(async (tx) => tx.get(ref));
    expect((await ref.get()).exists).toBe(false);
  });
});
