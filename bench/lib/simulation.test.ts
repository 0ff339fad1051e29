import { expect, test } from '@jest/globals';
import { poisson, type Simulated, simulate } from './simulation.ts';

const stage = (workMs: number, atATime = 5) => ({
  atATime,
  dispatchesPerSecond: Number.POSITIVE_INFINITY,
  workMs: () => workMs,
  overheadMs: 0,
});

function run(patch: Partial<Simulated> = {}) {
  return simulate({
    arrivals: new Array<number>(10).fill(0),
    upload: stage(1_000),
    analyze: stage(4_000),
    model: { faultRate: 0 },
    maxDeliveries: 8,
    random: () => 0.5,
    faults: () => 0.5,
    ...patch,
  });
}

test('ten photos, five at a time, take exactly the time of the two queues', () => {
  expect(run()).toMatchObject({ completed: 10, failed: 0, makespanMs: 9_000, callsPerItem: 1 });
});

test('a fault costs one more call and the backoff before it', () => {
  const draws = [0, 1];
  const outcome = run({
    arrivals: [0],
    model: { faultRate: 0.15 },
    faults: () => draws.shift() ?? 1,
  });
  expect(outcome).toMatchObject({ completed: 1, callsPerItem: 2, makespanMs: 5_750 });
});

test('with a model that never answers every item fails after the allowed number of calls', () => {
  const outcome = run({ model: { faultRate: 1 }, maxDeliveries: 2 });
  expect(outcome).toMatchObject({ completed: 0, failed: 10, callsPerItem: 8 });
});

test('items above the quota wait for the next minute', () => {
  const outcome = run({ model: { faultRate: 0, callsPerMinute: 5 } });
  expect(outcome).toMatchObject({ completed: 10, makespanMs: 64_000 });
});

test('the rate of the queue limits the dispatches of each second', () => {
  const slow = { ...stage(0, 100), dispatchesPerSecond: 2 };
  expect(run({ upload: slow, analyze: stage(0) }).makespanMs).toBe(4_500);
});

test('arrivals are in order and have the requested rate', () => {
  let state = 1;
  const random = () => {
    state = (state * 16_807) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  const arrivals = poisson(10_000, 50, random);
  expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
  expect((arrivals.at(-1) ?? 0) / 1_000).toBeCloseTo(200, -1);
});
