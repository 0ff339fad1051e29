import { expect, test } from '@jest/globals';
import { BatchTime } from './batch-time.ts';

const batch = (ready: number, total: number, progress = ready / total) => ({
  ...{ total, ready, failed: 0, progress },
});

test('the bar of a batch shows how much of its time has passed', () => {
  const time = new BatchTime();
  expect(time.of(batch(0, 100, 0.1), null, 0)).toEqual({ progress: 0.1, secondsLeft: null });
  const states = [10, 20, 30].map((s) => time.of(batch(s, 100, 0.5), null, s * 1_000));
  expect(states).toEqual([
    { progress: 0.1, secondsLeft: 90 },
    { progress: 0.2, secondsLeft: 80 },
    { progress: 0.3, secondsLeft: 70 },
  ]);
});

test('sending takes as long as it takes: a slow line is the time of the batch', () => {
  const time = new BatchTime();
  time.of(batch(0, 10, 0), null, 0);
  expect(time.of(batch(1, 10, 0.5), 190, 10_000)).toEqual({ progress: 0.05, secondsLeft: 190 });
});

test('never falls while work gets slower, and starts again for another batch', () => {
  const time = new BatchTime();
  time.of(batch(0, 10, 0), null, 0);
  expect(time.of(batch(5, 10), null, 10_000).progress).toBe(0.5);
  expect(time.of(batch(5, 10), null, 25_000)).toEqual({ progress: 0.5, secondsLeft: 25 });
  expect(time.of(batch(10, 10), null, 50_000)).toEqual({ progress: 1, secondsLeft: null });
  expect(time.of(batch(0, 4, 0.02), null, 51_000)).toEqual({ progress: 0.02, secondsLeft: null });
});

test('more files that join begin no time of their own', () => {
  const time = new BatchTime();
  time.of(batch(0, 10, 0), null, 0);
  time.of(batch(5, 10), null, 10_000);
  expect(time.of(batch(6, 24), null, 12_000)).toEqual({ progress: 0.25, secondsLeft: 36 });
});

test('is not full while nothing is ready: that all is sent, or that some have failed, says nothing of the work', () => {
  const time = new BatchTime();
  time.of(batch(0, 5, 0), null, 0);
  expect(time.of(batch(0, 5, 0.2), 0.1, 10_000).progress).toBe(0.2);
  const failing = new BatchTime();
  failing.of(batch(0, 4, 0), null, 0);
  failing.of({ ...batch(0, 4, 0.8), failed: 3 }, null, 100);
  expect(failing.of({ ...batch(0, 4, 0.8), failed: 3 }, null, 20_000).progress).toBe(0.8);
});
