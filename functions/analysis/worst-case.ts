/**
 * The highest tokens and cost of a call, before it is made. This amount is reserved (`daily-spend.ts`), and is counted if a call
 * is cut off without a report.
 */
import type { MessageData } from 'genkit';
import type { MediaFacts } from '../inspect/facts.ts';
import type { Tokens } from './answer-reader.ts';
import { costInUsd } from './prices.ts';
import { profileOf, providerFor } from './profiles.ts';
import { isFree, type ModelConfig, type Rates } from './providers/provider.ts';

/** Each second of a video has a frame, its time in a few tokens, and 32 tokens of sound: https://ai.google.dev/gemini-api/docs/tokens */
const SECOND = { time: 10, sound: 32 };

/** For an unknown rate: the rates of the dearest model in `providers/gemini-models.ts`, with a long prompt. */
const DEAREST: Rates = { input: 4, audio: 4, cached: 0.4, output: 18 };

/** The most for the prompt, its schema and a picture: for the check at the start of the worker. */
const PHOTO_PROMPT_TOKENS = 20_000;
/** The same without a picture. */
const PROMPT_TOKENS = 18_000;

/**
 * @param schemaLength Characters of the answer's schema, which is part of the prompt.
 * @returns no tokens for one of our own models
 * @example worstCaseOf('googleai/gemini-3.5-flash-lite', facts, messages, 3_000) // { input: 11_420, output: 16_384 }
 */
export function worstCaseOf(
  model: string,
  { kind, duration_s }: Pick<MediaFacts, 'kind' | 'duration_s'>,
  messages: readonly MessageData[],
  schemaLength: number,
): Tokens {
  const { inputTokens, maxOutputTokens, video } = profileOf(model);
  if (providerFor(model).ours) return { input: 0, output: 0 };
  // A token has at least one character, and usually four.
  const text = messages.flatMap(({ content }) => content).map((part) => part.text?.length ?? 0);
  const words = text.reduce((sum, length) => sum + length, schemaLength);
  if (kind === 'image' || video === null) {
    const pictures = messages.flatMap(({ content }) => content).filter(({ media }) => media).length;
    const input = words + Math.max(1, pictures) * inputTokens.picture;
    return { input, output: maxOutputTokens };
  }
  const seconds = Math.ceil(duration_s ?? video.maxSeconds) + 1;
  const audio = seconds * SECOND.sound;
  const frames = seconds * (inputTokens.frame + SECOND.time);
  return { input: words + frames + audio, audio, output: maxOutputTokens };
}

/**
 * US dollars. Unlike `costInUsd` this always gives a number. Before a model ends, the provider may let its successor answer, at
 * the successor's price.
 */
export function highestCostInUsd(
  model: string,
  tokens: Tokens,
  nowMs: number,
  config: ModelConfig = {},
): number {
  const { provider, successor } = profileOf(model, config);
  const dearest = (tokens.input * DEAREST.input + tokens.output * DEAREST.output) / 1e6;
  const own = costInUsd(model, tokens, nowMs, config) ?? dearest;
  if (successor === null) return own;
  return Math.max(own, highestCostInUsd(`${provider}/${successor}`, tokens, nowMs, config));
}

/** For one call, in US dollars. */
export function highestPhotoCostInUsd(model: string, nowMs: number, config: ModelConfig): number {
  const profile = profileOf(model, config);
  if (isFree(profile)) return 0;
  const input = Math.max(PHOTO_PROMPT_TOKENS, PROMPT_TOKENS + profile.inputTokens.picture);
  return highestCostInUsd(model, { input, output: profile.maxOutputTokens }, nowMs, config);
}
