import { describe, expect, test } from '@jest/globals';
import { both, either, integer, list, query, ROOT, text, vector, where } from '../testing.ts';
import type { StructuredQuery } from '../wire.ts';
import { type IndexDefinitions, requireIndex } from './indexes.ts';
import { parseQuery } from './query.ts';

const by = (fieldPath: string, direction = 'ASCENDING') => ({ field: { fieldPath }, direction });
const equals = (field: string) => where(field, 'EQUAL', text('x'));

/** `'a, b desc, c contains, v of 2'` */
function index(fields: string): IndexDefinitions['indexes'][number] {
  return {
    collectionGroup: 'c',
    queryScope: 'COLLECTION',
    fields: fields.split(', ').map(indexField),
  };
}

function indexField(definition: string): IndexDefinitions['indexes'][number]['fields'][number] {
  const [fieldPath = '', kind, dimension] = definition.split(' ');
  if (kind === 'contains') return { fieldPath, arrayConfig: 'CONTAINS' };
  if (kind === 'of') return { fieldPath, vectorConfig: { dimension: Number(dimension), flat: {} } };
  return { fieldPath, order: kind === 'desc' ? 'DESCENDING' : 'ASCENDING' };
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

describe('an element of an array', () => {
  const contains = where('c', 'ARRAY_CONTAINS', text('x'));
  const ordered = query({ where: contains, orderBy: [by('b', 'DESCENDING')] });

  test('needs no composite index alone', () => {
    expect(runs(query({ where: contains }))).not.toThrow();
    expect(runs(query({ where: both(equals('a'), contains) }))).not.toThrow();
  });

  test('needs one with the array to order by another field', () => {
    expect(runs(ordered)).toThrow('(c CONTAINS, b DESCENDING)');
    expect(runs(ordered, ['c, b desc'])).toThrow('requires an index');
    expect(runs(ordered, ['c contains, b desc'])).not.toThrow();
  });

  test('is found by an index that is merged with others of the same order', () => {
    const merged = query({
      where: both(equals('a'), equals('d'), contains),
      orderBy: [by('b', 'DESCENDING')],
    });
    expect(runs(merged, ['a, c contains, b desc'])).toThrow('requires an index');
    expect(runs(merged, ['a, c contains, b desc', 'a, d, b desc'])).not.toThrow();
  });
});

describe('a vector search', () => {
  const findNearest = {
    vectorField: { fieldPath: 'v' },
    queryVector: vector(1, 2),
    distanceMeasure: 'COSINE',
    limit: { value: 1 },
  };

  test('needs an index of vectors of as many dimensions, and the error names it', () => {
    expect(runs(query({ findNearest }))).toThrow('not defined: c (v of 2 dimensions). Add it to');
    expect(runs(query({ findNearest }), ['v of 3'])).toThrow('requires a vector index');
    expect(runs(query({ findNearest }), ['v'])).toThrow('requires a vector index');
    expect(runs(query({ findNearest }), ['v of 2'])).not.toThrow();
  });

  test('needs the fields of its filters before the vector, and no others', () => {
    const filtered = query({ where: both(equals('a'), equals('b')), findNearest });
    expect(runs(filtered, ['v of 2'])).toThrow('c (a, b, v of 2 dimensions)');
    expect(runs(filtered, ['a, v of 2', 'b, v of 2'])).toThrow('requires a vector index');
    expect(runs(filtered, ['b, a, v of 2'])).not.toThrow();
    expect(runs(filtered, ['b, a, __name__, v of 2'])).not.toThrow();
    expect(runs(query({ findNearest }), ['a, v of 2'])).toThrow('requires a vector index');
  });
});

test('a field in a map without indexes has none, unless it is named itself', () => {
  expect(runs(query({ where: equals('m.a') }), [], ['m'])).toThrow('requires an index');
  expect(runs(query({ where: equals('ma') }), [], ['m'])).not.toThrow();
});

test('a query for a field whose index is turned off is refused', () => {
  expect(runs(query({ where: equals('a') }), [], ['a'])).toThrow('requires an index');
});
