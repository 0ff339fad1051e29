/**
 * `openai/NAME`: any server with OpenAI's `/chat/completions`, such as OpenAI, OpenRouter, Mistral, Ollama, LM Studio, vLLM and
 * llama.cpp. We have our own Genkit model for it, because Genkit's plugins cannot tell an outage from a refusal.
 */

import { isLoopbackAddress } from '../../outbound/private-address.ts';
import { OPENAI_URL } from '../catalog/model-name.ts';
import { INTERNAL } from '../classified.ts';
import { ServiceError } from '../errors.ts';
import { FREE, type ModelConfig, PLAIN_PROFILE, type Price, type Provider } from './provider.ts';

export const openai: Provider = {
  id: 'openai',
  profile: (name, config) => ({
    ...PLAIN_PROFILE,
    provider: 'openai',
    name,
    // Servers count a picture in different ways. This is the highest known number: four tiles of gpt-4o-mini,
    // https://developers.openai.com/api/docs/guides/images-vision
    inputTokens: { picture: 26_000, frame: 0 },
    price: priceOf(config),
  }),
  async define(ai, names, config) {
    const { defineChatModel } = await import('./openai-model.ts');
    for (const name of names) defineChatModel(ai, name, addressOf(config), config.openaiApiKey);
  },
  callConfig: ({ maxOutputTokens }, { tier }) => ({
    maxOutputTokens,
    ...(tier && { serviceTier: tier }),
  }),
  readError: (error) => (error instanceof ServiceError ? error.classified : INTERNAL),
  isFreeOfCharge: (error) => error instanceof ServiceError && error.isFree,
  async exists(name, config, signal) {
    const { chatModelExists } = await import('./openai-lookup.ts');
    return chatModelExists(name, addressOf(config), config.openaiApiKey, signal);
  },
  advice: {
    noAccess: 'Give the worker a key that this server accepts (OPENAI_API_KEY).',
    unpaid: 'Fill up the balance or raise the limit at the provider.',
    example: 'one of those that the server lists (OPENAI_BASE_URL, then /models)',
  },
};

function addressOf({ openaiBaseUrl = OPENAI_URL }: ModelConfig): string {
  return openaiBaseUrl.replace(/\/+$/, '');
}

function priceOf(config: ModelConfig): Price | null {
  const { openaiPrice: price } = config;
  // The price of cached tokens is unknown, and never higher than that of others.
  if (price) return { ...price, audio: price.input, cached: price.input };
  return isLoopbackAddress(addressOf(config)) ? FREE : null;
}
