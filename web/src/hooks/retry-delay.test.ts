import { expect, test } from '@jest/globals';
import { type ErrorCode, MediaClientError } from '../client/index.ts';
import { FakeClock, settle } from '../client/testing.ts';
import { loadWithRetry, retryDelay } from './retry-delay.ts';

const failed = (code: ErrorCode, retryAfterMs?: number) =>
  new MediaClientError(code, 'down', { status: 0, retryAfterMs });

test('what failed is loaded again ever later, not before the server allows it, and not if it fails always', () => {
  const waits = [1, 2, 3, 7, 8, 2_000].map((failures) =>
    retryDelay(failed('unavailable'), failures),
  );
  expect(waits).toEqual([5_000, 10_000, 20_000, 320_000, 600_000, 600_000]);
  expect(retryDelay(failed('rate_limited', 60_000), 1)).toBe(60_000);
  expect(retryDelay(failed('internal', 1_000), 1)).toBe(5_000);
  expect(retryDelay(failed('invalid_request'), 1)).toBeUndefined();
  expect(retryDelay(new Error('a bug'), 1)).toBeUndefined();
});

test('it is loaded until there is an answer, and each failure is told', async () => {
  const clock = new FakeClock();
  const answers = [failed('unavailable'), failed('internal'), 'a list'];
  const told: unknown[] = [];
  const load = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const { signal } = new AbortController();
  const loading = loadWithRetry(load, signal, (error) => told.push(error), clock);
  await settle();
  await clock.advance(4_999);
  expect(answers).toHaveLength(2);
  await clock.advance(1);
  expect(answers).toHaveLength(1);
  await clock.advance(10_000);
  expect(await loading).toBe('a list');
  expect(told).toMatchObject([{ code: 'unavailable' }, { code: 'internal' }]);
});

test('what would fail again is thrown, and a wait can be ended', async () => {
  const { signal } = new AbortController();
  const refuse = () => Promise.reject(failed('invalid_request'));
  await expect(loadWithRetry(refuse, signal)).rejects.toMatchObject({ code: 'invalid_request' });
  const stop = new AbortController();
  let loads = 0;
  const fail = () => {
    loads++;
    return Promise.reject(failed('unavailable'));
  };
  const loading = loadWithRetry(fail, stop.signal);
  await settle();
  stop.abort();
  await expect(loading).rejects.toBe(stop.signal.reason);
  expect(loads).toBe(1);
});
