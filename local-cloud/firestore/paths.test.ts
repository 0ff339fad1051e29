import { expect, test } from '@jest/globals';
import { compareIds, parseDatabaseName, parseDocumentName, parseParent } from './paths.ts';
import { DATABASE, ROOT } from './testing.ts';

test('a document name has a database and an even number of ids', () => {
  expect(parseDocumentName(`${ROOT}/c/d/e/f`)).toEqual({
    database: DATABASE,
    segments: ['c', 'd', 'e', 'f'],
  });
});

test('the root of a database is a parent and no document', () => {
  expect(parseParent(ROOT).segments).toEqual([]);
  expect(() => parseDocumentName(ROOT)).toThrow('even number');
});

test.each([
  'c/d',
  `${ROOT}/c`,
  `${ROOT}/c/d/e`,
  `${ROOT}//d`,
  `${ROOT}/c/.`,
  `${ROOT}/c/..`,
  `${ROOT}/c/__x__`,
  `${ROOT}/__c__/d`,
  `${ROOT}/c/${'x'.repeat(1_501)}`,
  `${ROOT}/c/${'é'.repeat(751)}`,
])('%.60s is not the name of a document', (name) => {
  expect(() => parseDocumentName(name)).toThrow();
});

test('an id may have 1500 bytes, and may be a numeric id of Datastore', () => {
  expect(parseDocumentName(`${ROOT}/c/${'x'.repeat(1_500)}`).segments).toHaveLength(2);
  expect(parseDocumentName(`${ROOT}/c/__id7__`).segments).toEqual(['c', '__id7__']);
});

test('a database name has a project', () => {
  expect(parseDatabaseName('projects/p/databases/(default)')).toBe(
    'projects/p/databases/(default)',
  );
  expect(() => parseDatabaseName('databases/d')).toThrow('Invalid database name');
});

test('numeric ids sort by number before all others', () => {
  const ids = ['b', '__id10__', 'a', '__id9__', '__id-3__', 'B'];
  expect(ids.sort(compareIds)).toEqual(['__id-3__', '__id9__', '__id10__', 'B', 'a', 'b']);
});
