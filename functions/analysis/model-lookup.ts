/** Asks a model's provider whether the model exists. */
import { nameOf } from './catalog/model-name.ts';
import { providerFor } from './profiles.ts';
import type { ModelConfig } from './providers/provider.ts';

/**
 * @returns undefined if the provider's answer is neither yes nor no, e.g. for a wrong key or a missing permission
 * @throws {Error} if no answer comes
 */
export function modelExists(
  model: string,
  config: ModelConfig,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  return providerFor(model).exists(nameOf(model), config, signal);
}
