/** The settings of all providers, from the environment. */
import type { ModelConfig } from './providers/provider.ts';
import type { ProviderSettings } from './settings.ts';

export function modelConfigOf(config: ProviderSettings): ModelConfig {
  return {
    geminiApiKey: config.GEMINI_API_KEY,
    baseUrl: config.GEMINI_BASE_URL,
    project: config.GOOGLE_CLOUD_PROJECT,
    location: config.VERTEX_LOCATION,
    openaiBaseUrl: config.OPENAI_BASE_URL,
    openaiApiKey: config.OPENAI_API_KEY,
    openaiPrice: config.OPENAI_PRICE,
    openaiFlex: config.OPENAI_FLEX,
  };
}
