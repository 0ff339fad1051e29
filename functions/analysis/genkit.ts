/** Loads Genkit when the first media is analysed. */
import type { Genkit } from 'genkit';
import { nameOf } from './catalog/model-name.ts';
import { startGenkit } from './catalog/start-genkit.ts';
import { providerFor } from './profiles.ts';
import type { ModelConfig } from './providers/provider.ts';

/** @param promptDir Folder of prompts. Only Genkit's developer UI uses it. */
export async function loadGenkit(
  models: readonly string[],
  config: ModelConfig,
  promptDir?: string,
): Promise<Genkit> {
  const providers = [...new Set(models.map(providerFor))];
  const plugins = await Promise.all(providers.map((each) => each.plugin?.(config)));
  const ai = await startGenkit({
    plugins: plugins.filter((plugin) => plugin !== undefined),
    ...(promptDir !== undefined && { promptDir }),
  });
  for (const provider of providers) {
    const names = models.filter((model) => providerFor(model) === provider).map(nameOf);
    await provider.define?.(ai, names, config);
  }
  return ai;
}
