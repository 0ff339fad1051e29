/**
 * The operator's choices: values of Terraform's variables, as one JSON file in the bucket of Terraform's state, so that a
 * second run needs only the project's id, on any machine (docs/decisions/0030-one-command.md).
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { CommandError, namesStatus } from './commands.ts';
import { DeployError, type Deployment, gcloud, retryTemporary, tell } from './deployment.ts';
import { commandOf, repeatCommand, without } from './options.ts';

const settingsSchema = z.looseObject({
  project_id: z.string(),
  region: z.string(),
  domain: z.string(),
  analysis_model: z.string(),
  /** The image of the last run. */
  stream_image: z.string().optional(),
});
export type Settings = z.infer<typeof settingsSchema>;

const DEFAULT_REGION = 'us-central1';

const addressOf = (bucket: string) => `gs://${bucket}/media-analysis/settings.tfvars.json`;

/**
 * The object, and the generation that this run has read. Two users may deploy at once: a write replaces only that generation, so
 * neither overwrites the other's choices. https://cloud.google.com/storage/docs/request-preconditions
 */
export class SettingsFile {
  readonly #deployment: Deployment;
  readonly #address: string;
  /** 0: the object does not exist. */
  #generation = '0';

  constructor(deployment: Deployment) {
    this.#deployment = deployment;
    this.#address = addressOf(deployment.options.stateBucket);
  }

  /** @returns undefined if there are none yet */
  read(): Promise<Settings | undefined> {
    return this.#read({ generation: '', text: '' });
  }

  async #read(assume: { generation: string; text: string }): Promise<Settings | undefined> {
    const describe = ['storage', 'objects', 'describe', this.#address];
    const generation = await this.#ask(
      [...describe, '--format=value(generation)'],
      assume.generation,
    );
    this.#generation = generation.trim() || '0';
    if (this.#generation === '0') return undefined;
    const cat = ['storage', 'cat', `${this.#address}#${this.#generation}`];
    return this.#parse(await this.#ask(cat, assume.text));
  }

  /** @throws {DeployError} if another run has written since `read` */
  async write(settings: Settings): Promise<void> {
    const text = `${JSON.stringify(settings, null, 2)}\n`;
    const before = this.#generation;
    const to = [this.#address, `--if-generation-match=${before}`];
    const input = { name: 'settings.tfvars.json', text };
    let cause: unknown;
    await retryTemporary(this.#deployment, () =>
      gcloud(this.#deployment, ['storage', 'cp', '-', ...to], { input, assume: '' }),
    ).catch((error: unknown) => {
      if (!(error instanceof CommandError && isOvertaken(error.message))) throw error;
      cause = error;
    });
    // If the answer to a write was lost, the write is refused when it is tried again, although it has succeeded.
    const there = await this.#read({ generation: String(Number(before) + 1), text });
    if (isDeepStrictEqual(there, JSON.parse(text))) return;
    throw this.#overtaken(settings, there, cause);
  }

  #overtaken(ours: Settings, theirs: Settings | undefined, cause: unknown): DeployError {
    const names = Object.keys({ ...ours, ...theirs });
    const other = names.filter((name) => !isDeepStrictEqual(ours[name], theirs?.[name]));
    // Values may be secret.
    return new DeployError(
      `Another run has changed the settings since this one has read them. The two differ in ${other.join(', ')}. This run stops here, and its plan is not applied.`,
      [
        `${repeatCommand(this.#deployment.options)}   goes on with the settings of the other run, and with your own changes`,
      ],
      { cause },
    );
  }

  /** @returns empty if there is no such object */
  #ask(args: string[], assume: string): Promise<string> {
    return retryTemporary(this.#deployment, () =>
      gcloud(this.#deployment, args, { assume }).catch((error: unknown) => {
        if (error instanceof CommandError && isMissing(error.message)) return '';
        throw error;
      }),
    );
  }

  #parse(text: string): Settings {
    const { project, stateBucket } = this.#deployment.options;
    const { data, error } = settingsSchema.safeParse(parseJson(text));
    if (!data) {
      throw new DeployError(`The settings of the last run cannot be read (${error}).`, [
        `gcloud storage ls --all-versions ${this.#address}   lists earlier ones`,
      ]);
    }
    if (data.project_id !== project) {
      throw new DeployError(
        `The bucket ${stateBucket} belongs to the project ${data.project_id}.`,
        [commandOf({ project: data.project_id, stateBucket })],
      );
    }
    return data;
  }
}

