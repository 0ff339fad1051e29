import { expect, test } from '@jest/globals';
import { parseFields, selectFields } from './fields.ts';

const list = {
  kind: 'k',
  items: [
    { name: 'a', size: '1', metadata: { owner: 'o', note: 'n' } },
    { name: 'b', size: '2' },
  ],
};

test.each<[string, object]>([
  ['kind', { kind: 'k' }],
  ['*', list],
  ['items/name', { items: [{ name: 'a' }, { name: 'b' }] }],
  ['items(name),missing', { items: [{ name: 'a' }, { name: 'b' }] }],
  [
    'items(size, metadata/owner)',
    { items: [{ size: '1', metadata: { owner: 'o' } }, { size: '2' }] },
  ],
  [
    'items/metadata(owner),items/name',
    { items: [{ name: 'a', metadata: { owner: 'o' } }, { name: 'b' }] },
  ],
  ['items/name,items', { items: list.items }],
  ['*/name', { kind: 'k', items: [{ name: 'a' }, { name: 'b' }] }],
])('%s', (text, expected) => {
  expect(selectFields(list, parseFields(text))).toEqual(expected);
});

test.each(['', 'a,', 'a(b', 'a)', 'a//b', '(a)', 'a(b)c', 'a b'])(
  'the field selection %j is refused',
  (text) => {
    expect(() => parseFields(text)).toThrow('Invalid field selection');
  },
);
