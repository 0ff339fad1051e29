import { expect, test } from '@jest/globals';
import { mediaRecord, NOW } from '../../../test/support/media.ts';
import type { MediaRecord } from '../media/record.ts';
import { applied } from '../media/record.ts';
import { afterFailure, afterSuccess } from './attempt.ts';

const REFUSED = { code: 'analysis_blocked', message: 'No.' } as const;
const analytics = { title: 'A cat' } as MediaRecord['analytics'];

const wanting = (...wanted: string[]) =>
  mediaRecord({ wanted, status: 'analyzing', deliveries: 3 });

test('the last analysis completes the media', () => {
  expect(afterSuccess(wanting('describe'), { analytics })).toEqual({
    patch: { analytics, failure: null, wanted: [], status: 'completed', progress: 1 },
    isLast: true,
  });
});

test('before the last one, the next may be claimed as often as the first', () => {
  expect(afterSuccess(wanting('describe', 'receipt'), { analytics })).toEqual({
    patch: {
      analytics,
      failure: null,
      wanted: ['receipt'],
      deliveries: 0,
      waits: 0,
    },
    isLast: false,
  });
});

test('a media whose description fails has failed', () => {
  const { patch } = afterFailure(wanting('describe'), REFUSED, NOW);
  expect(patch).toMatchObject({
    status: 'failed',
    error_code: 'analysis_blocked',
    error_message: 'No.',
  });
});

test('it fails after the others are made, and keeps them', () => {
  const first = afterFailure(wanting('describe', 'receipt'), REFUSED, NOW);
  expect(first.isLast).toBe(false);
  const record = applied(wanting('receipt'), first.patch);
  const { patch } = afterSuccess(record, { analyses: {} });
  expect(patch).toMatchObject({ status: 'failed', error_code: 'analysis_blocked', analyses: {} });
});

test('another analysis fails alone', () => {
  const { patch } = afterFailure(wanting('receipt'), REFUSED, NOW);
  expect(patch).toMatchObject({
    status: 'completed',
    analyses: { receipt: { status: 'failed', error_code: 'analysis_blocked', output: null } },
  });
});

test('a failed analysis says what its calls have cost, and not what those of an earlier attempt have', () => {
  const usage = { cost_usd: 0.01 } as NonNullable<MediaRecord['usage']>;
  const after = (attempt: number) => {
    const unanswered = { receipt: { attempt, usage, asked: 'm' } };
    const record = { ...wanting('receipt'), attempts: 2, unanswered };
    return afterFailure(record, REFUSED, NOW).patch.analyses?.receipt?.usage;
  };
  expect([after(2), after(1)]).toEqual([usage, null]);
});

test('what was answered before stays beside why it failed now', () => {
  const before = { output: { total_cents: 1 }, model: 'm', version: 'v', input: { a: 1 } };
  const record = { ...wanting('receipt'), analyses: { receipt: before } } as unknown as MediaRecord;
  const { patch } = afterFailure(record, REFUSED, NOW);
  expect(patch.analyses?.receipt).toMatchObject({ ...before, status: 'failed' });
});
