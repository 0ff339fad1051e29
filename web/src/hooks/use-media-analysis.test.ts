import { expect, test } from '@jest/globals';
import { media } from '../client/testing.ts';
import { countStates } from './use-media-analysis.ts';

test('without media nothing is done: an empty page must not say that all is', () => {
  expect(countStates([], [])).toMatchObject({ isDone: false, progress: 0 });
});

test.each([
  ['completed', media('a', { status: 'completed', progress: 1 }), true, 1],
  ['failed', media('a', { status: 'failed', progress: 0.2 }), true, 1],
  ['gone', true, true, 1],
  ['analyzing', media('a', { status: 'analyzing', progress: 0.5 }), false, 0.5],
  ['not known yet', false, false, 0],
] as const)('one media that is %s', (_, state, isDone, progress) => {
  expect(countStates(['a'], [state])).toMatchObject({ isDone, progress });
});
