/** Reads from Google's answer which model gave it, its tokens, and why it ended. */
import type { GenerateResponseData } from 'genkit/model';
import { z } from 'zod';
import { type Answered, type AnswerReader, roundedCount, tierOf } from '../answer-reader.ts';
import { checkFinish } from '../finish.ts';
import { answerHead, eventsWith, lastUsage, watchAnswer } from '../watch-answer.ts';

export const googleReader: AnswerReader = {
  watch: watchAnswer,
  read: readAnswered,
  readUnfinished,
  checkFinish,
};

/**
 * Call this inside `watchAnswer`, which has seen a part of the answer.
 * @param hasText The model wrote something, so a missing count of tokens is not 0.
 */
function readAnswered({ usage, custom }: GenerateResponseData, hasText: boolean): Answered {
  const { modelVersion, modelStatus } = answerHead();
  const { inputTokens, outputTokens, thoughtsTokens, cachedContentTokens } = usage ?? {};
  const isUnknown = inputTokens === undefined || (hasText && outputTokens === undefined);
  return {
    // The API gives a model's name with or without its path.
    modelVersion: modelVersion?.split('/').at(-1) || undefined,
    retirementTime: modelStatus?.retirementTime,
    tokens: isUnknown
      ? undefined
      : {
          input: roundedCount(inputTokens),
          audio: roundedCount(audioTokens(custom)),
          cached: roundedCount(cachedContentTokens),
          output: roundedCount(outputTokens) + roundedCount(thoughtsTokens),
        },
    tier: tierOf(saidTier(custom)),
    isWhole: hasEnd(custom),
  };
}

/** The Gemini API says `serviceTier`, Vertex AI says `trafficType`. */
function saidTier(answer: unknown): string | undefined {
  const { serviceTier, trafficType } = tierSchema.safeParse(answer).data?.usageMetadata ?? {};
  return serviceTier ?? trafficType;
}

const tierSchema = z.object({
  usageMetadata: z.object({
    serviceTier: z.string().optional(),
    trafficType: z.string().optional(),
  }),
});

/** https://ai.google.dev/api/generate-content#FinishReason. Only the last event of an answer has it. */
function hasEnd(answer: unknown): boolean {
  const { data } = candidatesSchema.safeParse(answer);
  return data?.candidates.some(({ finishReason }) => finishReason !== undefined) ?? false;
}

const candidatesSchema = z.object({
  candidates: z.array(z.object({ finishReason: z.string().optional() })).min(1),
});

/**
 * Reads an answer that gave no result. The API reports tokens also for an answer without candidates. If an answer broke off, the
 * tokens are those of the part that arrived. The model may have written more, and Google bills that too.
 * @returns undefined if nothing of an answer arrived
 */
function readUnfinished(): Answered | undefined {
  const { event, isEnded } = lastUsage(usageSchema);
  const isBegun = eventsWith(candidatesSchema).length > 0;
  if (!event && !isBegun) return undefined;
  const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount, cachedContentTokenCount } =
    event?.usageMetadata ?? {};
  const usage = {
    inputTokens: promptTokenCount,
    outputTokens: candidatesTokenCount,
    thoughtsTokens: thoughtsTokenCount,
    cachedContentTokens: cachedContentTokenCount,
  };
  const answered = readAnswered({ usage, custom: event }, false);
  return { ...answered, isWhole: answered.isWhole || (isEnded && !isBegun) };
}

/** https://ai.google.dev/api/generate-content#UsageMetadata */
const tokens = z.number().int().nonnegative().default(0);

const usageSchema = z.looseObject({
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
