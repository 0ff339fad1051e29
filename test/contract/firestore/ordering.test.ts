import {
  type CollectionReference,
  FieldPath,
  FieldValue,
  GeoPoint,
  type Query,
  Timestamp,
} from '@google-cloud/firestore';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { codeOf, GrpcStatus, idsOf, openFirestore, watch } from '../../support/firestore.ts';

const { db, collection, fill } = await openFirestore();
const ID = FieldPath.documentId();

/** Stores the values under ids that sort against them, and tells in which order a query has them. */
async function orderOf(values: readonly unknown[]): Promise<number[]> {
  const target = collection();
  const batch = db.batch();
  values.forEach((v, n) => {
    batch.create(target.doc(`${String(999 - n)}`), { v });
  });
  await batch.commit();
  const ascending = (await idsOf(target.orderBy('v'))).map((id) => 999 - Number(id));
  const descending = (await idsOf(target.orderBy('v', 'desc'))).map((id) => 999 - Number(id));
  expect(descending).toEqual(ascending.toReversed());
  return ascending;
}

// Each list is written in the order that the documentation promises.
// https://firebase.google.com/docs/firestore/manage-data/data-types#value_type_ordering
const ORDERS: [string, unknown[]][] = [
  [
    'numbers of both kinds',
    [
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      -Number.MAX_VALUE,
      -(2n ** 63n),
      -1.5,
      -1,
      0,
      Number.MIN_VALUE,
      0.5,
      1,
      1.5,
      2 ** 53,
      2n ** 53n + 1n,
      2n ** 63n - 1n,
      2 ** 63,
      Number.MAX_VALUE,
      Number.POSITIVE_INFINITY,
    ],
  ],
  [
    'strings by their UTF-8 bytes',
    ['', 'A', 'Z', 'a', 'aa', 'ab', 'b', 'é', '漢', '\ue000', '\uff5e', '\u{1f408}', '\u{1f431}'],
  ],
  ['timestamps', [new Timestamp(-5, 0), new Timestamp(0, 1_000), new Timestamp(1, 0)]],
  ['bytes', [[], [0], [0, 0], [1], [127], [128], [255]].map((bytes) => Buffer.from(bytes))],
  [
    'points by latitude, then longitude',
    [new GeoPoint(-90, 0), new GeoPoint(0, -180), new GeoPoint(0, 180), new GeoPoint(1, -180)],
  ],
  [
    'references by path segment',
    ['a/b', 'a/b/c/d', 'a/b-', 'a/b1', 'a/\uff5e', 'a/\u{1f408}', 'a-/a', 'b/a'].map((path) =>
      db.doc(path),
    ),
  ],
  ['arrays by element, then length', [[], [1], [1, 'a'], [1, 'b'], [2], ['a'], [{}]]],
  ['vectors by dimension, then element', [[9], [-1, 5], [1, 1], [1, 2], [0, 0, 0]].map(vector)],
  [
    'maps by key, then value',
    [
      {},
      { a: 1 },
      { a: 1, b: 9 },
      { a: 1, c: 0 },
      { a: 2 },
      { b: 0 },
      { '\uff5e': 0 },
      { '🐈': 0 },
    ],
  ],
  [
    'types',
    [
      null,
      false,
      true,
      Number.NaN,
      1e300,
      new Timestamp(0, 0),
      'text',
      Buffer.from('bytes'),
      db.doc('a/b'),
      new GeoPoint(0, 0),
      ['array'],
      FieldValue.vector([1]),
      { a: 'map' },
    ],
  ],
];

function vector(values: number[]) {
  return FieldValue.vector(values);
}

test.each(ORDERS)('orderBy sorts %s', async (_, values) => {
  expect(await orderOf(values)).toEqual(values.map((_, n) => n));
});

test('ids are sorted by their UTF-8 bytes, and that is the order without orderBy', async () => {
  const ids = ['!', '1', '10', '2', 'A', '_', 'a', 'ä', '\ue000', '\uff5e', '\u{1f408}'];
  const target = await fill(Object.fromEntries(ids.toReversed().map((id) => [id, {}])));
  expect(await idsOf(target)).toEqual(ids);
  expect(await idsOf(target.orderBy(ID))).toEqual(ids);
});

