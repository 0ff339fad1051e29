import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createLogger } from '../../process/log.ts';
import { PushAge } from './push-age.ts';

let lines: () => Record<string, unknown>[];
let pushAge: PushAge;

beforeEach(() => {
  jest.useFakeTimers({ now: 1_000_000 });
  const out = new PassThrough();
  lines = () =>
    String(out.read() ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  pushAge = new PushAge(createLogger('stream', 'info', out));
});
afterEach(() => {
  jest.useRealTimers();
});

test('a minute of pushes is one line, with the ages that the metric needs', () => {
  for (let age = 1; age <= 100; age++) pushAge.record(Date.now() - age);
  jest.advanceTimersByTime(60_000);
  const [line, ...more] = lines();
  expect(line).toMatchObject({ message: 'pushed', pushes: 100, age_p50_ms: 50, age_p99_ms: 99 });
  expect(more).toEqual([]);
});

test('each minute counts its own pushes, and a minute without pushes has no line', () => {
  pushAge.record(Date.now() - 5_000);
  jest.advanceTimersByTime(60_000);
  expect(lines()).toHaveLength(1);
  jest.advanceTimersByTime(60_000);
  expect(lines()).toEqual([]);
  pushAge.record(Date.now() - 10);
  jest.advanceTimersByTime(60_000);
  expect(lines()).toMatchObject([{ pushes: 1, age_max_ms: 10 }]);
});

test('a writer whose clock is ahead causes no negative age', () => {
  pushAge.record(Date.now() + 200);
  pushAge.report();
  expect(lines()).toMatchObject([{ pushes: 1, age_max_ms: 1 }]);
});
