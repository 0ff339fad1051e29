/** A file of `analyses/` may name its own model. A model that no provider offers is found before anything runs. */
import { isOffered } from '@media-analysis/functions/analysis/catalog/analyses';
import { namingOf, OPENAI_URL } from '@media-analysis/functions/analysis/catalog/model-name';
import { AnalysesError, type PromptFile } from './analyses-digest.ts';

/** A machine without a network must still start. */
const ANSWER_MS = 5_000;

/**
 * Asks the providers of the models, which is free. If one gives no answer, or refuses the key, no model is refused.
 * @param files without mistakes
 * @throws {AnalysesError}
 */
export async function refuseMissingModels(
  files: readonly PromptFile[],
  env = process.env,
): Promise<void> {
  const mistakes = await Promise.all(
    files.map(async ({ file, text }) => {
      const lines = text.split('\n');
      const at = lines.slice(0, lines.indexOf('---', 1)).findIndex((line) => MODEL.test(line));
      const model = MODEL.exec(lines[at] ?? '')?.[1];
      if (model === undefined) return [];
      const why = await whyNot(file.slice(0, -'.prompt'.length), model, env);
      if (why === undefined) return [];
      return `analyses/${file}:${at + 1}: model: "${model}" ${why} Write another name, or leave "model" out, so that ANALYSIS_MODEL is asked.`;
    }),
  );
  if (mistakes.flat().length > 0) throw new AnalysesError(mistakes.flat().join('\n'));
}

/** For example `model: googleai/gemini-3.5-flash-lite # why`. */
const MODEL = /^model:\s*["']?([^\s"'#]+)/;

async function whyNot(
  name: string,
  model: string,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  if (!isOffered({ name, model }, model)) return 'cannot follow a prompt.';
  const { needsGoogleCloud = false } = namingOf(model) ?? {};
  // Units on this machine have no account for asking.
  if (needsGoogleCloud) return undefined;
  const { modelExists } = await import('../functions/analysis/model-lookup.ts');
  const settings = {
    geminiApiKey: env.GEMINI_API_KEY,
    baseUrl: env.GEMINI_BASE_URL,
    openaiApiKey: env.OPENAI_API_KEY,
    openaiBaseUrl: env.OPENAI_BASE_URL ?? OPENAI_URL,
  };
  const answer = modelExists(model, settings, AbortSignal.timeout(ANSWER_MS));
  const exists = await answer.catch(() => undefined);
  return exists === false ? 'does not exist, or not for this key.' : undefined;
}
