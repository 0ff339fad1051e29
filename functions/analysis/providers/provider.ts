/** The interface of a provider of models, and the profile of a model. */
import type { Tier } from '@media-analysis/shared/analytics';
import type { Genkit, GenkitOptions } from 'genkit';
import type { AnswerReader } from '../answer-reader.ts';
import type { ProviderId } from '../catalog/model-name.ts';
import type { Classified } from '../classified.ts';

export interface ModelConfig {
  geminiApiKey?: string | undefined;
  /** Another address of the Gemini API, for a proxy or a test. */
  baseUrl?: string | undefined;
  /** For `vertexai/…`: the Google Cloud project, and `global`, `us` or `eu`. */
  project?: string | undefined;
  location?: string | undefined;
  /** For `openai/…`: the address before `/chat/completions`. */
  openaiBaseUrl?: string | undefined;
  openaiApiKey?: string | undefined;
  /** US dollars per million tokens. */
  openaiPrice?: { input: number; output: number } | undefined;
  /** Default: only for OpenAI itself. */
  openaiFlex?: boolean | undefined;
  /** The tier of one call. Default: the ordinary one. */
  tier?: Tier | undefined;
}

/** US dollars per million tokens, standard paid tier. */
export interface Rates {
  /** Text, pictures and the frames of a video. */
  input: number;
  /** Sound; null: not known. */
  audio: number | null;
  /** Tokens from the service's cache; null: not known. */
  cached: number | null;
  /** The answer. Thinking is billed as output too. */
  output: number;
}

export interface Price extends Rates {
  /** For prompts of more than 200,000 tokens, if they cost more. */
  long?: Rates;
  /** A price that was announced from a day (UTC) on. */
  later?: Rates & { from: string };
}

/** Calls that cost nothing are neither counted nor limited. */
export const FREE: Price = { input: 0, audio: 0, cached: 0, output: 0 };

/** Genkit's `thinkingConfig`: the least thinking that the model accepts. */
export interface Thinking {
  thinkingLevel: 'MINIMAL' | 'LOW';
}

type MediaResolution = 'MEDIA_RESOLUTION_LOW' | 'MEDIA_RESOLUTION_MEDIUM' | 'MEDIA_RESOLUTION_HIGH';

/** The largest video for each way to send it. 0: this way does not exist. */
export interface VideoLimits {
  /** Inside the request. */
  maxInlineBytes: number;
  /** Read by the service from an address: a signed URL (Gemini API) or `gs://` (Vertex AI). */
  maxUrlBytes: number;
  /** Sent to the Files API first. */
  maxFileBytes: number;
  /** For a video with sound. */
  maxSeconds: number;
  /** The kind of address by which the service reads a copy: in Cloud Storage, or one that works for anyone. */
  reads: 'gs' | 'https';
}

export interface ModelProfile {
  provider: ProviderId;
  /** The model's name without its provider. */
  name: string;
  /** Locations of Vertex AI with the model, the best first; empty for other providers. */
  locations: readonly string[];
  /** False: the model uses only the facts. */
  takesPictures: boolean;
  /** The best preview for this model, in pixels a side. */
  previewSide: number;
  /** Null: the model's default. */
  mediaResolution: { picture: MediaResolution; video: MediaResolution } | null;
  /** Null: the model does not think, or we cannot ask for less. */
  thinking: Thinking | null;
  /** Includes the tokens of thinking. */
  maxOutputTokens: number;
  /** The most tokens in the request for a picture, and for one second of a video's frames. */
  inputTokens: { picture: number; frame: number };
  /** Null: the model accepts no video. */
  video: VideoLimits | null;
  /** Null: not known. */
  price: Price | null;
  /** First day (`2026-12-01`, UTC) on which the provider may switch the model off; null: no day was announced. */
  retires: string | null;
  successor: string | null;
}

/** The common values of profiles: a model without a record, which takes a picture and is not free. */
export const PLAIN_PROFILE: Omit<ModelProfile, 'provider' | 'name'> = {
  locations: [],
  takesPictures: true,
  previewSide: 1_536,
  mediaResolution: null,
  thinking: null,
  // A description has about 1,000 tokens, and a page of text 4,000. Most models could write far more.
  maxOutputTokens: 16_384,
  inputTokens: { picture: 1_120, frame: 258 },
  video: null,
  price: null,
  retires: null,
  successor: null,
};

type Plugin = NonNullable<GenkitOptions['plugins']>[number];

/** Advice for the operator. */
interface Advice {
  /** The provider refuses the key or the account. */
  noAccess: string;
  unpaid: string;
  /** A model to use instead, if the profile has no successor. */
  example: string;
}

/**
 * Each cold start of the worker reads the file of a provider, so it must be small: `plugin` or `define` imports what a call
 * needs.
 */
export interface Provider {
  readonly id: ProviderId;
  profile(name: string, config: ModelConfig): ModelProfile;
  /** Genkit's plugin, if it has one for this provider. */
  plugin?(config: ModelConfig): Promise<Plugin>;
  /** Defines our own models in Genkit. @param names without the provider */
  define?(ai: Genkit, names: readonly string[], config: ModelConfig): Promise<void>;
  /** Genkit's `config` of a call. */
  callConfig(
    profile: ModelProfile,
    wish: { video: boolean; tier?: Tier | undefined },
  ): Record<string, unknown>;
  /** @param now Epoch milliseconds. */
  readError(error: unknown, now: number): Classified;
  /** The failed call costs nothing. False also if that is not known. */
  isFreeOfCharge(error: unknown): boolean;
  /** Not needed if Genkit's response has everything about an answer. */
  reader?: () => Promise<AnswerReader>;
  /**
   * Asks whether the provider has the model. This is free, because no model runs.
   * @returns undefined if the answer is neither yes nor no, e.g. for a wrong key
   * @throws {Error} if no answer comes
   */
  exists(name: string, config: ModelConfig, signal: AbortSignal): Promise<boolean | undefined>;
  readonly advice: Advice;
  /** Only for our own models, which get the measured facts instead of a prompt. */
  readonly ours?: {
    /** @returns the language of the answer, which is the requested one if it is known */
    language(wanted: string): string;
  };
}

export function isFree({ price }: ModelProfile): boolean {
  return price?.input === 0 && price.output === 0;
}
