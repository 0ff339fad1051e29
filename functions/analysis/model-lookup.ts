import { nameOf } from './catalog/model-name.ts';
import { providerFor } from './profiles.ts';
import type { ModelConfig } from './providers/provider.ts';

/**
 * Asks the provider.
 * @returns undefined if its answer is neither yes nor no, e.g. for a wrong key or a missing permission
 * @throws {Error} if no answer comes
 */
export function modelExists(
  model: string,
  config: ModelConfig,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  return providerFor(model).exists(nameOf(model), config, signal);
}
