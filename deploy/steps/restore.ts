/**
 * `npm run deploy -- restore`: gives the units another database, which is made from a backup or from an earlier minute, or is
 * there already. The one that they leave stays as it is, so the way back is the same command.
 */
import { z } from 'zod';
import { confirm } from './apply.ts';
import { checkAccount, checkPrograms, checkProject } from './check.ts';
import {
  accessToken,
  apiUrl,
  DeployError,
  type Deployment,
  gcloud,
  step,
  tell,
  withPatience,
} from './deployment.ts';
import { flagsOf, type RestoreSource } from './options.ts';
import { findBucket } from './prepare.ts';
import { readSettings, type Settings } from './settings.ts';
import type { Stack } from './stack.ts';

/** What the deployment that follows does besides. */
export interface Hooks {
  beforePlan?: (stack: Stack) => Promise<void>;
  afterApply?: () => Promise<void>;
}

/** https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases */
const databaseSchema = z.object({
  name: z.string(),
  /** How far back the database can be read. */
  earliestVersionTime: z.string().optional(),
});
/** https://cloud.google.com/firestore/docs/reference/rest/v1/projects.locations.backups */
const backupSchema = z.object({
  name: z.string(),
  database: z.string(),
  snapshotTime: z.string(),
  expireTime: z.string(),
  state: z.string(),
});
type Backup = z.infer<typeof backupSchema>;
const operationSchema = z.object({
  name: z.string(),
  done: z.boolean().default(false),
  error: z.object({ message: z.string() }).optional(),
});

const SWEEP = 'media-sweep';
const MINUTE_MS = 60_000;
/** Seconds between two looks at an operation. One of a large database takes hours. */
const LOOK_S = 30;
const WHAT = {
  database: 'projects/my-project/databases/(default)',
  backup: 'projects/my-project/locations/us-central1/backups/BACKUP',
};

const last = (name: string) => name.split('/').at(-1) ?? '';
/** `2026-11-25 04:00 UTC` */
const minute = (time: string) => `${time.slice(0, 16).replace('T', ' ')} UTC`;

/** What the project has. */
interface Found {
  settings: Settings;
  /** The database of the units. */
  current: string;
  databases: z.infer<typeof databaseSchema>[];
  backups: Backup[];
}

/** @param deploy Applies what the settings of these options say. */
export async function restore(
  deployment: Deployment,
  deploy: (deployment: Deployment, hooks: Hooks) => Promise<void>,
): Promise<void> {
  const { options } = deployment;
  await step(deployment, 'gcloud and Terraform', () => checkPrograms(deployment));
  await step(deployment, 'Who is signed in', () => checkAccount(deployment));
  const projectNumber = await step(deployment, `The project ${options.project}`, () =>
    checkProject(deployment),
  );
  const found = await step(deployment, 'Databases and backups', () =>
    findDatabases(deployment, projectNumber),
  );
  const { source } = options;
  if (!source) return showChoice(deployment, found);
  const target = targetOf(source, found, deployment);
  await explain(deployment, source, target, found);
  await confirm(deployment, `Give the units the database ${target}? (yes/no)`, 'yes');

  const work = workOf(deployment, found.settings);
  // The last run has chosen this database and was stopped: all but the deployment is done.
  const isChosen = target === found.current;
  let isMade = false;
  try {
    await step(deployment, 'The work is paused', work.pause);
    if (source.kind !== 'use') {
      await step(deployment, `The database ${target} is made`, () =>
        make(deployment, source, target, found),
      );
    }
    isMade = true;
    if (!isChosen) {
      await step(deployment, `The database ${target} is made ready for Terraform`, () =>
        makeReady(deployment, target),
      );
    }
    const variables = { firestore_database: target, adopt: 'database' };
    // One question is enough, and what Terraform knows of the database is forgotten before its plan.
    await deploy(
      { ...deployment, options: { ...options, variables, yes: true } },
      {
        beforePlan: async (stack) => {
          if (!isChosen) await forgetDatabase(deployment, stack);
        },
        afterApply: () => step(deployment, 'The work goes on', work.resume),
      },
    );
  } finally {
    if (work.isPaused()) {
      const again = isMade ? `--use '${target}'` : flagsOf(source);
      tell(
        deployment,
        `
The work is paused, and nothing is lost. To go on:
  npm run deploy -- restore --project ${options.project} ${again}
To let the work go on as it was:
${work.resumeCommands.map((command) => `  gcloud ${command.join(' ')}`).join('\n')}`,
      );
    }
  }
  tell(
    deployment,
    `
The units use ${target}. The database ${found.current} is as it was. To go back to it:
  npm run deploy -- restore --project ${options.project} --use '${found.current}'
When it is needed no more:
  gcloud firestore databases update --database='${found.current}' --no-delete-protection --project=${options.project}
  gcloud firestore databases delete --database='${found.current}' --project=${options.project}`,
  );
}

