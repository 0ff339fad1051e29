/** Reads from an answer which model gave it, its tokens, and why it ended. */
import type { Tier } from '@media-analysis/shared/analytics';
import type { GenerateResponseData } from 'genkit/model';
import { z } from 'zod';
import { BlockedError, CutOffError } from './errors.ts';

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

export interface Answered {
  /**
   * The name without the provider; undefined: the model that was asked. For an alias, or a model that is about to end, another
   * model answers, at its own price.
   */
  modelVersion: string | undefined;
  /** When the provider will switch the model off, if the answer says so. */
  retirementTime: string | undefined;
  /** Undefined: the answer does not have them, but they are paid for. */
  tokens: Tokens | undefined;
  /** The tier by which the answer is billed; undefined: the one that was asked for. */
  tier?: Tier | 'standard' | undefined;
  /** The model says that it came to its end. If not, the tokens are those of the part that arrived. */
  isWhole: boolean;
}

/** Reads the answers of a provider. */
export interface AnswerReader {
  /**
   * Runs one call, and reads the parts of the answer that the plugin drops. May throw another error that says more.
   * @param isPatient The answer may begin after the time at which Node gives up.
   */
  watch<T>(call: () => Promise<T>, isPatient: boolean): Promise<T>;
  /** Call this inside `watch`. @param hasText The model wrote something, so a missing count of tokens is not 0. */
  read(response: GenerateResponseData, hasText: boolean): Answered;
  /** Call this inside `watch`. Reads an answer that gave no result; undefined: nothing arrived. */
  readUnfinished(): Answered | undefined;
  /** @throws {BlockedError}, {@link CutOffError} and others, if the answer is not complete */
  checkFinish(response: GenerateResponseData): void;
}

/** Our own models put this into `custom` of their response. */
const customSchema = z.object({
  /** The model that answered, if not the one that was asked. */
  model: z.string().optional(),
  tier: z.string().optional(),
  /** False: the answer ended without a sign of its end. */
  isWhole: z.boolean().default(true),
});

/** For our own models, whose responses have everything. */
export const plainReader: AnswerReader = {
  watch: (call) => call(),
  read({ usage, custom }, hasText) {
    const { inputTokens, outputTokens, thoughtsTokens, cachedContentTokens } = usage ?? {};
    const isUnknown = inputTokens === undefined || (hasText && outputTokens === undefined);
    const { model, tier, isWhole } = customSchema.parse(custom ?? {});
    return {
      modelVersion: model,
      retirementTime: undefined,
      tokens: isUnknown
        ? undefined
        : {
            input: roundedCount(inputTokens),
            cached: roundedCount(cachedContentTokens),
            output: roundedCount(outputTokens) + roundedCount(thoughtsTokens),
          },
      tier: tierOf(tier),
      isWhole,
    };
  },
  readUnfinished: () => undefined,
  checkFinish({ candidates, ...response }) {
    const { finishReason } = candidates?.[0] ?? response;
    if (finishReason === 'length') throw new CutOffError('answer cut off at the limit of tokens');
    if (finishReason === 'blocked') throw new BlockedError('answer blocked');
  },
};

/** @param said The service's word: `flex`, `ON_DEMAND_FLEX`, `default`, `standard` and others. */
export function tierOf(said: string | undefined): Answered['tier'] {
  if (said === undefined || said === '') return undefined;
  return /flex/i.test(said) ? 'flex' : 'standard';
}

/** Our schemas accept only whole numbers from 0. */
export function roundedCount(value: number | undefined): number {
  return Math.max(0, Math.round(value ?? 0));
}
