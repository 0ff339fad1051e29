import { expect, test } from '@jest/globals';
import { networkError } from '../../client/index.ts';
import { analysisInfo } from '../../client/testing.ts';
import { stillOffered } from './chosen-analyses.ts';

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
  for (const none of [['receipt', 'ask'], []]) {
    expect(stillOffered(none, catalog)).toEqual(['describe']);
  }
  const unknown = { analyses: [], isLoading: true, error: undefined };
  expect(stillOffered(['receipt'], unknown)).toEqual(['receipt']);
  expect(
    stillOffered(['receipt'], { ...unknown, isLoading: false, error: networkError('x') }),
  ).toEqual(['receipt']);
});
