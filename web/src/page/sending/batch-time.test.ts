import { expect, test } from '@jest/globals';
import { BatchTime } from './batch-time.ts';

const batch = (ready: number, total: number, progress = ready / total) => ({
  total,
  ready,
  failed: 0,
  progress,
});
const pace = (passed: number, secondsEach: number) => ({ passed, secondsEach });

test('the bar of a batch shows how much of its time has passed', () => {
  const time = new BatchTime();
  expect(time.of(batch(0, 100, 0.1), null, null, 0)).toEqual({ progress: 0.1, secondsLeft: null });
  const states = [10, 20, 30].map((s) => time.of(batch(s, 100, 0.5), pace(s, 1), null, s * 1_000));
  expect(states).toEqual([
    { progress: expect.closeTo(0.1), secondsLeft: 90 },
    { progress: expect.closeTo(0.2), secondsLeft: 80 },
    { progress: expect.closeTo(0.3), secondsLeft: 70 },
  ]);
});

test('a page that is loaded in the middle of a batch knows at once what the one before knew', () => {
  const [before, after] = [new BatchTime(), new BatchTime()];
  before.of(batch(0, 41, 0), null, null, 0);
  const [ready, known] = [batch(15, 41, 0.5), pace(120, 8)];
  const told = before.of(ready, known, null, 120_000);
  expect(told.secondsLeft).toBe(26 * 8);
  expect(after.of(ready, known, null, 120_000)).toEqual(told);
});

test('that much is sent soon says nothing of the work on many files', () => {
  expect(new BatchTime().of(batch(0, 41, 0.1), null, 20, 0).secondsLeft).toBeNull();
});

test.each([
  [1, 28],
  [4, 33],
  [12, 80],
])(
  'over a slow line, %i files take as long as sending takes, and the work on the last',
  (count, sending) => {
    const time = new BatchTime();
    const told = (ready: number, left: number | null, now: number) =>
      time.of(batch(ready, count), null, left, now * 1_000).secondsLeft;
    expect(told(0, sending, 0)).toBe(sending + 5);
    expect(told(0, 0.5, sending)).toBe(5.5);
    expect([1, 4, 6].map((s) => told(0, null, sending + s))).toEqual([4, 1, 0]);
    // Nobody knows why it takes longer.
    expect(told(0, null, sending + 12)).toBeNull();
  },
);

test('the last results of a slow line come with the work: the pace so far was that of the line', () => {
  const time = new BatchTime();
  expect(time.of(batch(5, 12), pace(36, 7), 35, 36_000).secondsLeft).toBe(40);
  expect(time.of(batch(9, 12), pace(70, 7), 5, 70_000).secondsLeft).toBe(10);
  expect(time.of(batch(10, 12), pace(75, 7), null, 73_000).secondsLeft).toBe(2);
});

test('where more has arrived than is worked on side by side, the work decides', () => {
  const time = new BatchTime();
  expect(time.of(batch(0, 30), null, 60, 0).secondsLeft).toBe(65);
  expect(time.of(batch(3, 30), pace(30, 10), 40, 30_000).secondsLeft).toBe(270);
  expect(time.of(batch(9, 30), pace(90, 10), null, 90_000).secondsLeft).toBe(210);
});

test('how fast the work goes says nothing while it is not known how long sending will take, as after a reload', () => {
  const time = new BatchTime();
  expect(time.of(batch(3, 4, 0.8), pace(30, 10), undefined, 0).secondsLeft).toBeNull();
  expect(time.of(batch(3, 4, 0.8), pace(30, 10), 580, 5_000).secondsLeft).toBe(585);
  expect(time.of(batch(3, 4, 0.8), pace(30, 10), undefined, 6_000).secondsLeft).toBeNull();
});

test('sending takes as long as it takes: a slow line is the time of the batch', () => {
  const time = new BatchTime();
  time.of(batch(0, 10, 0), null, null, 0);
  const told = time.of(batch(3, 10, 0.5), pace(10, 3), 190, 10_000);
  expect(told).toEqual({ progress: expect.closeTo(10 / 205), secondsLeft: 195 });
});

test('never falls while work gets slower, and starts again for another batch', () => {
  const time = new BatchTime();
  time.of(batch(0, 10, 0), null, null, 0);
  expect(time.of(batch(5, 10), pace(10, 2), null, 10_000).progress).toBe(0.5);
  const slower = time.of(batch(5, 10), pace(25, 5), null, 25_000);
  expect(slower).toEqual({ progress: 0.5, secondsLeft: 25 });
  const over = time.of(batch(10, 10), pace(50, 5), null, 50_000);
  expect(over).toEqual({ progress: 1, secondsLeft: null });
  const next = time.of(batch(0, 4, 0.02), null, null, 51_000);
  expect(next).toEqual({ progress: expect.closeTo(0.02), secondsLeft: null });
});

test('more files that join begin no time of their own', () => {
  const time = new BatchTime();
  time.of(batch(0, 10, 0), null, null, 0);
  time.of(batch(5, 10), pace(10, 2), null, 10_000);
  const more = time.of(batch(6, 24), pace(12, 2), null, 12_000);
  expect(more).toEqual({ progress: 0.25, secondsLeft: 36 });
});

test('failed files that are removed neither stop the bar nor raise it', () => {
  const time = new BatchTime();
  time.of(batch(0, 44, 0), null, null, 0);
  const failed = { ...batch(14, 44, 0.5), failed: 3 };
  expect(time.of(failed, pace(102, 6), null, 102_000).progress).toBeCloseTo(17 / 44);
  // What is sent and not yet analysed is a good part of its mean.
  const bars = [14, 15, 16].map(
    (ready) => time.of(batch(ready, 41, 0.46), null, null, 103_000).progress,
  );
  expect(bars).toEqual([14, 15, 16].map((ready) => expect.closeTo(ready / 41)));
});

test('a bar that is ahead, as much was sent, goes on with each result, and ends with the last', () => {
  const time = new BatchTime();
  time.of(batch(0, 40, 0.25), null, null, 0);
  const bars = [4, 5, 6, 7, 39].map(
    (ready) => time.of(batch(ready, 40, 0.99), pace(ready, 1), null, ready * 1_000).progress,
  );
  expect(bars).toEqual([0.25, 0.27, 0.29, 0.31, 0.98].map((bar) => expect.closeTo(bar, 1.5)));
  expect(new Set(bars).size).toBe(bars.length);
});

test('is not full while nothing is ready: that all is sent, or that some have failed, says nothing of the work', () => {
  const time = new BatchTime();
  time.of(batch(0, 5, 0), null, null, 0);
  expect(time.of(batch(0, 5, 0.2), null, 0.1, 10_000).progress).toBe(0.2);
  const failing = new BatchTime();
  failing.of(batch(0, 4, 0), null, null, 0);
  failing.of({ ...batch(0, 4, 0.8), failed: 3 }, pace(6, 2), null, 100);
  expect(failing.of({ ...batch(0, 4, 0.8), failed: 3 }, pace(20, 1), null, 20_000).progress).toBe(
    0.8,
  );
});
