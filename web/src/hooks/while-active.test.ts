import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { whileActive } from './while-active.ts';

const MINUTE = 60_000;

let page: EventTarget;
let document: EventTarget & { visibilityState: string };
let ends: AbortController;
let opened: AbortSignal[];
let isBusy: boolean;

beforeEach(() => {
  jest.useFakeTimers();
  page = new EventTarget();
  document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const addEventListener = page.addEventListener.bind(page);
  Object.assign(globalThis, { document, addEventListener });
  ends = new AbortController();
  opened = [];
  isBusy = false;
});
afterEach(() => {
  ends.abort();
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
  for (const name of ['document', 'addEventListener']) Reflect.deleteProperty(globalThis, name);
});

const begin = () =>
  whileActive(
    (signal) => opened.push(signal),
    () => isBusy,
    ends.signal,
  );
const use = (sign: string) => page.dispatchEvent(new Event(sign));
const turn = (visibilityState: string) => {
  document.visibilityState = visibilityState;
  document.dispatchEvent(new Event('visibilitychange'));
};
const isOpen = () => opened.at(-1)?.aborted === false;

test('it is open for five minutes after each sign of use, and opened again at the next one', () => {
  begin();
  expect(isOpen()).toBe(true);
  for (const sign of ['pointermove', 'keydown', 'scroll', 'touchstart', 'focus']) {
    jest.advanceTimersByTime(4 * MINUTE);
    use(sign);
  }
  jest.advanceTimersByTime(5 * MINUTE - 1);
  expect(isOpen()).toBe(true);
  expect(opened).toHaveLength(1);
  jest.advanceTimersByTime(1);
  expect(isOpen()).toBe(false);
  jest.advanceTimersByTime(60 * MINUTE);
  expect(opened).toHaveLength(1);
  use('pointermove');
  expect(opened).toHaveLength(2);
  expect(isOpen()).toBe(true);
});

test('what goes on by itself keeps it open', () => {
  begin();
  isBusy = true;
  jest.advanceTimersByTime(60 * MINUTE);
  expect(isOpen()).toBe(true);
  isBusy = false;
  jest.advanceTimersByTime(MINUTE);
  expect(isOpen()).toBe(false);
});

test('a hidden page has none, whatever happens in it, and one that was opened behind others none at first', () => {
  document.visibilityState = 'hidden';
  begin();
  use('focus');
  expect(opened).toEqual([]);
  turn('visible');
  expect(isOpen()).toBe(true);
  isBusy = true;
  turn('hidden');
  expect(isOpen()).toBe(false);
  use('scroll');
  jest.advanceTimersByTime(60 * MINUTE);
  expect(opened).toHaveLength(1);
  turn('visible');
  expect(opened).toHaveLength(2);
});
