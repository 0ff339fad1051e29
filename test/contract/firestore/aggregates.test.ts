import { AggregateField, type CollectionReference, type Query } from '@google-cloud/firestore';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { openFirestore } from '../../support/firestore.ts';

const { db, connect, collection, fill } = await openFirestore();
const { average, count, sum } = AggregateField;

let rows: CollectionReference;
beforeAll(async () => {
  rows = await fill({
    a: { team: 'x', n: 1 },
    b: { team: 'x', n: 2 },
    c: { team: 'y', n: 4 },
    d: { team: 'y', n: 'text' },
    e: { team: 'z' },
    f: { team: 'z', n: null },
  });
});

describe('count', () => {
  test.each<[string, (all: Query) => Query, number]>([
    ['of a collection', (q) => q, 6],
    ['of a filter', (q) => q.where('team', '==', 'x'), 2],
    ['of a range', (q) => q.where('n', '>=', 2), 2],
    ['of an order leaves out what lacks the field', (q) => q.orderBy('n'), 5],
    ['under a limit', (q) => q.limit(4), 4],
    ['above a limit that is not reached', (q) => q.limit(100), 6],
    ['after an offset', (q) => q.offset(4), 2],
    ['between cursors', (q) => q.orderBy('team').startAt('y').endBefore('z'), 2],
    ['of nothing', (q) => q.where('team', '==', 'none'), 0],
  ])('%s', async (_, query, expected) => {
    expect((await query(rows).count().get()).data()).toEqual({ count: expected });
  });

  test('of a missing collection is zero', async () => {
    expect((await collection().count().get()).data().count).toBe(0);
  });

  test('of a collection group sees every depth', async () => {
    const group = `count-${rows.id}`;
    await Promise.all(
      [`${group}/1`, `p/1/${group}/1`, `p/1/q/1/${group}/2`].map((path) => db.doc(path).set({})),
    );
    expect((await db.collectionGroup(group).count().get()).data().count).toBe(3);
  });

  test('follows writes at once', async () => {
    const target = collection();
    await target.doc('a').set({});
    await target.doc('b').set({});
    await target.doc('a').delete();
    const snapshot = await target.count().get();
    expect(snapshot.data().count).toBe(1);
    expect(snapshot.readTime.toMillis()).toBeGreaterThan(0);
  });
});

describe('sum and average', () => {
  const only = async (values: unknown[]) => {
    const target = await fill(Object.fromEntries(values.map((n, id) => [`d${id}`, { n }])));
    // Integers come back as bigint, doubles as number.
    const query = connect({ useBigInt: true }).collection(target.path);
    return (await query.aggregate({ sum: sum('n'), average: average('n') }).get()).data();
  };

  test.each<[string, unknown[], unknown, number | null]>([
    ['of integers', [1, 2, 4], 7n, 7 / 3],
    ['of doubles', [0.5, 0.25], 0.75, 0.375],
    ['of both', [1, 0.5], 1.5, 0.75],
    ['of negative numbers', [-3, 1], -2n, -1],
    ['ignore what is no number', [1, 'text', null, true, [5], { a: 5 }, 3], 4n, 2],
    ['of nothing but text', ['a', 'b'], 0n, null],
    ['of not a number', [1, Number.NaN], Number.NaN, Number.NaN],
    [
      'of infinity',
      [1, Number.POSITIVE_INFINITY],
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ],
    [
      'of opposite infinities',
      [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      Number.NaN,
      Number.NaN,
    ],
    [
      'of integers beyond 64 bits turn to doubles',
      [2n ** 62n, 2n ** 62n, 2n ** 62n],
      3 * 2 ** 62,
      2 ** 62,
    ],
  ])('%s', async (_, values, total, mean) => {
    expect(await only(values)).toEqual({ sum: total, average: mean });
  });

  test('of no documents are zero and null', async () => {
    const spec = { sum: sum('n'), average: average('n'), count: count() };
    expect((await collection().aggregate(spec).get()).data()).toEqual({
      sum: 0,
      average: null,
      count: 0,
    });
  });

  test('leave out documents without the field', async () => {
    expect((await rows.aggregate({ total: sum('n') }).get()).data()).toEqual({ total: 7 });
    expect((await rows.aggregate({ mean: average('n') }).get()).data()).toEqual({ mean: 7 / 3 });
  });

  test('go with filters, orders and limits', async () => {
    const query = rows.where('n', '>', 0).orderBy('n', 'desc').limit(2);
    const spec = { total: sum('n'), mean: average('n'), count: count() };
    expect((await query.aggregate(spec).get()).data()).toEqual({ total: 6, mean: 3, count: 2 });
  });

  test('reach nested fields, under any alias', async () => {
    const target = await fill({ a: { m: { n: 2 } }, b: { m: { n: 3 } } });
    const spec = { 'any alias!': sum('m.n'), count: average('m.n') };
    expect((await target.aggregate(spec).get()).data()).toEqual({ 'any alias!': 5, count: 2.5 });
  });
});

test('an aggregation in a transaction is of the same moment as its other reads', async () => {
  const target = await fill({ a: { n: 1 }, b: { n: 2 } });
  const total = await db.runTransaction(async (tx) => {
    const docs = await tx.get(target);
    const totals = (await tx.get(target.aggregate({ sum: sum('n'), count: count() }))).data();
    tx.set(target.doc('total'), totals);
    return { docs: docs.size, ...totals };
  });
  expect(total).toEqual({ docs: 2, sum: 3, count: 2 });
  expect((await target.doc('total').get()).data()).toEqual({ sum: 3, count: 2 });
});