// https://github.com/firebase/flutterfire/issues/4398
test('nothing is found by its id alone in descending order: that index cannot be made', async () => {
  const target = await fill({ a: { n: 1 }, b: { n: 1 } });
  const byId = target.orderBy(ID, 'desc');
  const refused = [
    byId.get(),
    byId.count().get(),
    target.orderBy(ID).limitToLast(1).get(),
    target.where(ID, '>', 'a').orderBy(ID, 'desc').get(),
    db.collectionGroup(target.id).orderBy(ID, 'desc').get(),
  ];
  expect(await Promise.all(refused.map(codeOf))).toEqual(
    refused.map(() => GrpcStatus.FAILED_PRECONDITION),
  );
  // The client's error has no code here, but says it.
  expect(String(await watch(byId).failure())).toContain(
    `Error ${GrpcStatus.FAILED_PRECONDITION}: `,
  );
  // With a field before it, the index of that field has it.
  expect(await idsOf(target.where('n', '==', 1).orderBy(ID, 'desc'))).toEqual(['b', 'a']);
});

describe('with several orders', () => {
  let rows: CollectionReference;
  beforeAll(async () => {
    rows = await fill({
      a: { team: 'x', points: 2 },
      b: { team: 'y', points: 1 },
      c: { team: 'x', points: 1 },
      d: { team: 'y', points: 2 },
      e: { team: 'x', points: 1 },
      f: { team: 'x' },
      g: { points: 3 },
      h: { team: 'y', points: null },
    });
  });

  test.each<[string, (all: Query) => Query, string[]]>([
    ['the second decides among equals', (q) => q.orderBy('team').orderBy('points'), [...'ceahbd']],
    [
      'each has its own direction',
      (q) => q.orderBy('team', 'desc').orderBy('points'),
      [...'hbdcea'],
    ],
    ['the id decides last, ascending', (q) => q.orderBy('team'), [...'acefbdh']],
    ['or in the direction of the last order', (q) => q.orderBy('team', 'desc'), [...'hdbfeca']],
    ['unless it is given', (q) => q.orderBy('team').orderBy(ID, 'desc'), [...'fecahdb']],
    ['what lacks an ordered field is left out', (q) => q.orderBy('points'), [...'hbceadg']],
    ['null is a value', (q) => q.orderBy('points').limit(1), ['h']],
    [
      'a filter on another field may be given',
      (q) => q.where('team', '==', 'x').orderBy('points', 'desc'),
      [...'aec'],
    ],
    ['an inequality orders by its field', (q) => q.where('points', '>', 0), [...'bceadg']],
    [
      'an inequality follows the given order of its field',
      (q) => q.where('points', '>', 0).orderBy('points', 'desc'),
      [...'gdaecb'],
    ],
    [
      'an inequality elsewhere only filters',
      (q) => q.where('points', '>', 1).orderBy('team', 'desc').orderBy('points'),
      [...'da'],
    ],
    ['limit takes the first', (q) => q.orderBy('points', 'desc').limit(2), [...'gd']],
    ['limitToLast takes the last, in order', (q) => q.orderBy('points').limitToLast(3), [...'adg']],
    ['offset skips', (q) => q.orderBy('points').offset(5), [...'dg']],
    ['offset comes before limit', (q) => q.orderBy('points').offset(1).limit(2), [...'bc']],
    ['an offset past the end leaves nothing', (q) => q.orderBy('points').offset(7), []],
    ['limit without order goes by id', (q) => q.limit(3), [...'abc']],
    ['unequal orders by its field', (q) => q.where('points', '!=', 1), [...'adg']],
  ])('%s', async (_, query, expected) => {
    expect(await idsOf(query(rows))).toEqual(expected);
  });

  test('several inequalities order by field name', async () => {
    const target = await fill({
      a: { x: 3, y: 1 },
      b: { x: 1, y: 2 },
      c: { x: 2, y: 1 },
      d: { x: 1, y: 1 },
    });
    expect(await idsOf(target.where('y', '>', 0).where('x', '>', 0))).toEqual([...'dbca']);
  });

  test('a nested field can be ordered by', async () => {
    const target = await fill({ a: { m: { n: 2 } }, b: { m: { n: 1 } }, c: { m: 3 } });
    expect(await idsOf(target.orderBy('m.n'))).toEqual(['b', 'a']);
  });
});

