/** Counts the cost of an analysis, call by call. A failed call may have been paid for too. */
import type { Usage } from '@media-analysis/shared/analytics';
import { addCosts } from './add-usage.ts';
import type { Answered, Tokens } from './answer-reader.ts';
import { isModelName, providerOf } from './catalog/model-name.ts';
import { costInUsd } from './prices.ts';
import { profileOf } from './profiles.ts';
import { isFree, type ModelConfig } from './providers/provider.ts';

interface Sum {
  input: number;
  output: number;
  cost: number | null;
}

const NOTHING: Sum = { input: 0, output: 0, cost: 0 };

/**
 * A count that is this many times more than a call can take is wrong, and would use up the day's limit of all owners. It cannot
 * be lower, because some models count a picture as ten times the tokens of others.
 */
const IMPOSSIBLE_FACTOR = 10;

/** A call that has not ended, with the highest tokens and cost that it can have. */
interface OpenCall {
  tokens: Tokens;
  costUsd: number;
}

export class UsageMeter {
  /** The model that answered last. Before the first answer, the model that was asked. */
  model: string;
  /** The model that was asked last. */
  asked: string;
  /** The end of the model, if its last answer had it. */
  ends: string | undefined;
  /** Calls to a model, failed ones included. */
  attempts = 0;
  /** Calls that the service refused, or that did not reach it. */
  refusals = 0;
  /** The cost of the last call in US dollars; null: not known. It is an upper limit if the call was cut off. */
  lastCost: number | null = 0;
  /** The service refused the last call, or was not reached. */
  wasRefused = false;
  #sum = NOTHING;
  #open: OpenCall | undefined;
  #isEstimated = false;
  /** A call may have been billed at the ordinary price, although a tier was asked for. */
  #hasOrdinary = false;
  readonly #started: number;
  readonly #config: ModelConfig;

  constructor(model: string, started: number, config: ModelConfig = {}) {
    this.#config = config;
    this.model = model;
    this.asked = model;
    this.#started = started;
  }

  /** @param open Counts until the call has ended, and if it is cut off. */
  call(model: string, open?: OpenCall): void {
    this.model = model;
    this.asked = model;
    this.attempts++;
    this.#open = open;
    this.lastCost = 0;
    this.wasRefused = false;
  }

  answered({ modelVersion, retirementTime, tokens: said, tier, isWhole }: Answered): void {
    this.ends = retirementTime;
    const answerer = `${providerOf(this.asked)}/${modelVersion}`;
    if (modelVersion !== undefined && isModelName(answerer)) this.model = answerer;
    const most = this.#open?.tokens;
    const tokens = said && (!most || isPossible(said, most)) ? said : undefined;
    const isOrdinary = tier === 'standard';
    this.#hasOrdinary ||= isOrdinary;
    const cost = this.#costOf(tokens, isOrdinary);
    if (!isWhole) {
      this.cutOff(tokens && { tokens, costUsd: cost ?? 0 });
      return;
    }
    this.#open = undefined;
    this.lastCost = cost;
    this.#sum = add(this.#sum, { input: tokens?.input ?? 0, output: tokens?.output ?? 0, cost });
  }

  #costOf(tokens: Tokens | undefined, isOrdinary: boolean): number | null {
    const config = isOrdinary ? { ...this.#config, tier: undefined } : this.#config;
    if (isFree(profileOf(this.model, config))) return 0;
    // A prompt always has tokens, so 0 means that the count is not known.
    if (!tokens || tokens.input === 0) return null;
    const cost = costInUsd(this.model, tokens, undefined, config);
    if (cost !== null || profileOf(this.model, config).price) return cost;
    // The price of a new version, or of the model behind an alias, may be unknown. Then use that of the model that was asked.
    const likely = costInUsd(this.asked, tokens, undefined, config);
    this.#isEstimated ||= likely !== null;
    return likely;
  }

  /** A refused call costs nothing. No effect on a call that was answered. */
  refused(): void {
    this.wasRefused = this.#open !== undefined;
    if (this.wasRefused) this.refusals++;
    this.#open = undefined;
  }

  /**
   * The call was cut off before it reported its tokens, so the highest ones count. No effect on a call that was answered.
   * @param seen The tokens of the part that arrived. They count if they are higher.
   */
  cutOff(seen?: OpenCall): void {
    if (!this.#open) return;
    const most = seen ? larger(this.#open, seen) : this.#open;
    this.#sum = add(this.#sum, sumOf(most));
    this.lastCost = most.costUsd;
    this.#hasOrdinary = true;
    this.#isEstimated ||= most.tokens.output > 0;
    this.#open = undefined;
  }

  /** An open call counts as if it were cut off now. */
  usage(now: number): Usage {
    const open = this.#open;
    const { input, output, cost } = open ? add(this.#sum, sumOf(open)) : this.#sum;
    const isEstimated = this.#isEstimated || (open !== undefined && open.tokens.output > 0);
    return {
      model: this.model,
      input_tokens: input,
      output_tokens: output,
      cost_usd: cost,
      ...(isEstimated && { estimated: true }),
      ...(this.#config.tier && !open && !this.#hasOrdinary && { tier: this.#config.tier }),
      cached: false,
      attempts: this.attempts,
      duration_ms: Math.max(0, now - this.#started),
    };
  }
}

function isPossible({ input, audio = 0, cached = 0, output }: Tokens, most: Tokens): boolean {
  return (
    Math.max(audio, cached) <= input &&
    input <= IMPOSSIBLE_FACTOR * most.input &&
    output <= IMPOSSIBLE_FACTOR * most.output
  );
}

function larger(one: OpenCall, other: OpenCall): OpenCall {
  return {
    tokens: {
      input: Math.max(one.tokens.input, other.tokens.input),
      output: Math.max(one.tokens.output, other.tokens.output),
    },
    costUsd: Math.max(one.costUsd, other.costUsd),
  };
}

function sumOf({ tokens: { input, output }, costUsd }: OpenCall): Sum {
  return { input, output, cost: costUsd };
}

function add(one: Sum, other: Sum): Sum {
  return {
    input: one.input + other.input,
    output: one.output + other.output,
    cost: addCosts(one.cost, other.cost),
  };
}

/** For an analysis that was copied from a media of the same content. */
export function cachedUsage(model: string): Usage {
  const nothing = { input_tokens: 0, output_tokens: 0, cost_usd: 0, attempts: 0, duration_ms: 0 };
  return { model, cached: true, ...nothing };
}
