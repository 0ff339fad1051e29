import { expect, test } from '@jest/globals';
import { RetryLaterError, ServiceWaitError } from '../../analysis/index.ts';
import type { Lease } from './lease.ts';
import { withStorageBreaker } from './storage-breaker.ts';
import type { Work } from './work.ts';

const NOW = 1_700_000_000_000;
const SECOND = 1_000;
const lease = {} as Lease;
const limits = { signal: new AbortController().signal, deadline: NOW };
const away = Object.assign(new Error('no answer'), { code: 503 });

/** Work that fails as `failing.error` says, after Cloud Storage has answered and `failing.until` is over, if they are there. */
function setUp() {
  const clock = { now: NOW };
  const failing: { error: unknown; until?: Promise<void> } = { error: away };
  let runs = 0;
  const work: Work = async (_lease, { onStorageAnswer }) => {
    runs++;
    const { error, until } = failing;
    if (until !== undefined) onStorageAnswer?.();
    await until;
    if (error) throw error;
  };
  const works = withStorageBreaker({ upload: work, analyze: work }, () => clock.now);
  const outcome = (phase: 'upload' | 'analyze' = 'upload') =>
    works[phase](lease, limits).then(
      () => 'done',
      (error: unknown) => error,
    );
  return { clock, failing, outcome, runs: () => runs };
}

test('one fault of Cloud Storage stops the work of both phases, and a probe after each pause', async () => {
  const { clock, outcome, runs } = setUp();
  expect(await outcome()).toBe(away);
  for (const phase of ['upload', 'analyze'] as const) {
    const stopped = await outcome(phase);
    expect(stopped).toBeInstanceOf(ServiceWaitError);
    expect(stopped).toMatchObject({ code: 'unavailable', retryAt: NOW + 10 * SECOND });
  }
  expect(runs()).toBe(1);
  const pauses = [10, 20, 40, 60, 60];
  for (const pause of pauses) {
    clock.now += pause * SECOND;
    expect(await outcome()).toBe(away);
    expect(await outcome()).toBeInstanceOf(ServiceWaitError);
  }
  expect(runs()).toBe(1 + pauses.length);
});

test('the work goes on after a probe that succeeds', async () => {
  const { clock, failing, outcome } = setUp();
  await outcome();
  clock.now += 10 * SECOND;
  failing.error = undefined;
  expect(await outcome()).toBe('done');
  expect(await outcome('analyze')).toBe('done');
});

test.each([
  ['a bad file', new Error('it cannot be decoded')],
  ['an object that is not there', Object.assign(new Error('none'), { code: 404 })],
  ['a model that is away', new RetryLaterError('analysis_unavailable', NOW, { cause: away })],
])('%s stops nothing', async (_title, error) => {
  const { failing, outcome, runs } = setUp();
  failing.error = error;
  expect([await outcome(), await outcome()]).toEqual([error, error]);
  expect(runs()).toBe(2);
});

test.each([
  ['of a bad file', new Error('it cannot be decoded')],
  ['that a model is away for', new RetryLaterError('analysis_unavailable', NOW, { cause: away })],
])('a probe %s is followed by another one at once', async (_title, error) => {
  const { clock, failing, outcome, runs } = setUp();
  await outcome();
  clock.now += 10 * SECOND;
  failing.error = error;
  expect([await outcome(), await outcome(), await outcome()]).toEqual([error, error, error]);
  expect(runs()).toBe(4);
});

test('a probe that takes long is waited for only until Cloud Storage has answered it', async () => {
  const { clock, failing, outcome } = setUp();
  await outcome();
  clock.now += 10 * SECOND;
  const over = Promise.withResolvers<void>();
  failing.error = undefined;
  failing.until = over.promise;
  const slow = outcome();
  failing.until = Promise.resolve();
  expect(await outcome('analyze')).toBe('done');
  over.resolve();
  expect(await slow).toBe('done');
});
