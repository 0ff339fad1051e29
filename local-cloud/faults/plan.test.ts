import { describe, expect, test } from '@jest/globals';
import { FaultPlan } from './plan.ts';
import { createRandom } from './random.ts';

const draw = (plan: FaultPlan, n = 200) => {
  const { next } = plan.channel('firestore');
  return Array.from({ length: n }, () => next('Commit'));
};

describe('a fault plan', () => {
  test('repeats itself with the same seed, and differs with another seed', () => {
    const faults = draw(new FaultPlan({ seed: 7, rate: 0.3 }));
    expect(draw(new FaultPlan({ seed: 7, rate: 0.3 }))).toEqual(faults);
    expect(draw(new FaultPlan({ seed: 8, rate: 0.3 }))).not.toEqual(faults);
  });

  test('draws the same faults for one service whatever other services ask', () => {
    const plan = new FaultPlan({ seed: 7, rate: 0.3 });
    for (let i = 0; i < 50; i++) plan.channel('storage').next('GET /');
    expect(draw(plan)).toEqual(draw(new FaultPlan({ seed: 7, rate: 0.3 })));
  });

  test('hits about the requested share of calls, and none at rate 0', () => {
    const met = draw(new FaultPlan({ seed: 1, rate: 0.15 }), 2_000).filter(Boolean).length;
    expect(met).toBeGreaterThan(230);
    expect(met).toBeLessThan(370);
    expect(draw(new FaultPlan({ seed: 1 })).filter(Boolean)).toEqual([]);
  });

  test('uses a scripted fault for the next matching call, once', () => {
    const plan = new FaultPlan();
    plan.script('firestore', 'Commit', { kind: 'lose', code: 'UNAVAILABLE' });
    const { next } = plan.channel('firestore');
    expect(plan.channel('tasks').next('Commit')).toBeUndefined();
    expect(next('RunQuery')).toBeUndefined();
    expect(next('Commit')).toEqual({ kind: 'lose', code: 'UNAVAILABLE' });
    expect(next('Commit')).toBeUndefined();
    expect(Object.fromEntries(plan.counts)).toEqual({ 'firestore.lose': 1 });
  });

  test('breaks the streams and refuses every call from the start of an outage to its end', () => {
    const plan = new FaultPlan();
    const { next, onStream } = plan.channel('firestore');
    let cuts = 0;
    const forget = onStream({ cut: () => cuts++, mute: () => undefined });
    plan.beginOutage('firestore');
    expect(cuts).toBe(1);
    expect(next('Commit')).toEqual({ kind: 'refuse', code: 'UNAVAILABLE' });
    expect(plan.channel('storage').next('GET /')).toBeUndefined();
    plan.endOutage('firestore');
    expect(next('Commit')).toBeUndefined();
    forget();
    plan.cutStreams('firestore');
    expect(cuts).toBe(1);
  });

  test('allows the given number of bytes to be written and no more', () => {
    const plan = new FaultPlan();
    plan.beforeWrite(1_000_000);
    plan.limitDisk(10);
    plan.beforeWrite(6);
    expect(() => plan.beforeWrite(5)).toThrow(expect.objectContaining({ code: 'ENOSPC' }));
    plan.beforeWrite(4);
    plan.limitDisk(Number.POSITIVE_INFINITY);
    plan.beforeWrite(5);
  });
});

test('weighted draws follow the weights, and weight 0 never comes up', () => {
  const random = createRandom(3);
  const drawn = Array.from({ length: 3_000 }, () => random.weighted({ a: 2, b: 1, c: 0 }));
  const share = (key: string) => drawn.filter((each) => each === key).length / drawn.length;
  expect(share('a')).toBeCloseTo(2 / 3, 1);
  expect(share('b')).toBeCloseTo(1 / 3, 1);
  expect(share('c')).toBe(0);
});
