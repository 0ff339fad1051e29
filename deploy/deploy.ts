/** `npm run deploy`: deploys the product to a Google Cloud project. docs/decisions/0030-one-command.md has the reasons. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { AccountsError } from './accounts.ts';
import { ProxyError, useProxy } from './proxy.ts';
import { confirm, planAndApply, showChanges, showCost, warnOfMove } from './steps/apply.ts';
import {
  checkAccount,
  checkBilling,
  checkBudget,
  checkPrograms,
  checkProject,
  checkRegion,
  checkRights,
} from './steps/check.ts';
import { surviveClosedTerminal } from './steps/closed-terminal.ts';
import { CommandError, PrintedCommands, RealCommands, Stopped } from './steps/commands.ts';
import {
  DeployError,
  type Deployment,
  gcloud,
  retryTemporary,
  step,
  tell,
} from './steps/deployment.ts';
import { destroy } from './steps/destroy.ts';
import { holdFolder } from './steps/folder.ts';
import { build, buildImage, taggedImage } from './steps/image.ts';
import { addressOfKey, findKey, neededKeys, storeKey } from './steps/model-key.ts';
import { commandOf, readOptions, SYNOPSIS, USAGE, UsageError } from './steps/options.ts';
import { addFirstUser, hasSignInScreens, isReachable, smokeTest } from './steps/people.ts';
import { enableApis, findBucket, makeStateBucket } from './steps/prepare.ts';
import { type Hooks, restore } from './steps/restore.ts';
import { mergeSettings, type Settings, SettingsFile } from './steps/settings.ts';
import { Stack } from './steps/stack.ts';
import { openTerminal, type Terminal } from './steps/terminal.ts';
import { checkVariables } from './steps/variables.ts';

/** Targets that the build of the image and the models' keys need first. They cost next to nothing. */
const FIRST = [
  'google_artifact_registry_repository.media',
  'google_secret_manager_secret.gemini_api_key',
  'google_storage_bucket.source',
  'time_sleep.build_may_build',
];

async function deploy(deployment: Deployment, hooks: Hooks = {}): Promise<void> {
  const { options } = deployment;
  const { project } = options;
  await step(deployment, 'gcloud and Terraform', () => checkPrograms(deployment));
  await step(deployment, 'Who is signed in', () => checkAccount(deployment));
  const projectNumber = await step(deployment, `The project ${project}`, () =>
    checkProject(deployment),
  );
  await step(deployment, 'Rights in it', () => checkRights(deployment));
  // One of these APIs tells whether there is a billing account.
  await step(deployment, 'The APIs that Terraform needs', () => enableApis(deployment));
  const billingAccount = await step(deployment, 'Its billing account', () =>
    checkBilling(deployment),
  );
  const { bucket, file, before, settings } = await step(deployment, 'Settings', () =>
    chooseSettings(deployment, projectNumber, billingAccount),
  );
  const { billing_account: watched } = settings;
  // An existing budget may be another user's: keeping it unchanged needs no right to change it.
  if (watched && !isSameBudget(settings, before)) {
    await step(deployment, 'Rights on the billing account', () =>
      checkBudget(deployment, String(watched)),
    );
  }
  const newKeys = new Map<ReturnType<typeof neededKeys>[number], string>();
  for (const key of neededKeys(settings)) {
    const text = await step(deployment, "The model's key", () =>
      findKey(deployment, key, settings),
    );
    if (text !== undefined) newKeys.set(key, text);
  }
  await step(deployment, "The bucket of Terraform's state", () =>
    makeStateBucket(deployment, bucket, settings.region),
  );
  await step(deployment, 'Build', () => build(deployment));
  const image = taggedImage(deployment, settings);
  const stack = new Stack(deployment, { ...settings, stream_image: image });
  try {
    await step(deployment, 'Terraform gets its providers', () => stack.init());
    await step(deployment, "What the build of the stream's image needs", async () => {
      const made = new Set(await stack.addresses());
      const targets = [...new Set([...FIRST, ...neededKeys(settings).map(addressOfKey)])];
      const isMade = targets.every((address) => made.has(address));
      // With targets, Terraform checks only the settings that these read; a plan of everything checks all of them.
      const keep = async () => {
        if (!before) await file.write(settings);
      };
      if (!isMade) {
        await retryTemporary(deployment, () => stack.plan()).catch(async (error: unknown) => {
          // Settings that Terraform refuses are not kept: the next run would fail again. A `DeployError` has other reasons.
          if (error instanceof DeployError) await keep();
          throw error;
        });
      }
      // From here on a second run knows the settings, even if this one fails.
      await keep();
      if (isMade) return tell(deployment, 'It is there.');
      tell(
        deployment,
        'Made without a question, as the image has to be there before the plan. Terraform warns that its\nchanges may be incomplete: the rest comes with the plan.',
      );
      await planAndApply(deployment, stack, { projectNumber, targets });
    });
    stack.settings = {
      ...settings,
      stream_image: await step(deployment, "The stream's image", () =>
        buildImage(deployment, image),
      ),
    };
    for (const [key, text] of newKeys) {
      await step(deployment, "The model's key is stored", () => storeKey(deployment, key, text));
    }
    const kept = { file, settings: before ?? settings };
    await hooks.beforePlan?.(stack);
    await step(deployment, 'The plan', () => applyAll(deployment, stack, projectNumber, kept));
    await hooks.afterApply?.();
    await finish(deployment, stack);
  } finally {
    stack.close();
  }
}

