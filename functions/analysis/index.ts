/** The analysis of one media: what a model saw, what was measured, and what it cost. */
import {
  type Analytics,
  analyticsSchema,
  type ModelOutput,
  type Usage,
} from '@media-analysis/shared/analytics';
import { AppError } from '@media-analysis/shared/errors';
import { quoted } from '../inspect/format.ts';
import type { MediaFacts } from '../inspect/index.ts';
import type { AnalysisFlow, FlowInput, Pace } from './flow.ts';
import type { ModelConfig } from './genkit.ts';
import { isLocal, localLanguage, localPromptVersion } from './local.ts';
import { costInUsd } from './prices.ts';
import { PROMPT_VERSION } from './prompt.ts';

export { RetryLaterError } from './errors.ts';

/**
 * A video travels inside the request, as base64, and several copies of that are in memory at once;
 * the API itself would take 100 MB.
 */
export const MAX_INLINE_VIDEO_BYTES = 20 * 2 ** 20;

interface AnalyzerConfig extends ModelConfig {
  /** Time of one call to the model, in milliseconds. */
  callTimeoutMs?: number;
}

export interface AnalyzeInput {
  facts: MediaFacts;
  contentType: string;
  /** JPEG without metadata: the picture that a model gets to see. */
  preview: Buffer | null;
  fileName: string;
  /** BCP 47 tag of the language to answer in. */
  language: string;
  /** The original of a video, read only if the model wants it. */
  video?: () => Promise<Buffer>;
}

export interface AnalyzeOptions {
  signal: AbortSignal;
  /** Epoch milliseconds by which an answer must be there. */
  deadline: number;
  /** Told 0 to 1, never falling. */
  onProgress?: (fraction: number) => void;
  now?: () => number;
  random?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface Analysis {
  analytics: Analytics;
  usage: Usage;
}

export interface Analyzer {
  readonly model: string;
  /** Changes whenever the same picture may get another description. */
  readonly promptVersion: string;
  /**
   * @throws AppError `analysis_*`; RetryLaterError when a later delivery should try again; the
   * signal's reason as soon as it is aborted.
   */
  analyze(input: AnalyzeInput, options: AnalyzeOptions): Promise<Analysis>;
}

export function createAnalyzer({ callTimeoutMs = 60_000, ...config }: AnalyzerConfig): Analyzer {
  const { model } = config;
  const promptVersion = isLocal(model) ? localPromptVersion(model) : PROMPT_VERSION;
  const loadFlow = once(() => importFlow(config));
  return {
    model,
    promptVersion,
    async analyze(input, { signal, onProgress, now = Date.now, random = Math.random, ...rest }) {
      signal.throwIfAborted();
      const started = now();
      const [flow, media] = await Promise.all([loadFlow(), mediaFor(model, input)]);
      const pace: Pace = { callTimeoutMs, now, random, ...rest };
      const { result } = await flow.run(
        { media, facts: input.facts, fileName: input.fileName, language: input.language },
        { abortSignal: signal, context: { pace }, ...(onProgress && { onChunk: onProgress }) },
      );
      const { output, receipt } = result;
      return {
        analytics: toAnalytics(output, input, model, promptVersion),
        usage: {
          model,
          input_tokens: receipt.input,
          output_tokens: receipt.output,
          cost_usd: costInUsd(model, receipt),
          cached: false,
          calls: receipt.calls,
          duration_ms: Math.max(0, now() - started),
        },
      };
    },
  };
}

async function importFlow(config: ModelConfig): Promise<AnalysisFlow> {
  const { loadGenkit } = await import('./genkit.ts');
  const ai = await loadGenkit(config);
  const { defineAnalysisFlow } = await import('./flow.ts');
  return defineAnalysisFlow(ai, config.model);
}

/** What leaves for the model, as a data URL: the preview, or a whole short video. */
async function mediaFor(model: string, input: AnalyzeInput): Promise<FlowInput['media']> {
  if (model === 'local/facts') return null;
  const { facts, preview, video, contentType, fileName } = input;
  if (facts.kind === 'image') return preview && dataUrl(preview, 'image/jpeg');
  // It has no decoder for their frames.
  if (isLocal(model)) return null;
  const bytes = await video?.();
  if (!bytes || bytes.length > MAX_INLINE_VIDEO_BYTES) {
    throw new AppError(
      'file_too_large',
      `${quoted(fileName)} is stored, but too large to be analysed: a video may have ${MAX_INLINE_VIDEO_BYTES / 2 ** 20} MB. Send a shorter one.`,
    );
  }
  return dataUrl(bytes, contentType);
}

function dataUrl(bytes: Buffer, contentType: string) {
  return { url: `data:${contentType};base64,${bytes.toString('base64')}`, contentType };
}

/** @throws ZodError if model output and facts do not make valid analytics: a defect of ours. */
function toAnalytics(
  output: ModelOutput,
  { facts, language }: AnalyzeInput,
  model: string,
  promptVersion: string,
): Analytics {
  const { colors, quality, capture, width, height, duration_s } = facts;
  return analyticsSchema.parse({
    ...output,
    colors,
    quality,
    capture,
    width,
    height,
    duration_s,
    orientation: orientationOf(width, height),
    language: isLocal(model) ? localLanguage(language) : language,
    model,
    prompt_version: promptVersion,
  });
}

function orientationOf(width: number, height: number): Analytics['orientation'] {
  if (width === height) return 'square';
  return width > height ? 'landscape' : 'portrait';
}

/** Gemini counts an image of at most 768 pixels a side as one tile, 258 tokens. */
const GEMINI_SIDE = 768;
/** Costs nothing here, and signs on a street need it to be read. */
const LOCAL_VISION_SIDE = 1_600;

/** How large a preview the model makes use of, in pixels a side. */
export function previewSideFor(model: string): number {
  return model === 'local/vision' ? LOCAL_VISION_SIDE : GEMINI_SIDE;
}

/** Remembers what `load` gave; a load that failed is tried again by the next caller. */
function once<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
