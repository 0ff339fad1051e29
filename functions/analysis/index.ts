/** The analysis of one media: the model's description, the measured facts, and the cost. */
import {
  type Analytics,
  analyticsSchema,
  type Description,
  descriptionSchema,
  type Usage,
} from '@media-analysis/shared/analytics';
import type { MediaFacts } from '../inspect/facts.ts';
import { lazy } from '../process/clients.ts';
import { nameOf } from '../process/model-name.ts';
import { dataUrl } from './data-url.ts';
import type { FileService } from './files-api.ts';
import type { AnalysisFlow, FlowContext, ModelMedia, Pay } from './flow.ts';
import { type ModelListener, Models } from './models.ts';
import { profileOf, providerFor, takesKind } from './profiles.ts';
import { promptVersion } from './prompt.ts';
import type { ModelConfig } from './providers/provider.ts';
import { cachedUsage, UsageMeter } from './usage-meter.ts';
import type { VideoSource } from './video.ts';

export { RetryLaterError, ServiceWaitError, SpendCapError } from './errors.ts';
export type { Pay } from './flow.ts';
export { addUsage } from './usage-meter.ts';

interface AnalyzerConfig extends ModelConfig, ModelListener {
  /** `googleai/…`, `vertexai/…`, `openai/…`, `local/vision` or `local/facts`. */
  model: string;
  /** Asked instead, in this order, while the models before are stopped: missing, silent, or at the end of a quota. */
  fallbacks?: readonly string[] | undefined;
  /** How long one call to the model may take, in milliseconds. */
  callTimeoutMs?: number;
  /** A longer video is not sent to a model, in seconds. Absent: as long as the model accepts. */
  maxVideoS?: number | undefined;
  /** Where the flow comes from; absent: it is loaded with the first media. */
  loadFlow?: ((models: Models) => Promise<AnalysisFlow>) | undefined;
}

/** What is known about a file, without its bytes. */
export interface Subject {
  facts: MediaFacts;
  contentType: string;
  fileName: string;
  /** BCP 47 tag of the language to answer in. */
  language: string;
}

export interface AnalyzeInput extends Subject {
  /** The picture for the model: a JPEG without metadata. */
  preview: Buffer | null;
  /** Read or copied only if the model accepts videos. */
  video?: VideoSource | undefined;
}

export interface AnalyzeOptions {
  signal: AbortSignal;
  /** The answer must come before this time, in epoch milliseconds. */
  deadline: number;
  /** When this media was last made to wait for a service, in epoch milliseconds. */
  waitingSince?: number | undefined;
  /** Called with the progress, 0 to 1. It never falls. */
  onProgress?: (fraction: number) => void;
  /** Called with the cost of an analysis that failed; at once when the signal is aborted, and again when all calls have ended. */
  onSpent?: (usage: Usage) => void;
  /** Asked before each call that costs money. Absent: such calls are neither counted nor limited. */
  pay?: Pay | undefined;
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
  /** Whether an earlier analysis would be written in the same way now: by the same model, with the same prompt. */
  isCurrent(earlier: Analytics): boolean;
  /** What was written about the same content before, as this media's own: undefined if it is not current. */
  reuse(subject: Subject, earlier: Analytics): Analysis | undefined;
  /**
   * @throws {AppError} `analysis_*`
   * @throws {RetryLaterError} if a later delivery should try again; the signal's reason as soon as it is aborted
   */
  analyze(input: AnalyzeInput, options: AnalyzeOptions): Promise<Analysis>;
}

