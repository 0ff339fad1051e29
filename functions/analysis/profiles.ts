/**
 * What has to be known of a model before it is asked: one record each. Checked in November 2026 against
 * https://ai.google.dev/gemini-api/docs/pricing, …/docs/deprecations, …/docs/generate-content/thinking and
 * https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/model-versions.
 * "(u)" marks what those pages do not say in so many words; what is unknown is null.
 */

/** The model that examples, tests and documents name. Nowhere else in the code is it written out. */
export const EXAMPLE_GEMINI = 'gemini-3.5-flash-lite';

const PROVIDERS = ['googleai', 'vertexai', 'local'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** How a request asks for as little thinking as the model accepts: Genkit's `thinkingConfig`. */
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
  /** What the service had in its cache; null: not known. */
  cached: number | null;
  /** Thinking included: it is billed as output. */
  output: number;
}

export interface Price extends Rates {
  /** For prompts of more than 200,000 tokens, where they cost more. */
  long?: Rates;
  /** What it costs from a day (UTC) on that was announced. */
  later?: Rates & { from: string };
}

/** How large a video may be, by the way in which it travels; 0: this way does not exist. */
export interface VideoLimits {
  /** Inside the request. */
  maxInlineBytes: number;
  /** Read by the service from an address: a signed URL (Gemini API) or `gs://` (Vertex AI). */
  maxUrlBytes: number;
  /** Sent to the Files API first. */
  maxFileBytes: number;
  /** With sound. */
  maxSeconds: number;
}

export interface ModelProfile {
  provider: Provider;
  /** Without its provider. */
  name: string;
  /** Where Vertex AI serves it, the best choice first; empty for other providers. */
  locations: readonly string[];
  /** How large a preview it makes use of, in pixels a side. */
  previewSide: number;
  /** How finely it looks, by what it looks at; null: whatever the model does by itself. */
  mediaResolution: { picture: MediaResolution; video: MediaResolution } | null;
  /** Null: it has none to be asked for, or it is not known how. */
  thinking: Thinking | null;
  /** Thinking counts into it. */
  maxOutputTokens: number;
  /** Null: it takes no video. */
  video: VideoLimits | null;
  /** Null: not known, which is not the same as nothing. */
  price: Price | null;
  /** First day (`2026-12-01`, UTC) on which the provider may switch it off; null: none was named. */
  retires: string | null;
  /** The model that its provider names in its place. */
  successor: string | null;
}

/** What the table holds of a Gemini model; the rest is the same for all of a generation. */
interface Gemini {
  thinking: Thinking | null;
  price: Price | null;
  /** Vertex AI says "or later" of each of its days; the Gemini API names a day late, or none. */
  retires?: Partial<Record<Provider, string>>;
  successor?: string;
}

const MINIMAL: Thinking = { thinkingLevel: 'MINIMAL' };
/** What asks 3.7 and 3.8 Flash and the Pro models for MINIMAL is answered 400. */
const LOW: Thinking = { thinkingLevel: 'LOW' };

/** Three models have the same price, half of it until the end of 2026. */
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
    // (u) Its sound costs more than its text: how much, no page that was read said.
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
  // Retired. Kept for one reason: whoever still names one is told so at start, and what to name instead.
  // Until the last day the Gemini API answers some of them by their successors, at their prices.
  'gemini-2.5-pro': retired('gemini-3.8-flash'),
  'gemini-2.5-flash': retired(EXAMPLE_GEMINI),
  'gemini-2.5-flash-lite': retired(EXAMPLE_GEMINI),
};

function retired(successor: string): Gemini {
  const retires = { googleai: '2026-12-01', vertexai: '2026-10-20' };
  return { thinking: null, price: null, retires, successor };
}

/** By its name, or by that of a version of it, as `gemini-3.5-flash-001`. */
function knownGemini(name: string): Gemini | undefined {
  return GEMINI[name] ?? GEMINI[name.replace(/-\d{3}$/, '')];
}

/** Of a model that nobody has told us of: what every Gemini of its generation accepts. */
function unknownGemini(name: string): Gemini {
  return { thinking: generationOf(name) >= 3 ? LOW : null, price: null };
}

/** `gemini-3.5-flash` is of generation 3; a name without a number, as `gemini-flash-latest`, of none. */
function generationOf(name: string): number {
  return Number(/^gemini-(\d+)/.exec(name)?.[1] ?? 0);
}

/**
 * Google's words for "everywhere", and for the two within which data can be kept. (u) Not each model is in each; no
 * region serves models of generation 3.
 */
export const VERTEX_LOCATIONS = ['global', 'us', 'eu'] as const;

/** As many as several copies of a request with base64 may take of the worker's memory. */
const MAX_INLINE_VIDEO_BYTES = 20 * 2 ** 20;

/** https://ai.google.dev/gemini-api/docs/file-input-methods and …/docs/models; each of them 1,048,576 tokens. */
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
    // From generation 3 on a picture takes 1,120 tokens whatever its size, so it may as well be large enough
    // for small print. Before, each tile of 768 pixels was paid for: 258 tokens.
    previewSide: isThird ? 1_536 : 768,
    // Said, though it is their default, so that the price of a picture does not change by itself: 1,120 tokens
    // a picture, 70 a frame (https://ai.google.dev/gemini-api/docs/media-resolution).
    mediaResolution: isThird
      ? { picture: 'MEDIA_RESOLUTION_HIGH', video: 'MEDIA_RESOLUTION_LOW' }
      : null,
    thinking,
    // A description has about 1,000 tokens, and a page of text 4,000; the models would write up to 65,536.
    maxOutputTokens: 16_384,
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
    // Signs on a street need that much to be read, and it costs nothing here; `facts` looks at none, but people do.
    previewSide: name === 'vision' ? 1_600 : 768,
    mediaResolution: null,
    thinking: null,
    maxOutputTokens: Number.POSITIVE_INFINITY,
    // It has no decoder for their frames.
    video: null,
    price: { input: 0, audio: 0, cached: 0, output: 0 },
    retires: null,
    successor: null,
  };
}

/**
 * @param model With its provider: `googleai/…`, `vertexai/…`, `local/vision` or `local/facts`.
 * @returns a profile for every Gemini name, also for one that is not in the table.
 * @throws {Error} for a provider that there is not: the configuration lets none through.
 */
export function profileOf(model: string): ModelProfile {
  const provider = providerOf(model);
  const name = model.slice(model.indexOf('/') + 1);
  if (provider === undefined) throw new Error(`There is no provider of "${model}".`);
  return provider === 'local' ? localProfile(name) : geminiProfile(provider, name);
}

/** Undefined: nobody whom we know. */
export function providerOf(model: string): Provider | undefined {
  const provider = model.split('/', 1)[0];
  return PROVIDERS.find((known) => known === provider);
}
