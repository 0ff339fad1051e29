import { readErrorBody } from './openai-errors.ts';

/**
 * https://developers.openai.com/api/reference/resources/models/methods/retrieve. vLLM and llama.cpp do not have this address:
 * they answer 404 without a word about a model, which does not count.
 */
export async function chatModelExists(
  name: string,
  address: string,
  apiKey: string | undefined,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const response = await fetch(`${address}/models/${encodeURI(name)}`, {
    headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    redirect: 'manual',
    signal,
  });
  const { isJson, text } = await readErrorBody(response);
  if (response.status === 200) return isJson || undefined;
  return response.status === 404 && isJson && /\bmodels?\b/i.test(text) ? false : undefined;
}
