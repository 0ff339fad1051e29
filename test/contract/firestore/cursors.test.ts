import { type CollectionReference, FieldPath, Filter, type Query } from '@google-cloud/firestore';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { idsOf, openFirestore } from '../../support/firestore.ts';

const { db, fill } = await openFirestore();
const ID = FieldPath.documentId();

let rows: CollectionReference;
beforeAll(async () => {
  rows = await fill({
    a: { n: 1, m: 1 },
    b: { n: 2, m: 2 },
    c: { n: 2, m: 1 },
    d: { n: 2, m: 3 },
    e: { n: 3, m: 1 },
    f: { m: 9 },
  });
});

describe('cursors of values', () => {
  test.each<[string, (all: Query) => Query, string]>([
    ['startAt includes', (q) => q.orderBy('n').startAt(2), 'bcde'],
    ['startAfter excludes all equal ones', (q) => q.orderBy('n').startAfter(2), 'e'],
    ['endAt includes', (q) => q.orderBy('n').endAt(2), 'abcd'],
    ['endBefore excludes all equal ones', (q) => q.orderBy('n').endBefore(2), 'a'],
    ['both ends', (q) => q.orderBy('n').startAfter(1).endBefore(3), 'bcd'],
    ['a value between', (q) => q.orderBy('n').startAt(1.5).endAt(2.5), 'bcd'],
    ['a start after the end', (q) => q.orderBy('n').startAt(3).endAt(1), ''],
    ['descending', (q) => q.orderBy('n', 'desc').startAt(2), 'dcba'],
    ['descending to the end', (q) => q.orderBy('n', 'desc').endBefore(2), 'e'],
    ['of two orders', (q) => q.orderBy('n').orderBy('m').startAt(2, 2), 'bde'],
    ['of the first of two orders', (q) => q.orderBy('n').orderBy('m').startAt(2), 'cbde'],
    ['of two orders, excluding', (q) => q.orderBy('n').orderBy('m').startAfter(2, 2), 'de'],
    ['of mixed directions', (q) => q.orderBy('n').orderBy('m', 'desc').startAt(2, 2), 'bce'],
    ['of a field and the id', (q) => q.orderBy('n').orderBy(ID).startAfter(2, 'b'), 'cde'],
    ['of the id', (q) => q.orderBy(ID).startAt('b').endBefore('d'), 'bc'],
    ['of an id that does not exist', (q) => q.orderBy(ID).startAt('bb').endAt('dd'), 'cd'],
    ['of another type', (q) => q.orderBy('n').startAt('text'), ''],
    ['of a lesser type', (q) => q.orderBy('n').startAt(false), 'abcde'],
    ['with a limit', (q) => q.orderBy('n').startAfter(1).limit(2), 'bc'],
    ['with limitToLast', (q) => q.orderBy('n').startAt(2).limitToLast(2), 'de'],
    ['with limitToLast and an end', (q) => q.orderBy('n').endBefore(3).limitToLast(2), 'cd'],
    ['with an offset', (q) => q.orderBy('n').startAt(2).offset(1), 'cde'],
    ['with a range', (q) => q.where('n', '>=', 2).orderBy('n').startAfter(2), 'e'],
    ['with an equality', (q) => q.where('m', '==', 1).orderBy('n').startAt(2), 'ce'],
  ])('%s', async (_, query, expected) => {
    expect(await idsOf(query(rows))).toEqual([...expected]);
  });
});

describe('cursors of documents', () => {
  const kinds = [
    ['startAt', 'cde'],
    ['startAfter', 'de'],
    ['endAt', 'abc'],
    ['endBefore', 'ab'],
  ] as const;

  test.each(kinds)('%s tells documents with equal values apart', async (kind, expected) => {
    const cursor = await rows.doc('c').get();
    expect(await idsOf(rows.orderBy('n')[kind](cursor))).toEqual([...expected]);
  });

  test.each<[string, (all: Query) => Query, string, string]>([
    ['without order go by id', (q) => q, 'c', 'def'],
    ['descending', (q) => q.orderBy('n', 'desc'), 'c', 'ba'],
    ['two orders', (q) => q.orderBy('n').orderBy('m', 'desc'), 'b', 'ce'],
    ['a range', (q) => q.where('n', '>=', 2), 'c', 'de'],
    ['ranges on two fields', (q) => q.where('n', '>', 1).where('m', '<', 3), 'c', 'eb'],
    ['an equality', (q) => q.where('n', '==', 2), 'b', 'cd'],
    ['unequal', (q) => q.where('n', '!=', 1), 'c', 'de'],
    [
      'either of two conditions',
      (q) => q.where(Filter.or(Filter.where('n', '==', 2), Filter.where('m', '==', 1))),
      'b',
      'cde',
    ],
  ])('%s', async (_, query, from, expected) => {
    const cursor = await rows.doc(from).get();
    expect(await idsOf(query(rows).startAfter(cursor))).toEqual([...expected]);
  });

  test('walk a query page by page, every document once', async () => {
    const total = 53;
    const target = await fill(
      Object.fromEntries(Array.from({ length: total }, (_, n) => [`d${n}`, { group: n % 3 }])),
    );
    const query = target.orderBy('group', 'desc');
    const seen: string[] = [];
    let page = await query.limit(10).get();
    while (!page.empty) {
      seen.push(...page.docs.map((doc) => doc.id));
      page = await query
        .startAfter(page.docs.at(-1) ?? page.docs[0])
        .limit(10)
        .get();
    }
    expect(seen).toEqual(await idsOf(query));
    expect(new Set(seen).size).toBe(total);
  });

  test('may come from a document that has been deleted since', async () => {
    const target = await fill({ a: { n: 1 }, b: { n: 2 }, c: { n: 3 } });
    const cursor = await target.doc('b').get();
    await cursor.ref.delete();
    expect(await idsOf(target.orderBy('n').startAfter(cursor))).toEqual(['c']);
    expect(await idsOf(target.orderBy('n').endBefore(cursor))).toEqual(['a']);
  });

  test('work across a collection group', async () => {
    const group = `pages-${rows.id}`;
    const paths = ['x/1', 'x/2', 'y/1'].map((parent) => `${parent}/${group}/d`);
    await Promise.all(paths.map((path, n) => db.doc(path).set({ n: n % 2 })));
    const query = db.collectionGroup(group).orderBy('n');
    const first = await query.limit(1).get();
    const rest = await query.startAfter(first.docs[0]).get();
    expect(rest.docs.map((doc) => doc.ref.path)).toEqual([paths[2], paths[1]]);
  });
});
