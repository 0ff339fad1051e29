import { expect, test } from '@jest/globals';
import type { DayLimit } from '../../client/index.ts';
import { byOwnClock, isLimited } from './list.ts';

const now = Date.parse('2026-11-02T10:00:00Z');
const limit: DayLimit = { files: 5, ends_at: '2026-11-03T00:00:00.000Z', ends_in_s: 14 * 3_600 };

test('a clock that is wrong by a day or by years ends the day as late as the service does', () => {
  for (const off of [0, 24, -24, 100_000]) {
    const own = now + off * 3_600_000;
    const day_limit = byOwnClock(limit, own);
    const error = { code: 'rate_limited', message: '', day_limit } as const;
    expect(isLimited(error, own + 14 * 3_600_000 - 1)).toBe(true);
    expect(isLimited(error, own + 14 * 3_600_000)).toBe(false);
  }
});

test.each([
  undefined,
  null,
  true,
  {},
  { files: 5 },
  { files: 5, ends_at: 'soon' },
  { ...limit, ends_in_s: -1 },
  { ...limit, ends_in_s: 1e12 },
  { ...limit, ends_in_s: 'soon' },
])('what is no limit is taken for none: %j', (odd) => {
  expect(byOwnClock(odd as DayLimit, now)).toBeUndefined();
});
