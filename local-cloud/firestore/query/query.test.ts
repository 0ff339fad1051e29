import { describe, expect, test } from '@jest/globals';
import { formatFieldPath } from '../fields.ts';
import {
  both,
  document,
  double,
  either,
  integer,
  list,
  query,
  ROOT,
  reference,
  text,
  where,
} from '../testing.ts';
import { NULL_VALUE } from '../values.ts';
import type { Fields, Filter, StructuredQuery, Value } from '../wire.ts';
import { parseQuery } from './query.ts';

const ascending = (fieldPath: string) => ({ field: { fieldPath }, direction: 'ASCENDING' });
const descending = (fieldPath: string) => ({ field: { fieldPath }, direction: 'DESCENDING' });

describe('the order', () => {
  const ordersOf = (source: StructuredQuery) =>
    parseQuery(ROOT, source).orders.map(
      ({ path, descending: down }) => `${formatFieldPath(path)}${down ? ' desc' : ''}`,
    );
  const above = (field: string) => where(field, 'GREATER_THAN', integer(1));

  test.each<[string, StructuredQuery, string[]]>([
    ['is by name', query(), ['__name__']],
    ['ends with the name', query({ orderBy: [ascending('a')] }), ['a', '__name__']],
    [
      'keeps the last direction',
      query({ orderBy: [ascending('a'), descending('b')] }),
      ['a', 'b desc', '__name__ desc'],
    ],
    [
      'adds the fields with inequalities in alphabetical order',
      query({ where: both(above('b'), above('a')) }),
      ['a', 'b', '__name__'],
    ],
    [
      'adds them after the given orders',
      query({ where: both(above('a'), above('b')), orderBy: [descending('b')] }),
      ['b desc', 'a desc', '__name__ desc'],
    ],
    ['does not move a given name', query({ orderBy: [descending('__name__')] }), ['__name__ desc']],
  ])('%s', (_, source, expected) => {
    expect(ordersOf(source)).toEqual(expected);
  });
});

describe('a filter', () => {
  const matches = (filter: Filter, fields: Fields) =>
    parseQuery(ROOT, query({ where: filter })).matches(document('c/a', fields));

  test.each<[string, Value, Value, boolean]>([
    ['EQUAL', double(3), integer(3), true],
    ['EQUAL', NULL_VALUE, NULL_VALUE, true],
    ['NOT_EQUAL', NULL_VALUE, integer(3), false],
    ['NOT_EQUAL', text('3'), integer(3), true],
    ['GREATER_THAN', text('z'), integer(3), false],
    ['LESS_THAN', double(2.5), integer(3), true],
    ['IN', double(3), list(text('a'), integer(3)), true],
    ['IN', NULL_VALUE, list(NULL_VALUE), false],
    ['NOT_IN', text('b'), list(text('a')), true],
    ['NOT_IN', text('b'), list(text('a'), NULL_VALUE), false],
    ['NOT_IN', NULL_VALUE, list(text('a')), false],
    ['ARRAY_CONTAINS', list(double(3)), integer(3), true],
    ['ARRAY_CONTAINS', integer(3), integer(3), false],
    ['ARRAY_CONTAINS_ANY', list(text('b')), list(text('a'), text('b')), true],
  ])('%s %#', (op, stored, operand, expected) => {
    expect(matches(where('f', op, operand), { f: stored })).toBe(expected);
    expect(matches(where('f', op, operand), {})).toBe(false);
  });

  test('with an inequality in one branch excludes documents without that field in all branches', () => {
    const filter = either(where('a', 'GREATER_THAN', integer(1)), where('b', 'EQUAL', integer(1)));
    expect(matches(filter, { b: integer(1) })).toBe(false);
    expect(matches(filter, { a: integer(0), b: integer(1) })).toBe(true);
  });
});

describe('a query is refused', () => {
  const numbers = (count: number) => list(...Array.from({ length: count }, (_, n) => integer(n)));

  test.each<[string, Partial<StructuredQuery>]>([
    ['with an empty list', { where: where('a', 'IN', list()) }],
    ['with 31 values', { where: where('a', 'IN', numbers(31)) }],
    ['with 11 excluded values', { where: where('a', 'NOT_IN', numbers(11)) }],
    [
      'with 36 disjunctions',
      { where: both(where('a', 'IN', numbers(6)), where('b', 'IN', numbers(6))) },
    ],
    [
      'with two array-contains',
      {
        where: both(
          where('a', 'ARRAY_CONTAINS', text('x')),
          where('b', 'ARRAY_CONTAINS', text('x')),
        ),
      },
    ],
    ['with a name that is no reference', { where: where('__name__', 'EQUAL', text('x')) }],
    ['with a negative limit', { limit: { value: -1 } }],
    ['with a negative offset', { offset: -1 }],
    ['with more cursor values than orders', { startAt: { values: [integer(1), integer(2)] } }],
    ['with a field ordered by twice', { orderBy: [ascending('a'), descending('a')] }],
    ['with a vector search for nothing', { findNearest: {} }],
  ])('%s', (_, source) => {
    expect(() => parseQuery(ROOT, query(source))).toThrow();
  });

  test('but not with two array-contains in different branches', () => {
    const contains = (field: string) => where(field, 'ARRAY_CONTAINS', text('x'));
    expect(() =>
      parseQuery(ROOT, query({ where: either(contains('a'), contains('b')) })),
    ).not.toThrow();
  });
});

test('documents are looked up by name if the query has a condition on the name', () => {
  const filter = both(
    where('owner', 'EQUAL', text('alice')),
    where('__name__', 'IN', list(reference('c/a'), reference('c/b'))),
  );
  const { lookup } = parseQuery(ROOT, query({ where: filter }));
  expect(lookup?.path).toEqual(['__name__']);
  expect(lookup?.keys.size).toBe(2);
});
