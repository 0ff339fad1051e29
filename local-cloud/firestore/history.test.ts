import { expect, test } from '@jest/globals';
import { History } from './history.ts';
import { change, document, integer } from './testing.ts';

const v1 = document('c/d', { n: integer(1) }, 10);
const v2 = document('c/d', { n: integer(2) }, 20);

test('the changes since a time have the state then and the state now', () => {
  const history = new History(5);
  history.record(10, [change(undefined, v1)]);
  history.record(20, [change(v1, v2)]);
  history.record(30, [change(v2, undefined)]);

  expect(history.since(30)?.size).toBe(0);
  expect(history.since(25)?.get(v1.name)).toEqual(change(v2, undefined));
  expect(history.since(10)?.get(v1.name)).toEqual(change(v1, undefined));
  expect(history.since(5)?.get(v1.name)).toMatchObject({ before: undefined, after: undefined });
});

test('a time before the start is unknown', () => {
  expect(new History(5).since(4)).toBeUndefined();
});

test('changes that are older than an hour are forgotten', () => {
  const hour = 3_600 * 1e6;
  const history = new History(0);
  history.record(10, [change(undefined, v1)]);
  history.record(10 + 2 * hour, [change(v1, v2)]);
  expect(history.horizon).toBe(10);
  expect(history.since(9)).toBeUndefined();
  expect(history.since(10)?.get(v1.name)?.before).toBe(v1);
});