async function findDatabases(deployment: Deployment, projectNumber: string): Promise<Found> {
  const { options, commands } = deployment;
  const bucket = await findBucket(deployment, options.stateBucket, projectNumber);
  const settings = bucket && (await readSettings(deployment));
  if (!settings && !commands.isDry) {
    throw new DeployError(
      `This command has set nothing up in the project ${options.project}: gs://${options.stateBucket} has no settings.`,
      [`npm run deploy -- --project ${options.project}`],
    );
  }
  const region = settings?.region ?? 'us-central1';
  const known = settings ?? { project_id: '', region, domain: '', analysis_model: '' };
  const databases = await list(deployment, ['databases', 'list'], databaseSchema, [
    { name: WHAT.database, earliestVersionTime: '2026-01-01T00:00:00Z' },
  ]);
  const backups = await list(deployment, ['backups', 'list'], backupSchema, [
    {
      ...{ name: WHAT.backup, database: WHAT.database, state: 'READY' },
      ...{ snapshotTime: '2026-01-01T04:00:00Z', expireTime: '2026-01-08T04:00:00Z' },
    },
  ]);
  const current = String(known.firestore_database ?? '(default)');
  const newestFirst = (a: Backup, b: Backup) => (a.snapshotTime < b.snapshotTime ? 1 : -1);
  return { settings: known, current, databases, backups: backups.sort(newestFirst) };
}

async function list<T>(
  deployment: Deployment,
  words: string[],
  schema: z.ZodType<T>,
  assume: unknown[],
): Promise<T[]> {
  const args = ['firestore', ...words, '--format=json'];
  const answer = await withPatience(deployment, () =>
    gcloud(deployment, args, { assume: JSON.stringify(assume) }),
  );
  return z.array(schema).parse(JSON.parse(answer));
}

function showChoice(deployment: Deployment, { current, databases, backups, settings }: Found) {
  const { project } = deployment.options;
  const command = `npm run deploy -- restore --project ${project}`;
  const others = databases.map(({ name }) => last(name)).filter((name) => name !== current);
  const since = firstMinute(current, databases);
  const shown = backups.map((backup) => {
    const { name, database, snapshotTime, expireTime, state } = backup;
    const ready = state === 'READY' ? '' : `, ${state}: not yet`;
    return `  ${last(name)}   ${minute(snapshotTime)}, of ${last(database)}, kept until ${expireTime.slice(0, 10)}${ready}`;
  });
  const none =
    settings.backup_days === 0
      ? ['  none: backup_days is 0']
      : ['  none yet: the first one is made within a day of the first deployment'];
  tell(
    deployment,
    [
      `The units use the database ${current}. Nothing was changed.`,
      '\nBackups:',
      ...(shown.length > 0 ? shown : none),
      `  ${command} --backup BACKUP`,
      ...(since ? [`\nEach minute since ${minute(since)}:`] : []),
      ...(since ? [`  ${command} --at ${since.slice(0, 16)}Z`] : []),
      ...(others.length > 0 ? [`\nOther databases: ${others.join(', ')}`] : []),
      ...(others.length > 0 ? [`  ${command} --use DATABASE`] : []),
    ].join('\n'),
  );
}

/** The first whole minute to which the database can be taken back; undefined if there is none. */
function firstMinute(current: string, databases: Found['databases']): string | undefined {
  const since = databases.find(({ name }) => last(name) === current)?.earliestVersionTime;
  if (since === undefined) return undefined;
  return new Date(Math.ceil(Date.parse(since) / MINUTE_MS) * MINUTE_MS).toISOString();
}

