/** The input and the output of an analyzer. */
import type { Analytics, Tier, Usage } from '@media-analysis/shared/analytics';
import type { AnalysisResult } from '@media-analysis/shared/media';
import type { MediaFacts } from '../inspect/facts.ts';
import type { Asked, Pay } from './call.ts';
import type { AnalysisFlow } from './flow.ts';
import type { Frame } from './frame.ts';
import type { ModelListener } from './models.ts';
import type { ModelConfig } from './providers/provider.ts';
import type { VideoSource } from './video.ts';

export interface AnalyzerConfig extends ModelConfig, ModelListener {
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
export interface Subject {
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
  /**
   * Makes an analysis of the same content into one of this media; undefined if it is not current.
   * @param earlierName The name of the file that was analysed.
   */
  reuse(subject: Subject, earlier: Analytics, earlierName?: string): Analysis | undefined;
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
