/** The Gemini API: `googleai/NAME`, with a key. */
import { EXAMPLE_GEMINI } from '../catalog/model-name.ts';
import { geminiProfile } from './gemini-models.ts';
import { callConfig } from './google-call.ts';
import { isFreeGoogleError, readGoogleError } from './google-errors.ts';
import { lookUpModel } from './lookup.ts';
import type { Provider } from './provider.ts';

const GEMINI_API = 'https://generativelanguage.googleapis.com';

export const gemini: Provider = {
  id: 'googleai',
  profile: (name) => geminiProfile('googleai', name),
  async plugin({ geminiApiKey, baseUrl }) {
    const { googleAI } = await import('@genkit-ai/googleai');
    return googleAI({
      ...(geminiApiKey && { apiKey: geminiApiKey }),
      ...(baseUrl && { baseUrl: withoutSlash(baseUrl) }),
    });
  },
  callConfig: (profile, wish) => ({
    ...callConfig(profile, wish),
    ...(wish.tier && { serviceTier: wish.tier }),
  }),
  readError: readGoogleError,
  isFreeOfCharge: isFreeGoogleError,
  reader: async () => (await import('./google-reader.ts')).googleReader,
  /** https://ai.google.dev/api/models#method:-models.get: the answer does not tell when a model ends. */
  exists: (name, { baseUrl = GEMINI_API, geminiApiKey = '' }, signal) =>
    lookUpModel(
      `${withoutSlash(baseUrl)}/v1beta/models/${name}`,
      { 'x-goog-api-key': geminiApiKey },
      signal,
    ),
  advice: {
    noAccess: 'Give the worker a key that is valid (GEMINI_API_KEY); the error says why it is not.',
    unpaid:
      'Raise the spend cap or fill up the balance, or enable billing: https://ai.studio/projects.',
    example: `googleai/${EXAMPLE_GEMINI}`,
  },
};

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
