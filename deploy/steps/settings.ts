/**
 * The operator's choices: values of Terraform's variables, as one JSON file in the bucket of Terraform's state, so that a
 * second run needs only the project's id, on any machine (docs/decisions/0030-one-command.md).
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EXAMPLE_GEMINI } from '../../functions/process/model-name.ts';
import { Terraform } from '../check/terraform.ts';
import { CommandError } from './commands.ts';
import { DeployError, type Deployment, gcloud, withPatience } from './deployment.ts';

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

/** @returns Undefined if there are none yet. */
export async function readSettings(deployment: Deployment): Promise<Settings | undefined> {
  const { project, stateBucket } = deployment.options;
  const address = addressOf(stateBucket);
  const read = () => gcloud(deployment, ['storage', 'cat', address], { assume: '' });
  const text = await withPatience(deployment, () =>
    read().catch((error: unknown) => {
      if (error instanceof CommandError && isMissing(error.message)) return '';
      throw error;
    }),
  );
  if (text === '') return undefined;
  const { data, error } = settingsSchema.safeParse(parseJson(text));
  if (!data) {
    throw new DeployError(`The settings of the last run cannot be read (${error}).`, [
      `gcloud storage ls --all-versions ${address}   lists earlier ones`,
    ]);
  }
  if (data.project_id !== project) {
    throw new DeployError(`The bucket ${stateBucket} belongs to the project ${data.project_id}.`, [
      `npm run deploy -- --project ${data.project_id} --state-bucket ${stateBucket}`,
    ]);
  }
  return data;
}

const isMissing = (text: string) =>
  /matched no objects|404|not found|do(?:es)? not exist/i.test(text) &&
  !/SERVICE_DISABLED/.test(text);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export async function writeSettings(deployment: Deployment, settings: Settings): Promise<void> {
  const text = `${JSON.stringify(settings, null, 2)}\n`;
  const args = ['storage', 'cp', '-', addressOf(deployment.options.stateBucket)];
  await withPatience(deployment, () =>
    gcloud(deployment, args, { input: { name: 'settings.tfvars.json', text }, assume: '' }),
  );
}

/**
 * What the last run has used, with what this command line changes.
 * @throws {DeployError} If a setting cannot be changed, or nothing knows it.
 */
export async function mergeSettings(
  deployment: Deployment,
  before: Settings | undefined,
): Promise<Settings> {
  const { project, region, domain, model, variables } = deployment.options;
  if (before && region !== undefined && region !== before.region) {
    throw new DeployError(
      `The project ${project} is set up in ${before.region}. A region cannot be changed: another region needs another project.`,
      [`npm run deploy -- --project ${project}`],
    );
  }
  refuseLocalFiles(deployment.root);
  refuseUnknown(variables, deployment.root);
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
    // What was taken over once may stay in the list (terraform/variables.tf), and each remedy names one thing.
    else if (name === 'adopt') settings.adopt = [...new Set([settings.adopt ?? [], value].flat())];
    else settings[name] = value === undefined ? await askFor(deployment, name) : value;
  }
  return settings;
}

async function askFor({ terminal, commands, options }: Deployment, name: string): Promise<string> {
  if (commands.isDry) return 'SECRET';
  if (!terminal.isInteractive) {
    throw new DeployError(`--var ${name} asks for a value, and there is no terminal.`, [
      `npm run deploy -- --project ${options.project} --var ${name}   in a terminal`,
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

function refuseUnknown(variables: Record<string, unknown>, root: string): void {
  const names = Object.keys(variables);
  if (names.length === 0) return;
  const terraform = new Terraform(join(root, 'terraform'));
  const unknown = names.find((name) => !terraform.variable(name));
  if (unknown === undefined) return;
  throw new DeployError(`terraform/ has no variable "${unknown}".`, [
    "grep -h -A1 '^variable' terraform/*.tf   lists all, with what each is for",
  ]);
}
