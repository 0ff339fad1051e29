/** The command line of `npm run deploy`. */
import { parseArgs } from 'node:util';
import { keptByNpm, plainly } from '../npm-options.ts';
import { quoted } from './commands.ts';

export const SYNOPSIS = `npm run deploy -- --project PROJECT [--region REGION] [--domain DOMAIN] [--model MODEL] [--user EMAIL]
npm run deploy -- destroy --project PROJECT
npm run deploy -- restore --project PROJECT [--backup BACKUP | --at TIME] [--to DATABASE] [--use DATABASE]`;

export const USAGE = `${SYNOPSIS}

Sets everything up in one Google Cloud project, or changes it. Run it again after an error or a change: it goes on.

  --project   id of the project; absent: GOOGLE_CLOUD_PROJECT
  --region    where it runs; cannot be changed later. Default us-central1
  --domain    host name of the page; "none" takes it away. Default: the address that Cloud Run gives
  --model     what looks at the photos. Default vertexai/MODEL, which needs no key. googleai/MODEL takes its key from
              GEMINI_API_KEY, and openai/MODEL from OPENAI_API_KEY, or asks for it; local/facts only measures
  --user      e-mail address of the first person who may sign in
  --var NAME=VALUE
              any other variable of terraform/, as JSON or as a word; without a value: its default again.
              "--var NAME" asks for a secret value. May be given more than once
  --state-bucket NAME
              bucket of Terraform's state and of these settings. Default PROJECT-terraform
  --yes       does not ask whether to apply the plan, or to destroy
  --unlock ID breaks the lock of a run that was killed; the run that meets the lock says which ID
  --dry-run   prints every command, and runs none

  restore     gives the units another database; without an option it says which backups and minutes there are
  --backup    makes it from this backup
  --at        makes it as the database of the units was at that minute, as 2026-11-25T04:00Z
  --to        its name. Default media-YYYYMMDD-HHMM, by the time of this command
  --use       takes one that is there, also to go back

All settings are kept in the state's bucket, so the next run needs only --project, on any machine.`;

/** The source of a database for the units, and its name. */
export type RestoreSource =
  | { kind: 'backup'; backup: string; to: string }
  /** RFC 3339, in UTC. */
  | { kind: 'minute'; time: string; to: string }
  | { kind: 'use'; database: string };

/** The options that a user would write for it. */
export function flagsOf(source: RestoreSource): string {
  switch (source.kind) {
    case 'use':
      return `--use '${source.database}'`;
    case 'backup':
      return `--backup ${source.backup} --to ${source.to}`;
    case 'minute':
      return `--at ${source.time} --to ${source.to}`;
  }
}

const ACTIONS = ['deploy', 'destroy', 'restore'] as const;
type Action = (typeof ACTIONS)[number];

/** The project of a deployment. */
export interface Target {
  project: string;
  stateBucket: string;
  /** The options of this call. Nothing keeps them before a plan is applied, so each printed command repeats them. */
  given?: readonly Given[];
}

interface Given {
  option: string;
  words: string;
}

/** Removes one option, or all: applied options are kept. */
export function without<T extends Target>(target: T, option?: string): T {
  const left = (target.given ?? []).filter(
    (each) => option !== undefined && each.option !== option,
  );
  return { ...target, given: left };
}

/**
 * A command as a user types it. It names the state's bucket if that is not the usual one: without it the command would find no
 * settings, and set everything up a second time.
 */
export function commandOf(
  { project, stateBucket, given = [] }: Target,
  words = '',
  action: Action = 'deploy',
): string {
  return [
    'npm run deploy --',
    ...(action === 'deploy' ? [] : [action]),
    `--project ${project}`,
    ...(stateBucket === bucketOf(project) ? [] : [`--state-bucket ${stateBucket}`]),
    ...(action === 'deploy' ? given.filter((each) => !isReplaced(each, words)) : []).map(
      (each) => each.words,
    ),
    ...(words === '' ? [] : [words]),
  ].join(' ');
}

/** True if both set the same variable. `adopt` is a list, to which each adds. */
function isReplaced(given: Given, words: string): boolean {
  const [, name] = /^--var '?(\w+)/.exec(given.words) ?? [];
  if (name === undefined || name === 'adopt') return false;
  return new RegExp(`--var '?${name}(?:=|$)`).test(words);
}

/** The command of this run, with more words. */
export function repeatCommand(options: Options, words = ''): string {
  const all = [...(options.source ? [flagsOf(options.source)] : []), words].filter(Boolean);
  return commandOf(options, all.join(' '), options.action);
}

const bucketOf = (project: string) => `${project}-terraform`;

