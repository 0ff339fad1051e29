import { expect, jest, test } from '@jest/globals';
import { systemClock } from './clock.ts';

test('when the clock of the machine is set back by a day, what is waited for comes no later', () => {
  const before = systemClock.now();
  const setBack = jest.spyOn(Date, 'now').mockReturnValue(Date.now() - 24 * 3600 * 1_000);
  expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  setBack.mockRestore();
});
