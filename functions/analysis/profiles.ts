/**
 * What the code must know about each model: one record each. Checked in November 2026 against
 * https://ai.google.dev/gemini-api/docs/pricing, …/docs/deprecations, …/docs/generate-content/thinking and
 * https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/model-versions.
 * "(u)" marks facts that these pages do not say clearly. Unknown facts are null.
 */
import {
  EXAMPLE_GEMINI,
  type Provider,
  providerOf,
  VERTEX_LOCATIONS,
} from '../process/model-name.ts';

/** Genkit's `thinkingConfig`: the least thinking that the model accepts. */
interface Thinking {
  thinkingLevel: 'MINIMAL' | 'LOW';
}

type MediaResolution = 'MEDIA_RESOLUTION_LOW' | 'MEDIA_RESOLUTION_MEDIUM' | 'MEDIA_RESOLUTION_HIGH';

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

interface Price extends Rates {
  /** For prompts of more than 200,000 tokens, if they cost more. */
  long?: Rates;
  /** An announced price from a day (UTC) on. */
  later?: Rates & { from: string };
}

/** How large a video may be, for each way to send it; 0: this way does not exist. */
interface VideoLimits {
  /** Inside the request. */
  maxInlineBytes: number;
  /** Read by the service from an address: a signed URL (Gemini API) or `gs://` (Vertex AI). */
  maxUrlBytes: number;
  /** Sent to the Files API first. */
  maxFileBytes: number;
  /** For a video with sound. */
  maxSeconds: number;
}

export interface ModelProfile {
  provider: Provider;
  /** The model's name without its provider. */
  name: string;
  /** Where Vertex AI serves the model, the best choice first; empty for other providers. */
  locations: readonly string[];
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
  /** Null: not known. A free model has rates of 0. */
  price: Price | null;
  /** First day (`2026-12-01`, UTC) on which the provider may switch the model off; null: no day was announced. */
  retires: string | null;
  /** The provider's replacement for this model. */
  successor: string | null;
}

/** The facts of one Gemini model. All other facts are the same for a whole generation. */
interface Gemini {
  thinking: Thinking | null;
  price: Price | null;
  /** Vertex AI says "or later" for each day. The Gemini API announces a day late, or none. */
  retires?: Partial<Record<Provider, string>>;
  successor?: string;
}

const MINIMAL: Thinking = { thinkingLevel: 'MINIMAL' };
/** 3.7 Flash, 3.8 Flash and the Pro models answer 400 if a request asks for MINIMAL. */
const LOW: Thinking = { thinkingLevel: 'LOW' };

/** Three models have the same price. Until the end of 2026 it is half of the later one. */
const FLASH_PRICE: Price = {
  ...{ input: 0.75, audio: 0.75, cached: 0.075, output: 3.75 },
  later: { from: '2027-01-01', input: 1.5, audio: 1.5, cached: 0.15, output: 7.5 },
};

const GEMINI: Record<string, Gemini> = {
  'gemini-3.8-flash': {
    thinking: LOW,
    price: FLASH_PRICE,
    retires: { vertexai: '2027-09-02' },
  },
  'gemini-3.7-flash': { thinking: LOW, price: FLASH_PRICE },
  'gemini-3.6-flash': { thinking: MINIMAL, price: FLASH_PRICE },
  [EXAMPLE_GEMINI]: {
    thinking: MINIMAL,
    price: { input: 0.3, audio: 0.3, cached: 0.03, output: 2.5 },
    retires: { vertexai: '2027-07-21' },
  },
  'gemini-3.5-flash': {
    thinking: MINIMAL,
    price: { input: 1.5, audio: 1.5, cached: 0.15, output: 9 },
    retires: { vertexai: '2027-05-19' },
    successor: 'gemini-3.6-flash',
  },
  'gemini-3.1-flash-lite': {
    thinking: MINIMAL,
    // (u) Sound costs more than text, but the pages do not say how much.
    price: { input: 0.25, audio: null, cached: 0.025, output: 1.5 },
    retires: { googleai: '2027-05-07', vertexai: '2027-05-07' },
    successor: EXAMPLE_GEMINI,
  },
  'gemini-3.1-pro-preview': {
    thinking: LOW,
    price: {
      ...{ input: 2, audio: 2, cached: 0.2, output: 12 },
      long: { input: 4, audio: 4, cached: 0.4, output: 18 },
    },
  },
  'gemini-3-flash-preview': {
    thinking: MINIMAL,
    price: { input: 0.5, audio: 1, cached: 0.05, output: 3 },
    successor: 'gemini-3.5-flash',
  },
  // Retired models. They are kept so that the log names the model to use instead of one that is still configured.
  // Until the last day the Gemini API answers some of them with their successors, at the successors' prices.
  'gemini-2.5-pro': retired('gemini-3.8-flash'),
  'gemini-2.5-flash': retired(EXAMPLE_GEMINI),
  'gemini-2.5-flash-lite': retired(EXAMPLE_GEMINI),
};

