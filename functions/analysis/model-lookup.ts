/** Asks a model's provider whether the model exists. This is free, because no model runs. */
import { googleAuth } from '../process/clients.ts';
import { untilAborted } from '../process/time-limit.ts';
import type { ModelConfig } from './genkit.ts';
import { profileOf } from './profiles.ts';

const GEMINI_API = 'https://generativelanguage.googleapis.com';

interface Question {
  url: string;
  headers: Record<string, string>;
}

/**
 * @returns undefined if the provider's answer is neither yes nor no, e.g. for a wrong key or a missing permission
 * @throws {Error} if no answer comes
 */
export async function modelExists(
  model: string,
  config: ModelConfig,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const { provider, name } = profileOf(model);
  if (provider === 'local') return true;
  // Google's client accepts no signal when it fetches a token.
  const request = await untilAborted(
    provider === 'googleai' ? ofGemini(name, config) : ofVertex(name, config),
    signal,
  );
  const { status, body } = await fetch(request.url, { headers: request.headers, signal });
  await body?.cancel();
  if (status === 200) return true;
  return status === 404 ? false : undefined;
}

/** https://ai.google.dev/api/models#method:-models.get: the answer does not say when a model ends. */
async function ofGemini(
  name: string,
  { baseUrl, geminiApiKey = '' }: ModelConfig,
): Promise<Question> {
  const base = (baseUrl ?? GEMINI_API).replace(/\/+$/, '');
  return { url: `${base}/v1beta/models/${name}`, headers: { 'x-goog-api-key': geminiApiKey } };
}

/**
 * https://docs.cloud.google.com/vertex-ai/docs/reference/rest/v1beta1/publishers.models/get, in the location that
 * will be used, because not all locations have all models. The answer does not say when a model ends.
 */
async function ofVertex(name: string, { location = 'global' }: ModelConfig): Promise<Question> {
  const token = await (await googleAuth()).getAccessToken();
  const host =
    location === 'global'
      ? 'aiplatform.googleapis.com'
      : `aiplatform.${location}.rep.googleapis.com`;
  return {
    url: `https://${host}/v1beta1/publishers/google/models/${name}`,
    headers: { authorization: `Bearer ${token}` },
  };
}
