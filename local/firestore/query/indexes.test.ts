import { describe, expect, test } from '@jest/globals';
import { both, either, integer, list, query, ROOT, text, vector, where } from '../testing.ts';
import type { StructuredQuery } from '../wire.ts';
import { type IndexDefinitions, requireIndex } from './indexes.ts';
import { parseQuery } from './query.ts';

const by = (fieldPath: string, direction = 'ASCENDING') => ({ field: { fieldPath }, direction });
const equals = (field: string) => where(field, 'EQUAL', text('x'));

/** `'a, b desc'` */
function index(fields: string): IndexDefinitions['indexes'][number] {
  return {
    collectionGroup: 'c',
    queryScope: 'COLLECTION',
    fields: fields.split(', ').map((field) => ({
      fieldPath: field.replace(' desc', ''),
      order: field.endsWith(' desc') ? 'DESCENDING' : 'ASCENDING',
    })),
  };
}

function runs(
  source: StructuredQuery,
  indexes: string[] = [],
  without: string[] = [],
  sums: string[][] = [],
) {
  const definitions = {
    indexes: indexes.map(index),
    fieldOverrides: without.map((fieldPath) => ({
      collectionGroup: 'c',
      fieldPath,
      ttl: false,
      indexes: [],
    })),
  };
  return () => requireIndex(parseQuery(ROOT, source, sums), definitions);
}

describe('runs without a composite index', () => {
  test.each<[string, StructuredQuery]>([
    ['everything', query()],
    ['equality of any number of fields', query({ where: both(equals('a'), equals('b')) })],
    ['one of several values', query({ where: where('a', 'IN', list(text('x'), text('y'))) })],
    ['an order', query({ orderBy: [by('a', 'DESCENDING')] })],
    ['a range, ordered by its field', query({ where: where('a', 'LESS_THAN', integer(1)) })],
    ['an OR of equalities', query({ where: either(equals('a'), equals('b')), orderBy: [by('c')] })],
  ])('%s', (_name, source) => {
    expect(runs(source)).not.toThrow();
  });
});

describe('a composite index', () => {
  const filtered = query({ where: equals('a'), orderBy: [by('b', 'DESCENDING')] });

  test('is needed to filter by one field and order by another, and the error names it', () => {
    expect(runs(filtered)).toThrow('not defined: c (a ASCENDING, b DESCENDING). Add it to');
    expect(runs(filtered, ['a, b desc'])).not.toThrow();
  });

  test('must have the direction of the query', () => {
    expect(runs(filtered, ['a, b'])).toThrow('requires an index');
  });

  test('may name __name__ at its end, in the usual direction', () => {
    expect(runs(filtered, ['a, b desc, __name__ desc'])).not.toThrow();
    expect(runs(filtered, ['a, b desc, __name__'])).toThrow('requires an index');
  });

  test('is needed for equality and a range, and for two orders', () => {
    const range = query({ where: both(equals('a'), where('b', 'LESS_THAN', integer(1))) });
    expect(runs(range)).toThrow('(a ASCENDING, b ASCENDING)');
    expect(runs(range, ['a, b'])).not.toThrow();
    expect(runs(query({ orderBy: [by('a'), by('b')] }))).toThrow('(a ASCENDING, b ASCENDING)');
  });

  test('is needed to sum up filtered documents', () => {
    const summed = [['n']];
    expect(runs(query({ where: equals('a') }), [], [], summed)).toThrow(
      '(a ASCENDING, n ASCENDING)',
    );
    expect(runs(query({ where: equals('a') }), ['a, n'], [], summed)).not.toThrow();
    expect(runs(query(), [], [], summed)).not.toThrow();
  });

  test('can be merged with another index of the same order', () => {
    const two = query({ where: both(equals('a'), equals('b')), orderBy: [by('d')] });
    expect(runs(two, ['a, d'])).toThrow('requires an index');
    expect(runs(two, ['a, d', 'b, d'])).not.toThrow();
    expect(runs(two, ['b, a, d'])).not.toThrow();
  });

  test('of another collection is not used', () => {
    const other = { ...filtered, from: [{ collectionId: 'other', allDescendants: false }] };
    expect(runs(other, ['a, b desc'])).toThrow('requires an index');
  });
});

test('a vector search is refused, because firestore.indexes.json cannot define its index here', () => {
  const findNearest = {
    vectorField: { fieldPath: 'v' },
    queryVector: vector(1, 2),
    distanceMeasure: 'COSINE',
    limit: { value: 1 },
  };
  expect(runs(query({ findNearest }))).toThrow('requires a vector index');
});

test('a query for a field whose index is turned off is refused', () => {
  expect(runs(query({ where: equals('a') }), [], ['a'])).toThrow('requires an index');
});
