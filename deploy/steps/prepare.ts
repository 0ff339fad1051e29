/** Terraform's own needs: a few APIs, and a bucket for its state. */
import { z } from 'zod';
import { CommandError, namesStatus } from './commands.ts';
import {
  DeployError,
  type Deployment,
  gcloud,
  readAnswer,
  retryTemporary,
  tell,
} from './deployment.ts';
import { commandOf } from './options.ts';

/** Terraform enables the others (terraform/services.tf). */
const APIS = ['cloudbilling', 'cloudresourcemanager', 'iam', 'serviceusage', 'storage'].map(
  (name) => `${name}.googleapis.com`,
);

export async function enableApis(deployment: Deployment): Promise<void> {
  const list = ['services', 'list', '--enabled', '--format=value(config.name)'];
  const enabled = await retryTemporary(deployment, () => gcloud(deployment, list, { assume: '' }));
  const missing = APIS.filter((name) => !enabled.split('\n').includes(name));
  if (missing.length === 0) return tell(deployment, 'They are enabled.');
  await retryTemporary(deployment, () =>
    gcloud(deployment, ['services', 'enable', ...missing], { assume: '' }),
  );
  if (!deployment.commands.isDry) tell(deployment, `Enabled: ${missing.join(', ')}.`);
}

/** Only the fields that are asked for. The project's number is only in the API's own answer (`--raw`). */
const bucketSchema = z.object({
  projectNumber: z.coerce.string(),
  location: z.string(),
  versioning: z.object({ enabled: z.boolean() }).optional(),
});

export type Bucket = z.infer<typeof bucketSchema>;

/**
 * @returns the project's bucket of that name; undefined if there is none
 * @throws {DeployError} if the bucket is another project's. Names are guessable: a stranger may own it, and let us write.
 */
export async function findBucket(
  deployment: Deployment,
  name: string,
  projectNumber: string,
): Promise<Bucket | undefined> {
  const args = ['storage', 'buckets', 'describe', `gs://${name}`, '--raw', '--format=json'];
  const answer = await retryTemporary(deployment, () =>
    gcloud(deployment, args, { assume: '' }).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      if (isMissing(error.message) && !isNewApi(error)) return '';
      throw isForbidden(error) ? taken(deployment, name, error) : error;
    }),
  );
  if (answer === '') return undefined;
  const bucket = readAnswer(`gcloud ${args.join(' ')}`, bucketSchema, answer);
  if (bucket.projectNumber !== projectNumber) throw taken(deployment, name);
  return bucket;
}

export const isNewApi = ({ message }: Pick<CommandError, 'message'>) =>
  /SERVICE_DISABLED|has not been used in project/.test(message);

const isMissing = (text: string) => /not found/i.test(text) || namesStatus(text, 404);

const isForbidden = ({ message }: CommandError) =>
  (namesStatus(message, 403) || /does not have (?:storage\.|permission)/i.test(message)) &&
  !isNewApi({ message });

const isTaken = (text: string) => namesStatus(text, 409) || /not available/i.test(text);

function taken({ options }: Deployment, name: string, cause?: unknown): DeployError {
  return new DeployError(
    `The bucket ${name} belongs to another project: names of buckets are unique in all of Google Cloud.`,
    [
      commandOf({ ...options, stateBucket: 'ANOTHER-NAME' }),
      'Each later run needs the same --state-bucket.',
    ],
    { cause },
  );
}

/** Versions are kept, so that a damaged state can be restored. */
export async function makeStateBucket(
  deployment: Deployment,
  bucket: Bucket | undefined,
  region: string,
): Promise<void> {
  const { stateBucket } = deployment.options;
  if (bucket?.versioning?.enabled) return tell(deployment, `gs://${stateBucket} is there.`);
  if (!bucket) await createBucket(deployment, region);
  const update = ['storage', 'buckets', 'update', `gs://${stateBucket}`, '--versioning'];
  await retryTemporary(deployment, () => gcloud(deployment, update, { assume: '' }));
  if (!deployment.commands.isDry) tell(deployment, `gs://${stateBucket}`);
}

async function createBucket(deployment: Deployment, region: string): Promise<void> {
  const { stateBucket } = deployment.options;
  const args = ['storage', 'buckets', 'create', `gs://${stateBucket}`, `--location=${region}`];
  const safe = ['--uniform-bucket-level-access', '--public-access-prevention'];
  await retryTemporary(deployment, () =>
    gcloud(deployment, [...args, ...safe], { assume: '' }).catch((error: unknown) => {
      const isRefused = error instanceof CommandError && isTaken(error.message);
      throw isRefused ? taken(deployment, stateBucket, error) : error;
    }),
  );
}
