import { beforeEach, describe, expect, test } from '@jest/globals';
import { Breaker } from './breaker.ts';

const NOW = 1_700_000_000_000;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

let breaker: Breaker;
/** A breaker after its first pause, with a probe on its way. */
const PROBED = NOW + 10 * SECOND;
beforeEach(() => {
  breaker = new Breaker();
  breaker.failed(false, NOW, { maxPauseMs: 2 * MINUTE });
  expect(breaker.begin(PROBED)).toBe(true);
});

describe('a probe', () => {
  test('is waited for as long as a call may take', () => {
    expect(breaker.allows(PROBED + MINUTE)).toBe(false);
    expect(breaker.retryAt(PROBED + MINUTE)).toBe(PROBED + MINUTE + 10 * SECOND);
  });

  test('that takes longer, or never ends, is followed by another one', () => {
    expect(breaker.allows(PROBED + 1.5 * MINUTE)).toBe(true);
    expect(breaker.begin(PROBED + 1.5 * MINUTE)).toBe(true);
    breaker.answered();
    expect(breaker.allows(PROBED + 1.5 * MINUTE)).toBe(true);
  });

  test('that says nothing about the service is followed by another one at once', () => {
    breaker.probeEnded(PROBED + SECOND);
    expect(breaker.allows(PROBED + SECOND)).toBe(true);
    expect(breaker.begin(PROBED + SECOND)).toBe(true);
    expect(breaker.allows(PROBED + SECOND)).toBe(false);
  });

  test('that failed leaves a pause, also when it is reported as ended', () => {
    breaker.failed(true, PROBED + SECOND, { maxPauseMs: 2 * MINUTE });
    breaker.probeEnded(PROBED + SECOND);
    expect(breaker.allows(PROBED + 20 * SECOND)).toBe(false);
    expect(breaker.retryAt(PROBED + SECOND)).toBe(PROBED + 21 * SECOND);
  });
});

test('a pause that was set while the clock was a day ahead ends when the clock is right again', () => {
  const wrong = new Breaker();
  wrong.failed(false, NOW + 24 * 60 * MINUTE, { maxPauseMs: 2 * MINUTE });
  expect(wrong.allows(NOW)).toBe(true);
  expect(wrong.begin(NOW)).toBe(true);
  expect(wrong.allows(NOW + SECOND)).toBe(false);
  expect(wrong.allows(NOW + 1.5 * MINUTE)).toBe(true);
});

test('a probe of a call that may take long is waited for as long', () => {
  const slow = new Breaker({ maxProbeMs: 300_000 });
  slow.failed(false, 0, { maxPauseMs: 10_000 });
  slow.begin(10_000);
  expect([slow.allows(200_000), slow.allows(310_000)]).toEqual([false, true]);
});
