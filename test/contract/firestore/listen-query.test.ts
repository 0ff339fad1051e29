import type { QuerySnapshot } from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { changesOf, holds, openFirestore, range, watch } from '../../support/firestore.ts';

const { db, collection, fill } = await openFirestore();

describe('a query listener', () => {
  test('begins with an empty snapshot when nothing matches', async () => {
    const watcher = watch(collection().where('n', '>', 1));
    const snapshot = await watcher.until((s) => s.empty);
    expect(changesOf(snapshot)).toEqual([]);
  });

  test('tells what was added, modified and removed, and from where to where', async () => {
    const target = await fill({ b: { n: 2 }, d: { n: 4 }, f: { n: 6 } });
    const watcher = watch(target.orderBy('n'));
    const initial = await watcher.until(holds('bdf'));
    expect(changesOf(initial)).toEqual([
      ['added', 'b', -1, 0],
      ['added', 'd', -1, 1],
      ['added', 'f', -1, 2],
    ]);
    await target.doc('c').set({ n: 3 });
    expect(changesOf(await watcher.until(holds('bcdf')))).toEqual([['added', 'c', -1, 1]]);
    await target.doc('d').update({ other: 1 });
    const modified = await watcher.until((s) => s.docs[2]?.get('other') === 1);
    expect(changesOf(modified)).toEqual([['modified', 'd', 2, 2]]);
    await target.doc('b').update({ n: 5 });
    expect(changesOf(await watcher.until(holds('cdbf')))).toEqual([['modified', 'b', 0, 2]]);
    await target.doc('d').delete();
    expect(changesOf(await watcher.until(holds('cbf')))).toEqual([['removed', 'd', 1, -1]]);
    expect(watcher.seen).toHaveLength(5);
  });

  test('loses a document whose field changed and gains one that came to match', async () => {
    const target = await fill({ a: { on: true, n: 1 }, b: { on: false, n: 2 } });
    const watcher = watch(target.where('on', '==', true));
    await watcher.until(holds('a'));
    await target.doc('a').update({ on: false });
    expect(changesOf(await watcher.until(holds('')))).toEqual([['removed', 'a', 0, -1]]);
    await target.doc('b').update({ on: true });
    expect(changesOf(await watcher.until(holds('b')))).toEqual([['added', 'b', -1, 0]]);
    await target.doc('b').set({ n: 2 });
    await watcher.until(holds(''));
  });

  test('receives a batch of several documents as one snapshot', async () => {
    const target = await fill({ old: { n: 0 }, older: { n: 0 } });
    const watcher = watch(target);
    await watcher.until(holds(['old', 'older']));
    const batch = db.batch().delete(target.doc('old')).update(target.doc('older'), { n: 1 });
    for (const id of 'abcdefgh') batch.create(target.doc(id), { n: 1 });
    await batch.commit();
    const after = await watcher.until((s) => s.size === 9);
    expect(watcher.seen).toHaveLength(2);
    expect(changesOf(after).map(([type]) => type)).toEqual([
      'removed',
      ...Array(8).fill('added'),
      'modified',
    ]);
  });

  test('receives a transaction as one snapshot: the total of two accounts never changes', async () => {
    const accounts = await fill({ a: { cents: 100 }, b: { cents: 100 } });
    const watcher = watch(accounts);
    await watcher.until((s) => s.size === 2);
    for (const n of range(15)) {
      await db.runTransaction(async (tx) => {
        const [a, b] = await tx.getAll(accounts.doc('a'), accounts.doc('b'));
        tx.update(accounts.doc('a'), { cents: a?.get('cents') - n });
        tx.update(accounts.doc('b'), { cents: b?.get('cents') + n });
      });
    }
    await watcher.until((s) => s.docs[1]?.get('cents') === 205);
    for (const { docs } of watcher.seen) {
      expect(docs[0]?.get('cents') + docs[1]?.get('cents')).toBe(200);
    }
  });

  test('has a read time that grows and is never before what it shows', async () => {
    const target = collection();
    const watcher = watch(target);
    await watcher.until((s) => s.empty);
    for (const n of range(5)) {
      await target.doc(`d${n}`).set({ n });
      await watcher.until((s) => s.size === n + 1);
    }
    const times = watcher.seen.map((s) => s.readTime.valueOf());
    expect(times).toEqual(times.toSorted());
    expect(new Set(times).size).toBe(times.length);
    for (const { docs, readTime } of watcher.seen) {
      for (const doc of docs) expect(readTime.valueOf() >= doc.updateTime.valueOf()).toBe(true);
    }
  });

  test('converges under hundreds of writes to what a get returns, never going back', async () => {
    const target = collection();
    const watcher = watch(target.orderBy('n', 'desc'));
    await watcher.until((s) => s.empty);
    const churn = async (id: number) => {
      const ref = target.doc(`d${id}`);
      for (const n of range(15)) {
        if (n % 7 === 6) await ref.delete();
        else await ref.set({ n: (id * 7 + n * 3) % 20, version: n });
      }
    };
    await Promise.all(range(20).map(churn));
    await target.doc('last').set({ n: 1_000 });
    const final = await watcher.until((s) => s.docs[0]?.id === 'last' && s.size === 21);
    const read = await target.orderBy('n', 'desc').get();
    const content = (s: QuerySnapshot) => s.docs.map((doc) => [doc.id, doc.data(), doc.updateTime]);
    expect(content(final)).toEqual(content(read));
    const latest = new Map<string, string>();
    for (const doc of watcher.seen.flatMap((s) => s.docs)) {
      expect(doc.updateTime.valueOf() >= (latest.get(doc.id) ?? '')).toBe(true);
      latest.set(doc.id, doc.updateTime.valueOf());
    }
  });
});
