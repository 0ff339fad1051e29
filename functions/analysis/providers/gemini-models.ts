/**
 * The facts about each Gemini model. Checked in November 2026 against
 * https://ai.google.dev/gemini-api/docs/pricing, …/docs/deprecations, …/docs/generate-content/thinking and
 * https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/model-versions.
 * "(u)" marks facts that these pages do not state clearly. Unknown facts are null.
 */
import { EXAMPLE_GEMINI, type ProviderId, VERTEX_LOCATIONS } from '../catalog/model-name.ts';
import {
  type ModelProfile,
  PLAIN_PROFILE,
  type Price,
  type Thinking,
  type VideoLimits,
} from './provider.ts';

/** All other facts are the same for a whole generation. */
interface Gemini {
  thinking: Thinking | null;
  price: Price | null;
  /** Vertex AI says "or later" for each day. The Gemini API announces the day late, or never. */
  retires?: Partial<Record<ProviderId, string>>;
  successor?: string;
}

const MINIMAL: Thinking = { thinkingLevel: 'MINIMAL' };
/** 3.7 Flash, 3.8 Flash and the Pro models answer 400 if a request asks for MINIMAL. */
const LOW: Thinking = { thinkingLevel: 'LOW' };

/** Three models have this price. Until the end of 2026 it is half of the later one. */
const FLASH_PRICE: Price = {
  input: 0.75,
  audio: 0.75,
  cached: 0.075,
  output: 3.75,
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
    // (u) Sound costs more than text, but the pages do not state how much.
    price: { input: 0.25, audio: null, cached: 0.025, output: 1.5 },
    retires: { googleai: '2027-05-07', vertexai: '2027-05-07' },
    successor: EXAMPLE_GEMINI,
  },
  'gemini-3.1-pro-preview': {
    thinking: LOW,
    price: {
      input: 2,
      audio: 2,
      cached: 0.2,
      output: 12,
      long: { input: 4, audio: 4, cached: 0.4, output: 18 },
    },
  },
  'gemini-3-flash-preview': {
    thinking: MINIMAL,
    price: { input: 0.5, audio: 1, cached: 0.05, output: 3 },
    successor: 'gemini-3.5-flash',
  },
  // Retired models are kept so that the log can name the model to use instead. Until the last day the Gemini API answers some of
  // them with their successors, at the successors' prices.
  'gemini-2.5-pro': retired('gemini-3.8-flash'),
  'gemini-2.5-flash': retired(EXAMPLE_GEMINI),
  'gemini-2.5-flash-lite': retired(EXAMPLE_GEMINI),
};

function retired(successor: string): Gemini {
  const retires = { googleai: '2026-12-01', vertexai: '2026-10-20' };
  return { thinking: null, price: null, retires, successor };
}

/** @param name May have a version, as in `gemini-3.5-flash-001`. */
function knownGemini(name: string): Gemini | undefined {
  return GEMINI[name] ?? GEMINI[name.replace(/-\d{3}$/, '')];
}

/** For a model without a record. Every Gemini model of its generation accepts this. */
function unknownGemini(name: string): Gemini {
  return { thinking: generationOf(name) >= 3 ? LOW : null, price: null };
}

/** 3 for `gemini-3.5-flash`, and 0 for a name without a number, such as `gemini-flash-latest`. */
function generationOf(name: string): number {
  return Number(/^gemini-(\d+)/.exec(name)?.[1] ?? 0);
}

/** Larger videos would need too much of the worker's memory, which has several copies of the request in base64. */
const MAX_INLINE_VIDEO_BYTES = 20 * 2 ** 20;
/**
 * In the tier `flex`, Vertex AI refuses a request of more than 20 MB, in base64
 * (https://docs.cloud.google.com/gemini-enterprise-agent-platform/models/flex-paygo). Deployed, no video is inside a request.
 */
const MAX_INLINE_VERTEX_BYTES = 14e6;

/** https://ai.google.dev/gemini-api/docs/file-input-methods and …/docs/models. Each model accepts 1,048,576 tokens. */
const VIDEO: Record<'googleai' | 'vertexai', VideoLimits> = {
  googleai: {
    maxInlineBytes: MAX_INLINE_VIDEO_BYTES,
    maxUrlBytes: 100e6,
    maxFileBytes: 2e9,
    maxSeconds: 45 * 60,
    reads: 'https',
  },
  vertexai: {
    maxInlineBytes: MAX_INLINE_VERTEX_BYTES,
    maxUrlBytes: 2e9,
    maxFileBytes: 0,
    maxSeconds: 45 * 60,
    reads: 'gs',
  },
};

export function geminiProfile(provider: 'googleai' | 'vertexai', name: string): ModelProfile {
  const { thinking, price, retires, successor } = knownGemini(name) ?? unknownGemini(name);
  const isThird = generationOf(name) >= 3;
  return {
    ...PLAIN_PROFILE,
    provider,
    name,
    locations: provider === 'vertexai' ? VERTEX_LOCATIONS : [],
    // From generation 3 on a picture of any size takes 1,120 tokens, so the preview is large enough for small print.
    // Older models charge 258 tokens for each tile of 768 pixels.
    previewSide: isThird ? 1_536 : 768,
    // These are the defaults, set here so that prices stay the same if the defaults change: 1,120 tokens a picture, 70 a frame
    // (https://ai.google.dev/gemini-api/docs/media-resolution).
    mediaResolution: isThird
      ? { picture: 'MEDIA_RESOLUTION_HIGH', video: 'MEDIA_RESOLUTION_LOW' }
      : null,
    thinking,
    // For an older model a preview of 768 pixels has at most four tiles, and a frame has one. The name of an alias does not tell
    // the generation, so it has the higher numbers.
    inputTokens: isThird ? { picture: 1_120, frame: 70 } : { picture: 1_120, frame: 258 },
    video: VIDEO[provider],
    price,
    retires: retires?.[provider] ?? null,
    successor: successor ?? null,
  };
}