async function chooseSettings(
  deployment: Deployment,
  projectNumber: string,
  billingAccount: string | undefined,
) {
  const bucket = await findBucket(deployment, deployment.options.stateBucket, projectNumber);
  const file = new SettingsFile(deployment);
  const before = bucket ? await file.read() : undefined;
  const settings = await mergeSettings(deployment, before, billingAccount);
  checkRegion(settings.region, deployment);
  const { region, domain, analysis_model: model } = settings;
  tell(deployment, `${region}, ${domain === '' ? 'no domain' : domain}, ${model}`);
  return { bucket, file, before, settings };
}

const isSameBudget = (settings: Settings, before: Settings | undefined) =>
  ['billing_account', 'monthly_budget'].every((name) => settings[name] === before?.[name]);

/** The resources of a first run that a no to its question leaves behind. */
function leftOf({ options }: Deployment) {
  return {
    what: "The plan was not applied. What the stream's image needs is there: APIs, the account media-build and its role, the registry with the image, the buckets of sources and of Terraform's state, and secrets for the keys of models. It costs some cents a month.",
    remedy: [`${commandOf(options, '', 'destroy')}   removes it`],
  };
}

/** @param kept the settings that this run has found in the state's bucket */
async function applyAll(
  deployment: Deployment,
  stack: Stack,
  projectNumber: string,
  { file, settings }: { file: SettingsFile; settings: Settings },
): Promise<void> {
  const isChanged = await planAndApply(deployment, stack, {
    projectNumber,
    confirm: async (changes) => {
      showChanges(deployment, changes);
      showCost(deployment, stack);
      warnOfMove(deployment, settings, stack.settings);
      await confirm(deployment, {
        text: 'Apply this plan? (yes/no)',
        ...(settings.stream_image === undefined && { refused: leftOf(deployment) }),
      });
      // Before the apply: a second run continues with the same settings, and a run that was overtaken ends here.
      await file.write(stack.settings);
    },
  });
  if (isChanged) return;
  tell(deployment, 'Nothing is to be changed.');
  if (!isDeepStrictEqual(stack.settings, settings)) await file.write(stack.settings);
}

async function finish(deployment: Deployment, stack: Stack): Promise<void> {
  const { settings } = stack;
  if (settings.api_is_open_by_grant === false) {
    await step(deployment, 'The api is opened without a grant to everybody', () =>
      openApi(deployment, settings),
    );
  }
  const { url, ipAddress, signInApiKey, dashboardUrl } = await stack.outputs();
  const link =
    deployment.options.action === 'deploy' && hasSignInScreens(settings)
      ? await step(deployment, 'The first person who may sign in', () =>
          addFirstUser(deployment, url),
        )
      : undefined;
  const isOpen = await step(deployment, 'The smoke test', async () => {
    if (!(await isReachable(deployment, settings, url, ipAddress))) return false;
    await smokeTest(deployment, settings, url, signInApiKey);
    return true;
  });
  deployment.terminal.say(`\n${url}\n`);
  if (!isOpen) tell(deployment, 'Send it to nobody yet: it works when the test above passes.');
  tell(deployment, `Dashboard: ${dashboardUrl}`);
  if (hasSignInScreens(settings)) {
    const add = `GOOGLE_CLOUD_PROJECT=${settings.project_id} npm run user -- add EMAIL`;
    const send = isOpen ? `then send them ${url}` : 'when the page works';
    tell(deployment, `Let somebody else in: ${add}, ${send}`);
  }
  tell(deployment, 'What comes after the first day: docs/day-two.md');
  if (link !== undefined) tell(deployment, `Choose your password within an hour: ${link}`);
}

/** Functions have no setting for this, but the Cloud Run service behind the function has (terraform/variables.tf). */
async function openApi(deployment: Deployment, { region }: Settings): Promise<void> {
  const update = ['run', 'services', 'update', 'media-api', `--region=${region}`];
  await retryTemporary(deployment, () =>
    gcloud(deployment, [...update, '--no-invoker-iam-check'], { assume: '' }),
  );
}

const NOTHING_IS_DONE =
  'This is a dry run: nothing is done, and nobody is asked. Answers and addresses are examples.';

