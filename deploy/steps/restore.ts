/**
 * `npm run deploy -- restore`: gives the units another database, made from a backup or from an earlier minute, or existing
 * already. The old one stays as it is, so the way back is the same command.
 */
import { confirm } from './apply.ts';
import { checkAccount, checkPrograms, checkProject } from './check.ts';
import { forgetDatabase, make, makeReady } from './database.ts';
import { type Deployment, gcloud, retryTemporary, step, tell } from './deployment.ts';
import { commandOf, flagsOf, type RestoreSource } from './options.ts';
import {
  type Found,
  findBackup,
  findDatabases,
  last,
  minute,
  showChoice,
  targetOf,
} from './restore-source.ts';
import type { Settings } from './settings.ts';
import type { Stack } from './stack.ts';

/** Further work of the deployment that follows. */
export interface Hooks {
  beforePlan?: (stack: Stack) => Promise<void>;
  afterApply?: () => Promise<void>;
}

const SWEEP = 'media-sweep';
/** @param deploy applies the settings of these options */
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
  await confirm(deployment, { text: `Give the units the database ${target}? (yes/no)` });

  const work = workOf(deployment, found.settings);
  // The last run has chosen this database and was stopped: only the deployment is left.
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
    // One question is enough, and Terraform forgets the database before its plan.
    const going = { kind: 'use', database: target } as const;
    await deploy(
      { ...deployment, options: { ...options, source: going, variables, yes: true } },
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
      // Not the same command: the name of the database contains the minute.
      deployment.goOn = `The work is paused, and nothing is lost. When the reason is gone, go on with:
  ${commandOf(options, again, 'restore')}
To let the work go on as it was:
${work.resumeCommands.map((command) => `  gcloud ${command.join(' ')}`).join('\n')}`;
    }
  }
  tell(
    deployment,
    `
The units use ${target}. The database ${found.current} is as it was. To go back to it:
  ${commandOf(options, `--use '${found.current}'`, 'restore')}
When it is needed no more:
  gcloud firestore databases update --database='${found.current}' --no-delete-protection --project=${options.project}
  gcloud firestore databases delete --database='${found.current}' --project=${options.project}`,
  );
}

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
function workOf(
  deployment: Deployment,
  { region, upload_queue, analyze_queue, flex_queue, webhook_queue, slow_webhook_queue }: Settings,
) {
  const queues = [
    upload_queue ?? 'media-upload',
    analyze_queue ?? 'media-analyze',
    flex_queue ?? 'media-flex',
    webhook_queue ?? 'media-webhooks',
    slow_webhook_queue ?? 'media-slow-webhooks',
  ].map(String);
  const at = `--location=${region}`;
  const commandsTo = (verb: 'pause' | 'resume') => [
    ...queues.map((queue) => ['tasks', 'queues', verb, queue, at]),
    ['scheduler', 'jobs', verb, SWEEP, at],
  ];
  const run = (args: string[]) =>
    retryTemporary(deployment, () => gcloud(deployment, args, { assume: '' }));
  // Pausing a paused job fails: https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs/pause
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
