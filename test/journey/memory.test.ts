/** What passes through the api and the worker does not stay in them. */
import { afterAll, beforeAll } from '@jest/globals';
import { needing } from '../support/needing.ts';
import type { Stack } from '../support/stack.ts';
import { expectFlatApi, expectFlatWorker, startOnDisk } from './memory.ts';

const it = needing('ps');

let stack: Stack;
beforeAll(async () => {
  stack = await startOnDisk();
});
afterAll(() => stack.close());

it('the worker stays flat while it looks at a video of 100 MB', () => expectFlatWorker(stack, 100));

it('the api stays flat while 20 uploads of 5 MB run side by side', () => expectFlatApi(stack, 5));
