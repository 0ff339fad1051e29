/** `npm run deploy -- destroy`: takes everything down, and lists the rest. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { confirm, planAndApply, showChanges } from './apply.ts';
import { checkAccount, checkPrograms, checkProject } from './check.ts';
import { type Deployment, step, tell } from './deployment.ts';
import { build } from './image.ts';
import { nameWhatStays } from './leftovers.ts';
import { KEY_VERSIONS } from './model-key.ts';
import { findBucket } from './prepare.ts';
import { type Settings, SettingsFile } from './settings.ts';
import { Stack } from './stack.ts';

export async function destroy(deployment: Deployment): Promise<void> {
  const { options, root, commands } = deployment;
  await step(deployment, 'gcloud and Terraform', () => checkPrograms(deployment));
  await step(deployment, 'Who is signed in', () => checkAccount(deployment));
  const projectNumber = await step(deployment, `The project ${options.project}`, () =>
    checkProject(deployment),
  );
  const file = new SettingsFile(deployment);
  const kept = await step(deployment, 'The settings of the last run', async () => {
    const bucket = await findBucket(deployment, options.stateBucket, projectNumber);
    return bucket ? await file.read() : undefined;
  });
  if (!kept && !commands.isDry) {
    tell(
      deployment,
      `There are none in gs://${options.stateBucket}: this command has set nothing up here.`,
    );
    return;
  }
  // Terraform reads the bundles for a plan of any kind.
  if (!existsSync(join(root, 'dist/api'))) await step(deployment, 'Build', () => build(deployment));
  const settings = kept ?? exampleOf(deployment);
  const stack = new Stack(deployment, unprotected(settings));
  try {
    await step(deployment, 'Terraform gets its providers', () => stack.init());
    await takeDown(deployment, stack, file, projectNumber);
  } finally {
    stack.close();
  }
  await step(deployment, 'What stays', () => nameWhatStays(deployment, settings));
}

/** Terraform asks for an image even where it deletes one. */
function unprotected(settings: Settings): Settings {
  const none = `${settings.region}-docker.pkg.dev/${settings.project_id}/media/stream:none`;
  return { stream_image: none, ...settings, deletion_protection: false };
}

function exampleOf({ options }: Deployment): Settings {
  return {
    project_id: options.project,
    region: 'us-central1',
    domain: '',
    analysis_model: 'local/facts',
  };
}

async function takeDown(
  deployment: Deployment,
  stack: Stack,
  file: SettingsFile,
  projectNumber: string,
): Promise<void> {
  const { project } = deployment.options;
  // Terraform neither deletes nor counts resources that it only reads (`data.`).
  const addresses = (await stack.addresses()).filter((each) => !each.startsWith('data.'));
  if (addresses.length === 0 && !deployment.commands.isDry) {
    return tell(deployment, 'Nothing is left of what Terraform has made.');
  }
  const count = deployment.commands.isDry
    ? 'All things of the deployment'
    : `${addresses.length} things`;
  tell(deployment, `${count}. All photos and videos are deleted for ever.`);
  await confirm(deployment, {
    text: `Write the project's id, ${project}, to destroy them:`,
    expected: project,
  });
  const holding = addresses.filter((each) =>
    /^google_(firestore_database|storage_bucket)\./.test(each),
  );
  // Only existing resources: after half of an earlier try, everything else would be made again.
  const targets = deployment.commands.isDry ? ['google_firestore_database.media'] : holding;
  if (targets.length > 0) {
    await step(deployment, 'The protection of the data is taken away', () =>
      planAndApply(deployment, stack, { projectNumber, targets }),
    );
  }
  await step(deployment, 'Everything is deleted', () =>
    planAndApply(deployment, stack, {
      projectNumber,
      destroy: true,
      confirm: async (changes) => {
        showChanges(deployment, changes);
        // Before anything is deleted: if this run is killed then, the next deployment knows it, too.
        await file.write(forAnotherTime(stack.settings, addresses));
      },
    }),
  );
}

/** These name deleted resources: an image, and versions of secrets, which are counted from 1 again. */
const OF_WHAT_IS_GONE = ['deletion_protection', 'stream_image', ...KEY_VERSIONS];

/** The next setup meets Identity Platform, which cannot be deleted, and names of queues that are reserved. */
function forAnotherTime(before: Settings, addresses: readonly string[]): Settings {
  const settings = { ...before };
  for (const name of OF_WHAT_IS_GONE) delete settings[name];
  const next = (name: unknown) => {
    const [, base = '', number = '1'] = /^(.*?)(?:-(\d+))?$/.exec(String(name)) ?? [];
    return `${base}-${Number(number) + 1}`;
  };
  const { upload_queue = 'media-upload', analyze_queue = 'media-analyze' } = settings;
  const { flex_queue = 'media-flex', webhook_queue = 'media-webhooks' } = settings;
  const { slow_webhook_queue = 'media-slow-webhooks', adopt = [] } = settings;
  const adopted = new Set(Array.isArray(adopt) ? adopt : []);
  // Terraform refuses to take over resources that do not exist.
  for (const deleted of ['database', 'rules']) adopted.delete(deleted);
  if (addresses.some((each) => each.startsWith('google_identity_platform_config.')))
    adopted.add('identity_platform');
  return {
    ...settings,
    upload_queue: next(upload_queue),
    analyze_queue: next(analyze_queue),
    flex_queue: next(flex_queue),
    webhook_queue: next(webhook_queue),
    slow_webhook_queue: next(slow_webhook_queue),
    adopt: [...adopted],
  };
}
