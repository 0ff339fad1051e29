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
    'a lost lease changes nothing at the last delivery either',
    new LeaseLostError('x'),
    last,
    { kind: 'stop' },
  ],
  [
    'an instance that ends gives its work back, at the last delivery too',
    new ShuttingDownError('x'),
    last,
    { kind: 'redeliver' },
  ],
  [
    'an outage that outlasts a delivery is waited for',
    outage,
    first,
    { kind: 'reschedule', retryAtMs: AT, code: 'analysis_unavailable', isCounted: true },
  ],
  [
    'an outage is not waited for without end',
    outage,
    last,
    { kind: 'fail', code: 'analysis_unavailable' },
  ],
  [
    'a model that is not there is waited for, and no file is to blame',
    missing,
    first,
    { kind: 'reschedule', retryAtMs: AT, code: 'analysis_model_missing', isCounted: false },
  ],
  ['a model that is not there fails nothing, ever', missing, last, { kind: 'reschedule' }],
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
    'an outage of the model is tried again',
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
  ['an error nobody knows is tried again', new TypeError('bug'), first, { kind: 'redeliver' }],
  [
    'an error nobody knows fails as internal in the end',
    new TypeError('bug'),
    last,
    { kind: 'fail', code: 'internal' },
  ],
])('%s', (_title, error, delivery, outcome) => {
  expect(decideOutcome(error, delivery as typeof first)).toMatchObject(outcome);
});

test('a delivery that ran out of time is tried again, and says so in the end', async () => {
  await new Promise((resolve) => timeout.addEventListener('abort', resolve));
  expect(decideOutcome(timeout.reason, first)).toEqual({ kind: 'redeliver' });
  expect(decideOutcome(timeout.reason, last)).toMatchObject({
    kind: 'fail',
    code: 'analysis_timeout',
  });
});

test('what is written for a person hides the inside of an unknown error', () => {
  const outcome = decideOutcome(new Error('ECONNREFUSED 10.0.0.7'), last);
  expect(JSON.stringify(outcome)).not.toContain('10.0.0.7');
});
