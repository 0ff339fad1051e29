import {
  type CollectionReference,
  type DocumentData,
  Filter,
  type Query,
  type WhereFilterOp,
} from '@google-cloud/firestore';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { codeOf, GrpcStatus, idsOf, openFirestore, range } from '../../support/firestore.ts';

const { collection, fill } = await openFirestore();
const matching = async (query: Query) => (await idsOf(query)).sort();

describe('several filters', () => {
  const rows: Record<string, DocumentData> = {
    a: { x: 1, y: 5, tags: ['red'] },
    b: { x: 2, y: 4, tags: ['red', 'blue'] },
    c: { x: 3, y: 3, tags: [] },
    d: { x: 4, y: 2 },
    e: { x: 5, y: 1, tags: ['blue'] },
    f: { x: 3 },
  };
  let stored: CollectionReference;
  beforeAll(async () => {
    stored = await fill(rows);
  });
  const { where, and, or } = Filter;

  test.each<[string, Filter, string[]]>([
    ['all must hold', and(where('x', '==', 3), where('y', '==', 3)), ['c']],
    ['a range', and(where('x', '>=', 2), where('x', '<', 4)), ['b', 'c', 'f']],
    ['an empty range', and(where('x', '>', 4), where('x', '<', 2)), []],
    ['inequalities on two fields', and(where('x', '>', 1), where('y', '>', 2)), ['b', 'c']],
    ['inequality and unequal', and(where('x', '!=', 2), where('y', '>=', 4)), ['a']],
    ['equality and membership', and(where('x', 'in', [2, 3]), where('y', '==', 4)), ['b']],
    ['two memberships', and(where('x', 'in', [1, 2, 3]), where('y', 'in', [3, 5])), ['a', 'c']],
    [
      'array and inequality',
      and(where('tags', 'array-contains', 'red'), where('y', '<', 5)),
      ['b'],
    ],
    [
      'any array element and membership',
      and(where('tags', 'array-contains-any', ['red', 'blue']), where('x', 'in', [1, 5, 9])),
      ['a', 'e'],
    ],
    ['either', or(where('x', '==', 1), where('y', '==', 1)), ['a', 'e']],
    ['either, both or none', or(where('x', '==', 3), where('y', '==', 3)), ['c', 'f']],
    ['either of two ranges', or(where('x', '<', 2), where('x', '>', 4)), ['a', 'e']],
    [
      'either with arrays and membership',
      or(where('tags', 'array-contains', 'blue'), where('x', 'in', [4])),
      ['b', 'd', 'e'],
    ],
    [
      'or within and',
      and(where('x', '>', 1), or(where('y', '==', 4), where('y', '==', 1))),
      ['b', 'e'],
    ],
    [
      'and within or',
      or(
        and(where('x', '==', 3), where('y', '==', 3)),
        and(where('x', '==', 4), where('y', '<', 9)),
      ),
      ['c', 'd'],
    ],
    [
      'or within or within and',
      and(
        or(where('x', '==', 1), or(where('x', '==', 2), where('x', '==', 3))),
        where('y', '<', 5),
      ),
      ['b', 'c'],
    ],
    ['an or of one', or(where('x', '==', 4)), ['d']],
  ])('%s', async (_, filter, expected) => {
    expect(await matching(stored.where(filter))).toEqual(expected);
  });

  test('chained filters all hold, with or() among them', async () => {
    const query = stored
      .where('x', '>=', 2)
      .where(or(where('y', '==', 2), where('y', '==', 4)))
      .where('x', '<=', 3);
    expect(await idsOf(query)).toEqual(['b']);
  });

  test('a document that fits both sides of an or comes once, in order and under the limit', async () => {
    const query = stored.where(or(where('x', '>', 1), where('x', '<', 5))).orderBy('x', 'desc');
    expect(await idsOf(query.limit(3))).toEqual(['e', 'd', 'f']);
    expect((await query.count().get()).data().count).toBe(6);
  });
});

// A server that refuses without sending headers first costs the client seconds: ask all at once.
const outcomesOf = async (queries: readonly (readonly [string, Query])[]) =>
  Promise.all(queries.map(async ([name, query]) => [name, await codeOf(query.get())]));

test('a filter takes 30 values, not-in takes 10', async () => {
  const limits: [WhereFilterOp, number][] = [
    ['in', 30],
    ['array-contains-any', 30],
    ['not-in', 10],
  ];
  const queries = limits.flatMap(([operator, limit]) =>
    [limit, limit + 1].map(
      (count) => [`${operator} ${count}`, collection().where('v', operator, range(count))] as const,
    ),
  );
  expect(await outcomesOf(queries)).toEqual([
    ['in 30', 'succeeded'],
    ['in 31', GrpcStatus.INVALID_ARGUMENT],
    ['array-contains-any 30', 'succeeded'],
    ['array-contains-any 31', GrpcStatus.INVALID_ARGUMENT],
    ['not-in 10', 'succeeded'],
    ['not-in 11', GrpcStatus.INVALID_ARGUMENT],
  ]);
});

// The requirements are those of StructuredQuery.FieldFilter.Operator in the API reference.
test('filters that do not go together are refused', async () => {
  const { or, where } = Filter;
  const all = collection();
  const queries: [string, Query][] = [
    ['two !=', all.where('a', '!=', 1).where('b', '!=', 1)],
    ['not-in and !=', all.where('a', 'not-in', [1]).where('b', '!=', 1)],
    ['two not-in', all.where('a', 'not-in', [1]).where('b', 'not-in', [1])],
    ['not-in and in', all.where('a', 'not-in', [1]).where('b', 'in', [1])],
    [
      'not-in and array-contains-any',
      all.where('a', 'not-in', [1]).where('b', 'array-contains-any', [1]),
    ],
    ['not-in within or', all.where(or(where('a', 'not-in', [1]), where('b', '==', 1)))],
    ['31 alternatives', all.where(or(...range(31).map((n) => where('a', '==', n))))],
    ['36 by multiplication', all.where('a', 'in', range(6)).where('b', 'in', range(6))],
  ];
  expect(await outcomesOf(queries)).toEqual(
    queries.map(([name]) => [name, GrpcStatus.INVALID_ARGUMENT]),
  );
});

test('30 alternatives go together, listed or multiplied', async () => {
  const { or, where } = Filter;
  const target = await fill({ a: { n: 29, m: 5 }, b: { n: 30, m: 5 }, c: { n: 4, m: 5 } });
  const listed = target.where(or(...range(30).map((n) => where('n', '==', n))));
  expect(await idsOf(listed)).toEqual(['a', 'c']);
  const multiplied = target.where('n', 'in', range(5)).where('m', 'in', range(6));
  expect(await idsOf(multiplied)).toEqual(['c']);
});
