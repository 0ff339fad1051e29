import { describe, expect, test } from '@jest/globals';
import type { Media } from '../../client/index.ts';
import { media } from '../../client/testing.ts';
import type { TimeLeft } from '../../hooks/index.ts';
import { advance, measure, type Shown } from './batch-progress.ts';

const at = (second: number) => new Date(second * 1_000).toISOString();
const one = (change: Partial<Media>, second: number): Media => ({
  ...media('a'),
  created_at: at(0),
  updated_at: at(second),
  ...change,
});
const ended = (second: number) => one({ status: 'completed' }, second);
const working = (second: number) => one({ status: 'analyzing' }, second);
const every = (seconds: number, count: number) =>
  Array.from({ length: count }, (_, n) => ended((n + 1) * seconds));

describe('the time left', () => {
  const whole = (time: TimeLeft | null) => time && [Math.round(time.from), Math.round(time.to)];

  test('is not known with too few results, or in too little time', () => {
    expect(measure([], 5, null)).toBeNull();
    expect(measure([ended(30), ended(60), working(60)], 5, null)).toBeNull();
    expect(measure([ended(1), ended(2), ended(3), working(4)], 5, null)).toBeNull();
  });

  test('is a range around what the results so far took, by the times of the server', () => {
    expect(whole(measure([...every(8, 4), working(32)], 16, null))).toEqual([85, 192]);
    expect(whole(measure([...every(8, 15), working(120)], 26, null))).toEqual([158, 274]);
  });

  test('a group of results that end together says nothing of the next group', () => {
    const group = Array.from({ length: 8 }, () => ended(16));
    const { from, to } = measure([...group, working(32)], 10, null) ?? { from: 0, to: 0 };
    expect(Math.sqrt(from * to)).toBeCloseTo(40);
  });

  test('follows results that get slower', () => {
    const slow = Array.from({ length: 10 }, (_, n) => ended(30 + (n + 1) * 20));
    const { from, to } = measure([...every(1, 30), ...slow], 10, null) ?? { from: 0, to: 0 };
    expect(Math.sqrt(from * to)).toBeCloseTo(200);
  });

  test('what has failed, or was made long before and is tried again, says nothing', () => {
    const failed = Array.from({ length: 9 }, () => one({ status: 'failed' }, 1));
    expect(measure([...failed, working(20)], 5, null)).toBeNull();
    const again = one({ status: 'analyzing', attempts: 2, created_at: at(-90_000) }, 20);
    expect(measure([...every(10, 3), again], 5, null)).toEqual(measure(every(10, 3), 5, null));
  });

  test.each([
    [1, 28],
    [4, 33],
    [12, 80],
  ])(
    'over a slow line, %i files take as long as sending takes, and the last results',
    (left, s) => {
      expect(measure([], left, s)).toEqual({ from: s / 1.25, to: s * 1.25 + 10 });
    },
  );

  test('that much is sent soon says nothing of the work on many files', () => {
    expect(measure([], 41, 20)).toBeNull();
  });

  test('takes as long as what takes longer: sending, or the work', () => {
    expect(whole(measure(every(2, 10), 10, 190))).toEqual([152, 248]);
    expect(whole(measure(every(10, 10), 27, 40))).toEqual([205, 355]);
  });

  test('is not known while it is not known how long sending takes, as after a reload', () => {
    expect(measure(every(8, 15), 26, undefined)).toBeNull();
  });
});

describe('what is shown', () => {
  const batch = (progress: number, total = 10) => ({ total, ready: 0, failed: 0, progress });
  /** The bar after each of these states. */
  const bars = (states: ReturnType<typeof batch>[], before?: Shown) => {
    let shown = before;
    return states.map((each) => {
      shown = advance(shown, each, null, 0);
      return Number(shown.progress.toFixed(3));
    });
  };

  test('is the mean, and never falls: after a reload it stands still until it is as far again', () => {
    const before = advance(undefined, batch(0.5), null, 0);
    expect(bars([batch(0.2), batch(0.45), batch(0.5), batch(0.6)], before)).toEqual([
      ...[0.5, 0.5, 0.5, 0.6],
    ]);
  });

  test('when files join, what is left of the bar stands for what is left of all', () => {
    expect(bars([batch(0.8), batch(0.2, 40), batch(0.6, 40), batch(0.99, 40)])).toEqual([
      ...[0.8, 0.8, 0.9, 0.998],
    ]);
  });

  test('when files are removed, it goes on with each result', () => {
    expect(bars([batch(0.5, 44), batch(0.46, 41), batch(0.73, 41)])).toEqual([0.5, 0.5, 0.75]);
  });

  test('two tabs that count differently do not drive it on', () => {
    const states = Array.from({ length: 20 }, (_, n) => batch(n % 2 ? 0.5 : 0.4, n % 2 ? 10 : 9));
    expect(bars(states).at(-1)).toBe(0.5);
  });

  const MINUTES = { from: 120, to: 200 };
  const told = advance(undefined, batch(0.5), MINUTES, 0);
  const timeAt = (before: Shown, measured: TimeLeft | null, now: number, total = 10) => {
    const { from, to } = advance(before, batch(0.5, total), measured, now);
    return [from, to].map((ends) => (ends - now) / 1_000);
  };

  test('a range that was told stays while what is measured is in it, and runs down like a clock', () => {
    expect(timeAt(told, { from: 60, to: 300 }, 0)).toEqual([120, 200]);
    expect(timeAt(told, { from: 80, to: 150 }, 30_000)).toEqual([90, 170]);
    // Nothing is measured in the first seconds after a reload.
    expect(timeAt(told, null, 30_000)).toEqual([90, 170]);
  });

  test('another range is told when what is measured is not in it, or when it says too little', () => {
    expect(timeAt(told, { from: 20, to: 40 }, 0)).toEqual([20, 40]);
    expect(timeAt(told, { from: 600, to: 900 }, 0)).toEqual([600, 900]);
    expect(timeAt(told, { from: 50, to: 100 }, 80_000)).toEqual([50, 100]);
  });

  test('nothing is told of files that have just joined until it is measured', () => {
    expect(advance(told, batch(0.5, 40), null, 0)).toMatchObject({ from: 0, to: 0 });
  });
});
