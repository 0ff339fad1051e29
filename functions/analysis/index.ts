/** Analyses one media: the model's description, the measured facts, and the cost. */
import { isDeepStrictEqual } from 'node:util';
import {
  type Analytics,
  analyticsSchema,
  type Description,
  descriptionSchema,
  type Tier,
  type Usage,
} from '@media-analysis/shared/analytics';
import type { AnalysisResult } from '@media-analysis/shared/media';
import type { MediaFacts } from '../inspect/facts.ts';
import { lazy } from '../process/clients.ts';
import { analysisOf, DESCRIBE, NAMED_MODELS } from './catalog/analyses.ts';
import { analysisVersion } from './catalog/analysis-version.ts';
import { dataUrl } from './data-url.ts';
import type { FileService } from './files-api.ts';
import { FLEX_CALL_MS } from './flex.ts';
import type { AnalysisFlow, FlowContext, ModelMedia, Pay } from './flow.ts';
import type { Frame } from './frame.ts';
import { type ModelListener, Models } from './models.ts';
import { hasTier, looksAtFrames, profileOf, providerFor, takesKind } from './profiles.ts';
import type { ModelConfig } from './providers/provider.ts';
import type { Asked } from './question.ts';
import { cachedUsage, UsageMeter } from './usage-meter.ts';
import type { VideoSource } from './video.ts';

export { CallLimitError, RetryLaterError, ServiceWaitError, SpendCapError } from './errors.ts';
export type { Pay } from './flow.ts';

interface AnalyzerConfig extends ModelConfig, ModelListener {
  /** `googleai/…`, `vertexai/…`, `openai/…`, `local/vision` or `local/facts`. */
  model: string;
  /** Asked in this order while the models before are stopped: missing, silent, or at the end of a quota. */
  fallbacks?: readonly string[] | undefined;
  /** The limit of one call to the model, in milliseconds. */
  callTimeoutMs?: number;
  /** A longer video, in seconds, is not sent to a model. Default: the model's own limit. */
  maxVideoS?: number | undefined;
  /** By default the flow is loaded with the first media. */
  loadFlow?: (() => Promise<AnalysisFlow>) | undefined;
}

/** A file without its bytes. */
interface Subject {
  facts: MediaFacts;
  contentType: string;
  fileName: string;
  /** BCP 47 tag of the answer's language. */
  language: string;
  /** Frames came with the video. */
  hasFrames?: boolean | undefined;
}

export interface AnalyzeInput extends Subject {
  /** The picture for the model: a JPEG without metadata. */
  preview: Buffer | null;
  /** Read or copied only if the model accepts videos. */
  video?: VideoSource | undefined;
  /** The frames that came with a video. Read only if the model looks at them. */
  frames?: FrameSource | undefined;
}

interface FrameSource {
  list: readonly Frame[];
  /** A JPEG without metadata for each of `list`. */
  read(): Promise<Buffer[]>;
}

