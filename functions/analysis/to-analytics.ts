/** A description as the media shows it: what a model has said, and what was measured. */
import {
  type Analytics,
  analyticsSchema,
  type Description,
} from '@media-analysis/shared/analytics';
import type { AnalyzeInput, Subject } from './analyzer.ts';
import { DESCRIBE } from './catalog/analyses.ts';
import { analysisVersion } from './catalog/analysis-version.ts';
import { looksAtFrames, providerFor } from './profiles.ts';

/** Marks a description of a video that was made from frames. */
export function withFrameNote(
  result: Description,
  { facts, frames }: AnalyzeInput,
  asked: string,
): Description {
  if (facts.kind !== 'video' || !frames || !looksAtFrames(asked)) return result;
  return { ...result, notes: [...(result.notes ?? []), 'from_frames'] };
}

/** @throws {ZodError} if model output and facts are not valid analytics, which would be our mistake */
export function toAnalytics(
  output: Description,
  { facts, language }: Subject,
  model: string,
): Analytics {
  const { kind, colors, quality, capture, width, height, duration_s } = facts;
  const { segments, ...seen } = output;
  return analyticsSchema.parse({
    ...seen,
    ...(kind === 'video' && { segments: segments ?? null }),
    colors,
    quality,
    capture,
    width,
    height,
    duration_s,
    orientation: orientationOf(width, height),
    language: providerFor(model).ours?.language(language) ?? language,
    model,
    prompt_version: analysisVersion(DESCRIBE, model),
  });
}

function orientationOf(width: number, height: number): Analytics['orientation'] {
  if (width === height) return 'square';
  return width > height ? 'landscape' : 'portrait';
}
