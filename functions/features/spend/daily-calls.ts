/** What a day leaves of the calls that one media may cost, when it is tried or asked about again. */
import { AppError } from '@media-analysis/shared/errors';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import type { Change, MediaRecord } from '../../core/media/record.ts';
import { dayOf } from './usage.ts';

/** An analysis for which a model was asked as often as may be paid for in a day is not begun anew on that day. */
export function hasNoCallsLeft(record: MediaRecord, name: string, now: number): boolean {
  const { failure, error_code, analyses, paid_calls = 0 } = record;
  const code =
    name === DESCRIBE ? (failure?.code ?? error_code) : (analyses?.[name]?.error_code ?? null);
  // Without a call it failed for a limit in dollars, which the operator may have raised.
  return code === 'analysis_too_costly' && paid_calls > 0 && isOfToday(record, now);
}

/** @throws {AppError} `not_retryable` */
export function refuseWithoutCalls(record: MediaRecord, name: string, now: number): void {
  if (!hasNoCallsLeft(record, name, now)) return;
  throw new AppError(
    'not_retryable',
    `The model was asked about "${record.file_name}" as often as may be paid for in a day. Try again tomorrow (UTC), or upload another file.`,
  );
}

/** What is left of the count of calls when a failed media is tried again. */
export function callsOfToday(record: MediaRecord, now: number): Change {
  // After calls that never ended a person asks again, perhaps when the model is well. The limits in dollars go on.
  const goesOn = isOfToday(record, now) && record.error_code !== 'analysis_timeout';
  // Documents of earlier versions do not have the field.
  const { paid_calls = 0 } = record;
  return goesOn
    ? { paid_calls, paid_calls_before: paid_calls }
    : { paid_calls: 0, paid_calls_before: 0 };
}

/** Whether the media failed on this day (UTC). */
function isOfToday({ updated_at }: MediaRecord, now: number): boolean {
  return dayOf(updated_at.toMillis()) === dayOf(now);
}
