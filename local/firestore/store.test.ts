import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareIds } from './paths.ts';
import { DocumentStore } from './store.ts';
import { change, document } from './testing.ts';

test('a collection keeps its ids in order while documents come and go', () => {
  const id = fc.constantFrom('a', 'b', 'B', 'é', '__id2__', '__id10__', 'aa', 'z');
  fc.assert(
    fc.property(fc.array(fc.tuple(id, fc.boolean())), (steps) => {
      const store = new DocumentStore();
      const expected = new Set<string>();
      for (const [name, present] of steps) {
        const stored = document(`c/${name}`, {});
        store.apply([present ? change(undefined, stored) : change(stored, undefined)]);
        if (present) expected.add(name);
        else expected.delete(name);
        expect(store.collection('c')?.ids ?? []).toEqual([...expected].sort(compareIds));
      }
    }),
  );
});

test('a collection exists while it has documents at any depth', () => {
  const store = new DocumentStore();
  const deep = document('a/x/b/y', {});
  store.apply([change(undefined, deep), change(undefined, document('c/z', {}))]);
  expect(store.collectionIds([])).toEqual(['a', 'c']);
  expect(store.collectionIds(['a', 'x'])).toEqual(['b']);
  expect([...store.group('b')].map(({ path }) => path)).toEqual(['a/x/b']);
  store.apply([change(deep, undefined)]);
  expect(store.collectionIds([])).toEqual(['c']);
  expect([...store.group('b')]).toEqual([]);
});