export interface AnalyzeOptions {
  signal: AbortSignal;
  /** The answer must come before this time, in epoch milliseconds. */
  deadline: number;
  /** Epoch milliseconds of the last time when this media had to wait for a service. */
  waitingSince?: number | undefined;
  /** Calls of earlier deliveries of the attempt that may have been paid for. Default: 0. */
  callsBefore?: number;
  /** Called with the progress, 0 to 1. It never falls. */
  onProgress?: (fraction: number) => void;
  /** Called with the cost of a failed analysis: at once when the signal is aborted, and again when all calls have ended. */
  onSpent?: (usage: Usage) => void;
  /** Called before each call that costs money. Without it such calls are neither counted nor limited. */
  pay?: Pay | undefined;
  now?: () => number;
  random?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

export interface Analysis {
  analytics: Analytics;
  usage: Usage;
  /** The model that was asked. The one that answered may have another name, such as one with a date. */
  asked?: string;
}

interface Answer {
  output: Record<string, unknown>;
  /** The model that answered. */
  model: string;
  version: string;
  usage: Usage;
  /** As in `Analysis`. */
  asked?: string;
}

export interface Analyzer {
  /**
   * The analyzer that asks this model first, in this tier. A model that this deployment does not name is ignored, and so is a
   * tier that no model has.
   */
  asking(model: string | null | undefined, tier?: Tier | null): Analyzer;
  /** The model that is asked first. */
  readonly model: string;
  /** Changes whenever the same picture may get another description. */
  readonly promptVersion: string;
  /** The model gets the frames of a video instead of the video. */
  readonly looksAtFrames?: boolean;
  /** An earlier analysis is current if the same model would write it now, with the same prompt. */
  isCurrent(earlier: Analytics): boolean;
  /** Makes an analysis of the same content into one of this media; undefined if it is not current. */
  reuse(subject: Subject, earlier: Analytics): Analysis | undefined;
  /** Like `isCurrent`, for the answer of another analysis. */
  isCurrentResult(
    name: string,
    earlier: AnalysisResult,
    asked: { input: unknown; kind: MediaFacts['kind']; hasFrames?: boolean | undefined },
  ): boolean;
  /** Like `reuse`, for the answer of another analysis. */
  reuseAnswer(asked: Asked, subject: Subject, earlier: AnalysisResult): Answer | undefined;
  /** Makes an analysis other than `describe`. @throws the errors of `analyze` */
  answer(asked: Asked, input: AnalyzeInput, options: AnalyzeOptions): Promise<Answer>;
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
  loadFlow: load = () => importFlow([first, ...fallbacks, ...NAMED_MODELS], config),
  ...config
}: AnalyzerConfig): Analyzer {
  const all = new Models([first, ...fallbacks], { onStop, onResume, onAnswer, callTimeoutMs });
  // A tier without capacity is not an outage: the same models answer at the ordinary price.
  const inFlex = new Models(all.all, { onAnswer, callTimeoutMs: FLEX_CALL_MS });
  const known = new Set([...all.all, ...NAMED_MODELS]);
  const loadFlow = lazy(load);

  const asking = (wanted: string | null | undefined, tier?: Tier | null): Analyzer => {
    const asked = wanted && known.has(wanted) ? wanted : undefined;
    const model = asked ?? first;
    const modelsFor = (name: string, models = all) =>
      models.inOrder(orderFor(name, all.all, asked));
    const isAnsweredBy = (
      name: string,
      kind: MediaFacts['kind'],
      answerer: string,
      hasFrames: boolean,
    ) => {
      const models = modelsFor(name);
      const current = models.current(Date.now(), (each) => takesKind(each, kind, hasFrames));
      return models.isAnsweredBy(current, answerer);
    };
    const currentOutput = (earlier: Analytics): Description | undefined => {
      const { model: answerer, prompt_version, duration_s, notes = [] } = earlier;
      const kind = typeof duration_s === 'number' ? 'video' : 'image';
      const hasFrames = notes.includes('from_frames');
      if (!isAnsweredBy(DESCRIBE, kind, answerer, hasFrames)) return undefined;
      if (prompt_version !== analysisVersion(DESCRIBE, answerer)) return undefined;
      return descriptionSchema.safeParse(earlier).data;
    };
    const isCurrentResult: Analyzer['isCurrentResult'] = (
      name,
      earlier,
      { input, kind, hasFrames = false },
    ) => {
      const { status, model: answerer, version, output } = earlier;
      if (status !== 'completed' || output === null || answerer === null) return false;
      const isOfNow =
        isAnsweredBy(name, kind, answerer, hasFrames) &&
        version === analysisVersion(name, answerer);
      return isOfNow && isDeepStrictEqual(earlier.input, input);
    };
    /** Asks a model, and reports the cost even if that fails. */
    const run = async (
      question: Asked | undefined,
      input: AnalyzeInput,
      {
        signal,
        waitingSince,
        callsBefore = 0,
        onProgress,
        onSpent,
        pay,
        now = Date.now,
        ...rest
      }: AnalyzeOptions,
    ) => {
      signal.throwIfAborted();
      const { facts, fileName, language, frames } = input;
      const name = question?.name ?? DESCRIBE;
      const isServed = (each: string) =>
        tier
          ? takesKind(each, facts.kind, frames !== undefined) && hasTier(each, tier, config)
          : false;
      const isInTier = modelsFor(name).all.some(isServed);
      const models = modelsFor(name, isInTier ? inFlex : all);
      const callConfig: ModelConfig = { ...config, tier: isInTier && tier ? tier : undefined };
      const meter = new UsageMeter(models.all[0] ?? model, now(), callConfig);
      const flow = await loadFlow();
      const timing = { callTimeoutMs, now, random: Math.random, ...rest };
      const files = { ...config, ...timing };
      const context: FlowContext = {
        timing,
        meter,
        models,
        waitingSince,
        callsBefore,
        pay,
        config: callConfig,
        mediaFor: (each, stop) => mediaFor(each, input, { ...files, maxVideoS }, stop),
      };
      // A media that waits without a call costs nothing, so its month must not change.
      const reportSpent = () => {
        if (meter.attempts > 0) onSpent?.(meter.usage(now()));
      };
      // On an abort the media is released at once, and that write must contain the cost of the call that is cut off.
      signal.addEventListener('abort', reportSpent, { once: true });
      try {
        const { result } = await flow.run(
          {
            facts,
            fileName,
            language,
            ...(frames && { frames: frames.list }),
            ...(question && { asked: question }),
          },
          {
            abortSignal: signal,
            context: { ...context },
            ...(onProgress && { onChunk: neverFalling(onProgress) }),
          },
        );
        return { result, model: meter.model, asked: meter.asked, usage: meter.usage(now()) };
      } catch (error) {
        reportSpent();
        throw error;
      } finally {
        signal.removeEventListener('abort', reportSpent);
      }
    };
    return {
      asking,
      model,
      promptVersion: analysisVersion(DESCRIBE, model),
      looksAtFrames: looksAtFrames(model),

      isCurrent: (earlier) => currentOutput(earlier) !== undefined,
      isCurrentResult,

      reuse(subject, earlier) {
        const output = currentOutput(earlier);
        if (!output) return undefined;
        const { model: answerer } = earlier;
        return { analytics: toAnalytics(output, subject, answerer), usage: cachedUsage(answerer) };
      },

      reuseAnswer({ name, input }, { facts: { kind }, hasFrames }, earlier) {
        const { output, model: answerer, version } = earlier;
        if (!isCurrentResult(name, earlier, { input, kind, hasFrames })) return undefined;
        if (output === null || answerer === null || version === null) return undefined;
        return { output, model: answerer, version, usage: cachedUsage(answerer) };
      },

      async analyze(input, options) {
        const { result, model: answerer, ...rest } = await run(undefined, input, options);
        const seen = withFrameNote(result as Description, input, rest.asked);
        return { analytics: toAnalytics(seen, input, answerer), ...rest };
      },

      async answer(question, input, options) {
        const { result, model: answerer, ...rest } = await run(question, input, options);
        const version = analysisVersion(question.name, answerer);
        return { output: { ...result }, model: answerer, version, ...rest };
      },
    };
  };
  return asking(undefined);
}