export function createAnalyzer({
  callTimeoutMs = 60_000,
  model: first,
  fallbacks = [],
  onStop,
  onResume,
  onAnswer,
  maxVideoS,
  loadFlow: load = (models) => importFlow(models, config),
  ...config
}: AnalyzerConfig): Analyzer {
  const listener = { onStop, onResume, onAnswer };
  const models = new Models([first, ...fallbacks], { ...listener, callTimeoutMs });
  const loadFlow = lazy(() => load(models));
  const currentOutput = (earlier: Analytics): Description | undefined => {
    const { model, prompt_version, duration_s } = earlier;
    const kind = typeof duration_s === 'number' ? 'video' : 'image';
    const asked = models.current(Date.now(), (each) => takesKind(each, kind));
    if (!models.isAnsweredBy(asked, model)) return undefined;
    if (prompt_version !== promptVersionOf(model)) return undefined;
    return descriptionSchema.safeParse(earlier).data;
  };
  return {
    model: first,
    promptVersion: promptVersionOf(first),

    isCurrent: (earlier) => currentOutput(earlier) !== undefined,

    reuse(subject, earlier) {
      const output = currentOutput(earlier);
      if (!output) return undefined;
      const { model } = earlier;
      return { analytics: toAnalytics(output, subject, model), usage: cachedUsage(model) };
    },

    async analyze(
      input,
      { signal, waitingSince, onProgress, onSpent, pay, now = Date.now, ...rest },
    ) {
      signal.throwIfAborted();
      const meter = new UsageMeter(first, now(), config);
      const flow = await loadFlow();
      const timing = { callTimeoutMs, now, random: Math.random, ...rest };
      const files = { ...config, ...timing };
      const context: FlowContext = {
        timing,
        meter,
        waitingSince,
        pay,
        config,
        mediaFor: (model, stop) => mediaFor(model, input, { ...files, maxVideoS }, stop),
      };
      const { facts, fileName, language } = input;
      // A media that waits without a call spends nothing, so its month must not change.
      const reportSpent = () => {
        if (meter.attempts > 0) onSpent?.(meter.usage(now()));
      };
      // The media is released at once then, and that write must have the call which is cut off.
      signal.addEventListener('abort', reportSpent, { once: true });
      try {
        const { result } = await flow.run(
          { facts, fileName, language },
          {
            abortSignal: signal,
            context: { ...context },
            ...(onProgress && { onChunk: neverFalling(onProgress) }),
          },
        );
        const analytics = toAnalytics(result, input, meter.model);
        return { analytics, usage: meter.usage(now()) };
      } catch (error) {
        reportSpent();
        throw error;
      } finally {
        signal.removeEventListener('abort', reportSpent);
      }
    },
  };
}

const promptVersionOf = (model: string) =>
  providerFor(model).ours?.promptVersion(nameOf(model)) ?? promptVersion();

async function importFlow(models: Models, config: ModelConfig): Promise<AnalysisFlow> {
  const [{ loadGenkit }, { loadPrompt }] = await Promise.all([
    import('./genkit.ts'),
    import('./prompt.ts'),
  ]);
  const ai = await loadGenkit(models.all, config);
  const { defineAnalysisFlow } = await import('./flow.ts');
  return defineAnalysisFlow(ai, models, await loadPrompt());
}

/** Drops falling values: another call starts from the beginning, but reported progress must not fall. */
function neverFalling(onProgress: (fraction: number) => void): (fraction: number) => void {
  let highest = 0;
  return (fraction) => {
    if (fraction <= highest) return;
    highest = fraction;
    onProgress(fraction);
  };
}

/** The media that is sent to a model: the preview, always inside the request, or a video. */
async function mediaFor(
  model: string,
  { facts, preview, video, fileName, contentType }: AnalyzeInput,
  { maxVideoS, ...files }: FileService & { maxVideoS: number | undefined },
  signal: AbortSignal,
): Promise<ModelMedia | null> {
  const profile = profileOf(model);
  if (!profile.takesPictures) return null;
  if (facts.kind === 'image') {
    return preview && { url: dataUrl(preview, 'image/jpeg'), contentType: 'image/jpeg' };
  }
  const { videoFor } = await import('./video.ts');
  const length = { durationS: facts.duration_s, maxSeconds: maxVideoS };
  const subject = { contentType, fileName, ...length, source: video };
  return videoFor(profile, subject, files, signal);
}

/** @throws {ZodError} if model output and facts are no valid analytics: this would be our mistake */
function toAnalytics(output: Description, { facts, language }: Subject, model: string): Analytics {
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
    prompt_version: promptVersionOf(model),
  });
}

function orientationOf(width: number, height: number): Analytics['orientation'] {
  if (width === height) return 'square';
  return width > height ? 'landscape' : 'portrait';
}
