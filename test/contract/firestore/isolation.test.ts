import {
  type CollectionReference,
  type DocumentReference,
  FieldValue,
  type Transaction,
  type WriteResult,
} from '@google-cloud/firestore';
import { describe, expect, test } from '@jest/globals';
import { emulatorDiffers, idsOf, openFirestore, range } from '../../support/firestore.ts';
import { within } from '../../support/hang-limit.ts';

const { db, collection, fill } = await openFirestore();
// Contention is the point here: give every transaction enough attempts to get through.
const patient = { maxAttempts: 100 };

/** How many may fight for one document. */
function contenders(many: number): number {
  const isSlow = emulatorDiffers(
    'lets each loser of a fight wait for about a second',
    'https://cloud.google.com/firestore/docs/transaction-data-contention',
  );
  return isSlow ? Math.ceil(many / 4) : many;
}

/**
 * Runs a transaction that reads, and then writes `target`. Between its first read and its write comes another
 * client's write. Firestore may let that write pass and then refuse the commit, or lock what was read until the
 * commit: the answer tells whether the write passed.
 */
async function disturbed<T>(
  target: DocumentReference,
  read: (tx: Transaction) => Promise<T>,
  intrude: () => Promise<WriteResult>,
  write: (tx: Transaction, value: T) => unknown,
): Promise<boolean> {
  let attempts = 0;
  let intrusion: Promise<WriteResult> | undefined;
  await db.runTransaction(async (tx) => {
    const value = await read(tx);
    if (++attempts === 1) {
      intrusion = intrude();
      // A locked write would wait for the commit, so this wait ends. The times of the writes tell below what happened.
      await within(intrusion, 500, 'write').catch(() => undefined);
    }
    write(tx, value);
  }, patient);
  const passedAt = (await intrusion)?.writeTime.valueOf() ?? '';
  const committedAt = (await target.get()).updateTime?.valueOf() ?? '';
  // The last write of `target` is the transaction's, unless the other client's came after it.
  const overtaken = passedAt < committedAt;
  expect(attempts).toBe(overtaken ? 2 : 1);
  return overtaken;
}

