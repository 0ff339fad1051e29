import { expect, test } from '@jest/globals';
import { readList, writeList } from './remembered-list.ts';

function storageWith(text: string | null) {
  const storage = {
    text,
    getItem: () => storage.text,
    setItem: (_key: string, value: string) => {
      storage.text = value;
    },
  };
  return storage;
}

test('a list is remembered', () => {
  const storage = storageWith(null);
  writeList('key', ['a', 'b'], () => storage);
  expect(readList('key', () => storage)).toEqual(['a', 'b']);
});

test.each([null, 'no JSON', '{}', '[]', '[1]'])('anything else is an empty one: %s', (text) => {
  expect(readList('key', () => storageWith(text))).toEqual([]);
});

test('a browser that forbids its storage remembers nothing, and complains of nothing', () => {
  const forbidden = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  expect(readList('key', forbidden)).toEqual([]);
  expect(() => writeList('key', ['a'], forbidden)).not.toThrow();
});
