import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { media } from '../client/testing.ts';
import { autoRefresh, mergeResults } from './live-search.ts';

let document: EventTarget & { visibilityState: string };
let ends: AbortController;
let listeners: Set<() => void>;
let changes: number;
let shown: number;
/** The time of each search, in seconds. */
let searches: number[];
let answer: () => Promise<boolean>;

beforeEach(() => {
  jest.useFakeTimers({ now: 0 });
  document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  Object.assign(globalThis, { document });
  ends = new AbortController();
  listeners = new Set();
  [changes, shown, searches] = [0, 24, []];
  answer = () => Promise.resolve(true);
});
afterEach(() => {
  ends.abort();
  expect([jest.getTimerCount(), listeners.size]).toEqual([0, 0]);
  jest.useRealTimers();
  Reflect.deleteProperty(globalThis, 'document');
});

const begin = (seen = 0) =>
  autoRefresh({
    store: {
      get changes() {
        return changes;
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    seen,
    signal: ends.signal,
    count: () => shown,
    refresh: () => {
      searches.push(Math.round(performance.now() / 1_000));
      return answer();
    },
  });
const change = () => {
  changes += 1;
  for (const listener of listeners) listener();
};
const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * 1_000);

test('what ends together is searched for once, and what ends all the time every five seconds', async () => {
  begin();
  await pass(20);
  expect(searches).toEqual([]);
  for (let n = 0; n < 40; n++) {
    change();
    await pass(0.3);
  }
  await pass(20);
  expect(searches).toEqual([21, 26, 31, 36]);
});

test('the more is shown, the less often', async () => {
  shown = 250;
  begin();
  change();
  await pass(2);
  change();
  await pass(30);
  expect(searches).toEqual([1, 16]);
});

test('what has changed while it was being loaded, or while a search was made, is searched for', async () => {
  let end = (_isMade: boolean) => {};
  answer = () =>
    new Promise((resolve) => {
      end = resolve;
    });
  changes = 1;
  begin();
  await pass(1);
  change();
  await pass(60);
  expect(searches).toEqual([1]);
  end(true);
  await pass(5);
  expect(searches).toEqual([1, 66]);
  end(true);
  await pass(60);
  expect(searches).toHaveLength(2);
});

test('a hidden page searches when one comes back to it', async () => {
  begin();
  document.visibilityState = 'hidden';
  change();
  await pass(60);
  expect(searches).toEqual([]);
  document.visibilityState = 'visible';
  document.dispatchEvent(new Event('visibilitychange'));
  await pass(0);
  expect(searches).toEqual([60]);
});

test('what fails is tried again, after a longer wait each time', async () => {
  answer = () => (searches.length < 3 ? Promise.reject(new Error('down')) : Promise.resolve(true));
  begin();
  change();
  await pass(120);
  expect(searches).toEqual([1, 11, 31]);
});

const page = (ids: string, hasMore = false) => ({
  media: [...ids].map((id) => media(id)),
  next_page_token: hasMore ? 'more' : undefined,
});
test.each<[string, string, string, boolean, string]>([
  ['what is new stands where it was found', 'abc', 'xaybcz', false, 'xaybcz'],
  ['what is not found any more goes', 'abcd', 'acd', false, 'acd'],
  ['what stays keeps its order', 'abcd', 'dxcba', false, 'abcdx'],
  ['what new ones have pushed off the page stays at the end', 'abcd', 'xyab', true, 'xyabcd'],
  ['all else goes if there is no other page', 'abcd', 'xyab', false, 'xyab'],
  ['nothing is left', 'abc', '', false, ''],
  ['it is the first', '', 'ab', false, 'ab'],
])('%s', (_, before, now, hasMore, expected) => {
  const { ids, ...rest } = mergeResults([...before], page(now, hasMore));
  expect(ids.join('')).toBe(expected);
  expect(rest).toEqual({ hasMore, pageToken: hasMore ? 'more' : undefined, corrected: undefined });
});
