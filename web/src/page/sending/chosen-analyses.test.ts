import { expect, test } from '@jest/globals';
import { analysisInfo } from '../../client/testing.ts';
import { remember, remembered, stillOffered } from './chosen-analyses.ts';

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

test('a choice is remembered', () => {
  const storage = storageWith(null);
  remember(['describe', 'receipt'], () => storage);
  expect(remembered(() => storage)).toEqual(['describe', 'receipt']);
});

test.each([null, 'no JSON', '{}', '[]', '[1]'])('without a choice it is `describe`: %s', (text) => {
  expect(remembered(() => storageWith(text))).toEqual(['describe']);
});

test('a browser that forbids its storage remembers nothing, and complains of nothing', () => {
  const forbidden = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  expect(remembered(forbidden)).toEqual(['describe']);
  expect(() => remember(['receipt'], forbidden)).not.toThrow();
});

test('what the service cannot make any longer is left out, once its list is known', () => {
  const catalog = {
    analyses: [
      analysisInfo({ name: 'alt-text' }),
      analysisInfo({ name: 'ask', required: ['question'] }),
      analysisInfo({ name: 'receipt', offered: false }),
    ],
    isLoading: false,
    error: undefined,
  };
  expect(stillOffered(['alt-text', 'receipt', 'gone'], catalog)).toEqual(['alt-text']);
  expect(stillOffered(['receipt', 'ask'], catalog)).toEqual(['describe']);
  const unknown = { analyses: [], isLoading: true, error: undefined };
  expect(stillOffered(['receipt'], unknown)).toEqual(['receipt']);
  expect(stillOffered(['receipt'], { ...unknown, isLoading: false, error: 'x' })).toEqual([
    'receipt',
  ]);
});
