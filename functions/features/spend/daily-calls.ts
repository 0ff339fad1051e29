/** The daily limit on paid calls for one media, when it is tried or asked about again. */
import { AppError } from '@media-analysis/shared/errors';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import type { Change, MediaRecord } from '../../core/media/record.ts';
import { dayOf } from './usage.ts';

/** True if the analysis has used all paid calls of this day. */
export function hasNoCallsLeft(record: MediaRecord, name: string, now: number): boolean {
  const { failure, error_code, analyses, paid_calls = 0 } = record;
  const code =
    name === DESCRIBE ? (failure?.code ?? error_code) : (analyses?.[name]?.error_code ?? null);
  // Without a call, a limit in dollars has stopped it. The operator may have raised that limit.
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

/** The count of calls for another try of a failed media. */
export function callsOfToday(record: MediaRecord, now: number): Change {
  // After calls that timed out, a person may try again when the model is well. The limits in dollars still apply.
  const goesOn = isOfToday(record, now) && record.error_code !== 'analysis_timeout';
  // Earlier versions did not write the field.
  const { paid_calls = 0 } = record;
  return goesOn
    ? { paid_calls, paid_calls_before: paid_calls }
    : { paid_calls: 0, paid_calls_before: 0 };
}

/** True if the media failed on this day (UTC). */
function isOfToday({ updated_at }: MediaRecord, now: number): boolean {
  return dayOf(updated_at.toMillis()) === dayOf(now);
}
