/**
 * Finds out why an answer ended (https://ai.google.dev/api/generate-content#FinishReason). The plugin reduces the reasons to a
 * few words: RECITATION and LANGUAGE become "blocked" like SAFETY, and IMAGE_SAFETY becomes "unknown". So this file reads the
 * API's own answer, which the plugin keeps too.
 */
import type { GenerateResponseData } from 'genkit/model';
import { z } from 'zod';
import { BlockedError, CutOffError, LanguageError, RecitationError } from './errors.ts';

const answerSchema = z.object({
  candidates: z.array(z.object({ finishReason: z.string().optional() })),
});

/** The model refused the picture, and would refuse it again. */
const BLOCKED = new Set([
  'SAFETY',
  'PROHIBITED_CONTENT',
  'SPII',
  'BLOCKLIST',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  // Vertex AI only: a filter that the project's owner set up.
  'MODEL_ARMOR',
]);

/** @throws {BlockedError}, {@link CutOffError}, {@link LanguageError}, {@link RecitationError} */
export function checkFinish({ custom, candidates, ...response }: GenerateResponseData): void {
  const { finishReason } = candidates?.[0] ?? response;
  const reason = answerSchema.safeParse(custom).data?.candidates[0]?.finishReason;
  if (reason === 'RECITATION') throw new RecitationError('answer broken off: RECITATION');
  if (reason === 'LANGUAGE') throw new LanguageError('answer broken off: LANGUAGE');
  if (finishReason === 'length') throw new CutOffError('answer cut off at the limit of tokens');
  if (finishReason === 'blocked' || BLOCKED.has(reason ?? '')) {
    throw new BlockedError(`answer blocked: ${reason}`);
  }
}
