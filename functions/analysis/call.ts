/** The types of one call to a model. */
import type { Description } from '@media-analysis/shared/analytics';
import type { Genkit, MessageData } from 'genkit';
import type { MediaFacts } from '../inspect/facts.ts';
import type { Said } from './answer-text.ts';
import type { AnalysisDefinition } from './catalog/analyses.ts';
import type { Wanted } from './catalog/answer-schema.ts';
import type { Frame } from './frame.ts';
import type { Models } from './models.ts';
import type { ModelConfig } from './providers/provider.ts';
import type { UsageMeter } from './usage-meter.ts';

/** Plain JSON, because Genkit writes it into its traces. */
export interface FlowInput {
  facts: MediaFacts;
  fileName: string;
  language: string;
  /** Default: `describe`. */
  asked?: Asked;
  /** The frames that came with a video. */
  frames?: readonly Frame[];
}

/** `describe` gives a description. Each other analysis has its own schema. */
export type Output = Description | Record<string, unknown>;

/** The picture or video for a model. */
export interface ModelMedia {
  /** A data URL, or an address for the model's provider: `https:` or `gs:`. */
  url: string;
  contentType: string;
  /** Removes a file that was stored for this model only. Never fails. */
  remove?: () => Promise<void>;
}

export interface CallTiming {
  /** The flow must end before this time, by the clock of `now()`. */
  deadline: number;
  callTimeoutMs: number;
  now: () => number;
  random: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/**
 * Called before each call to a model that costs money.
 * @param highestUsd The most that the call can cost, in US dollars.
 * @returns a function to call once, when the call has ended
 * @throws {CallLimitError} if this media may have no more calls; {ServiceWaitError} if it may have none now
 */
export type Pay = (highestUsd: number) => Promise<EndOfCall>;

/** @param usd The cost of the call, or an upper limit; undefined: the service refused the call, or was not reached. */
type EndOfCall = (usd: number | undefined) => void;

export interface ModelCall {
  ai: Genkit;
  model: string;
  models: Models;
  /** Tells whether a model takes this kind of media. */
  takes: (model: string) => boolean;
  facts: MediaFacts;
  question: Question;
  messagesFor: (wish: Wish) => Promise<MessageData[]>;
  /** Called with the length of the answer so far, in characters. */
  onText: (characters: number) => void;
  meter: UsageMeter;
  callsBefore: number;
  pay: Pay | undefined;
  config: ModelConfig;
  timing: CallTiming;
  signal: AbortSignal;
}

/** The name of an analysis, and its caller's input. Plain JSON. */
export interface Asked {
  name: string;
  input: Record<string, unknown>;
}

export interface Question {
  asked: Asked;
  /** The messages for a model, without the picture or video. */
  render: (language: string, wish: Wish) => Promise<MessageData[]>;
  /** JSON Schema of the answer. */
  schemaFor: (wish: Wish) => Record<string, unknown>;
  /** @throws {InvalidOutputError} */
  read: (said: Said, wish: Wish) => Description | Record<string, unknown>;
  /** Settings of the model that the prompt names. */
  config: NonNullable<AnalysisDefinition['config']>;
}

/** The options of a question. */
export interface Wish extends Wanted {
  /** Asks for a short description, which fits into one answer. */
  brief: boolean;
  /** The fault of the answer before this one, if there was one. */
  fault?: string;
}

/** Genkit's `context`. */
export interface FlowContext {
  timing: CallTiming;
  meter: UsageMeter;
  /** The models that may be asked. */
  models: Models;
  /** Epoch milliseconds of the last time when the media had to wait. */
  waitingSince: number | undefined;
  /** Calls of earlier deliveries of the attempt that may have been paid for. */
  callsBefore: number;
  /** Without it calls are neither counted nor limited. */
  pay?: Pay | undefined;
  /** @throws {AppError} if this model does not accept the media */
  mediaFor: (
    model: string,
    signal: AbortSignal,
  ) => Promise<ModelMedia | readonly ModelMedia[] | null>;
  /** Contains the tier of the calls. */
  config: ModelConfig;
}
