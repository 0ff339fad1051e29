/** Counts what an analysis costs, call by call: a failed call may have been paid for too. */
import type { Usage } from '@media-analysis/shared/analytics';
import { providerOf } from '../process/model-name.ts';
import type { Answered } from './answered.ts';
import { costInUsd } from './prices.ts';

export class UsageMeter {
  /** The model that answered last. Before an answer, the model that was asked. */
  model: string;
  /** The model that was asked last. */
  asked: string;
  /** When the model ends, if its last answer said so. */
  ends: string | undefined;
  /** Calls to a model, failed ones included. */
  attempts = 0;
  #input = 0;
  #output = 0;
  #cost: number | null = 0;
  readonly #started: number;

  constructor(model: string, started: number) {
    this.model = model;
    this.asked = model;
    this.#started = started;
  }

  call(model: string): void {
    this.model = model;
    this.asked = model;
    this.attempts++;
  }

  answered({ modelVersion, retirementTime, tokens }: Answered): void {
    this.ends = retirementTime;
    if (modelVersion !== undefined) this.model = `${providerOf(this.asked)}/${modelVersion}`;
    this.#input += tokens?.input ?? 0;
    this.#output += tokens?.output ?? 0;
    this.#cost = addCosts(this.#cost, tokens ? costInUsd(this.model, tokens) : null);
  }

  usage(now: number): Usage {
    return {
      model: this.model,
      input_tokens: this.#input,
      output_tokens: this.#output,
      cost_usd: this.#cost,
      cached: false,
      attempts: this.attempts,
      duration_ms: Math.max(0, now - this.#started),
    };
  }
}

/** The receipt of an analysis that was copied from a media of the same content. */
export function cachedUsage(model: string): Usage {
  const nothing = { input_tokens: 0, output_tokens: 0, cost_usd: 0, attempts: 0, duration_ms: 0 };
  return { model, cached: true, ...nothing };
}

/** @param earlier The cost of earlier deliveries and attempts of the same media. */
export function addUsage(earlier: Usage | null, latest: Usage): Usage {
  if (!earlier) return latest;
  return {
    ...latest,
    input_tokens: earlier.input_tokens + latest.input_tokens,
    output_tokens: earlier.output_tokens + latest.output_tokens,
    cost_usd: addCosts(earlier.cost_usd, latest.cost_usd),
    attempts: earlier.attempts + latest.attempts,
    duration_ms: earlier.duration_ms + latest.duration_ms,
  };
}

/** Null means not known. Then the sum is not known either. */
function addCosts(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : Number((one + other).toFixed(8));
}
