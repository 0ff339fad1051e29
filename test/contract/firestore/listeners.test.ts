import { describe, expect, test } from '@jest/globals';
import { emulatorDiffers, holds, openFirestore, range, watch } from '../../support/firestore.ts';

const { db, connect, collection, fill } = await openFirestore();

describe('listeners', () => {
  test('many on one client all hear of the same write', async () => {
    const target = await fill({ a: { n: 0 } });
    const watchers = range(12).map((n) => watch(target.where('n', '>=', 0).limit(n + 1)));
    await Promise.all(watchers.map((watcher) => watcher.until(holds('a'))));
    await target.doc('a').update({ n: 1 });
    const seen = watchers.map((watcher) => watcher.until((s) => s.docs[0]?.get('n') === 1));
    expect(await Promise.all(seen)).toHaveLength(12);
  });

  test('on two clients both hear what either writes', async () => {
    const other = connect();
    const target = collection();
    const here = watch(target);
    const there = watch(other.collection(target.path));
    await Promise.all([here.until((s) => s.empty), there.until((s) => s.empty)]);
    await other.doc(`${target.path}/a`).set({ from: 'there' });
    await Promise.all([here.until(holds('a')), there.until(holds('a'))]);
    await target.doc('b').set({ from: 'here' });
    await Promise.all([here.until(holds('ab')), there.until(holds('ab'))]);
  });

  test('hear nothing after they stopped, and begin anew with the current state', async () => {
    const target = await fill({ a: { n: 1 } });
    const stopped = watch(target);
    const going = watch(target);
    await Promise.all([stopped.until(holds('a')), going.until(holds('a'))]);
    stopped.stop();
    await target.doc('b').set({ n: 2 });
    await going.until(holds('ab'));
    expect(stopped.seen).toHaveLength(1);
    await watch(target).until(holds('ab'));
  });

  test('hear every kind of write: batch, transaction, BulkWriter', async () => {
    const target = collection();
    const watcher = watch(target);
    await watcher.until((s) => s.empty);
    await db.batch().set(target.doc('a'), {}).commit();
    await watcher.until(holds('a'));
    await db.runTransaction(async (tx) => tx.set(target.doc('b'), {}));
    await watcher.until(holds('ab'));
    const writer = db.bulkWriter();
    const written = writer.set(target.doc('c'), {});
    await writer.close();
    await written;
    await watcher.until(holds('abc'));
  });

  test('of a query that cannot be run report an error', async () => {
    const watcher = watch(collection().where('n', 'in', range(31)));
    expect(await watcher.failure()).toBeInstanceOf(Error);
    expect(watcher.seen).toEqual([]);
  });

  test('take no select(): the service refuses it for real-time queries', async () => {
    const watcher = watch(collection().select('n'));
    if (emulatorDiffers('listens', "the service: 'select' clauses are not supported …")) {
      await watcher.until((s) => s.empty);
      return;
    }
    expect(String(await watcher.failure())).toMatch(/'select' clauses are not supported/);
    expect(watcher.seen).toEqual([]);
  });

  test('hear nothing of other projects', async () => {
    const { path, id } = collection();
    const stranger = connect({ projectId: `other-${id.slice(-12)}` });
    const watcher = watch(db.collection(path));
    await watcher.until((s) => s.empty);
    await stranger.doc(`${path}/a`).set({});
    await db.doc(`${path}/b`).set({});
    await watcher.until(holds('b'));
    expect(watcher.seen).toHaveLength(2);
  });
});
