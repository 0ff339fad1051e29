/** `npm run deploy -- destroy`: takes everything down, and names what stays. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { confirm, planAndApply, showChanges } from './apply.ts';
import { checkAccount, checkPrograms, checkProject } from './check.ts';
import { type Deployment, gcloud, step, tell, withPatience } from './deployment.ts';
import { build } from './image.ts';
import { findBucket } from './prepare.ts';
import { readSettings, type Settings, writeSettings } from './settings.ts';
import { Stack } from './stack.ts';

export async function destroy(deployment: Deployment): Promise<void> {
  const { options, root, commands } = deployment;
  await step(deployment, 'gcloud and Terraform', () => checkPrograms(deployment));
  await step(deployment, 'Who is signed in', () => checkAccount(deployment));
  const projectNumber = await step(deployment, `The project ${options.project}`, () =>
    checkProject(deployment),
  );
  const settings = await step(deployment, 'The settings of the last run', async () => {
    const bucket = await findBucket(deployment, options.stateBucket, projectNumber);
    return bucket ? await readSettings(deployment) : undefined;
  });
  if (!settings && !commands.isDry) {
    tell(
      deployment,
      `There are none in gs://${options.stateBucket}: this command has set nothing up here.`,
    );
    return;
  }
  // Terraform reads the bundles for a plan of any kind.
  if (!existsSync(join(root, 'dist/api'))) await step(deployment, 'Build', () => build(deployment));
  const stack = new Stack(deployment, unprotected(settings ?? exampleOf(deployment)));
  try {
    await step(deployment, 'Terraform gets its providers', () => stack.init());
    await takeDown(deployment, stack, projectNumber);
  } finally {
    stack.close();
  }
  await step(deployment, 'What stays', () => nameWhatStays(deployment));
}

/** Terraform asks for an image even where it deletes one. */
function unprotected(settings: Settings): Settings {
  const none = `${settings.region}-docker.pkg.dev/${settings.project_id}/media/stream:none`;
  return { stream_image: none, ...settings, deletion_protection: false };
}

function exampleOf({ options }: Deployment): Settings {
  return {
    ...{ project_id: options.project, region: 'us-central1', domain: '' },
    analysis_model: 'local/facts',
  };
}

async function takeDown(deployment: Deployment, stack: Stack, projectNumber: string) {
  const { project } = deployment.options;
  const addresses = await stack.addresses();
  if (addresses.length === 0 && !deployment.commands.isDry) {
    return tell(deployment, 'Nothing is left of what Terraform has made.');
  }
  tell(deployment, `${addresses.length} things. All photos and videos are deleted for ever.`);
  await confirm(deployment, `Write the project's id, ${project}, to destroy them:`, project);
  const holding = addresses.filter((each) =>
    /^google_(firestore_database|storage_bucket)\./.test(each),
  );
  // Only what is there: after half of an earlier try, everything else would be made again.
  const targets = deployment.commands.isDry ? ['google_firestore_database.media'] : holding;
  if (targets.length > 0) {
    await step(deployment, 'The protection of the data is taken away', () =>
      planAndApply(deployment, stack, { projectNumber, targets }),
    );
  }
  await step(deployment, 'Everything is deleted', () =>
    planAndApply(deployment, stack, {
      ...{ projectNumber, destroy: true },
      confirm: async (changes) => {
        showChanges(deployment, changes);
        // Before anything is deleted: a run that is killed then has told the next deployment, too.
        await writeSettings(deployment, forAnotherTime(stack.settings));
      },
    }),
  );
}

/** Setting the product up again meets Identity Platform, which cannot be deleted, and names of queues that are reserved. */
function forAnotherTime({
  deletion_protection: _,
  stream_image: __,
  ...settings
}: Settings): Settings {
  const next = (name: unknown) => {
    const [, base = '', number = '1'] = /^(.*?)(?:-(\d+))?$/.exec(String(name)) ?? [];
    return `${base}-${Number(number) + 1}`;
  };
  const { upload_queue = 'media-upload', analyze_queue = 'media-analyze', adopt = [] } = settings;
  const adopted = new Set(Array.isArray(adopt) ? adopt : []);
  adopted.delete('database');
  if (settings.identity_platform !== false) adopted.add('identity_platform');
  return {
    ...settings,
    upload_queue: next(upload_queue),
    analyze_queue: next(analyze_queue),
    adopt: [...adopted],
  } as Settings;
}

async function nameWhatStays(deployment: Deployment): Promise<void> {
  const { project, stateBucket } = deployment.options;
  const list = ['storage', 'buckets', 'list', '--format=value(name)'];
  const buckets = await withPatience(deployment, () => gcloud(deployment, list, { assume: '' }));
  const ofBuilds = buckets.split('\n').filter((name) => /^gcf-v2-/.test(name));
  tell(
    deployment,
    `
The project ${project} with its enabled APIs   gcloud projects delete ${project}
Identity Platform with its users               goes with the project only
The state and the settings                     gcloud storage rm --recursive gs://${stateBucket}
${ofBuilds.map((name) => `What builds of functions have left             gcloud storage rm --recursive gs://${name}`).join('\n')}
Deleted photos, for soft_delete_days (7)       go by themselves; until then they are charged
Logs and metrics                               go by themselves, after 30 days and more

npm run deploy -- --project ${project}   sets it up again, empty, with the same settings.`.replaceAll(
      '\n\n\n',
      '\n\n',
    ),
  );
}
