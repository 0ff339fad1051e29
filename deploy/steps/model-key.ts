/** The key of a `googleai/` model: in Secret Manager, and in no file and no state. */
import { DeployError, type Deployment, gcloud, tell, withPatience } from './deployment.ts';
import { commandOf } from './options.ts';
import type { Settings } from './settings.ts';

const SECRET = 'gemini-api-key';

export function needsKey({ analysis_model, model_fallback }: Settings): boolean {
  return [analysis_model, model_fallback].some((model) => String(model).startsWith('googleai/'));
}

/** A key in GEMINI_API_KEY is used if the secret has none yet. docs/day-two.md says how a key is changed. */
export async function storeKey(deployment: Deployment): Promise<void> {
  const { env, commands, terminal, options } = deployment;
  const list = ['secrets', 'versions', 'list', SECRET, '--filter=state=ENABLED', '--limit=1'];
  const enabled = await withPatience(deployment, () =>
    gcloud(deployment, [...list, '--format=value(name)'], { assume: '' }),
  );
  if (enabled.trim() !== '') return tell(deployment, `The secret ${SECRET} has one.`);
  const key = commands.isDry ? 'KEY' : env.GEMINI_API_KEY || (await ask());
  const add = ['secrets', 'versions', 'add', SECRET, '--data-file=-'];
  await withPatience(deployment, () =>
    gcloud(deployment, add, { input: { name: 'GEMINI_API_KEY', text: key }, assume: '' }),
  );
  if (!commands.isDry) tell(deployment, `It is in the secret ${SECRET} now.`);

  async function ask(): Promise<string> {
    const again = `GEMINI_API_KEY=… ${commandOf(options)}`;
    if (!terminal.isInteractive) {
      throw new DeployError('A googleai/ model needs a key of the Gemini API.', [
        `${again}   (https://aistudio.google.com/apikey)`,
      ]);
    }
    const answer = await terminal.askSecret(
      '  Key of the Gemini API (https://aistudio.google.com/apikey; it is not shown): ',
    );
    if (answer === '') throw new DeployError('Without a key the model cannot be asked.', [again]);
    return answer;
  }
}
