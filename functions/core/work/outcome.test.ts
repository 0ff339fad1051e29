import { describe, expect, test } from '@jest/globals';
import { AppError, type ErrorCode } from '@media-analysis/shared/errors';
import { CallLimitError, RetryLaterError, ServiceWaitError } from '../../analysis/index.ts';
import { ShuttingDownError } from '../../hosting/shutdown.ts';
import { UnusableAnswerError } from '../../process/service-fault.ts';
import { LeaseLostError } from './lease.ts';
import { decideOutcome } from './outcome.ts';

const AT = 1_700_000_060_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The longest wait that chance allows is just below this. */
const longest = () => 1;
const fresh = { maxDeliveries: 8, waits: 0, nowMs: AT, random: longest };
const first = { ...fresh, deliveries: 1 };
const last = { ...fresh, deliveries: 8 };
const often = new RetryLaterError('analysis_unavailable', AT);
const outage = new ServiceWaitError('analysis_unavailable', AT);
const missing = new ServiceWaitError('analysis_model_missing', AT + HOUR);
const away = (code: number | string) => Object.assign(new Error('no answer'), { code });
const waits = { kind: 'reschedule', isCounted: false };
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
    'an instance that shuts down has its work redelivered, and that is not counted',
    new ShuttingDownError('x'),
    last,
    { kind: 'redeliver', isCounted: false },
  ],
  [
    'a media waits for an outage of the model, and the wait is not counted',
    outage,
    first,
    { ...waits, retryAtMs: AT + 15_000, code: 'analysis_unavailable' },
  ],
  ['an outage of the model never fails a media', outage, last, waits],
  [
    'a media waits for a missing model, until the service may be back and a little longer',
    missing,
    first,
    { ...waits, retryAtMs: AT + 1.1 * HOUR, code: 'analysis_model_missing' },
  ],
  ['a missing model never fails a media', missing, last, waits],
  ['a media waits for Cloud Storage', away(503), last, { ...waits, code: 'unavailable' }],
  ['a media waits for a network that is away', away('ECONNREFUSED'), last, waits],
  ['a media waits for Firestore or Cloud Tasks', away(14), last, waits],
  ['a media waits for a Cloud Storage that answers 401', away(401), last, waits],
  ['a media waits for a Cloud Storage that answers 403', away(403), last, waits],
  ['a media waits for a Cloud Storage that answers 499', away(499), last, waits],
  ['a media waits for a Firestore that lets nobody in', away(7), last, waits],
  [
    'a media waits for a bucket that is gone',
    Object.assign(new Error('The specified bucket does not exist.'), { code: 404 }),
    last,
    waits,
  ],
  [
    'a media waits for a service whose answer is none',
    new UnusableAnswerError('x', { cause: away('CERT_HAS_EXPIRED') }),
    last,
    waits,
  ],
  [
    'a fault of Cloud Storage below an error of ours is waited for',
    new AppError('internal', 'x', { cause: away(500) }),
    last,
    waits,
  ],
  [
    'an object that is not there is no outage',
    new AppError('media_missing', 'x', { cause: away(503) }),
    first,
    { kind: 'fail', code: 'media_missing' },
  ],
  ['an answer of 404 is no outage', away(404), last, { kind: 'fail', code: 'internal' }],
  [
    'what a model does with one file alone is waited for, and counted',
    often,
    first,
    { kind: 'reschedule', retryAtMs: AT + 15_000, isCounted: true },
  ],
  [
    'what a model does with one file again and again fails with its reason',
    often,
    last,
    { kind: 'fail', code: 'analysis_unavailable' },
  ],
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
    'an answer that cannot be used fails at once: it was asked for twice',
    new AppError('analysis_invalid_output', 'x'),
    first,
    { kind: 'fail', code: 'analysis_invalid_output' },
  ],
  [
    'a media that was asked about too often fails at once',
    new CallLimitError('analysis_timeout', 'x'),
    first,
    { kind: 'fail', code: 'analysis_timeout' },
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
  expect(decideOutcome(timeout.reason, first)).toEqual({ kind: 'redeliver', isCounted: true });
  expect(decideOutcome(timeout.reason, last)).toMatchObject({
    kind: 'fail',
    code: 'analysis_timeout',
  });
});

test('the message for a person hides the details of an unknown error', () => {
  const outcome = decideOutcome(new Error('ECONNREFUSED 10.0.0.7'), last);
  expect(JSON.stringify(outcome)).not.toContain('10.0.0.7');
});

describe('a media that waits', () => {
  const wait = (error: unknown, state: Partial<typeof first> = {}) => {
    const outcome = decideOutcome(error, { ...first, ...state });
    if (outcome.kind !== 'reschedule') throw new Error(outcome.kind);
    return outcome;
  };
  const until = (code: ErrorCode, ms: number) => new ServiceWaitError(code, AT + ms);
  const shortest = () => 0;

  test.each<[string, boolean, unknown, Partial<typeof first>]>([
    ['at first for an outage keeps its place', false, outage, { random: () => 0.999 }],
    ['once more for an outage gives it away', true, outage, { waits: 1, random: shortest }],
    ['for Cloud Storage gives it away too', true, away(503), { waits: 1, random: shortest }],
    ['until midnight gives it away', true, until('analysis_spend_cap', HOUR), {}],
    ['for a quota of the day gives it away', true, until('analysis_quota', HOUR), {}],
    ['for a quota of a minute keeps it', false, until('analysis_quota', 50_000), { waits: 2 }],
    ['for what the file may cause gives it away', true, often, { waits: 1, random: shortest }],
  ])('%s', (_title, rests, error, state) => {
    expect(wait(error, state).rests).toBe(rests);
  });

  test('for the same moment as thousands comes within ten minutes after it', () => {
    const midnight = until('analysis_spend_cap', 12 * HOUR);
    const times = [0, 0.5, 1].map((random) => {
      return wait(midnight, { random: () => random }).retryAtMs - AT - 12 * HOUR;
    });
    expect(times).toEqual([0, 5 * MINUTE, 10 * MINUTE]);
  });
});

describe('the waits for an outage', () => {
  const retryAt = (nowMs: number, waits: number, random: number) => {
    const outcome = decideOutcome(outage, { ...first, nowMs, waits, random: () => random });
    return outcome.kind === 'reschedule' ? outcome.retryAtMs : Number.NaN;
  };

  test('grow from seconds to an hour', () => {
    const lengths = [0, 1, 9, 100, 239, 240, 10_000].map((waits) => retryAt(AT, waits, 1) - AT);
    const minutes = [0.25, 0.5, 2.5, 25.25, 60, 60, 60];
    expect(lengths).toEqual(minutes.map((each) => each * MINUTE));
  });

  test('are of different lengths, but never below half', () => {
    expect(retryAt(AT, 9, 0) - AT).toBe(1.25 * MINUTE);
  });

  test.each([
    ['10 minutes', 10 * MINUTE, 2.5 * MINUTE],
    ['2 hours', 2 * HOUR, 8.5 * MINUTE],
  ])('after %s the next try is minutes away', (_title, length, most) => {
    for (const random of [0, 0.5, 1]) {
      let now = AT;
      for (let waits = 0; now < AT + length; waits++) now = retryAt(now, waits, random);
      expect(now - AT - length).toBeLessThanOrEqual(most);
    }
  });
});
