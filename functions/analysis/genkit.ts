/** Loads Genkit with the models of each provider, when the first media is analysed. */
import type { Genkit } from 'genkit';
import { nameOf } from '../process/model-name.ts';
import { providerFor } from './profiles.ts';
import type { ModelConfig } from './providers/provider.ts';

/**
 * Importing Genkit takes over half a second, so a cold start must not do it.
 * @param promptDir Folder of prompts that Genkit knows by name. Only its developer UI uses it.
 */
export async function loadGenkit(
  models: readonly string[],
  config: ModelConfig,
  promptDir?: string,
): Promise<Genkit> {
  const [{ genkit, setGenkitRuntimeConfig }, { logger }, tracing] = await Promise.all([
    import('genkit'),
    import('genkit/logging'),
    import('genkit/tracing'),
  ]);
  // Spans go to whichever OpenTelemetry the process has set up, not to an exporter of Genkit's own.
  tracing.disableGenkitOTelInitialization();
  // A flow is part of its delivery's trace. It must not start a trace of its own.
  tracing.disableOTelRootSpanDetection();
  // The plugin prints every failed call; here the caller logs what became of it, once.
  logger.init({ level: 'error', debug() {}, info() {}, warn() {}, error() {} });
  // By default Genkit compiles the schema at each call, which takes 5 ms, and keeps the result: 100 KB each time.
  setGenkitRuntimeConfig({ jsonSchemaMode: 'interpret' });
  const providers = [...new Set(models.map(providerFor))];
  const plugins = await Promise.all(providers.map((each) => each.plugin?.(config)));
  const ai = genkit({
    plugins: plugins.filter((plugin) => plugin !== undefined),
    ...(promptDir !== undefined && { promptDir }),
  });
  for (const provider of providers) {
    const names = models.filter((model) => providerFor(model) === provider).map(nameOf);
    await provider.define?.(ai, names, config);
  }
  return ai;
}
