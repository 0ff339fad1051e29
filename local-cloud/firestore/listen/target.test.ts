import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Database } from '../database.ts';
import { NO_DISK } from '../disk.ts';
import type { StoredDocument } from '../documents.ts';
import { parseQuery } from '../query/query.ts';
import { runQuery } from '../query/run.ts';
import {
  both,
  DATABASE,
  either,
  integer,
  list,
  query,
  ROOT,
  reference,
  remove,
  set,
  text,
  where,
} from '../testing.ts';
import type { StructuredQuery } from '../wire.ts';
import type { Listener } from './index.ts';
import { queryTarget } from './target.ts';

const by = (fieldPath: string, direction = 'ASCENDING') => [{ field: { fieldPath }, direction }];
const names = ['c/a', 'c/b', 'c/c', 'c/d'];
const QUERIES: StructuredQuery[] = [
  query(),
  query({ where: where('n', 'EQUAL', integer(1)) }),
  query({ where: where('n', 'GREATER_THAN', integer(1)) }),
  query({ where: where('n', 'IN', list(integer(1), integer(2))) }),
  query({ where: where('__name__', 'IN', list(reference('c/a'), reference('c/c'))) }),
  query({
    where: both(
      where('owner', 'EQUAL', text('alice')),
      where('__name__', 'IN', list(reference('c/a'), reference('c/b'))),
    ),
  }),
  query({ where: either(where('n', 'EQUAL', integer(1)), where('owner', 'EQUAL', text('bob'))) }),
  query({ where: where('tags', 'ARRAY_CONTAINS', integer(1)) }),
  query({ orderBy: by('n'), limit: { value: 2 } }),
  query({ orderBy: by('n', 'DESCENDING'), limit: { value: 2 }, offset: 1 }),
  query({ where: where('owner', 'EQUAL', text('bob')), orderBy: by('n'), limit: { value: 1 } }),
  query({ orderBy: by('n'), startAt: { values: [integer(1)], before: false } }),
  { from: [{ collectionId: 'c', allDescendants: true }], orderBy: [] },
  { from: [{ allDescendants: true }], orderBy: [] },
];

const write = fc.oneof(
  fc.constantFrom(...names, 'other/x', 'c/a/c/e').map(remove),
  fc
    .tuple(
      fc.constantFrom(...names, 'other/x', 'c/a/c/e'),
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom('alice', 'bob'),
      fc.boolean(),
    )
    .map(([name, n, owner, withN]) =>
      set(name, {
        owner: text(owner),
        tags: list(integer(n % 2)),
        ...(withN && { n: integer(n) }),
      }),
    ),
);
const commits = fc.array(fc.array(write, { minLength: 1, maxLength: 4 }), { maxLength: 12 });

test('the changes that a target reports add up to the results of its query', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...QUERIES), commits, async (source, history) => {
      const database = new Database(DATABASE, { now: () => 0, disk: NO_DISK, documents: [] });
      const parsed = parseQuery(ROOT, source);
      const target = queryTarget(parsed);
      const seen = new Map<string, StoredDocument>();
      const listener: Listener = {
        deliver(changes) {
          const { changed, removed } = target.update(changes.get(target) ?? []);
          for (const document of changed) seen.set(document.name, document);
          for (const { name, deleted } of removed) {
            expect(seen.delete(name)).toBe(true);
            expect(deleted).toBe(!database.store.get(name.split('/').slice(5)));
          }
        },
      };
      target.start(database.view());
      database.targets.add(target, listener);
      for (const writes of history) {
        await database.commit(writes);
        const results = runQuery(parsed, database.view()).documents;
        expect([...seen.values()].sort(parsed.compare)).toEqual(results);
      }
      database.close();
    }),
    { numRuns: 300 },
  );
});

test('a target gets no changes of documents that it cannot contain', async () => {
  const database = new Database(DATABASE, { now: () => 0, disk: NO_DISK, documents: [] });
  const concerned: string[] = [];
  const listen = (label: string, source: StructuredQuery) => {
    const listener: Listener = { deliver: () => concerned.push(label) };
    database.targets.add(queryTarget(parseQuery(ROOT, source)), listener);
  };
  listen('a by name', query({ where: where('__name__', 'EQUAL', reference('c/a')) }));
  listen('b by name', query({ where: where('__name__', 'EQUAL', reference('c/b')) }));
  listen('alice', query({ where: where('owner', 'EQUAL', text('alice')) }));
  listen('bob', query({ where: where('owner', 'EQUAL', text('bob')) }));
  listen('other collection', { from: [{ collectionId: 'other' }], orderBy: [] });

  await database.commit([set('c/a', { owner: text('alice') })]);
  expect(concerned.splice(0).sort()).toEqual(['a by name', 'alice']);
  await database.commit([set('c/a', { owner: text('bob') })]);
  expect(concerned.splice(0).sort()).toEqual(['a by name', 'alice', 'bob']);
});