const isOvertaken = (text: string) =>
  /conditionNotMet|pre-?condition/i.test(text) || namesStatus(text, 412);

const isMissing = (text: string) =>
  (/matched no objects|not found|do(?:es)? not exist/i.test(text) || namesStatus(text, 404)) &&
  !/SERVICE_DISABLED/.test(text);

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * The settings of the last run, with the changes of this command line.
 * @param billingAccount of the project, as `012345-6789AB-CDEF01`
 * @throws {DeployError} if a setting cannot be changed, or would be without effect
 */
export async function mergeSettings(
  deployment: Deployment,
  before: Settings | undefined,
  billingAccount: string | undefined,
): Promise<Settings> {
  const { project, region, domain, model, variables } = deployment.options;
  if (before && region !== undefined && region !== before.region) {
    throw new DeployError(
      `The project ${project} is set up in ${before.region}. A region cannot be changed: another region needs another project.`,
      [commandOf(without(deployment.options, 'region'))],
    );
  }
  refuseLocalFiles(deployment.root);
  const settings: Settings = {
    ...(before ?? {
      project_id: project,
      region: DEFAULT_REGION,
      domain: '',
      analysis_model: `vertexai/${EXAMPLE_GEMINI}`,
    }),
    ...(region !== undefined && { region }),
    ...(domain !== undefined && { domain }),
    ...(model !== undefined && { analysis_model: model }),
  };
  for (const [name, value] of Object.entries(variables)) {
    if (value === null) delete settings[name];
    // Adopted resources may stay in the list (terraform/variables.tf), and each remedy names one.
    else if (name === 'adopt') settings.adopt = [...new Set([settings.adopt ?? [], value].flat())];
    else settings[name] = value === undefined ? await askFor(deployment, name) : value;
  }
  const wantsBudget = (variables.monthly_budget ?? null) !== null;
  if (wantsBudget && !settings.billing_account && variables.billing_account !== null) {
    settings.billing_account = watchedAccount(deployment, billingAccount);
  }
  return settings;
}

/** A budget belongs to a billing account: without one, Terraform makes none. */
function watchedAccount(deployment: Deployment, billingAccount: string | undefined): string {
  if (billingAccount === undefined) {
    throw new DeployError('monthly_budget needs billing_account, the account that it watches.', [
      'gcloud billing accounts list',
      repeatCommand(
        deployment.options,
        '--var billing_account=ACCOUNT_ID --var monthly_budget=NUMBER',
      ),
    ]);
  }
  tell(deployment, `The budget watches the project's billing account, ${billingAccount}.`);
  return billingAccount;
}

async function askFor({ terminal, commands, options }: Deployment, name: string): Promise<string> {
  if (commands.isDry) return 'SECRET';
  if (!terminal.isInteractive) {
    throw new DeployError(`--var ${name} asks for a value, and there is no terminal.`, [
      `${commandOf(options)}   in a terminal`,
    ]);
  }
  return terminal.askSecret(`${name} (it is not shown): `);
}

/** Terraform would read them on this machine alone, and the next run on another machine would undo them. */
function refuseLocalFiles(root: string): void {
  const folder = join(root, 'terraform');
  const found = (existsSync(folder) ? readdirSync(folder) : []).filter((name) =>
    /^terraform\.tfvars(\.json)?$|\.auto\.tfvars(\.json)?$/.test(name),
  );
  if (found.length === 0) return;
  throw new DeployError(
    `terraform/${found[0]} is on this machine only. This command keeps all settings in the state's bucket.`,
    ['Give its values once, each with --var NAME=VALUE, and rename the file.'],
  );
}