const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface World {
  env: NodeJS.ProcessEnv;
  terminal: Terminal;
  /** The project's folder. */
  root: string;
  /** @param stopping ends the wait, which then rejects */
  sleep(ms: number, stopping: AbortSignal): Promise<void>;
}

/**
 * @param args the command line @param world the environment of the run
 * @returns the exit code: 0 done, 1 not done, 2 not understood, 130 stopped
 */
export async function main(args: string[], world: World): Promise<number> {
  const { env, root } = world;
  const real: RealCommands = new RealCommands(root, env, (text) => terminal.show(text));
  const terminal = surviveClosedTerminal(root, world.terminal, real.stopping);
  const { say } = terminal;
  const stop = (signal: NodeJS.Signals) => {
    if (signal === 'SIGHUP') terminal.close();
    real.stop(signal);
  };
  for (const signal of STOPS) process.on(signal, stop);
  let leaveProxy = () => {};
  let leaveFolder = () => {};
  let running: Deployment | undefined;
  try {
    if (args.includes('--help') || args.includes('-h')) {
      say(USAGE);
      return 0;
    }
    const options = readOptions(args, env);
    const commands = options.dryRun ? new PrintedCommands(say) : real;
    if (!options.dryRun) leaveProxy = useProxy(env);
    const { project, stateBucket, given = [] } = options;
    const place = { project, stateBucket, given, account: 'your account' };
    const pause = (ms: number) =>
      world.sleep(ms, real.stopping).catch((cause: unknown) => {
        throw real.stopping.aborted ? new Stopped('While it waited.', { cause }) : cause;
      });
    const deployment: Deployment = {
      env,
      root,
      terminal,
      sleep: pause,
      options,
      commands,
      place,
    };
    running = deployment;
    checkVariables(deployment);
    if (options.dryRun) {
      say(NOTHING_IS_DONE);
      if (options.isExample) say(`No project was named, so the commands name "${project}".`);
    } else {
      // Actions that only read may run beside a deployment.
      if (options.action !== 'restore' || options.source) leaveFolder = holdFolder(root);
      terminal.tellUnread();
    }
    const actions = {
      deploy: () => deploy(deployment),
      destroy: () => destroy(deployment),
      restore: () => restore(deployment, deploy),
    };
    await actions[options.action]();
    if (options.dryRun) say(`\n${NOTHING_IS_DONE}`);
    return 0;
  } catch (error) {
    return explain(error as Error, say, running?.goOn);
  } finally {
    leaveProxy();
    leaveFolder();
    for (const signal of STOPS) process.off(signal, stop);
  }
}

/** @param goOn what to do when the reason is gone; by default the same command */
function explain(error: Error, say: (line: string) => void, goOn: string | undefined): number {
  const again = goOn ?? 'Run the same command again: it goes on.';
  if (error instanceof UsageError) {
    // The reason stands last: more lines would hide it.
    say(`${SYNOPSIS}\n\n${error.message}\nnpm run deploy -- --help   explains all options`);
    return 2;
  }
  if (error instanceof Stopped) {
    say(`\nStopped. ${again}`);
    return 130;
  }
  if (error instanceof DeployError) {
    say(`\n${error.message}`);
    for (const line of error.remedy) say(`  ${line}`);
    if (error.cause instanceof CommandError) say(`\n${asQuote(error.cause)}`);
    if (goOn !== undefined) say(`\n${goOn}`);
    return 1;
  }
  if (error instanceof CommandError) {
    say(`\n${failureOf(error)}:\n${asQuote(error)}`);
    if (error.message === '') say(`\n${SILENT_REMEDY}`);
    say(`\n${goOn ?? 'When the reason is gone, run the same command again: it goes on.'}`);
    return 1;
  }
  if (error instanceof ProxyError) {
    say(`\n${error.message}`);
    return 1;
  }
  if (error instanceof AccountsError) {
    say(`\n${error.message}\n${again}`);
    return 1;
  }
  throw error;
}

/** @param code undefined: a signal ended the program, or the machine did for lack of memory */
function failureOf({ code, message }: CommandError): string {
  const how = code === undefined ? '' : ` with the exit code ${code}`;
  return message === ''
    ? `This command ended${how || ' by a signal'}, without a word`
    : `This command failed${how}, for a reason that is not known here`;
}

const SILENT_REMEDY =
  'Run it by itself, in the folder of the project, to see more (of Terraform with TF_LOG=debug before it). A program that says nothing may have been ended by somebody, or by the system for lack of memory.';

function asQuote({ command, message }: CommandError): string {
  return [`$ ${command}`, ...message.split('\n')].map((line) => `  | ${line}`).join('\n');
}

if (import.meta.main) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  process.exitCode = await main(process.argv.slice(2), {
    env: process.env,
    terminal: openTerminal(),
    root,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  });
}