function retired(successor: string): Gemini {
  const retires = { googleai: '2026-12-01', vertexai: '2026-10-20' };
  return { thinking: null, price: null, retires, successor };
}

/** Finds a model by its name, or by the name of a version such as `gemini-3.5-flash-001`. */
function knownGemini(name: string): Gemini | undefined {
  return GEMINI[name] ?? GEMINI[name.replace(/-\d{3}$/, '')];
}

/** For a model without a record: what every Gemini model of its generation accepts. */
function unknownGemini(name: string): Gemini {
  return { thinking: generationOf(name) >= 3 ? LOW : null, price: null };
}

/** The generation of `gemini-3.5-flash` is 3. A name without a number, such as `gemini-flash-latest`, has 0. */
function generationOf(name: string): number {
  return Number(/^gemini-(\d+)/.exec(name)?.[1] ?? 0);
}

/** Larger videos would need too much of the worker's memory: several copies of the request exist, in base64. */
const MAX_INLINE_VIDEO_BYTES = 20 * 2 ** 20;

/** https://ai.google.dev/gemini-api/docs/file-input-methods and …/docs/models. Each model accepts 1,048,576 tokens. */
const VIDEO: Record<'googleai' | 'vertexai', VideoLimits> = {
  googleai: {
    maxInlineBytes: MAX_INLINE_VIDEO_BYTES,
    maxUrlBytes: 100e6,
    maxFileBytes: 2e9,
    maxSeconds: 45 * 60,
  },
  vertexai: {
    maxInlineBytes: MAX_INLINE_VIDEO_BYTES,
    maxUrlBytes: 2e9,
    maxFileBytes: 0,
    maxSeconds: 45 * 60,
  },
};

function geminiProfile(provider: 'googleai' | 'vertexai', name: string): ModelProfile {
  const { thinking, price, retires, successor } = knownGemini(name) ?? unknownGemini(name);
  const isThird = generationOf(name) >= 3;
  return {
    provider,
    name,
    locations: provider === 'vertexai' ? VERTEX_LOCATIONS : [],
    // From generation 3 on a picture of any size takes 1,120 tokens, so the preview is large enough for small print.
    // Older models charge 258 tokens for each tile of 768 pixels.
    previewSide: isThird ? 1_536 : 768,
    // These are the defaults. They are set so that the price of a picture stays the same if the defaults change:
    // 1,120 tokens a picture, 70 a frame (https://ai.google.dev/gemini-api/docs/media-resolution).
    mediaResolution: isThird
      ? { picture: 'MEDIA_RESOLUTION_HIGH', video: 'MEDIA_RESOLUTION_LOW' }
      : null,
    thinking,
    // A description has about 1,000 tokens, and a page of text 4,000. The models could write up to 65,536.
    maxOutputTokens: 16_384,
    // A preview of 768 pixels is at most four tiles for an older model, and a frame is one. The name of an alias does not
    // say the generation, so its numbers are the higher ones.
    inputTokens: isThird ? { picture: 1_120, frame: 70 } : { picture: 1_120, frame: 258 },
    video: VIDEO[provider],
    price,
    retires: retires?.[provider] ?? null,
    successor: successor ?? null,
  };
}

function localProfile(name: string): ModelProfile {
  return {
    provider: 'local',
    name,
    locations: [],
    // `vision` needs this size to read street signs, and it costs nothing. For `facts` only people see the preview.
    previewSide: name === 'vision' ? 1_600 : 768,
    mediaResolution: null,
    thinking: null,
    maxOutputTokens: Number.POSITIVE_INFINITY,
    inputTokens: { picture: 0, frame: 0 },
    // The local models cannot decode a video.
    video: null,
    price: { input: 0, audio: 0, cached: 0, output: 0 },
    retires: null,
    successor: null,
  };
}

/**
 * @param model With its provider: `googleai/…`, `vertexai/…`, `local/vision` or `local/facts`.
 * @returns a profile for every Gemini name, also for a name without a record
 * @throws {Error} for an unknown provider, which the configuration refuses before
 */
export function profileOf(model: string): ModelProfile {
  const provider = providerOf(model);
  const name = model.slice(model.indexOf('/') + 1);
  if (provider === undefined) throw new Error(`There is no provider of "${model}".`);
  return provider === 'local' ? localProfile(name) : geminiProfile(provider, name);
}
