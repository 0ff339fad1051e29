/** Finds a running Ollama with a model that accepts pictures. It starts nothing and changes nothing. */
import { isModelName } from '@media-analysis/functions/analysis/catalog/model-name';
import { z } from 'zod';

/** Ollama's default address: https://docs.ollama.com/api/introduction */
const ADDRESS = 'http://127.0.0.1:11434';
/** For all requests together. Without Ollama nobody waits: the connection is refused at once. */
const TIMEOUT_MS = 1_000;
/** The most models to look at: somebody may have a hundred. */
const MAX_MODELS = 30;

const tagsSchema = z.object({ models: z.array(z.object({ name: z.string() })) });
const showSchema = z.object({ capabilities: z.array(z.string()).default([]) });

/** @returns the names of the models that accept pictures, as `openai/NAME`; none if there is no Ollama */
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
 * @param command the command that started this program, such as `npm start`
 * @returns undefined without such a model
 */
export function ollamaAdvice(models: string[], command: string): string | undefined {
  const [first] = models;
  if (first === undefined) return undefined;
  const names = models.map((model) => model.slice('openai/'.length)).join(', ');
  return `Ollama runs on this machine and has a model that looks at pictures: ${names}. To let it describe your photos:
  ANALYSIS_MODEL=${first} OPENAI_BASE_URL=${ADDRESS}/v1 CALL_TIMEOUT_S=200 ${command}`;
}
