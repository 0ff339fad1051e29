/** Where limits on spending, and receipts, take part in the life of a media. */
import type { Firestore } from '@google-cloud/firestore';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import type { Feature, OwnerData } from '../../core/media/moments.ts';
import { type Change, type MediaRecord, wantedOf } from '../../core/media/record.ts';
import { callsOfToday, refuseWithoutCalls } from './daily-calls.ts';
import { DAILY_SPEND_COLLECTION } from './daily-spend.ts';
import { type PaidCallLimits, payFor } from './paid-calls.ts';
import { keepReceipt, monthOf, REMOVED_USAGE_COLLECTION } from './usage.ts';

interface SpendDeps {
  firestore: Firestore;
  now: () => number;
  /** The limits on calls. Without them no call costs money. */
  paid?: PaidCallLimits | undefined;
}

/** An export leaves them out: they say nothing of a single media. */
const OWNER: OwnerData = {
  records: [
    { collection: DAILY_SPEND_COLLECTION, by: 'day' },
    { collection: REMOVED_USAGE_COLLECTION, by: 'month' },
  ],
};

export function spendMoments({ firestore, now, paid }: SpendDeps): Feature {
  return {
    name: 'spend',
    owner: OWNER,
    // The first call of a delivery is on the record before it is made, and needs no write of its own.
    claiming: ({ paid_calls = 0 }, phase) =>
      paid && phase === 'analyze' ? { paid_calls: paid_calls + 1 } : undefined,
    asking: async (delivery, { isFirst }) => paid && payFor(delivery, paid, isFirst),
    changing: async (before, after) => ({ change: spentBetween(before, after, now()) }),
    again: (record, { by, analysis = DESCRIBE, transaction, nowMs }) => {
      if (by !== 'return') refuseWithoutCalls(record, analysis, nowMs);
      const calls: Record<typeof by, Change> = {
        retry: callsOfToday(record, nowMs),
        // A person asks each question, so the count of calls begins again. The limits in dollars still apply.
        question: { paid_calls: 0, paid_calls_before: 0 },
        return: {},
      };
      if (!record.usage) return calls[by];
      // The next attempt may fall into another month, and another model may answer.
      keepReceipt(firestore, transaction, record, nowMs);
      return { ...calls[by], usage_month: null };
    },
    removing: async (record, transaction, how) => () => {
      // If the owner leaves, no receipt is kept: all of them would be writes to one document that is deleted too.
      if (how === 'binned' || how === 'erased') keepReceipt(firestore, transaction, record, now());
      return { usage_month: null };
    },
  };
}

function spentBetween(before: MediaRecord, after: MediaRecord, nowMs: number): Change {
  const left = wantedOf(after).length;
  // Each analysis may ask a model as often as if it were the only one.
  const isNextAnalysis = left > 0 && left < wantedOf(before).length;
  return {
    ...(after.usage && after.usage !== before.usage && { usage_month: monthOf(nowMs) }),
    ...(isNextAnalysis && { paid_calls: 0, paid_calls_before: 0 }),
  };
}

declare module '../../core/media/record.ts' {
  interface MediaRecord {
    /** Paid calls of all attempts of a day (UTC). A first attempt of a later day begins at 0. Refused calls do not count. */
    paid_calls?: number;
    /** `paid_calls` when the current attempt began; 0 if it is missing. */
    paid_calls_before?: number;
    /** The month (UTC) of the last spending, e.g. `2026-11`. `usage` counts in this month. */
    usage_month?: string | null;
  }
}