/** @returns The name of the database that the units get. @throws {DeployError} If that cannot be done. */
function targetOf(
  source: RestoreSource,
  { current, databases, backups }: Found,
  { options, commands }: Deployment,
): string {
  const names = databases.map(({ name }) => last(name));
  const command = `npm run deploy -- restore --project ${options.project}`;
  if (source.kind === 'use') {
    if (names.includes(source.database) || commands.isDry) return source.database;
    throw new DeployError(
      `The project ${options.project} has no database ${source.database}. It has: ${names.join(', ')}.`,
      [command],
    );
  }
  if (source.kind === 'backup' && !commands.isDry) {
    const backup = findBackup(source.backup, backups);
    if (!backup) {
      throw new DeployError(`There is no backup ${source.backup}.`, [`${command}   lists them`]);
    }
    if (backup.state !== 'READY') {
      throw new DeployError(
        `The backup ${last(backup.name)} cannot be restored now: ${backup.state}.`,
        [`${command}   lists them`],
      );
    }
  }
  if (source.kind === 'minute' && !commands.isDry) {
    const since = firstMinute(current, databases);
    if (
      since === undefined ||
      Date.parse(source.time) < Date.parse(since) ||
      Date.parse(source.time) > Date.now()
    ) {
      throw new DeployError(
        `The database ${current} cannot be read as it was at ${minute(source.time)}${since ? `, only since ${minute(since)}` : ''}.`,
        [
          `${command}   says what there is`,
          `npm run deploy -- --project ${options.project} --var point_in_time_recovery=true   keeps seven days from now on`,
        ],
      );
    }
  }
  if (names.includes(source.to)) {
    throw new DeployError(`The project ${options.project} has a database ${source.to} already.`, [
      `${command} ${flagsOf({ ...source, to: 'ANOTHER-NAME' })}`,
      `${command} --use '${source.to}'   if an earlier try has made it`,
    ]);
  }
  return source.to;
}

const findBackup = (id: string, backups: Backup[]) =>
  backups.find(({ name }) => name === id || last(name) === id);

async function explain(
  deployment: Deployment,
  source: RestoreSource,
  target: string,
  { current, backups }: Found,
): Promise<void> {
  const backup = source.kind === 'backup' ? findBackup(source.backup, backups) : undefined;
  const from = {
    use: `${target} is there already, and is taken as it is.`,
    backup: `${target} is made from the backup of ${last(backup?.database ?? current)}, as it was at ${minute(backup?.snapshotTime ?? '')}.`,
    minute: `${target} is made from ${current}, as it was at ${source.kind === 'minute' ? minute(source.time) : ''}.`,
  }[source.kind];
  await step(deployment, 'What is going to be done', async () =>
    tell(
      deployment,
      `
The queues and the sweep are paused. The page stays open.
${from}
Its indexes and its schedule of backups are removed, because Terraform makes them again. Until they are ready, some minutes or more
  after that, lists answer with an error.
The units get it by a deployment of what is in this folder, which asks nothing more. Then the work goes on.
What people send until then, and all else that ${target} does not have, is in ${current} only. It stays as it is; Terraform lets go
  of it.
`.trim(),
    ),
  );
}

/** The queues, and the job that looks for lost tasks. */
function workOf(deployment: Deployment, { region, upload_queue, analyze_queue }: Settings) {
  const queues = [upload_queue ?? 'media-upload', analyze_queue ?? 'media-analyze'].map(String);
  const at = `--location=${region}`;
  const commandsTo = (verb: 'pause' | 'resume') => [
    ...queues.map((queue) => ['tasks', 'queues', verb, queue, at]),
    ['scheduler', 'jobs', verb, SWEEP, at],
  ];
  const run = (args: string[]) =>
    withPatience(deployment, () => gcloud(deployment, args, { assume: '' }));
  // A job that is paused cannot be paused: https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs/pause
  const isSweepPaused = async () => {
    const args = ['scheduler', 'jobs', 'describe', SWEEP, at, '--format=value(state)'];
    return (await run(args)).trim() === 'PAUSED';
  };
  const change = async (verb: 'pause' | 'resume') => {
    const isPaused = await isSweepPaused();
    for (const args of commandsTo(verb)) {
      const isDone = args[0] === 'scheduler' && isPaused === (verb === 'pause');
      if (!isDone || deployment.commands.isDry) await run(args);
    }
  };
  let isPaused = false;
  return {
    resumeCommands: commandsTo('resume').map((args) => [
      ...args,
      `--project=${deployment.options.project}`,
    ]),
    isPaused: () => isPaused,
    pause: async () => {
      isPaused = true;
      await change('pause');
    },
    resume: async () => {
      await change('resume');
      isPaused = false;
    },
  };
}

