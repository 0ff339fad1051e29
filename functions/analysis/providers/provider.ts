/** What the flow must know about each provider of models, and about each model. */
import type { Tier } from '@media-analysis/shared/analytics';
import type { Genkit, GenkitOptions } from 'genkit';
import type { AnswerReader } from '../answered.ts';
import type { ProviderId } from '../catalog/model-name.ts';
import type { Classified } from '../classified.ts';

/** The settings of all providers. */
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
  /** Absent: only OpenAI itself has it. */
  openaiFlex?: boolean | undefined;
  /** Of one call; absent: the ordinary one. */
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
  /** An announced price from a day (UTC) on. */
  later?: Rates & { from: string };
}

/** A model whose calls cost nothing: they are neither counted nor limited. */
export const FREE: Price = { input: 0, audio: 0, cached: 0, output: 0 };

/** Genkit's `thinkingConfig`: the least thinking that the model accepts. */
export interface Thinking {
  thinkingLevel: 'MINIMAL' | 'LOW';
}

type MediaResolution = 'MEDIA_RESOLUTION_LOW' | 'MEDIA_RESOLUTION_MEDIUM' | 'MEDIA_RESOLUTION_HIGH';

/** How large a video may be, for each way to send it; 0: this way does not exist. */
export interface VideoLimits {
  /** Inside the request. */
  maxInlineBytes: number;
  /** Read by the service from an address: a signed URL (Gemini API) or `gs://` (Vertex AI). */
  maxUrlBytes: number;
  /** Sent to the Files API first. */
  maxFileBytes: number;
  /** For a video with sound. */
  maxSeconds: number;
  /** How the service is told of a copy: by an address in Cloud Storage, or by one that works for anyone. */
  reads: 'gs' | 'https';
}

export interface ModelProfile {
  provider: ProviderId;
  /** The model's name without its provider. */
  name: string;
  /** Where Vertex AI serves the model, the best choice first; empty for other providers. */
  locations: readonly string[];
  /** False: the model uses only the facts. */
  takesPictures: boolean;
  /** The best size of a preview for this model, in pixels a side. */
  previewSide: number;
  /** The resolution for each kind of media; null: the model's default. */
  mediaResolution: { picture: MediaResolution; video: MediaResolution } | null;
  /** Null: the model does not think, or we do not know how to ask for less. */
  thinking: Thinking | null;
  /** Includes the tokens of thinking. */
  maxOutputTokens: number;
  /** The most tokens that a picture, and a second of a video's frames, take in the request. */
  inputTokens: { picture: number; frame: number };
  /** Null: the model accepts no video. */
  video: VideoLimits | null;
  /** Null: not known. */
  price: Price | null;
  /** First day (`2026-12-01`, UTC) on which the provider may switch the model off; null: no day was announced. */
  retires: string | null;
  /** The provider's replacement for this model. */
  successor: string | null;
}

/** What most profiles have: a model without a record, which takes a picture and is not free. */
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

/** Words for the operator, by what is wrong. */
interface Advice {
  /** The provider refuses the key or the account. */
  noAccess: string;
  unpaid: string;
  /** Models to use instead, if the record names no successor. */
  example: string;
}

/**
 * One provider of models. Its file must be light, because each cold start of the worker reads it: what it needs for a call
 * is imported by `plugin` or `define`.
 */
export interface Provider {
  readonly id: ProviderId;
  profile(name: string, config: ModelConfig): ModelProfile;
  /** Genkit's plugin, if it has one for this provider. */
  plugin?(config: ModelConfig): Promise<Plugin>;
  /** Defines the models in Genkit, if they are ours. @param names without the provider */
  define?(ai: Genkit, names: readonly string[], config: ModelConfig): Promise<void>;
  /** Genkit's `config` of a call. */
  callConfig(
    profile: ModelProfile,
    wish: { video: boolean; tier?: Tier | undefined },
  ): Record<string, unknown>;
  /** Which error it is, and whether another call can succeed. @param now Epoch milliseconds. */
  readError(error: unknown, now: number): Classified;
  /** Whether a failed call costs nothing. False also if we do not know. */
  isFreeOfCharge(error: unknown): boolean;
  /** Absent: Genkit's response has all that is to be known of an answer. */
  reader?: () => Promise<AnswerReader>;
  /**
   * Whether the provider has the model. This is free, because no model runs.
   * @returns undefined if the answer is neither yes nor no, e.g. for a wrong key
   * @throws {Error} if no answer comes
   */
  exists(name: string, config: ModelConfig, signal: AbortSignal): Promise<boolean | undefined>;
  readonly advice: Advice;
  /** Only of models that are our own code: they get the measured facts in place of a prompt. */
  readonly ours?: {
    /** The language of the answer: the requested one if it is known. */
    language(wanted: string): string;
  };
}

/** Whether calls to this model cost nothing. */
export function isFree({ price }: ModelProfile): boolean {
  return price?.input === 0 && price.output === 0;
}
