import { expect, test } from '@jest/globals';
import { AppError } from '@media-analysis/shared/errors';
import { RetryLaterError, ServiceWaitError } from '../analysis/index.ts';
import { ShuttingDownError } from '../hosting/shutdown.ts';
import { LeaseLostError } from '../media/lease.ts';
import { decideOutcome } from './outcome.ts';

const first = { deliveries: 1, maxDeliveries: 8 };
const last = { deliveries: 8, maxDeliveries: 8 };
const AT = 1_700_000_060_000;
const outage = new RetryLaterError('analysis_unavailable', AT);
const missing = new ServiceWaitError('analysis_model_missing', AT);
const timeout = AbortSignal.timeout(0);

test.each<[string, unknown, object, object]>([
  ['a lost lease changes nothing', new LeaseLostError('x'), first, { kind: 'stop' }],
  [
    'a lost lease changes nothing, also at the last delivery',
    new LeaseLostError('x'),
    last,
    { kind: 'stop' },
  ],
  [
    'an instance that shuts down has its work redelivered, also at the last delivery',
    new ShuttingDownError('x'),
    last,
    { kind: 'redeliver' },
  ],
  [
    'a delivery waits for an outage that is longer than itself',
    outage,
    first,
    { kind: 'reschedule', retryAtMs: AT, code: 'analysis_unavailable', isCounted: true },
  ],
  [
    'the waiting for an outage has an end',
    outage,
    last,
    { kind: 'fail', code: 'analysis_unavailable' },
  ],
  [
    'a media waits for a missing model, and the wait is not counted',
    missing,
    first,
    { kind: 'reschedule', retryAtMs: AT, code: 'analysis_model_missing', isCounted: false },
  ],
  ['a missing model never fails a media', missing, last, { kind: 'reschedule' }],
  [
    'a bad photo fails at once',
    new AppError('media_corrupt', 'x'),
    first,
    { kind: 'fail', code: 'media_corrupt' },
  ],
  [
    'a refusal of the model fails at once',
    new AppError('analysis_blocked', 'x'),
    first,
    { kind: 'fail', code: 'analysis_blocked' },
  ],
  [
    'an outage of the model is retried',
    new AppError('analysis_unavailable', 'x'),
    first,
    { kind: 'redeliver' },
  ],
  [
    'an outage that lasts fails with its reason',
    new AppError('analysis_unavailable', 'x'),
    last,
    { kind: 'fail', code: 'analysis_unavailable' },
  ],
  ['an unknown error is retried', new TypeError('bug'), first, { kind: 'redeliver' }],
  [
    'an unknown error fails as internal in the end',
    new TypeError('bug'),
    last,
    { kind: 'fail', code: 'internal' },
  ],
])('%s', (_title, error, delivery, outcome) => {
  expect(decideOutcome(error, delivery as typeof first)).toMatchObject(outcome);
});

test('a delivery that ran out of time is retried, and in the end fails with that reason', async () => {
  await new Promise((resolve) => timeout.addEventListener('abort', resolve));
  expect(decideOutcome(timeout.reason, first)).toEqual({ kind: 'redeliver' });
  expect(decideOutcome(timeout.reason, last)).toMatchObject({
    kind: 'fail',
    code: 'analysis_timeout',
  });
});

test('the message for a person hides the details of an unknown error', () => {
  const outcome = decideOutcome(new Error('ECONNREFUSED 10.0.0.7'), last);
  expect(JSON.stringify(outcome)).not.toContain('10.0.0.7');
});
