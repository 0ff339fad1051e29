/** Finds the provider of a model, and what is known about the model. */
import { nameOf, type ProviderId, providerOf } from '../process/model-name.ts';
import { gemini } from './providers/gemini.ts';
import { local } from './providers/local.ts';
import { openai } from './providers/openai.ts';
import type { ModelConfig, ModelProfile, Provider } from './providers/provider.ts';
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
 * @returns a profile for every name, also for one without a record
 * @throws {Error} for an unknown provider, which the configuration refuses before
 */
export function profileOf(model: string, config: ModelConfig = {}): ModelProfile {
  return providerFor(model).profile(nameOf(model), config);
}

/** Whether a model can be asked about media of this kind. A model that is our own code describes the facts of any. */
export function takesKind(model: string, kind: 'image' | 'video'): boolean {
  return (
    kind === 'image' || profileOf(model).video !== null || providerFor(model).ours !== undefined
  );
}
