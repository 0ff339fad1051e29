/** Loads Genkit with the plugin of each model, when the first media is analysed. */
import type { Genkit } from 'genkit';
import { type Provider, providerOf } from '../process/model-name.ts';
import { defineLocalModels, isLocal } from './local/models.ts';

export interface ModelConfig {
  geminiApiKey?: string | undefined;
  /** Another address of the Gemini API, for a proxy or a test. */
  baseUrl?: string | undefined;
  /** For `vertexai/…`: the Google Cloud project, and `global`, `us` or `eu`. */
  project?: string | undefined;
  location?: string | undefined;
}

/**
 * Importing Genkit takes over half a second, so a cold start must not do it.
 * @param promptDir Folder of prompts that Genkit knows by name. Only its developer UI uses it.
 */
export async function loadGenkit(
  models: string[],
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
  const ai = genkit({
    plugins: await pluginsFor(models, config),
    ...(promptDir !== undefined && { promptDir }),
  });
  if (models.some(isLocal)) defineLocalModels(ai);
  return ai;
}

async function pluginsFor(models: string[], config: ModelConfig) {
  if (models.every(isLocal)) return [];
  const { googleAI, vertexAI } = await import('@genkit-ai/googleai');
  const { geminiApiKey, baseUrl, project, location } = config;
  const by = (provider: Provider) => models.some((model) => providerOf(model) === provider);
  return [
    ...(by('vertexai')
      ? [vertexAI({ ...(project && { projectId: project }), ...(location && { location }) })]
      : []),
    ...(by('googleai')
      ? [
          googleAI({
            ...(geminiApiKey && { apiKey: geminiApiKey }),
            ...(baseUrl && { baseUrl: baseUrl.replace(/\/+$/, '') }),
          }),
        ]
      : []),
  ];
}
