/** The keys of `googleai/` and `openai/` models: in Secret Manager, and in no file and no state. */
import { namingOf, PROVIDERS } from '../../functions/process/model-name.ts';
import { DeployError, type Deployment, gcloud, tell, withPatience } from './deployment.ts';
import { commandOf } from './options.ts';
import type { Settings } from './settings.ts';

type Key = NonNullable<ReturnType<typeof namingOf>>['key'] & object;

/** What a person reads of each key. */
const WORDS: Record<Key['setting'], { needed: string; what: string }> = {
  GEMINI_API_KEY: {
    needed: 'A googleai/ model needs a key of the Gemini API.',
    what: 'Key of the Gemini API (https://aistudio.google.com/apikey',
  },
  OPENAI_API_KEY: {
    needed: 'An openai/ model needs the key of its server.',
    what: 'Key of the server of openai/ models (OpenAI: https://platform.openai.com/api-keys',
  },
};

/** The keys of the models that are set, each once. */
export function neededKeys({
  analysis_model,
  model_fallback = '',
  embedding_model = '',
}: Settings): Key[] {
  const models = [analysis_model, model_fallback, embedding_model]
    .join(',')
    .split(',')
    .map((model) => model.trim());
  return [PROVIDERS.googleai.key, PROVIDERS.openai.key].filter((key) => {
    return models.some((model) => namingOf(model)?.key === key);
  });
}

/** The resource of Terraform that has the key. */
export function addressOfKey({ secret }: Key): string {
  return `google_secret_manager_secret.${secret.replaceAll('-', '_')}`;
}

/** A key in the environment is used if the secret has none yet. docs/day-two.md says how a key is changed. */
export async function storeKey(deployment: Deployment, key: Key): Promise<void> {
  const { setting, secret } = key;
  const { env, commands, terminal, options } = deployment;
  const list = ['secrets', 'versions', 'list', secret, '--filter=state=ENABLED', '--limit=1'];
  const enabled = await withPatience(deployment, () =>
    gcloud(deployment, [...list, '--format=value(name)'], { assume: '' }),
  );
  if (enabled.trim() !== '') return tell(deployment, `The secret ${secret} has one.`);
  const text = commands.isDry ? 'KEY' : env[setting] || (await ask());
  const add = ['secrets', 'versions', 'add', secret, '--data-file=-'];
  await withPatience(deployment, () =>
    gcloud(deployment, add, { input: { name: setting, text }, assume: '' }),
  );
  if (!commands.isDry) tell(deployment, `It is in the secret ${secret} now.`);

  async function ask(): Promise<string> {
    const { needed, what } = WORDS[setting];
    const again = `${setting}=… ${commandOf(options)}`;
    if (!terminal.isInteractive) {
      const where = /https:\S+/.exec(what)?.[0] ?? '';
      throw new DeployError(needed, [`${again}   (${where})`]);
    }
    const answer = await terminal.askSecret(`  ${what}; it is not shown): `);
    if (answer === '') throw new DeployError('Without a key the model cannot be asked.', [again]);
    return answer;
  }
}
