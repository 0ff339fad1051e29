/** The command line of `npm run deploy`. */
import { parseArgs } from 'node:util';

export const USAGE = `npm run deploy -- --project PROJECT [--region REGION] [--domain DOMAIN] [--model MODEL] [--user EMAIL]
npm run deploy -- destroy --project PROJECT

Sets everything up in one Google Cloud project, or changes it. Run it again after an error or a change: it goes on.

  --project   id of the project; absent: GOOGLE_CLOUD_PROJECT
  --region    where it runs; cannot be changed later. Default us-central1
  --domain    host name of the page; "none" takes it away. Default: the address that Cloud Run gives
  --model     what looks at the photos. Default vertexai/MODEL, which needs no key. googleai/MODEL takes its key from
              GEMINI_API_KEY, or asks for it; local/facts only measures
  --user      e-mail address of the first person who may sign in
  --var NAME=VALUE
              any other variable of terraform/, as JSON or as a word; without a value: its default again.
              "--var NAME" asks for a secret value. May be given more than once
  --state-bucket NAME
              bucket of Terraform's state and of these settings. Default PROJECT-terraform
  --yes       does not ask whether to apply the plan, or to destroy
  --unlock ID breaks the lock of a run that was killed
  --dry-run   prints every command, and runs none

All settings are kept in the state's bucket, so the next run needs only --project, on any machine.`;

export interface Options {
  action: 'deploy' | 'destroy';
  project: string;
  region?: string;
  /** Empty: without one. */
  domain?: string;
  model?: string;
  user?: string;
  /** Values of Terraform's variables; null: the default again; undefined: to be asked for. */
  variables: Record<string, unknown>;
  stateBucket: string;
  yes: boolean;
  unlock?: string;
  dryRun: boolean;
}

/** The command line cannot be understood. The message says why. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const PROJECT = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/;
/** What a dry run without a project names. */
const EXAMPLE_PROJECT = 'my-project';
/** These have options of their own, or come from the build. */
const OWN = new Map([
  ['project_id', '--project'],
  ['region', '--region'],
  ['domain', '--domain'],
  ['analysis_model', '--model'],
  ['stream_image', 'npm run build'],
]);

/** @throws {UsageError} */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): Options {
  const { values, positionals } = parse(args);
  const [action = 'deploy', ...more] = positionals;
  if ((action !== 'deploy' && action !== 'destroy') || more.length > 0) {
    throw new UsageError(`"${positionals.join(' ')}" is not understood.`);
  }
  const dryRun = values['dry-run'];
  const project =
    values.project ?? (env.GOOGLE_CLOUD_PROJECT || (dryRun ? EXAMPLE_PROJECT : undefined));
  if (project === undefined) throw new UsageError('Which project? Add --project PROJECT.');
  if (!PROJECT.test(project)) {
    throw new UsageError(
      `--project ${project}: a project id has 6 to 30 lower-case letters, digits and hyphens. It is not the project's name or number: see gcloud projects list.`,
    );
  }
  const stateBucket = values['state-bucket'] ?? `${project}-terraform`;
  if (!BUCKET.test(stateBucket)) {
    throw new UsageError(`--state-bucket ${stateBucket}: this is no name of a bucket.`);
  }
  if (values.user !== undefined && !/^[^@\s]+@[^@\s]+$/.test(values.user)) {
    throw new UsageError(`--user ${values.user}: this is no e-mail address.`);
  }
  const { region, domain, model, user, unlock } = values;
  return {
    action,
    project,
    ...(region !== undefined && { region }),
    ...(domain !== undefined && { domain: domain === 'none' ? '' : domain }),
    ...(model !== undefined && { model }),
    ...(user !== undefined && { user }),
    variables: Object.fromEntries((values.var ?? []).map(readVariable)),
    stateBucket,
    yes: values.yes,
    ...(unlock !== undefined && { unlock }),
    dryRun,
  };
}

function readVariable(text: string): [string, unknown] {
  const [, name = '', value] = /^(\w+)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === '') throw new UsageError(`--var ${text}: write NAME=VALUE.`);
  const own = OWN.get(name);
  if (own !== undefined) throw new UsageError(`--var ${name}: this is set by ${own}.`);
  if (value === undefined) return [name, undefined];
  if (value === '') return [name, null];
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, value];
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        project: { type: 'string' },
        region: { type: 'string' },
        domain: { type: 'string' },
        model: { type: 'string' },
        user: { type: 'string' },
        var: { type: 'string', multiple: true },
        'state-bucket': { type: 'string' },
        yes: { type: 'boolean', default: false },
        unlock: { type: 'string' },
        'dry-run': { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
