/** Adds receipts up. */
import type { Usage } from '@media-analysis/shared/analytics';

/** @param earlier The cost of earlier deliveries and attempts of the same media. */
export function addUsage(earlier: Usage | null, latest: Usage): Usage {
  if (!earlier) return latest;
  const { tier, ...rest } = latest;
  return {
    ...rest,
    ...(tier && tier === earlier.tier && { tier }),
    ...(earlier.estimated && { estimated: true }),
    input_tokens: earlier.input_tokens + latest.input_tokens,
    output_tokens: earlier.output_tokens + latest.output_tokens,
    cost_usd: addCosts(earlier.cost_usd, latest.cost_usd),
    attempts: earlier.attempts + latest.attempts,
    duration_ms: earlier.duration_ms + latest.duration_ms,
  };
}

/** Null means not known. Then the sum is not known either. */
export function addCosts(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Number((one + other).toFixed(8));
}
