/** How an attempt goes on after one of its analyses, and how it ends. */

import type { ErrorCode } from '@media-analysis/shared/errors';
import type { AnalysisResult } from '@media-analysis/shared/media';
import { PROGRESS } from '@media-analysis/shared/status';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import { applied, askedFor, type Change, type MediaRecord, wantedOf } from '../media/record.ts';

/** The change after an analysis has ended. `isLast`: it was the last one, and the media has ended too. */
export interface Step {
  patch: Change;
  isLast: boolean;
}

/** After the first of the wanted analyses was made. @param made Its result, in the field where it belongs. */
export function afterSuccess(
  record: MediaRecord,
  made: Pick<MediaRecord, 'analytics'> | Pick<MediaRecord, 'analyses'>,
): Step {
  if (!('analytics' in made)) return stepAfter(record, made);
  return stepAfter(record, { failure: null, ...made });
}

/**
 * After the first of the wanted analyses has failed for good. A media whose description failed has failed; any other
 * analysis fails alone, and the media keeps what it has.
 */
export function afterFailure(
  record: MediaRecord,
  failure: { code: ErrorCode; message: string },
  nowMs: number,
): Step {
  const [name = DESCRIBE] = wantedOf(record);
  if (name === DESCRIBE) return stepAfter(record, { failure });
  const { analyses = {} } = record;
  const before = analyses[name];
  const kept = askedFor(before?.input ?? {}, nowMs, before);
  const spent = record.unanswered?.[name];
  const isOfNow = spent?.attempt === record.attempts;
  const failed: AnalysisResult = {
    ...kept,
    // Beside an earlier answer stands what that one has cost.
    ...(kept.output === null && { usage: isOfNow ? spent.usage : null }),
    status: 'failed',
    error_code: failure.code,
    error_message: failure.message,
  };
  return stepAfter(record, { analyses: { ...analyses, [name]: failed } });
}

function stepAfter(record: MediaRecord, change: Change): Step {
  const wanted = wantedOf(record).slice(1);
  // Each analysis may be claimed, wait and ask a model as often as if it were the only one.
  if (wanted.length > 0) {
    return {
      patch: { ...change, wanted, deliveries: 0, waits: 0 },
      isLast: false,
    };
  }
  const { failure } = applied(record, change);
  const end = failure
    ? ({ status: 'failed', error_code: failure.code, error_message: failure.message } as const)
    : ({ status: 'completed', progress: PROGRESS.done } as const);
  return { patch: { ...change, wanted, ...end }, isLast: true };
}