export interface Options extends Target {
  action: Action;
  region?: string;
  /** Empty: without one. */
  domain?: string;
  model?: string;
  user?: string;
  /** Values of Terraform's variables; null: the default again; undefined: to be asked for. */
  variables: Record<string, unknown>;
  yes: boolean;
  unlock?: string;
  dryRun: boolean;
  /** True if the project is made up: a dry run needs none. */
  isExample: boolean;
  /** For `restore`. Without it, the run only lists the sources. */
  source?: RestoreSource;
}

/** The message says why the command line cannot be understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const PROJECT = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const BUCKET = /^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/;
/** The project of a dry run without one. */
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
  const kept = keptByNpm('deploy', Object.keys(OPTIONS), args, env);
  if (kept !== undefined) throw new UsageError(kept);
  const { values, positionals } = parse(args);
  const [first = 'deploy', ...more] = positionals;
  const action = ACTIONS.find((each) => each === first);
  if (!action || more.length > 0) {
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
  const stateBucket = values['state-bucket'] ?? bucketOf(project);
  if (!BUCKET.test(stateBucket)) {
    throw new UsageError(`--state-bucket ${stateBucket}: this is no name of a bucket.`);
  }
  if (values.user !== undefined && !/^[^@\s]+@[^@\s]+$/.test(values.user)) {
    throw new UsageError(`--user ${values.user}: this is no e-mail address.`);
  }
  if (values.region === '') throw new UsageError('--region needs a value, such as us-central1.');
  refuseIgnored(action, values);
  const { region, domain, model, user, unlock } = values;
  const source = readSource(action, values);
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
    isExample: values.project === undefined && !env.GOOGLE_CLOUD_PROJECT,
    ...(source && { source }),
    given: givenBy(values),
  };
}

/** Options that change the settings, or are for the first deployment. */
const OF_A_DEPLOYMENT = ['region', 'domain', 'model', 'user', 'var'] as const;

function givenBy(values: ReturnType<typeof parse>['values']): Given[] {
  return OF_A_DEPLOYMENT.flatMap((option) =>
    [values[option] ?? []].flat().map((value) => {
      // It may stand in a log for longer than on a command line.
      const shown = value.replace(/^(\w*secret\w*)=.*$/s, '$1');
      return { option, words: `--${option} ${quoted(shown)}` };
    }),
  );
}

/** Every written option must have an effect. */
function refuseIgnored(action: Action, values: ReturnType<typeof parse>['values']): void {
  if (action === 'deploy') return;
  const given = OF_A_DEPLOYMENT.find((name) => values[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError(
    `--${given} is not for ${action}, which takes the settings of the last run. Change them first, by a deployment without the word "${action}".`,
  );
}

/** As in Firestore and terraform/firestore.tf. */
const DATABASE = /^(\(default\)|[a-z][a-z0-9-]{2,61}[a-z0-9])$/;
const MINUTE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:00)?Z$/;

function readSource(
  action: Action,
  { backup, at, to, use }: ReturnType<typeof parse>['values'],
): RestoreSource | undefined {
  const given = Object.entries({ backup, at, use }).filter(([, value]) => value !== undefined);
  if (given.length === 0 && to === undefined) return undefined;
  const names = given.map(([name]) => `--${name}`).join(' and ');
  if (action !== 'restore') throw new UsageError(`${names || '--to'} belongs to restore.`);
  if (given.length === 0) throw new UsageError('--to needs --backup or --at.');
  if (given.length > 1) throw new UsageError(`${names}: choose one of them.`);
  if (use !== undefined && to !== undefined)
    throw new UsageError('--to makes no sense with --use.');
  for (const [flag, name] of Object.entries({ to, use })) {
    if (name === undefined || DATABASE.test(name)) continue;
    throw new UsageError(
      `--${flag} ${name}: the name of a database has 4 to 63 lower-case letters, digits and hyphens, or is "(default)".`,
    );
  }
  if (use !== undefined) return { kind: 'use', database: use };
  const now = new Date().toISOString().replaceAll(/[-:]/g, '');
  const name = to ?? `media-${now.slice(0, 8)}-${now.slice(9, 13)}`;
  if (backup !== undefined) return { kind: 'backup', backup, to: name };
  const [, minute] = MINUTE.exec(at ?? '') ?? [];
  if (minute === undefined || Number.isNaN(Date.parse(`${minute}Z`))) {
    throw new UsageError(`--at ${at}: write a minute in UTC, as 2026-11-25T04:00Z.`);
  }
  return { kind: 'minute', time: `${minute}:00Z`, to: name };
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

const OPTIONS = {
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
  backup: { type: 'string' },
  at: { type: 'string' },
  to: { type: 'string' },
  use: { type: 'string' },
} as const;

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: OPTIONS,
    });
  } catch (error) {
    throw new UsageError(plainly(error as Error, Object.keys(OPTIONS)));
  }
}
