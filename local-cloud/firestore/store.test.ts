import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compareIds } from './paths.ts';
import { DocumentStore } from './store.ts';
import { change, document, double, integer, text } from './testing.ts';
import { valueKey } from './value-key.ts';

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

test('a collection finds documents by a value while they come, change and go', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd');
  const value = fc.constantFrom(text('x'), integer(1), double(1), double(2), undefined);
  fc.assert(
    fc.property(fc.array(fc.tuple(id, value, fc.boolean())), (steps) => {
      const store = new DocumentStore();
      const expected = new Map<string, ReturnType<typeof document>>();
      for (const [name, at, present] of steps) {
        const stored = document(`c/${name}`, at ? { at } : {});
        const before = expected.get(name);
        store.apply([change(before, present ? stored : undefined)]);
        if (present) expected.set(name, stored);
        else expected.delete(name);
        for (const asked of [text('x'), integer(1), double(2)]) {
          const found = [...(store.collection('c')?.withValue(['at'], [valueKey(asked)]) ?? [])];
          const wanted = [...expected.values()].filter(
            ({ fields }) => fields.at && valueKey(fields.at) === valueKey(asked),
          );
          expect(new Set(found)).toEqual(new Set(wanted));
        }
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