/** If the file of an analysis names a model, only that model is asked. */
function orderFor(name: string, usual: readonly string[], asked: string | undefined) {
  const named = analysisOf(name)?.model;
  const all = named === undefined ? usual : [named];
  return asked === undefined ? all : [asked, ...all.slice(1)];
}

async function importFlow(models: readonly string[], config: ModelConfig): Promise<AnalysisFlow> {
  const [{ loadGenkit }, { createQuestions }] = await Promise.all([
    import('./genkit.ts'),
    import('./question.ts'),
  ]);
  const ai = await loadGenkit([...new Set(models)], config);
  const { defineAnalysisFlow } = await import('./flow.ts');
  return defineAnalysisFlow(ai, createQuestions());
}

/** Marks a description of a video that was made from frames. */
function withFrameNote(
  result: Description,
  { facts, frames }: AnalyzeInput,
  asked: string,
): Description {
  if (facts.kind !== 'video' || !frames || !looksAtFrames(asked)) return result;
  return { ...result, notes: [...(result.notes ?? []), 'from_frames'] };
}

/** Another call starts from the beginning, but reported progress must not fall. */
function neverFalling(onProgress: (fraction: number) => void): (fraction: number) => void {
  let highest = 0;
  return (fraction) => {
    if (fraction <= highest) return;
    highest = fraction;
    onProgress(fraction);
  };
}

/** The preview and frames are always sent inside the request. */
async function mediaFor(
  model: string,
  { facts, preview, video, frames, fileName, contentType }: AnalyzeInput,
  { maxVideoS, ...files }: FileService & { maxVideoS: number | undefined },
  signal: AbortSignal,
): Promise<ModelMedia | readonly ModelMedia[] | null> {
  const profile = profileOf(model);
  if (!profile.takesPictures) return null;
  if (facts.kind === 'image') {
    return preview && { url: dataUrl(preview, 'image/jpeg'), contentType: 'image/jpeg' };
  }
  if (looksAtFrames(model)) {
    const jpegs = (await frames?.read()) ?? [];
    return jpegs.map((jpeg) => ({ url: dataUrl(jpeg, 'image/jpeg'), contentType: 'image/jpeg' }));
  }
  const { videoFor } = await import('./video.ts');
  const length = { durationS: facts.duration_s, maxSeconds: maxVideoS };
  const subject = { contentType, fileName, ...length, source: video };
  return videoFor(profile, subject, files, signal);
}

/** @throws {ZodError} if model output and facts are not valid analytics, which would be our mistake */
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
    prompt_version: analysisVersion(DESCRIBE, model),
  });
}

function orientationOf(width: number, height: number): Analytics['orientation'] {
  if (width === height) return 'square';
  return width > height ? 'landscape' : 'portrait';
}
