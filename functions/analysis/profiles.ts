/** Finds the provider and the profile of a model. */
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
 * @throws {Error} for an unknown provider, which the configuration has refused already
 */
export function providerFor(model: string): Provider {
  const provider = providerOf(model);
  if (provider === undefined) throw new Error(`There is no provider of "${model}".`);
  return PROVIDERS[provider];
}

/**
 * @param config Has the price of an `openai/` model, which is unknown without it.
 * @returns a profile for every name, even one without a record. With `config.tier` it has the price of that tier.
 * @throws {Error} for an unknown provider, which the configuration has refused already
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

/** (u) Cached tokens keep their price, but do not cost more than others. */
function halved({ input, audio, cached, output }: Rates): Rates {
  return {
    input: input / 2,
    audio: audio === null ? null : audio / 2,
    cached: cached === null ? null : Math.min(cached, input / 2),
    output: output / 2,
  };
}

/** @param config Decides for models of `openai/` and of Vertex AI. */
export function hasTier(model: string, tier: Tier, config: ModelConfig): boolean {
  const { location, openaiBaseUrl, openaiFlex } = config;
  const settings = {
    VERTEX_LOCATION: location,
    OPENAI_BASE_URL: openaiBaseUrl,
    OPENAI_FLEX: openaiFlex,
  };
  return tier === 'flex' && offersFlex(model, settings);
}

/**
 * Our own models describe the facts of any kind.
 * @param hasFrames Frames came with the video.
 */
export function takesKind(model: string, kind: 'image' | 'video', hasFrames = false): boolean {
  if (kind === 'image' || providerFor(model).ours !== undefined) return true;
  return profileOf(model).video !== null || (hasFrames && looksAtFrames(model));
}

/** True if the model gets the frames of a video instead of the video. */
export function looksAtFrames(model: string): boolean {
  const { takesPictures, video } = profileOf(model);
  return takesPictures && video === null;
}
