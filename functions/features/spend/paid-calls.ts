/** Limits paid calls to models: their number for one media, and the dollars of a day. */
import type { AppError } from '@media-analysis/shared/errors';
import { CallLimitError, SpendCapError } from '../../analysis/index.ts';
import type { Asking, Delivery } from '../../core/media/moments.ts';
import type { DailySpend } from './daily-spend.ts';

export interface PaidCallLimits {
  /** For one analysis of a media, over all deliveries and retries. The first attempt of a later day begins at 0 (`daily-calls.ts`). */
  maxPaidCalls: number;
  spend: Pick<DailySpend, 'reserve'>;
}

/**
 * `pay` must be asked before each call of this delivery. Each call is on the record before it is made, so a crash forgets none. The
 * claim wrote the first call already. Only a second call of the same delivery needs a write of its own.
 *
 * A call is taken back only if the service refused it, or if it did not reach the service. A call that timed out may cost money.
 *
 * The count on the record never falls during a delivery. A heartbeat may be on its way when a call begins: with a lower count, it
 * would arrive after the call and forget it. Only the last write takes back calls that cost nothing.
 *
 * @param isFirst True for the first analysis of the delivery: earlier deliveries may have asked for it already.
 */
export function payFor(
  delivery: Delivery,
  { maxPaidCalls, spend }: PaidCallLimits,
  isFirst: boolean,
): Required<Pick<Asking, 'pay' | 'callsBefore'>> {
  const { file_name, owner_id, paid_calls_before = 0 } = delivery.record;
  const earlier = isFirst ? (delivery.before.paid_calls ?? 0) : 0;
  /** Calls before the current attempt. */
  const before = isFirst ? Math.min(earlier, paid_calls_before) : 0;
  let made = 0;
  // If the delivery makes no call, this takes back the one that the claim wrote.
  const note = () => delivery.addToLastWrite({ paid_calls: earlier + made });
  note();
  const pay: Asking['pay'] = async (highestUsd) => {
    if (earlier + made >= maxPaidCalls) {
      throw before < maxPaidCalls
        ? neverAnswered(file_name, maxPaidCalls - before)
        : tooManyCalls(file_name, maxPaidCalls);
    }
    const reservation = await spend.reserve(owner_id, highestUsd);
    if (reservation.kind === 'impossible') {
      throw tooCostly(file_name, highestUsd, reservation.limitUsd);
    }
    if (reservation.kind === 'refused') {
      const { limitUsd: usd, of, untilMs } = reservation;
      throw new SpendCapError({ usd, of }, untilMs);
    }
    made++;
    note();
    try {
      if (earlier + made > (delivery.record.paid_calls ?? 0)) {
        await delivery.write({ paid_calls: earlier + made });
      }
    } catch (error) {
      reservation.settle(0);
      throw error;
    }
    return (usd) => {
      reservation.settle(usd ?? 0);
      if (usd !== undefined) return;
      made--;
      note();
    };
  };
  return { pay, callsBefore: earlier - before };
}

/** An attempt ends after two unusable answers. So if it used up its calls, most of them timed out. */
function neverAnswered(fileName: string, calls: number): AppError {
  const times = calls === 1 ? 'once' : `${calls} times`;
  return new CallLimitError(
    'analysis_timeout',
    `"${fileName}" was not analysed. The model was asked ${times} and did not come to the end of an answer, and each time may have to be paid for. Try again later.`,
  );
}

function tooManyCalls(fileName: string, most: number): AppError {
  return new CallLimitError(
    'analysis_too_costly',
    `"${fileName}" was not analysed. The model was asked ${most} times and gave no usable answer, and each time is paid for. Try again tomorrow (UTC), or send another file.`,
  );
}

function tooCostly(fileName: string, usd: number, limitUsd: number): AppError {
  return new CallLimitError(
    'analysis_too_costly',
    `"${fileName}" is stored, but not analysed: that could cost $${cents(usd, Math.ceil)}, more than the $${cents(limitUsd, Math.floor)} that may be spent in a day. Send a shorter video or another file, or try again when the operator of this site has raised the limit.`,
  );
}

/** The rounding keeps an amount above a limit from looking like the limit. */
const cents = (usd: number, round: (cents: number) => number) =>
  (round(usd * 100) / 100).toFixed(2);
