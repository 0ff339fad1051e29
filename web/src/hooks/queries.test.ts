import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { QueryObserver } from '@tanstack/react-query';
import { createMediaClient, type ErrorCode, MediaClientError } from '../client/index.ts';
import { queriesOf, retryDelay, retryNow } from './queries.ts';

const failed = (code: ErrorCode, retryAfterMs?: number) =>
  new MediaClientError(code, 'down', { status: 0, retryAfterMs });

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** Loads what a component needs. */
function load(answers: unknown[]) {
  const queries = queriesOf(createMediaClient());
  const queryFn = async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const observer = new QueryObserver(queries, { queryKey: ['list'], queryFn });
  const leave = observer.subscribe(() => undefined);
  const seen = () => [observer.getCurrentResult().data, observer.getCurrentResult().failureReason];
  return { queries, leave, seen };
}
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

test('each client has a cache of its own', () => {
  const client = createMediaClient();
  expect(queriesOf(client)).toBe(queriesOf(client));
  expect(queriesOf(client)).not.toBe(queriesOf(createMediaClient()));
});

test('what failed is loaded again ever later, and not before the server allows it', () => {
  const waits = [0, 1, 2, 6, 7, 2_000].map((n) => retryDelay(n, failed('unavailable')));
  expect(waits).toEqual([5_000, 10_000, 20_000, 320_000, 600_000, 600_000]);
  expect(retryDelay(0, failed('rate_limited', 60_000))).toBe(60_000);
  expect(retryDelay(0, failed('internal', 1_000))).toBe(5_000);
});

test('it is loaded until there is an answer, and each failure is seen', async () => {
  const [first, second] = [failed('unavailable'), failed('internal')];
  const { seen, leave } = load([first, second, 'a list']);
  await pass(0);
  expect(seen()).toEqual([undefined, first]);
  await pass(5_000);
  expect(seen()).toEqual([undefined, second]);
  await pass(9_999);
  expect(seen()).toEqual([undefined, second]);
  await pass(1);
  expect(seen()).toEqual(['a list', null]);
  leave();
});

test.each([failed('invalid_request'), new Error('a bug')])(
  'what would fail again is not loaded by itself: %s',
  async (error) => {
    const { seen, leave } = load([error, 'a list']);
    await pass(3_600_000);
    expect(seen()).toEqual([undefined, error]);
    leave();
  },
);

test('when the browser is online again it is loaded at once, and the error is seen until then', async () => {
  const error = failed('unavailable');
  const answer = Promise.withResolvers<string>();
  const { queries, seen, leave } = load([error, answer.promise, 'never asked for']);
  await pass(0);
  retryNow(queries);
  await pass(60_000);
  expect(seen()).toEqual([undefined, error]);
  answer.resolve('a list');
  await pass(60_000);
  expect(seen()).toEqual(['a list', null]);
  retryNow(queries);
  await pass(60_000);
  expect(seen()).toEqual(['a list', null]);
  leave();
});

test('what no component needs any more is not loaded again', async () => {
  const answers = [failed('unavailable'), 'a list'];
  const { queries, leave } = load(answers);
  await pass(0);
  leave();
  retryNow(queries);
  await pass(60_000);
  expect(answers).toEqual(['a list']);
});