describe('select', () => {
  const data = { a: 1, m: { x: 1, y: 2 }, 'd.e': 3 };

  test.each<[string, (all: Query) => Query, unknown]>([
    ['keeps the named fields', (q) => q.select('a', 'm.y'), { a: 1, m: { y: 2 } }],
    ['keeps whole maps', (q) => q.select('m'), { m: { x: 1, y: 2 } }],
    ['knows names with dots', (q) => q.select(new FieldPath('d.e')), { 'd.e': 3 }],
    ['ignores what is not there', (q) => q.select('none'), {}],
    ['without fields keeps none', (q) => q.select(), {}],
    ['of the id keeps none', (q) => q.select(ID), {}],
    [
      'goes with filters on other fields',
      (q) => q.where('a', '==', 1).select('m.x'),
      { m: { x: 1 } },
    ],
  ])('%s', async (_, query, expected) => {
    const target = await fill({ doc: data });
    const [doc] = (await query(target).get()).docs;
    expect(doc?.id).toBe('doc');
    expect(doc?.data()).toEqual(expected);
    expect(doc?.updateTime).toEqual((await target.doc('doc').get()).updateTime);
  });
});

describe('the answer to a query', () => {
  test('has the times of each document, and one read time after all of them', async () => {
    const target = collection();
    const first = await target.doc('a').set({ n: 1 });
    const second = await target.doc('a').set({ n: 2 });
    const snapshot = await target.get();
    const [doc] = snapshot.docs;
    expect(doc?.createTime).toEqual(first.writeTime);
    expect(doc?.updateTime).toEqual(second.writeTime);
    expect(snapshot.readTime.valueOf() >= second.writeTime.valueOf()).toBe(true);
  });

  test('for an empty collection is empty and has a read time', async () => {
    const snapshot = await collection().get();
    expect(snapshot.empty).toBe(true);
    expect(snapshot.readTime).toBeInstanceOf(Timestamp);
  });

  test('follows each write at once: nothing stale, nothing missing', async () => {
    const target = collection();
    for (let n = 0; n < 10; n++) {
      await target.doc(`d${n}`).set({ v: n });
      await target.doc('moving').set({ v: n });
      expect(await idsOf(target.where('v', '==', n))).toEqual([`d${n}`, 'moving']);
    }
    await target.doc('moving').delete();
    expect(await idsOf(target.where('v', '==', 9))).toEqual(['d9']);
  });

  test('can be streamed', async () => {
    const ids = Array.from({ length: 500 }, (_, n) => `d${String(n).padStart(3, '0')}`);
    const target = await fill(Object.fromEntries(ids.map((id, n) => [id, { n }])));
    const streamed: string[] = [];
    for await (const doc of target.orderBy('n').stream()) {
      streamed.push((doc as unknown as { id: string }).id);
    }
    expect(streamed).toEqual(ids);
  });

  // Google's emulator explains nothing: it sends no metrics.
  const explained = process.env.FIRESTORE_EMULATOR_HOST ? test.skip : test;
  explained.each([0, 3])(
    'of %d documents brings its metrics in no message of their own',
    async (count) => {
      const documents = Array.from({ length: count }, (_, n) => [`d${n}`, { n }]);
      const target = count ? await fill(Object.fromEntries(documents)) : collection();
      const answers: { document?: object; metrics?: { executionStats: object } }[] = [];
      for await (const answer of target.explainStream({ analyze: true })) {
        answers.push(answer as unknown as (typeof answers)[number]);
      }
      expect(answers.filter(({ document }) => document)).toHaveLength(count);
      expect(answers).toHaveLength(Math.max(1, count));
      expect(answers.at(-1)?.metrics?.executionStats).toMatchObject({ resultsReturned: count });
    },
  );
});
