import { expect, test } from '@jest/globals';
import type { Media } from '../client/index.ts';
import { media } from '../client/testing.ts';
import { countStates } from './use-media-analysis.ts';

const nothing = { get: () => undefined, isGone: () => false };

test('without media nothing is done: an empty page must not say that all is', () => {
  expect(countStates([], nothing)).toMatchObject({ isDone: false, progress: 0 });
});

test.each<[string, Media | undefined, boolean, number, boolean?]>([
  ['completed', media('a', { status: 'completed', progress: 1 }), true, 1],
  ['failed', media('a', { status: 'failed', progress: 0.2 }), true, 1],
  ['gone', undefined, true, 1, true],
  ['analyzing', media('a', { status: 'analyzing', progress: 0.5 }), false, 0.5],
  ['not known yet', undefined, false, 0],
])('one media that is %s', (_, state, isDone, progress, isGone = false) => {
  const store = { get: () => state, isGone: () => isGone };
  expect(countStates(['a'], store)).toMatchObject({ isDone, progress });
});
