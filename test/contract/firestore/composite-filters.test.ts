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
    const query = stored.where(or(where('x', '>', 1), where('y', '<', 5))).orderBy('x', 'desc');
    expect(await idsOf(query.limit(3))).toEqual(['e', 'd', 'c']);
    expect((await query.count().get()).data().count).toBe(5);
  });
});

describe('how many values a filter takes', () => {
  test.each<[WhereFilterOp, number, unknown]>([
    ['in', 30, 'succeeded'],
    ['in', 31, GrpcStatus.INVALID_ARGUMENT],
    ['array-contains-any', 30, 'succeeded'],
    ['array-contains-any', 31, GrpcStatus.INVALID_ARGUMENT],
    ['not-in', 10, 'succeeded'],
    ['not-in', 11, GrpcStatus.INVALID_ARGUMENT],
  ])('%s with %i values: %s', async (operator, count, outcome) => {
    expect(await codeOf(collection().where('v', operator, range(count)).get())).toBe(outcome);
  });
});

// The requirements are those of StructuredQuery.FieldFilter.Operator in the API reference.
describe('filters that do not go together are refused', () => {
  const { or, where } = Filter;

  test.each<[string, (all: Query) => Query]>([
    ['two !=', (q) => q.where('a', '!=', 1).where('b', '!=', 1)],
    ['not-in and !=', (q) => q.where('a', 'not-in', [1]).where('b', '!=', 1)],
    ['two not-in', (q) => q.where('a', 'not-in', [1]).where('b', 'not-in', [1])],
    ['not-in and in', (q) => q.where('a', 'not-in', [1]).where('b', 'in', [1])],
    [
      'not-in and array-contains-any',
      (q) => q.where('a', 'not-in', [1]).where('b', 'array-contains-any', [1]),
    ],
    ['not-in within or', (q) => q.where(or(where('a', 'not-in', [1]), where('b', '==', 1)))],
    ['31 alternatives', (q) => q.where(or(...range(31).map((n) => where('a', '==', n))))],
    [
      'memberships that multiply beyond 30',
      (q) => q.where('a', 'in', range(6)).where('b', 'in', range(6)),
    ],
  ])('%s', async (_, query) => {
    expect(await codeOf(query(collection()).get())).toBe(GrpcStatus.INVALID_ARGUMENT);
  });

  test('but 30 alternatives do', async () => {
    const target = await fill({ a: { a: 29 }, b: { a: 30 } });
    expect(await idsOf(target.where(or(...range(30).map((n) => where('a', '==', n)))))).toEqual([
      'a',
    ]);
    const product = target.where('a', 'in', range(5)).where('b', 'in', range(6));
    expect(await idsOf(product)).toEqual([]);
  });
});
