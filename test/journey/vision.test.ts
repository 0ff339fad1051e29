/** What people get who have neither key nor network: real networks look at real photographs. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { needing } from '../support/needing.ts';
import type { Stack } from '../support/stack.ts';
import { childrenOf } from '../support/started.ts';
import { analyse, startWithVision } from './vision.ts';

const it = needing('ps');

let stack: Stack;
beforeAll(async () => {
  stack = await startWithVision();
});
afterAll(() => stack.close());

test('photos get what is to be seen, and signs are read', async () => {
  const names = ['18-cat-exif-orientation6.jpg', '23-drawn-sign.jpg'];
  const [cat, sign] = await analyse(stack, names, 'en');
  // Stored on its side: only who turns it upright finds the cat where it is.
  expect(cat).toMatchObject({ title: 'A cat', people_count: null, text: null, width: 451 });
  expect(cat?.tags.slice(0, 2)).toEqual(['cat', 'animal']);
  expect(cat).toMatchObject({ scene: null, mood: null, safety: { verdict: 'unknown' } });
  expect(sign?.text?.split('\n')).toEqual(['NO', 'PARKING', '8 AM to 6 PM', 'Residents excepted']);
});

it('one process looks at all of them', () => {
  const children = childrenOf(stack.units.worker.pid ?? Number.NaN);
  expect(children.filter(({ command }) => command.includes('vision/child'))).toHaveLength(1);
});
