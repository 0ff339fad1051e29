/** The keys of the models' providers: in Secret Manager, and in no file and no state. */
import {
  EXAMPLE_GEMINI,
  type KeySetting,
  namingOf,
  PROVIDERS,
} from '../../functions/analysis/catalog/model-name.ts';
import { CommandError, namesStatus } from './commands.ts';
import { DeployError, type Deployment, gcloud, retryTemporary, tell } from './deployment.ts';
import { commandOf, without } from './options.ts';
import { isNewApi } from './prepare.ts';
import type { Settings } from './settings.ts';

type Key = NonNullable<ReturnType<typeof namingOf>>['key'] & object;

/** The texts for each key. */
const WORDS: Record<KeySetting, { needed: string; what: string }> = {
  GEMINI_API_KEY: {
    needed: 'A googleai/ model needs a key of the Gemini API.',
    what: 'Key of the Gemini API (https://aistudio.google.com/apikey',
  },
  OPENAI_API_KEY: {
    needed: 'An openai/ model needs the key of its server.',
    what: 'Key of the server of openai/ models (OpenAI: https://platform.openai.com/api-keys',
  },
};

/** The keys that the set models need, each once. */
export function neededKeys({
  analysis_model,
  model_fallback = '',
  embedding_model = '',
}: Settings): Key[] {
  const models = [analysis_model, model_fallback, embedding_model]
    .join(',')
    .split(',')
    .map((model) => model.trim());
  return [...new Set(models.flatMap((model) => namingOf(model)?.key ?? []))];
}

/** Terraform's variables for the versions of the keys, of all providers. */
export const KEY_VERSIONS = Object.values(PROVIDERS).flatMap((provider) =>
  'key' in provider ? [versionOfKey(provider.key)] : [],
);

/** `gemini_key_version` for the secret `gemini-api-key`. */
export function versionOfKey({ secret }: Pick<Key, 'secret'>): string {
  return `${secret.replace(/-api-key$/, '')}_key_version`;
}

/** The Terraform resource of the key. */
export function addressOfKey({ secret }: Key): string {
  return `google_secret_manager_secret.${secret.replaceAll('-', '_')}`;
}

/**
 * Runs before anything is made: half an hour later, the user should not learn that a key is missing. A key in the environment is
 * used if the secret has none yet. docs/day-two.md says how a key is changed.
 * @returns the key's text, to be stored when there is a secret for it; undefined if the secret has one
 */
export async function findKey(
  deployment: Deployment,
  key: Key,
  { analysis_model }: Settings,
): Promise<string | undefined> {
  const { setting, secret } = key;
  const { env, commands, terminal, options } = deployment;
  const list = ['secrets', 'versions', 'list', secret, '--filter=state=ENABLED', '--limit=1'];
  const enabled = await retryTemporary(deployment, () =>
    gcloud(deployment, [...list, '--format=value(name)'], { assume: '' }).catch(
      (error: unknown) => {
        // In a new project neither the API nor the secret exists.
        if (error instanceof CommandError && (isNewApi(error) || isMissing(error))) return '';
        throw error;
      },
    ),
  );
  if (enabled.trim() !== '') {
    tell(deployment, `The secret ${secret} has one.`);
    return undefined;
  }
  if (commands.isDry) return 'KEY';
  const { needed, what } = WORDS[setting];
  const remedy = [
    `${setting}=… ${commandOf(options)}   (${/https:\S+/.exec(what)?.[0]})`,
    ...(namingOf(analysis_model)?.key === key
      ? [
          `${commandOf(without(options, 'model'), `--model vertexai/${EXAMPLE_GEMINI}`)}   needs no key`,
        ]
      : []),
  ];
  if (env[setting]) return env[setting];
  if (!terminal.isInteractive) throw new DeployError(needed, remedy);
  const answer = await terminal.askSecret(`  ${what}; it is not shown): `);
  if (answer === '') throw new DeployError('Without a key the model cannot be asked.', remedy);
  return answer;
}

const isMissing = ({ message }: CommandError) =>
  /not found|NOT_FOUND/i.test(message) || namesStatus(message, 404);

export async function storeKey(
  deployment: Deployment,
  { setting, secret }: Key,
  text: string,
): Promise<void> {
  const add = ['secrets', 'versions', 'add', secret, '--data-file=-'];
  await retryTemporary(deployment, () =>
    gcloud(deployment, add, { input: { name: setting, text }, assume: '' }),
  );
  if (!deployment.commands.isDry) tell(deployment, `It is in the secret ${secret} now.`);
}
