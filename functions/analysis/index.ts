/** The analysis of one media: the model's description, the measured facts, and the cost. */
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
  /** Asked instead, in this order, while the models before are stopped: missing, silent, or at the end of a quota. */
  fallbacks?: readonly string[] | undefined;
  /** How long one call to the model may take, in milliseconds. */
  callTimeoutMs?: number;
  /** A longer video is not sent to a model, in seconds. Absent: as long as the model accepts. */
  maxVideoS?: number | undefined;
  /** Where the flow comes from; absent: it is loaded with the first media. */
  loadFlow?: (() => Promise<AnalysisFlow>) | undefined;
}

/** What is known about a file, without its bytes. */
interface Subject {
  facts: MediaFacts;
  contentType: string;
  fileName: string;
  /** BCP 47 tag of the language to answer in. */
  language: string;
  /** Whether the sender of a video has sent frames of it. */
  hasFrames?: boolean | undefined;
}

export interface AnalyzeInput extends Subject {
  /** The picture for the model: a JPEG without metadata. */
  preview: Buffer | null;
  /** Read or copied only if the model accepts videos. */
  video?: VideoSource | undefined;
  /** What the sender of a video has sent along. Read only if the model looks at it. */
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
  /** When this media was last made to wait for a service, in epoch milliseconds. */
  waitingSince?: number | undefined;
  /** Calls for this analysis in earlier deliveries of the attempt, as far as they may have been paid for. Absent: none. */
  callsBefore?: number;
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
  /** The model that was asked. The one that answered may have another name, such as that with its date. */
  asked?: string;
}

interface Answer {
  output: Record<string, unknown>;
  /** The model that answered. */
  model: string;
  version: string;
  usage: Usage;
  /** As of an `Analysis`. */
  asked?: string;
}

export interface Analyzer {
  /**
   * The analyzer that asks this model first, and in this tier. A model that this deployment does not name is ignored, and so
   * is a tier that none of the models has.
   */
  asking(model: string | null | undefined, tier?: Tier | null): Analyzer;
  /** The one that is asked first. */
  readonly model: string;
  /** Changes whenever the same picture may get another description. */
  readonly promptVersion: string;
  /** Whether the model gets the frames of a video and not the video. */
  readonly looksAtFrames?: boolean;
  /** Whether an earlier analysis would be written in the same way now: by the same model, with the same prompt. */
  isCurrent(earlier: Analytics): boolean;
  /** What was written about the same content before, as this media's own: undefined if it is not current. */
  reuse(subject: Subject, earlier: Analytics): Analysis | undefined;
  /** Whether an earlier answer about a media of this kind would be written in the same way now. */
  isCurrentResult(
    name: string,
    earlier: AnalysisResult,
    asked: { input: unknown; kind: MediaFacts['kind']; hasFrames?: boolean | undefined },
  ): boolean;
  /** The answer of a media of the same content, as this media's own: undefined if it is not current. */
  reuseAnswer(asked: Asked, subject: Subject, earlier: AnalysisResult): Answer | undefined;
  /** Makes one of the other analyses. @throws as `analyze` does */
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
  // A tier without room is no outage: the same models answer who pays the ordinary price.
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
    /** Has a model answer, and counts what that costs, also if it fails. */
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
      const hasIt = (each: string) =>
        tier
          ? takesKind(each, facts.kind, frames !== undefined) && hasTier(each, tier, config)
          : false;
      const isInTier = modelsFor(name).all.some(hasIt);
      const models = modelsFor(name, isInTier ? inFlex : all);
      const ofCall: ModelConfig = { ...config, tier: isInTier && tier ? tier : undefined };
      const meter = new UsageMeter(models.all[0] ?? model, now(), ofCall);
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
        config: ofCall,
        mediaFor: (each, stop) => mediaFor(each, input, { ...files, maxVideoS }, stop),
      };
      // A media that waits without a call spends nothing, so its month must not change.
      const reportSpent = () => {
        if (meter.attempts > 0) onSpent?.(meter.usage(now()));
      };
      // The media is released at once then, and that write must have the call which is cut off.
      signal.addEventListener('abort', reportSpent, { once: true });
      try {
        const { result } = await flow.run(
          {
            ...{ facts, fileName, language },
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
        const { result, model: answerer, ...of } = await run(undefined, input, options);
        const seen = withFrameNote(result as Description, input, of.asked);
        return { analytics: toAnalytics(seen, input, answerer), ...of };
      },

      async answer(question, input, options) {
        const { result, model: answerer, ...of } = await run(question, input, options);
        const version = analysisVersion(question.name, answerer);
        return { output: { ...result }, model: answerer, version, ...of };
      },
    };
  };
  return asking(undefined);
}

/** Who is asked, one after the other. An analysis whose file names a model is made by that model alone. */
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

/** Says of a description of a video from what it was made. */
function withFrameNote(
  result: Description,
  { facts, frames }: AnalyzeInput,
  asked: string,
): Description {
  if (facts.kind !== 'video' || !frames || !looksAtFrames(asked)) return result;
  return { ...result, notes: [...(result.notes ?? []), 'from_frames'] };
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

/** The media that is sent to a model: the preview or frames, always inside the request, or a video. */
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
    prompt_version: analysisVersion(DESCRIBE, model),
  });
}

function orientationOf(width: number, height: number): Analytics['orientation'] {
  if (width === height) return 'square';
  return width > height ? 'landscape' : 'portrait';
}
