import { expect, test } from '@jest/globals';
import { History } from './history.ts';
import { change, document, integer } from './testing.ts';

const v1 = document('c/d', { n: integer(1) }, 10);
const v2 = document('c/d', { n: integer(2) }, 20);

test('between two times lies the first state before and the last state after', () => {
  const history = new History(5);
  history.record(10, [change(undefined, v1)]);
  history.record(20, [change(v1, v2)]);
  history.record(30, [change(v2, undefined)]);

  expect(history.since(30)?.size).toBe(0);
  expect(history.since(25)?.get(v1.name)).toEqual(change(v2, undefined));
  expect(history.since(10)?.get(v1.name)).toEqual(change(v1, undefined));
  expect(history.since(5)?.get(v1.name)).toMatchObject({ before: undefined, after: undefined });
});

test('nothing is known of what happened before the start', () => {
  expect(new History(5).since(4)).toBeUndefined();
});

test('what is older than an hour is forgotten', () => {
  const hour = 3_600 * 1e6;
  const history = new History(0);
  history.record(10, [change(undefined, v1)]);
  history.record(10 + 2 * hour, [change(v1, v2)]);
  expect(history.horizon).toBe(10);
  expect(history.since(9)).toBeUndefined();
  expect(history.since(10)?.get(v1.name)?.before).toBe(v1);
});