async function make(
  deployment: Deployment,
  source: Exclude<RestoreSource, { kind: 'use' }>,
  target: string,
  { current, backups }: Found,
): Promise<void> {
  const assume = { name: `projects/my-project/databases/${target}/operations/OPERATION` };
  const answer = await withPatience(deployment, async () => {
    if (source.kind === 'minute') return clone(deployment, source.time, target, current, assume);
    const backup = findBackup(source.backup, backups)?.name ?? source.backup;
    const args = ['firestore', 'databases', 'restore', `--source-backup=${backup}`];
    const to = [`--destination-database=${target}`, '--format=json'];
    return JSON.parse(
      await gcloud(deployment, [...args, ...to], { assume: JSON.stringify(assume) }),
    );
  });
  await untilDone(deployment, operationSchema.parse(answer).name, target);
}

/** gcloud has no command for this in all of its versions: https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases/clone */
async function clone(
  deployment: Deployment,
  snapshotTime: string,
  databaseId: string,
  current: string,
  assume: unknown,
): Promise<unknown> {
  const parent = `projects/${deployment.options.project}/databases`;
  const pitrSnapshot = { database: `${parent}/${current}`, snapshotTime };
  return deployment.commands.post({
    url: `${apiUrl(deployment, 'firestore')}/v1/${parent}:clone`,
    body: { databaseId, pitrSnapshot },
    accessToken: await accessToken(deployment),
    assume,
  });
}

async function untilDone(deployment: Deployment, name: string, target: string): Promise<void> {
  const args = ['firestore', 'operations', 'describe', name, `--database=${target}`];
  let isTold = false;
  for (;;) {
    const answer = await withPatience(deployment, () =>
      gcloud(deployment, [...args, '--format=json'], {
        assume: JSON.stringify({ name, done: true }),
      }),
    );
    const { done, error } = operationSchema.parse(JSON.parse(answer));
    if (error) throw new DeployError(`The database ${target} could not be made: ${error.message}`);
    if (done) return tell(deployment, 'It is there.');
    if (!isTold) tell(deployment, 'This takes minutes, and hours for a large database.');
    isTold = true;
    await deployment.sleep(LOOK_S * 1_000);
  }
}

/** A database that is still being made is waited for. */
async function makeReady(deployment: Deployment, target: string): Promise<void> {
  const of = `--database=${target}`;
  const operations = await list(deployment, ['operations', 'list', of], operationSchema, []);
  for (const { name, done } of operations) {
    if (!done) await untilDone(deployment, name, target);
  }
  const named = z.object({ name: z.string() });
  const indexes = await list(deployment, ['indexes', 'composite', 'list', of], named, [
    { name: 'INDEX' },
  ]);
  for (const { name } of indexes) {
    await remove(deployment, ['indexes', 'composite', 'delete', last(name), of]);
  }
  const schedules = await list(deployment, ['backups', 'schedules', 'list', of], named, [
    { name: 'SCHEDULE' },
  ]);
  for (const { name } of schedules) {
    const which = `--backup-schedule=${last(name)}`;
    await remove(deployment, ['backups', 'schedules', 'delete', which, of]);
  }
  if (deployment.commands.isDry) return;
  tell(deployment, `Removed: ${indexes.length} indexes, ${schedules.length} schedules of backups.`);
}

async function remove(deployment: Deployment, args: string[]): Promise<void> {
  await withPatience(deployment, () => gcloud(deployment, ['firestore', ...args], { assume: '' }));
}

/** The database that the units leave stays, and Terraform knows it no more. */
async function forgetDatabase(deployment: Deployment, stack: Stack): Promise<void> {
  const known = deployment.commands.isDry
    ? ['google_firestore_database.media']
    : (await stack.addresses()).filter((address) => address.startsWith('google_firestore_'));
  if (known.length > 0) await stack.forget(known);
}
