/** The shape `small`, with ten photos: the instances of the strict front come and go meanwhile. */
import { afterAll, beforeAll, test } from '@jest/globals';
import { type Stack, TEN_PHOTOS } from '../support/stack.ts';
import { expectBatch, startSmall } from './small.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startSmall();
});
afterAll(() => stack.close());

test('ten photos go from upload to analysis, and the stream tells of each', () =>
  expectBatch(stack, TEN_PHOTOS));
