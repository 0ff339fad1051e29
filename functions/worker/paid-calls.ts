/** Limits the calls to a model that cost money: how many for one media, and how many dollars a day. */
import { AppError } from '@media-analysis/shared/errors';
import { type Pay, SpendCapError } from '../analysis/index.ts';
import type { DailySpend } from '../media/daily-spend.ts';
import type { Lease } from '../media/lease.ts';

export interface PaidCallLimits {
  /** For one analysis of a media, over all deliveries and retries. The first attempt of a later day counts anew (`media/store.ts`). */
  maxPaidCalls: number;
  spend: Pick<DailySpend, 'reserve'>;
}

export interface PaidCalls {
  pay: Pay;
  /**
   * Takes the calls of this delivery without an answer off the media: the service was away, and no number of such calls
   * may end a media. The dollars stay counted, since such a call may have cost something.
   */
  forgetUnanswered(): void;
}

/**
 * Each call is on the record before it is made, so a crash forgets none. The first one is there already: the claim wrote
 * it (`lease.ts`). Only a second call of the same delivery costs a write of its own.
 *
 * What is on the record never falls while the delivery works. A heartbeat may be on its way when a call begins: if it
 * had a lower count, it would come after the call and forget it. Only the last write takes back what cost nothing.
 */
/** @param earlier The calls for the same analysis before this delivery. */
export function payFor(
  lease: Lease,
  { maxPaidCalls, spend }: PaidCallLimits,
  earlier = lease.earlierPaidCalls,
): PaidCalls {
  const { file_name, owner_id } = lease.record;
  let made = 0;
  let unanswered = 0;
  // A delivery that makes no call takes back what its claim wrote.
  const note = () => lease.addToLastWrite({ paid_calls: earlier + made });
  note();
  const pay: Pay = async (highestUsd) => {
    if (earlier + made >= maxPaidCalls) throw tooManyCalls(file_name, maxPaidCalls);
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
      if (earlier + made > lease.record.paid_calls) {
        await lease.write({ paid_calls: earlier + made });
      }
    } catch (error) {
      reservation.settle(0);
      throw error;
    }
    return (usd, isAnswered) => {
      reservation.settle(usd ?? 0);
      if (usd !== undefined) {
        if (!isAnswered) unanswered++;
        return;
      }
      made--;
      note();
    };
  };
  const forgetUnanswered = () => {
    made -= unanswered;
    unanswered = 0;
    note();
  };
  return { pay, forgetUnanswered };
}

function tooManyCalls(fileName: string, most: number): AppError {
  return new AppError(
    'analysis_too_costly',
    `"${fileName}" was not analysed. The model was asked ${most} times and gave no usable answer, and each time is paid for. Try again tomorrow (UTC), or send another file.`,
  );
}

function tooCostly(fileName: string, usd: number, limitUsd: number): AppError {
  return new AppError(
    'analysis_too_costly',
    `"${fileName}" is stored, but not analysed: that could cost $${cents(usd, Math.ceil)}, more than the $${cents(limitUsd, Math.floor)} that may be spent in a day. Send a shorter video or another file, or try again when the operator of this site has raised the limit.`,
  );
}

/** Rounded so that an amount above a limit does not look like the limit. */
const cents = (usd: number, round: (cents: number) => number) =>
  (round(usd * 100) / 100).toFixed(2);
