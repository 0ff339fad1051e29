/** Reads from an answer which model gave it and how many tokens it took. */
import type { GenerateResponseData } from 'genkit/model';
import { z } from 'zod';
import type { Tokens } from './prices.ts';
import { answerHead, eventsWith } from './seen-answer.ts';

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
}

/** Call this inside `watchAnswer`: it also reads the part of the running call that was seen there. */
export function readAnswered({ usage, custom }: GenerateResponseData): Answered {
  const { modelVersion, modelStatus } = answerHead();
  const { inputTokens, outputTokens, thoughtsTokens, cachedContentTokens } = usage ?? {};
  return {
    // The API gives a model's name with or without its collection.
    modelVersion: modelVersion?.split('/').at(-1) || undefined,
    retirementTime: modelStatus?.retirementTime,
    tokens:
      inputTokens === undefined
        ? undefined
        : {
            input: roundedCount(inputTokens),
            audio: roundedCount(audioTokens(custom)),
            cached: roundedCount(cachedContentTokens),
            output: roundedCount(outputTokens) + roundedCount(thoughtsTokens),
          },
  };
}

/** Our schemas accept only whole numbers from 0, so other numbers are rounded. */
function roundedCount(value: number | undefined): number {
  return Math.max(0, Math.round(value ?? 0));
}

/**
 * The tokens of the running call when it gave no answer. The API reports tokens also for an answer without
 * candidates, and for one that was cut off. The end of a long answer is unknown.
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
