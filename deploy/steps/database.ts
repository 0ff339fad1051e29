/** Makes a database from a backup or from an earlier minute, and hands it over to Terraform. */
import { z } from 'zod';
import {
  accessToken,
  apiUrl,
  DeployError,
  type Deployment,
  gcloud,
  readAnswer,
  retryTemporary,
  tell,
} from './deployment.ts';
import type { RestoreSource } from './options.ts';
import { type Found, findBackup, last, list } from './restore-source.ts';
import type { Stack } from './stack.ts';

const operationSchema = z.object({
  name: z.string(),
  done: z.boolean().default(false),
  error: z.object({ message: z.string() }).optional(),
});

/** Seconds between two looks at an operation. That of a large database takes hours. */
const LOOK_S = 30;
export async function make(
  deployment: Deployment,
  source: Exclude<RestoreSource, { kind: 'use' }>,
  target: string,
  { current, backups }: Found,
): Promise<void> {
  const { project } = deployment.options;
  const assume = { name: `projects/${project}/databases/${target}/operations/OPERATION` };
  const answer = await retryTemporary(deployment, async () => {
    if (source.kind === 'minute') return clone(deployment, source.time, target, current, assume);
    const backup = findBackup(source.backup, backups)?.name ?? source.backup;
    const args = ['firestore', 'databases', 'restore', `--source-backup=${backup}`];
    const to = [`--destination-database=${target}`, '--format=json'];
    const options = { assume: JSON.stringify(assume) };
    return readAnswer(
      'gcloud firestore operations list --format=json',
      operationSchema,
      await gcloud(deployment, [...args, ...to], options),
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
  return deployment.commands.request({
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
    const answer = await retryTemporary(deployment, () =>
      gcloud(deployment, [...args, '--format=json'], {
        assume: JSON.stringify({ name, done: true }),
      }),
    );
    const { done, error } = readAnswer(
      `gcloud ${args.join(' ')} --format=json`,
      operationSchema,
      answer,
    );
    if (error) throw new DeployError(`The database ${target} could not be made: ${error.message}`);
    if (done) return tell(deployment, 'It is there.');
    if (!isTold) tell(deployment, 'This takes minutes, and hours for a large database.');
    isTold = true;
    await deployment.sleep(LOOK_S * 1_000);
  }
}

/** Waits for a database that is still being made. */
export async function makeReady(deployment: Deployment, target: string): Promise<void> {
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
  await retryTemporary(deployment, () =>
    gcloud(deployment, ['firestore', ...args], { assume: '' }),
  );
}

/** The database that the units leave stays, and Terraform forgets it. */
export async function forgetDatabase(deployment: Deployment, stack: Stack): Promise<void> {
  const known = deployment.commands.isDry
    ? ['google_firestore_database.media']
    : (await stack.addresses()).filter((address) => address.startsWith('google_firestore_'));
  if (known.length > 0) await stack.forget(known);
}
