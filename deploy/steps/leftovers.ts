/** Lists the resources of a project after `destroy`, with the commands that remove them. */
import { z } from 'zod';
import { CommandError } from './commands.ts';
import { type Deployment, gcloud, tell } from './deployment.ts';
import { listNumbered, NUMBERED, type Numbered } from './numbered.ts';
import { commandOf } from './options.ts';
import { isNewApi } from './prepare.ts';
import { last, minute } from './restore-source.ts';
import { parseJson, type Settings } from './settings.ts';

/** A remaining resource, and how it is removed: by commands, or by itself. */
interface Remainder {
  what: string;
  how: string[];
}

const databaseSchema = z.object({
  name: z.string(),
  deleteProtectionState: z.string().optional(),
});
const backupSchema = z.object({
  name: z.string(),
  database: z.string(),
  snapshotTime: z.string(),
  expireTime: z.string(),
});
const roleSchema = z.object({ name: z.string(), deleted: z.boolean().default(false) });
const repositorySchema = z.object({ name: z.string() });
const bucketSchema = z.object({ name: z.string() });

export async function nameWhatStays(deployment: Deployment, settings: Settings): Promise<void> {
  const { project, stateBucket } = deployment.options;
  const inProject = `--project=${project}`;
  const removeBucket = (name: string) => [`gcloud storage rm --recursive gs://${name}`];
  const images = ['artifacts', 'repositories', 'list', `--location=${settings.region}`];
  const softDeleteDays = Number(settings.soft_delete_days ?? 7);
  const remainders: Remainder[] = [
    ...(settings.identity_platform === false
      ? []
      : [{ what: 'Identity Platform with its users', how: ['goes with the project only'] }]),
    { what: 'The state and the settings', how: removeBucket(stateBucket) },
    ...(await find(deployment, 'Databases', ['firestore', 'databases', 'list'], databaseSchema, {
      show: ({ name, deleteProtectionState }) => {
        const isProtected = deleteProtectionState === 'DELETE_PROTECTION_ENABLED';
        const of = `--database='${last(name)}' ${inProject}`;
        return {
          what: `The database ${last(name)}${isProtected ? ', protected against deletion' : ''}, which Terraform does not know`,
          how: [
            ...(isProtected
              ? [`gcloud firestore databases update --no-delete-protection ${of}`]
              : []),
            `gcloud firestore databases delete ${of}`,
          ],
        };
      },
    })),
    ...(await find(deployment, 'Backups', ['firestore', 'backups', 'list'], backupSchema, {
      show: ({ name, database, snapshotTime, expireTime }) => ({
        what: `A backup of ${last(database)} of ${minute(snapshotTime)}, charged until ${expireTime.slice(0, 10)}`,
        how: [
          `gcloud firestore backups delete --backup=${last(name)} --location=${name.split('/')[3]} ${inProject}`,
        ],
      }),
    })),
    ...(await find(deployment, 'Buckets', ['storage', 'buckets', 'list'], bucketSchema, {
      isOurs: ({ name }) => name.startsWith('gcf-v2-') || name.startsWith(`${project}-media`),
      show: ({ name }) => ({
        what: `${name.startsWith('gcf-v2-') ? 'What builds of functions have left' : 'A bucket'} (${name})`,
        how: removeBucket(name),
      }),
    })),
    ...(await find(deployment, 'Images', images, repositorySchema, {
      isOurs: ({ name }) => ['media', 'gcf-artifacts'].includes(last(name)),
      show: ({ name }) => ({
        what: `Images (${last(name)})`,
        how: [
          `gcloud artifacts repositories delete ${last(name)} --location=${name.split('/')[3]} ${inProject}`,
        ],
      }),
    })),
    ...(await find(deployment, 'Roles', ['iam', 'roles', 'list', '--show-deleted'], roleSchema, {
      isOurs: ({ name }) => last(name).startsWith('media'),
      // https://cloud.google.com/iam/docs/creating-custom-roles#deleting-custom-role
      show: ({ name, deleted }) =>
        deleted
          ? {
              what: `The deleted role ${last(name)}`,
              how: ['keeps its name for 37 days; the next deployment takes another one'],
            }
          : {
              // Left by a run that was killed before its state was written: the next one has made others.
              what: `The role ${last(name)}, of a stopped run or of another deployment`,
              how: [`gcloud iam roles delete ${last(name)} ${inProject}`],
            },
    })),
    ...(await findNumbered(deployment, settings)),
    ...(softDeleteDays === 0
      ? []
      : [
          {
            what: 'Deleted photos and videos',
            how: [`go by themselves after ${softDeleteDays} days; until then they are charged`],
          },
        ]),
    {
      what: 'After a run that was killed, perhaps a version of Firestore’s rules',
      how: ['costs nothing, and applies to nothing'],
    },
    { what: 'Logs and metrics', how: ['go by themselves, after 30 days and more'] },
    {
      what: `The project ${project} with its enabled APIs`,
      how: [
        `gcloud projects delete ${project}   removes all of this, and everything else in the project`,
      ],
    },
  ];
  for (const { what, how } of remainders) {
    tell(deployment, [what, ...how.map((line) => `    ${line}`)].join('\n'));
  }
  tell(
    deployment,
    `\n${commandOf(deployment.options)}   sets it up again, empty, with the same settings.`,
  );
}

interface Finding<T> {
  /** By default all are. */
  isOurs?: (each: T) => boolean;
  show: (each: T) => Remainder;
}

/** Asks once: if Google does not answer, the user is told what to ask. */
async function find<T>(
  deployment: Deployment,
  title: string,
  words: string[],
  schema: z.ZodType<T>,
  { isOurs = () => true, show }: Finding<T>,
): Promise<Remainder[]> {
  const args = [...words, '--format=json'];
  const answer = await gcloud(deployment, args, { assume: '[]' }).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    // Firestore's API, for one, is not enabled where a deployment ended early.
    return isNewApi(error) ? '[]' : '';
  });
  const { data } = z.array(schema).safeParse(parseJson(answer));
  if (data) return data.filter(isOurs).map(show);
  const command = `gcloud ${words.join(' ')} --project=${deployment.options.project}`;
  return [{ what: `${title}: not known, because Google did not say`, how: [command] }];
}

/** Left by a run that was killed before its state was written. An alert would send mails about deleted resources. */
async function findNumbered(deployment: Deployment, settings: Settings): Promise<Remainder[]> {
  const { project } = deployment.options;
  const account = String(settings.billing_account ?? '');
  const isOurs = ({ displayName, userLabels }: Numbered) =>
    /^media: |^media-analysis$/.test(displayName) ||
    displayName === `media-analysis (${project})` ||
    userLabels.app === 'media-analysis';
  const found: Remainder[] = [];
  for (const kind of Object.values(NUMBERED)) {
    if (account === '' && kind.api === 'billingbudgets') continue;
    const all = await listNumbered(deployment, kind, account).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      return isNewApi(error) ? [] : undefined;
    });
    for (const each of all?.filter(isOurs) ?? []) {
      found.push({
        what: `${kind.what} ${each.displayName}, which Terraform does not know`,
        how: [`gcloud ${kind.remove} ${each.name} --project=${project}`],
      });
    }
    if (all) continue;
    const page = `https://console.cloud.google.com/${kind.api === 'monitoring' ? 'monitoring' : 'billing'}?project=${project}`;
    found.push({ what: `${kind.what}: not known, because Google did not say`, how: [page] });
  }
  return found;
}
