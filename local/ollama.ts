/** Looks whether Ollama runs on this machine with a model that looks at pictures. It starts nothing and changes nothing. */
import { isModelName } from '@media-analysis/functions/analysis/catalog/model-name';
import { z } from 'zod';

/** Where Ollama listens if nobody has told it otherwise: https://docs.ollama.com/api/introduction */
const ADDRESS = 'http://127.0.0.1:11434';
/** All questions together. Who has no Ollama does not wait: the connection is refused at once. */
const TIMEOUT_MS = 1_000;
/** How many models are looked at: somebody may have a hundred. */
const MAX_MODELS = 30;

const tagsSchema = z.object({ models: z.array(z.object({ name: z.string() })) });
const showSchema = z.object({ capabilities: z.array(z.string()).default([]) });

/** @returns the names of the models that look at pictures, as `openai/NAME`; none if there is no Ollama */
export async function findOllama(address = ADDRESS, timeoutMs = TIMEOUT_MS): Promise<string[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  const ask = async (path: string, body?: object) => {
    const response = await fetch(`${address}${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
      redirect: 'error',
      signal,
    });
    return response.json();
  };
  try {
    const { models } = tagsSchema.parse(await ask('/api/tags'));
    const seen = await Promise.all(
      models.slice(0, MAX_MODELS).map(async ({ name }) => {
        const { capabilities } = showSchema.parse(await ask('/api/show', { model: name }));
        return capabilities.includes('vision') ? `openai/${name}` : '';
      }),
    );
    return seen.filter(isModelName);
  } catch {
    // Nothing listens there, or something else does.
    return [];
  }
}

/**
 * @param command What this program was started with, such as `npm start`.
 * @returns undefined without such a model
 */
export function ollamaAdvice(models: string[], command: string): string | undefined {
  const [first] = models;
  if (first === undefined) return undefined;
  const names = models.map((model) => model.slice('openai/'.length)).join(', ');
  return `Ollama runs on this machine and has a model that looks at pictures: ${names}. To let it describe your photos:
  ANALYSIS_MODEL=${first} OPENAI_BASE_URL=${ADDRESS}/v1 CALL_TIMEOUT_S=200 ${command}`;
}
