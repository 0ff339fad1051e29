/** The bundles of the functions, and the stream's image, which Cloud Build makes. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
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
import type { Settings } from './settings.ts';

export async function build(deployment: Deployment): Promise<void> {
  const args = ['run', '--silent', 'build'];
  await deployment.commands.run({ program: 'npm', args, shown: true, assume: '' });
}

/**
 * The tag is the hash of the content, so that an unchanged stream is not built again, and the next run finds the image of a run
 * that was killed while it waited.
 */
export function taggedImage({ root }: Deployment, { project_id, region }: Settings): string {
  const folder = join(root, 'dist/stream');
  // A dry run may come before the first build.
  const tag = existsSync(folder) ? hashOf(folder).slice(0, 20) : 'HASH';
  return `${region}-docker.pkg.dev/${project_id}/media/stream:${tag}`;
}

function hashOf(folder: string): string {
  const hash = createHash('sha256');
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
  for (const file of files.sort()) {
    const content = readFileSync(file);
    hash
      .update(`${relative(folder, file).split(sep).join('/')}\0${content.length}\0`)
      .update(content);
  }
  return hash.digest('hex');
}

const builtSchema = z.object({
  id: z.string(),
  results: z.object({ images: z.array(z.object({ digest: z.string() })).min(1) }),
});

/** @returns the image by its digest: the tested image is the one that runs, even if the tag changes */
export async function buildImage(deployment: Deployment, image: string): Promise<string> {
  const byDigest = (digest: string) => `${image.replace(/:[^:/]+$/, '')}@${digest}`;
  const found = await digestOf(deployment, image);
  if (found !== '') {
    tell(deployment, 'The stream has not changed: its image is there.');
    return byDigest(found);
  }
  if (!deployment.commands.isDry)
    tell(deployment, 'Cloud Build makes it. This takes a minute or two.');
  const answer = await retryTemporary(deployment, () =>
    gcloud(
      deployment,
      [
        ...['builds', 'submit', 'dist/stream', '--config=cloudbuild.stream.yaml'],
        `--substitutions=_IMAGE=${image}`,
        `--gcs-source-staging-dir=gs://${deployment.options.project}-media-source/stream`,
        ...['--suppress-logs', '--format=json'],
      ],
      { assume: JSON.stringify({ id: 'ID', results: { images: [{ digest: ASSUMED }] } }) },
    ).catch((error: unknown) => {
      throw error instanceof CommandError ? explained(error, deployment) : error;
    }),
  );
  const { results } = readAnswer('gcloud builds submit --format=json', builtSchema, answer);
  return byDigest(results.images[0]?.digest ?? '');
}

const ASSUMED = `sha256:${'0'.repeat(64)}`;

/** @returns empty if there is no such image */
async function digestOf(deployment: Deployment, image: string): Promise<string> {
  const args = [
    'artifacts',
    'docker',
    'images',
    'describe',
    image,
    '--format=value(image_summary.digest)',
  ];
  const answer = await retryTemporary(deployment, () =>
    gcloud(deployment, args, { assume: '' }).catch((error: unknown) => {
      const isMissing =
        error instanceof CommandError &&
        (/not found|NOT_FOUND/i.test(error.message) || namesStatus(error.message, 404));
      if (isMissing) return '';
      throw error;
    }),
  );
  return answer.trim();
}

/** For a build that has begun and failed: only its log says why. */
function explained(error: CommandError, { options }: Deployment): Error {
  const id = /builds\/([0-9a-f-]{36})/.exec(error.message)?.[1];
  if (id === undefined || !/completed with status/.test(error.message)) return error;
  return new DeployError(
    "Cloud Build could not make the stream's image.",
    [`gcloud builds log ${id} --project=${options.project}`],
    { cause: error },
  );
}
