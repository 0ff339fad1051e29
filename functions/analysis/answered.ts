/** What an answer says of itself: which model gave it, and what it took. */
import type { GenerateResponseData } from 'genkit/model';
import { z } from 'zod';
import type { Tokens } from './prices.ts';
import { answerHead, eventsWith } from './seen-answer.ts';

export interface Answered {
  /**
   * Without its provider; undefined: the one that was asked. An alias, and a name that is about to end, are
   * answered by another model, at the price of that one.
   */
  modelVersion: string | undefined;
  /** When its provider will switch it off, if the answer says so. */
  retirementTime: string | undefined;
  /** Undefined: the answer does not say, and was paid for all the same. */
  tokens: Tokens | undefined;
}

/** Call it before the answer is handed on: it reads what of the call under way has been seen. */
export function readAnswered({ usage, custom }: GenerateResponseData): Answered {
  const { modelVersion, modelStatus } = answerHead();
  const { inputTokens, outputTokens, thoughtsTokens, cachedContentTokens } = usage ?? {};
  return {
    // The API names a model both with and without its collection.
    modelVersion: modelVersion?.split('/').at(-1) || undefined,
    retirementTime: modelStatus?.retirementTime,
    tokens:
      inputTokens === undefined
        ? undefined
        : {
            input: countOf(inputTokens),
            audio: countOf(audioTokens(custom)),
            cached: countOf(cachedContentTokens),
            output: countOf(outputTokens) + countOf(thoughtsTokens),
          },
  };
}

/** A meter with less than nothing on it, or a part of a token, is one that no client of ours reads. */
function countOf(value: number | undefined): number {
  return Math.max(0, Math.round(value ?? 0));
}

/**
 * What the call under way has taken so far, though no answer came of it: of one without candidates, and of one that
 * was broken off, the API says so all the same. Of the end of a long one nothing is known.
 */
export function readUnfinished(): Answered | undefined {
  const last = eventsWith(usageSchema).at(-1);
  if (!last) return undefined;
  const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount, cachedContentTokenCount } =
    last.usageMetadata;
  const usage = {
    inputTokens: promptTokenCount,
    outputTokens: candidatesTokenCount,
    thoughtsTokens: thoughtsTokenCount,
    cachedContentTokens: cachedContentTokenCount,
  };
  return readAnswered({ usage, custom: last });
}

const tokens = z.number().int().nonnegative().default(0);

/** https://ai.google.dev/api/generate-content#UsageMetadata */
const usageSchema = z.object({
  usageMetadata: z.object({
    promptTokenCount: tokens,
    candidatesTokenCount: tokens,
    thoughtsTokenCount: tokens,
    cachedContentTokenCount: tokens,
    promptTokensDetails: z.array(z.unknown()).optional(),
  }),
});

const customSchema = z.object({
  usageMetadata: z.object({
    promptTokensDetails: z.array(
      z.object({ modality: z.string().optional(), tokenCount: z.number().default(0) }),
    ),
  }),
});

function audioTokens(custom: unknown): number {
  const details = customSchema.safeParse(custom).data?.usageMetadata.promptTokensDetails ?? [];
  return details.reduce((sum, { modality, tokenCount }) => {
    return modality === 'AUDIO' ? sum + tokenCount : sum;
  }, 0);
}
