import type { WorkerFeature } from '../../core/parts.ts';
import { spendMoments } from './moments.ts';
import type { SpendSettings } from './settings.ts';
import { dailySpend } from './shared-spend.ts';

/** Limits the calls that cost money, and keeps receipts. */
export const spend: WorkerFeature<SpendSettings & { MAX_PAID_CALLS: number }> = {
  create: (kit) => {
    const { MAX_PAID_CALLS: maxPaidCalls } = kit.config;
    const paid = kit.isPaid ? { maxPaidCalls, spend: dailySpend(kit) } : undefined;
    return { moments: spendMoments({ ...kit, paid }) };
  },
};
