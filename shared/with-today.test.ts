import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { withToday } from './with-today.ts';

beforeEach(() => {
  jest.useFakeTimers({ now: new Date(2026, 10, 28, 0, 30) });
});
afterEach(() => {
  jest.useRealTimers();
});

test.each([
  'cat yesterday',
  'This week',
  'last summer',
  '先月の猫',
  '今日',
  'きのう',
  'おととし',
  'two years ago',
  'since May',
  'monday',
  '2年前',
  '月曜の猫',
])('a search for “%s” says which day it is here', (q) => {
  expect(withToday({ q, kind: 'image' })).toEqual({ today: '2026-11-28', q, kind: 'image' });
});

test.each([
  { q: 'cat 2024' },
  { q: '猫 2024年7月' },
  { q: 'May to July 2024' },
  { q: 'a dragon, 駅前' },
  { kind: 'image' as const },
])('%j does not, as a service of an earlier release would refuse it', (filters) => {
  expect(withToday(filters)).toEqual(filters);
});

test('the day that an app says is left as it is', () => {
  const filters = { q: 'yesterday', today: '2024-01-01' };
  expect(withToday(filters)).toEqual(filters);
});
