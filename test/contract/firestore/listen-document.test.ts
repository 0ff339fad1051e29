import { FieldValue } from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { openFirestore, range, watch } from '../../support/firestore.ts';

const { collection } = await openFirestore();

describe('a document listener', () => {
  test('tells the whole life: missing, created, updated, deleted, created again', async () => {
    const ref = collection().doc();
    const watcher = watch(ref);
    await watcher.until((s) => !s.exists, 'missing');
    const created = await ref.create({ n: 1 });
    const first = await watcher.until((s) => s.get('n') === 1, 'created');
    const updated = await ref.update({ n: 2 });
    const second = await watcher.until((s) => s.get('n') === 2, 'updated');
    await ref.delete();
    const gone = await watcher.until((s) => !s.exists, 'deleted');
    await ref.set({ n: 3 });
    await watcher.until((s) => s.get('n') === 3, 'created again');

    expect(watcher.seen.map((s) => s.data()?.n)).toEqual([undefined, 1, 2, undefined, 3]);
    expect(first.createTime).toEqual(created.writeTime);
    expect(first.updateTime).toEqual(created.writeTime);
    expect(second.createTime).toEqual(created.writeTime);
    expect(second.updateTime).toEqual(updated.writeTime);
    expect(gone.ref.path).toBe(ref.path);
  });

  test('begins with what is there, and equals a get', async () => {
    const ref = collection().doc();
    await ref.set({ deep: [{ a: 1 }], at: FieldValue.serverTimestamp() });
    const snapshot = await watch(ref).until((s) => s.exists);
    const read = await ref.get();
    expect(snapshot.data()).toEqual(read.data());
    expect(snapshot.updateTime).toEqual(read.updateTime);
    expect(snapshot.createTime).toEqual(read.createTime);
  });

  test('hears nothing of siblings or of documents below', async () => {
    const ref = collection().doc('a');
    const watcher = watch(ref);
    await watcher.until((s) => !s.exists);
    await ref.parent.doc('b').set({});
    await ref.collection('sub').doc('c').set({});
    await ref.set({ n: 1 });
    await watcher.until((s) => s.exists);
    expect(watcher.seen).toHaveLength(2);
  });

  test('is not woken by a write that changes nothing', async () => {
    const ref = collection().doc();
    await ref.set({ n: 1 });
    const watcher = watch(ref);
    await watcher.until((s) => s.exists);
    await ref.set({ n: 1 });
    await ref.set({ n: 2 });
    await watcher.until((s) => s.get('n') === 2);
    expect(watcher.seen.map((s) => s.get('n'))).toEqual([1, 2]);
  });

  test('converges to the last of 200 updates without ever going back', async () => {
    const ref = collection().doc();
    await ref.set({ n: 0 });
    const watcher = watch(ref);
    await watcher.until((s) => s.exists);
    await Promise.all(range(200).map(() => ref.update({ n: FieldValue.increment(1) })));
    await watcher.until((s) => s.get('n') === 200);
    const values = watcher.seen.map((s): number => s.get('n'));
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(new Set(values).size).toBe(values.length);
  });
});