describe('isolation', () => {
  test('concurrent read-increment-writes are all counted', async () => {
    const count = contenders(20);
    const ref = collection().doc();
    await ref.set({ n: 0 });
    const increment = () =>
      db.runTransaction(async (tx) => {
        const n: number = (await tx.get(ref)).get('n');
        tx.update(ref, { n: n + 1 });
        return n;
      }, patient);
    const seen = await Promise.all(range(count).map(increment));
    expect((await ref.get()).get('n')).toBe(count);
    expect(seen.toSorted((a, b) => a - b)).toEqual(range(count));
  });

  test('transfers among 5 accounts keep the total and overdraw none', async () => {
    const accounts = await fill(Object.fromEntries(range(5).map((n) => [`a${n}`, { cents: 100 }])));
    const transfer = (n: number) =>
      db.runTransaction(async (tx) => {
        const from = accounts.doc(`a${n % 5}`);
        const to = accounts.doc(`a${(n + 1 + (n % 4)) % 5}`);
        const [source, sink] = await tx.getAll(from, to);
        if (source?.get('cents') < 30) return;
        tx.update(from, { cents: source?.get('cents') - 30 });
        tx.update(to, { cents: sink?.get('cents') + 30 });
      }, patient);
    await Promise.all(range(contenders(30)).map(transfer));
    const balances = (await accounts.get()).docs.map((doc): number => doc.get('cents'));
    expect(balances.reduce((sum, cents) => sum + cents)).toBe(500);
    expect(Math.min(...balances)).toBeGreaterThanOrEqual(0);
  });

  test('of ten transactions that create the same document exactly one does', async () => {
    const ref = collection().doc();
    const claim = (n: number) =>
      db.runTransaction(async (tx) => {
        if ((await tx.get(ref)).exists) return false;
        tx.create(ref, { n });
        return true;
      }, patient);
    const won = await Promise.all(range(10).map(claim));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await ref.get()).get('n')).toBe(won.indexOf(true));
  });

  test('a query read in a transaction has no phantoms', async () => {
    const seats = collection();
    const book = (n: number) =>
      db.runTransaction(async (tx) => {
        const taken = await tx.get(seats.where('show', '==', 'tonight'));
        if (taken.size >= 3) return false;
        tx.create(seats.doc(), { show: 'tonight', n });
        return true;
      }, patient);
    const booked = await Promise.all(range(8).map(book));
    expect(booked.filter(Boolean)).toHaveLength(3);
    expect(await idsOf(seats)).toHaveLength(3);
  });

  test('a count read in a transaction has no phantoms', async () => {
    const seats = collection();
    const book = () =>
      db.runTransaction(async (tx) => {
        const { count } = (await tx.get(seats.where('free', '==', false).count())).data();
        if (count < 2) tx.create(seats.doc(), { free: false });
      }, patient);
    await Promise.all(range(5).map(book));
    expect(await idsOf(seats)).toHaveLength(2);
  });

  test('two that each read what the other writes do not both pass', async () => {
    const target = await fill({ a: { on: true }, b: { on: true } });
    const leave = (mine: string, other: string) =>
      db.runTransaction(async (tx) => {
        if ((await tx.get(target.doc(other))).get('on')) tx.update(target.doc(mine), { on: false });
      }, patient);
    await Promise.all([leave('a', 'b'), leave('b', 'a')]);
    expect(await idsOf(target.where('on', '==', true))).toHaveLength(1);
  });

  test('a write between the read and the commit is not lost', async () => {
    const ref = collection().doc();
    await ref.set({ n: 1 });
    const overtaken = await disturbed(
      ref,
      async (tx) => (await tx.get(ref)).get('n'),
      () => ref.update({ n: FieldValue.increment(10) }),
      (tx, n: number) => tx.update(ref, { n: n * 2 }),
    );
    expect((await ref.get()).get('n')).toBe(overtaken ? 22 : 12);
  });

  type Change = (seats: CollectionReference) => Promise<WriteResult>;
  test.each<[string, number, Change]>([
    ['is created', 2, (seats) => seats.doc('new').set({ show: 'tonight' })],
    ['comes to match', 2, (seats) => seats.doc('other').update({ show: 'tonight' })],
    ['stops matching', 0, (seats) => seats.doc('seat').update({ show: 'later' })],
    ['is deleted', 0, (seats) => seats.doc('seat').delete()],
  ])(
    'no commit builds on a query result that is outdated because a document %s',
    async (...row) => {
      const [, sizeAfter, change] = row;
      const seats = await fill({ seat: { show: 'tonight' }, other: { show: 'later' } });
      const overtaken = await disturbed(
        seats.doc('tally'),
        async (tx) => (await tx.get(seats.where('show', '==', 'tonight'))).size,
        () => change(seats),
        (tx, size: number) => tx.set(seats.doc('tally'), { size }),
      );
      expect((await seats.doc('tally').get()).get('size')).toBe(overtaken ? sizeAfter : 1);
    },
  );

  test('of two transactions that read the same document one runs again, on fresh data', async () => {
    const ref = collection().doc();
    await ref.set({ log: [] });
    let readers = 0;
    let attempts = 0;
    const bothRead = Promise.withResolvers<boolean>();
    const append = (name: string) =>
      db.runTransaction(async (tx) => {
        attempts++;
        const log: string[] = (await tx.get(ref)).get('log');
        if (++readers === 2) bothRead.resolve(true);
        const overlapped = await within(bothRead.promise, 500, 'reader').catch(() => false);
        tx.update(ref, { log: [...log, name] });
        return overlapped;
      }, patient);
    const [overlapped] = await Promise.all([append('a'), append('b')]);
    expect((await ref.get()).get('log').sort()).toEqual(['a', 'b']);
    expect(attempts).toBeGreaterThanOrEqual(overlapped ? 3 : 2);
  });

  test('transactions that read the same documents in opposite order do not block each other', async () => {
    const target = await fill({ a: { n: 0 }, b: { n: 0 } });
    const touch = (...ids: string[]) =>
      db.runTransaction(async (tx) => {
        for (const id of ids) await tx.get(target.doc(id));
        for (const id of ids) tx.update(target.doc(id), { n: FieldValue.increment(1) });
      }, patient);
    await Promise.all(range(3).flatMap(() => [touch('a', 'b'), touch('b', 'a')]));
    expect((await target.get()).docs.map((doc) => doc.get('n'))).toEqual([6, 6]);
  });

  test('a missing document that was read is guarded too', async () => {
    const target = collection();
    const register = (id: string) =>
      db.runTransaction(async (tx) => {
        const leader = await tx.get(target.doc('leader'));
        tx.set(target.doc(id), { leads: !leader.exists });
        if (!leader.exists) tx.set(target.doc('leader'), { id });
      }, patient);
    await Promise.all(range(6).map((n) => register(`n${n}`)));
    expect(await idsOf(target.where('leads', '==', true))).toHaveLength(1);
  });
});

describe('a read-only transaction', () => {
  test('sees one moment, whatever is written meanwhile', async () => {
    const target = await fill({ a: { n: 1 }, b: { n: 1 } });
    const seen = await db.runTransaction(
      async (tx) => {
        const a = await tx.get(target.doc('a'));
        await db.batch().update(a.ref, { n: 2 }).update(target.doc('b'), { n: 2 }).commit();
        await target.doc('c').set({ n: 2 });
        const rest = await tx.get(target);
        return [a.get('n'), ...rest.docs.map((doc) => doc.get('n'))];
      },
      { readOnly: true },
    );
    expect(seen).toEqual([1, 1, 1]);
    expect((await target.doc('b').get()).get('n')).toBe(2);
  });

  test('with a read time sees that moment', async () => {
    const target = collection();
    const ref = target.doc('a');
    const { writeTime } = await ref.set({ n: 1 });
    await ref.set({ n: 2 });
    await target.doc('b').set({ n: 2 });
    await ref.delete();
    const seen = await db.runTransaction(
      async (tx) => ({
        doc: (await tx.get(ref)).data(),
        query: (await tx.get(target)).docs.map((doc) => doc.data()),
        count: (await tx.get(target.count())).data().count,
      }),
      { readOnly: true, readTime: writeTime },
    );
    expect(seen).toEqual({ doc: { n: 1 }, query: [{ n: 1 }], count: 1 });
  });

  test('cannot write', async () => {
    const ref = collection().doc();
    const wrong = db.runTransaction(async (tx) => tx.set(ref, {}), { readOnly: true });
    await expect(wrong).rejects.toThrow(/read-only/i);
    expect((await ref.get()).exists).toBe(false);
  });
});
