/** Lists the sources of a project for `npm run deploy -- restore`, and finds the database to use. */
import { z } from 'zod';
import {
  DeployError,
  type Deployment,
  gcloud,
  readAnswer,
  retryTemporary,
  tell,
} from './deployment.ts';
import { commandOf, flagsOf, type RestoreSource } from './options.ts';
import { findBucket } from './prepare.ts';
import { type Settings, SettingsFile } from './settings.ts';

/** https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases */
const databaseSchema = z.object({
  name: z.string(),
  /** The earliest time at which the database can be read. */
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
const MINUTE_MS = 60_000;

export const last = (name: string) => name.split('/').at(-1) ?? '';
/** `2026-11-25 04:00 UTC` */
export const minute = (time: string) => `${time.slice(0, 16).replace('T', ' ')} UTC`;

/** The databases and backups of the project. */
export interface Found {
  settings: Settings;
  /** The database of the units. */
  current: string;
  databases: z.infer<typeof databaseSchema>[];
  backups: Backup[];
}

export async function findDatabases(deployment: Deployment, projectNumber: string): Promise<Found> {
  const { options, commands } = deployment;
  const bucket = await findBucket(deployment, options.stateBucket, projectNumber);
  const settings = bucket && (await new SettingsFile(deployment).read());
  if (!settings && !commands.isDry) {
    throw new DeployError(
      `This command has set nothing up in the project ${options.project}: gs://${options.stateBucket} has no settings.`,
      [commandOf(options)],
    );
  }
  if (commands.isDry) tell(deployment, '(The database and the backup are examples.)');
  const example = {
    database: `projects/${options.project}/databases/(default)`,
    backup: `projects/${options.project}/locations/us-central1/backups/BACKUP`,
  };
  const region = settings?.region ?? 'us-central1';
  const known = settings ?? { project_id: '', region, domain: '', analysis_model: '' };
  const databases = await list(deployment, ['databases', 'list'], databaseSchema, [
    { name: example.database, earliestVersionTime: '2026-01-01T00:00:00Z' },
  ]);
  const backups = await list(deployment, ['backups', 'list'], backupSchema, [
    {
      name: example.backup,
      database: example.database,
      state: 'READY',
      snapshotTime: '2026-01-01T04:00:00Z',
      expireTime: '2026-01-08T04:00:00Z',
    },
  ]);
  const current = String(known.firestore_database ?? '(default)');
  const newestFirst = (a: Backup, b: Backup) => (a.snapshotTime < b.snapshotTime ? 1 : -1);
  return { settings: known, current, databases, backups: backups.sort(newestFirst) };
}

export async function list<T>(
  deployment: Deployment,
  words: string[],
  schema: z.ZodType<T>,
  assume: unknown[],
): Promise<T[]> {
  const args = ['firestore', ...words, '--format=json'];
  const answer = await retryTemporary(deployment, () =>
    gcloud(deployment, args, { assume: JSON.stringify(assume) }),
  );
  return readAnswer(`gcloud ${args.join(' ')}`, z.array(schema), answer);
}

export function showChoice(
  deployment: Deployment,
  { current, databases, backups, settings }: Found,
) {
  const command = commandOf(deployment.options, '', 'restore');
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

/** The first whole minute to which the database can be restored; undefined if there is none. */
function firstMinute(current: string, databases: Found['databases']): string | undefined {
  const since = databases.find(({ name }) => last(name) === current)?.earliestVersionTime;
  if (since === undefined) return undefined;
  return new Date(Math.ceil(Date.parse(since) / MINUTE_MS) * MINUTE_MS).toISOString();
}

/** @returns the name of the database for the units @throws {DeployError} if that cannot be done */
export function targetOf(
  source: RestoreSource,
  { current, databases, backups }: Found,
  { options, commands }: Deployment,
): string {
  const names = databases.map(({ name }) => last(name));
  const command = commandOf(options, '', 'restore');
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
          `${commandOf(options, '--var point_in_time_recovery=true')}   keeps seven days from now on`,
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

export const findBackup = (id: string, backups: Backup[]) =>
  backups.find(({ name }) => name === id || last(name) === id);
