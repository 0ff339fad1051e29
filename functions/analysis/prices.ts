/** Computes what tokens cost, so that each result has its price. The rates are in `profiles.ts`. */
import { profileOf, type Rates } from './profiles.ts';

/** The tokens of one answer. */
export interface Tokens {
  /** The whole prompt: text, pictures, video, sound, and cached tokens. */
  input: number;
  /** The part of `input` that is sound. */
  audio?: number;
  /** The part of `input` that came from the service's cache. */
  cached?: number;
  /** The answer, thinking included. */
  output: number;
}

/** A prompt with more tokens than this is long: https://ai.google.dev/gemini-api/docs/pricing */
const LONG_PROMPT_TOKENS = 200_000;

/**
 * @param model The model that answered, with its provider.
 * @returns US dollars; null if a needed rate is not known
 */
export function costInUsd(model: string, tokens: Tokens, nowMs = Date.now()): number | null {
  const rates = ratesOf(model, tokens.input, nowMs);
  if (!rates) return null;
  const { input, audio = 0, cached = 0, output } = tokens;
  // The answer does not say which of the cached tokens are sound. Sound is always charged as sound.
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

function ratesOf(model: string, promptTokens: number, nowMs: number): Rates | null {
  const { price } = profileOf(model);
  if (!price) return null;
  if (price.long && promptTokens > LONG_PROMPT_TOKENS) return price.long;
  return price.later && nowMs >= Date.parse(price.later.from) ? price.later : price;
}

/** The cost of one kind of tokens. Without tokens an unknown rate does not matter. */
function costOf(tokens: number, rate: number | null): number | null {
  if (tokens === 0) return 0;
  return rate === null ? null : (tokens * rate) / 1e6;
}
