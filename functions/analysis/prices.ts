/** Computes the cost of tokens, so that each result has its price. The rates are in `providers/`. */
import type { Tokens } from './answer-reader.ts';
import { profileOf } from './profiles.ts';
import type { ModelConfig, ModelProfile, Rates } from './providers/provider.ts';

/** A prompt with more tokens than this is long: https://ai.google.dev/gemini-api/docs/pricing */
const LONG_PROMPT_TOKENS = 200_000;

/**
 * @param model The model that answered, with its provider.
 * @param config Has the price of an `openai/` model.
 * @returns US dollars; null if a needed rate is not known
 */
export function costInUsd(
  model: string,
  tokens: Tokens,
  nowMs = Date.now(),
  config: ModelConfig = {},
): number | null {
  const rates = ratesOf(profileOf(model, config), tokens.input, nowMs);
  if (!rates) return null;
  const { input, audio = 0, cached = 0, output } = tokens;
  // The answer does not tell which cached tokens are sound. So sound is always charged as sound.
  const fresh = Math.max(0, input - audio - cached);
  const parts = [
    costOf(fresh, rates.input),
    costOf(audio, rates.audio),
    costOf(cached, rates.cached),
    costOf(output, rates.output),
  ];
  const cost = parts.reduce<number | null>(
    (sum, part) => (sum === null || part === null ? null : sum + part),
    0,
  );
  return cost === null ? null : Number(cost.toFixed(8));
}

function ratesOf({ price }: ModelProfile, promptTokens: number, nowMs: number): Rates | null {
  if (!price) return null;
  if (price.long && promptTokens > LONG_PROMPT_TOKENS) return price.long;
  return price.later && nowMs >= Date.parse(price.later.from) ? price.later : price;
}

/** Without tokens an unknown rate does not matter. */
function costOf(tokens: number, rate: number | null): number | null {
  if (tokens === 0) return 0;
  return rate === null ? null : (tokens * rate) / 1e6;
}
