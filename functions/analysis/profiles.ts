/** Finds the provider of a model, and what is known about the model. */
import type { Tier } from '@media-analysis/shared/analytics';
import { nameOf, offersFlex, type ProviderId, providerOf } from './catalog/model-name.ts';
import { gemini } from './providers/gemini.ts';
import { local } from './providers/local.ts';
import { openai } from './providers/openai.ts';
import type { ModelConfig, ModelProfile, Price, Provider, Rates } from './providers/provider.ts';
import { vertex } from './providers/vertex.ts';

const PROVIDERS: Record<ProviderId, Provider> = {
  googleai: gemini,
  vertexai: vertex,
  local,
  openai,
};

/**
 * @param model With its provider: `googleai/…`, `vertexai/…`, `openai/…`, `local/vision` or `local/facts`.
 * @throws {Error} for an unknown provider, which the configuration refuses before
 */
export function providerFor(model: string): Provider {
  const provider = providerOf(model);
  if (provider === undefined) throw new Error(`There is no provider of "${model}".`);
  return PROVIDERS[provider];
}

/**
 * @param config Decides what an `openai/` model costs. Without it that is not known.
 * @returns a profile for every name, also for one without a record. With `config.tier` its price is that of the tier.
 * @throws {Error} for an unknown provider, which the configuration refuses before
 */
export function profileOf(model: string, config: ModelConfig = {}): ModelProfile {
  const profile = providerFor(model).profile(nameOf(model), config);
  if (config.tier === undefined || !hasTier(model, config.tier, config)) return profile;
  return { ...profile, price: profile.price && flexPriceOf(profile.price) };
}

function flexPriceOf({ long, later, ...rates }: Price): Price {
  return {
    ...halved(rates),
    ...(long && { long: halved(long) }),
    ...(later && { later: { ...halved(later), from: later.from } }),
  };
}

/** (u) Cached tokens are as cheap as otherwise, but no dearer than others. */
function halved({ input, audio, cached, output }: Rates): Rates {
  return {
    input: input / 2,
    audio: audio === null ? null : audio / 2,
    cached: cached === null ? null : Math.min(cached, input / 2),
    output: output / 2,
  };
}

/** @param config Decides whether an `openai/` model has it, and one of Vertex AI. */
export function hasTier(model: string, tier: Tier, config: ModelConfig): boolean {
  const { location, openaiBaseUrl, openaiFlex } = config;
  const openai = { OPENAI_BASE_URL: openaiBaseUrl, OPENAI_FLEX: openaiFlex };
  return tier === 'flex' && offersFlex(model, { VERTEX_LOCATION: location, ...openai });
}

/**
 * Whether a model can be asked about media of this kind. A model that is our own code describes the facts of any.
 * @param hasFrames Whether the sender of a video has sent frames of it.
 */
export function takesKind(model: string, kind: 'image' | 'video', hasFrames = false): boolean {
  if (kind === 'image' || providerFor(model).ours !== undefined) return true;
  return profileOf(model).video !== null || (hasFrames && looksAtFrames(model));
}

/** Whether a model gets the frames of a video in place of the video. */
export function looksAtFrames(model: string): boolean {
  const { takesPictures, video } = profileOf(model);
  return takesPictures && video === null;
}
