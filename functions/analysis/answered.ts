/** Reads from an answer which model gave it, how many tokens it took, and why it ended. */
import type { Tier } from '@media-analysis/shared/analytics';
import type { GenerateResponseData } from 'genkit/model';
import { z } from 'zod';
import { BlockedError, CutOffError } from './errors.ts';

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

export interface Answered {
  /**
   * The model's name without its provider; undefined: the model that was asked. Another model answers for an alias,
   * and for a model that is about to end. It has a price of its own.
   */
  modelVersion: string | undefined;
  /** When the provider will switch the model off, if the answer says so. */
  retirementTime: string | undefined;
  /** Undefined: the answer does not give the tokens. They are paid for too. */
  tokens: Tokens | undefined;
  /** What the answer says that it is billed as; undefined: nothing, so it is what was asked for. */
  tier?: Tier | 'standard' | undefined;
  /** Whether the model says that it came to its end. If not, the tokens are those of the part that arrived. */
  isWhole: boolean;
}

/** How the answers of a provider are read. */
export interface AnswerReader {
  /**
   * Runs one call, and sees what its plugin would drop. May throw another error instead, which says more.
   * @param isPatient Whether the answer may begin so late that Node would give up before.
   */
  watch<T>(call: () => Promise<T>, isPatient: boolean): Promise<T>;
  /** Call this inside `watch`. @param hasText Whether the model wrote anything. Then a missing count of its tokens is not 0. */
  read(response: GenerateResponseData, hasText: boolean): Answered;
  /** Call this inside `watch`: what was seen of an answer when there is no result; undefined: nothing arrived. */
  readUnfinished(): Answered | undefined;
  /** @throws {BlockedError} {@link CutOffError} and others, if the answer ended before it was complete */
  checkFinish(response: GenerateResponseData): void;
}

/** What a model that we define puts into `custom` of its response, besides Genkit's own fields. */
const customSchema = z.object({
  /** The model that answered; absent: the one that was asked. */
  model: z.string().optional(),
  tier: z.string().optional(),
  /** False: the answer ended without a sign of its end. */
  isWhole: z.boolean().default(true),
});

/** For models that we define: their responses say all. */
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

/** @param said In the words of its service: `flex`, `ON_DEMAND_FLEX`, `default`, `standard` and others. */
export function tierOf(said: string | undefined): Answered['tier'] {
  if (said === undefined || said === '') return undefined;
  return /flex/i.test(said) ? 'flex' : 'standard';
}

/** Our schemas accept only whole numbers from 0, so other numbers are rounded. */
export function roundedCount(value: number | undefined): number {
  return Math.max(0, Math.round(value ?? 0));
}
