/** What tokens cost, so that every result carries its price. The rates are in `profiles.ts`. */
import { profileOf, type Rates } from './profiles.ts';

/** What one answer took. */
export interface Tokens {
  /** All of the prompt: text, pictures, video, sound, and what the service had in its cache. */
  input: number;
  /** Of `input`: sound. */
  audio?: number;
  /** Of `input`: what the service had in its cache. */
  cached?: number;
  /** Thinking included. */
  output: number;
}

/** Above it a prompt is long: https://ai.google.dev/gemini-api/docs/pricing */
const LONG_PROMPT_TOKENS = 200_000;

/**
 * @param model The one that answered, with its provider.
 * @returns US dollars; null if a rate that is needed is not known.
 */
export function costInUsd(model: string, tokens: Tokens, nowMs = Date.now()): number | null {
  const rates = ratesOf(model, tokens.input, nowMs);
  if (!rates) return null;
  const { input, audio = 0, cached = 0, output } = tokens;
  // Sound that was in the cache counts as sound: the answer does not say how much of either there was of both.
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

/** Of nothing the rate need not be known. */
function costOf(tokens: number, rate: number | null): number | null {
  if (tokens === 0) return 0;
  return rate === null ? null : (tokens * rate) / 1e6;
}
