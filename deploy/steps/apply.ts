/** Plans, shows, asks, applies, and continues where Google needs a minute or a killed run has left something. */
import { join } from 'node:path';
import { costInUsd } from '../../functions/analysis/prices.ts';
import { profileOf } from '../../functions/analysis/profiles.ts';
import { isFree } from '../../functions/analysis/providers/provider.ts';
import { highestPhotoCostInUsd } from '../../functions/analysis/worst-case.ts';
import { Terraform } from '../check/terraform.ts';
import { monthAtRest, PHOTO_TOKENS, readPrice } from '../prices.ts';
import { CommandError } from './commands.ts';
import { DeployError, type Deployment, renewToken, tell } from './deployment.ts';
import { decideFailure } from './failures.ts';
import { takeOverNumbered } from './numbered.ts';
import { commandOf, repeatCommand } from './options.ts';
import { findBucket } from './prepare.ts';
import type { Settings } from './settings.ts';
import type { Change, PlanOptions, Stack } from './stack.ts';
import {
  errorsOf,
  findId,
  importId,
  isThereAlready,
  type ResourceError,
  refuseForeign,
} from './take-over.ts';
import { askYesNo } from './terminal.ts';

/** Seconds before Terraform plans again. New metrics take the longest: up to ten minutes. */
const WAITS_S = [30, 60, 60, 120, 240];
/** Resources taken over in one run: more than there are in `terraform/`, so that an endless loop ends. */
const MOST_TAKEN_OVER = 150;

export interface ApplyOptions extends PlanOptions {
  projectNumber: string;
  /** Shows the first plan and asks. @throws {DeployError} if the user does not want it */
  confirm?: (changes: Change[]) => Promise<void>;
}

/** @returns true if there was anything to change */
export async function planAndApply(
  deployment: Deployment,
  stack: Stack,
  { projectNumber, confirm, ...options }: ApplyOptions,
): Promise<boolean> {
  const waits = [...WAITS_S];
  let isConfirmed = false;
  let takenOver = 0;
  for (;;) {
    let changes: Change[] = [];
    try {
      changes = await stack.plan(options);
      if (await acceptInterrupted(deployment, stack, changes)) continue;
      refuseLoss(deployment, changes, options);
      if (changes.length === 0 && !deployment.commands.isDry) return isConfirmed;
      if (!isConfirmed) {
        await confirm?.(changes);
        isConfirmed = true;
        if ((await takeOverNumbered(deployment, stack, changes)) > 0) continue;
      }
      await stack.apply();
      return true;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      if (await renewToken(deployment, error)) {
        tell(
          deployment,
          'The token of your sign-in has ended: it lives for an hour. Going on with a new one.',
        );
        await stack.writeLeftoverState();
        continue;
      }
      const errors = errorsOf(error.message);
      const found = await takeOver(deployment, stack, errors, changes, projectNumber);
      takenOver += found;
      if (found > 0 && takenOver <= MOST_TAKEN_OVER) continue;
      const why = reasonToWait(deployment, errors, error);
      const seconds = waits.shift();
      if (seconds === undefined) throw error;
      tell(deployment, `${why} Trying again in ${seconds} s.`);
      await deployment.sleep(seconds * 1_000);
    }
  }
}

/** @throws {DeployError} if the user has to do something first @throws {CommandError} if no rule knows the error */
function reasonToWait({ place }: Deployment, errors: ResourceError[], error: CommandError): string {
  const texts = errors.length > 0 ? errors.map(({ text }) => text) : [error.message];
  const failures = texts.map((text) => decideFailure(text, place));
  for (const [i, failure] of failures.entries()) {
    if (failure?.kind !== 'stop') continue;
    throw new DeployError(failure.what, failure.remedy, {
      cause: new CommandError(error.command, error.code, texts[i] ?? ''),
    });
  }
  const [first] = failures;
  if (first?.kind !== 'wait' || failures.includes(undefined)) throw error;
  return first.why;
}

async function takeOver(
  deployment: Deployment,
  stack: Stack,
  errors: ResourceError[],
  changes: Change[],
  projectNumber: string,
): Promise<number> {
  let count = 0;
  for (const error of errors.filter(isThereAlready)) {
    const change = changes.find(({ address }) => address === error.address);
    const id =
      change &&
      (importId(change, deployment.options.project) ?? (await findId(deployment, change)));
    if (!change || id === undefined) continue;
    // A stranger may own a bucket of that name, and let us write into it.
    if (change.type === 'google_storage_bucket') await findBucket(deployment, id, projectNumber);
    tell(
      deployment,
      `${change.address} is there already, from a run that was stopped: taking it over.`,
    );
    await stack.import(change.address, id);
    await refuseForeign(stack, change, id);
    count++;
  }
  return count;
}

/**
 * Takes over resources that were made but could not be read, as the sign-in ended. Terraform would make them again: a grant is
 * made again first and deleted then, so it is gone, as both are the same one; and data must not be deleted.
 * @returns true if there were any
 */
async function acceptInterrupted(
  deployment: Deployment,
  stack: Stack,
  changes: Change[],
): Promise<boolean> {
  const made = changes.filter(
    ({ address, isTainted }) =>
      isTainted && (/_iam_member\./.test(address) || WITH_DATA.test(address)),
  );
  for (const { address } of made) {
    tell(deployment, `${address} was made when the last run broke off: taking it as it is.`);
    await stack.untaint(address);
  }
  return made.length > 0;
}

/** A deployment never deletes these. `destroy` does, after a question of its own. */
const WITH_DATA =
  /^google_(?:firestore_database\.media|identity_platform_config\.media|storage_bucket\.(?:media|staging))\b/;

function refuseLoss(
  deployment: Deployment,
  changes: Change[],
  { destroy = false }: PlanOptions,
): void {
  if (destroy) return;
  const lost = changes.filter(
    ({ address, actions }) => actions.includes('delete') && WITH_DATA.test(address),
  );
  if (lost.length === 0) return;
  for (const change of lost) refuseMove(deployment, change);
  throw new DeployError(
    `This change would delete data for ever (${lost.map(({ address }) => address).join(', ')}), so nothing is changed.`,
    ['docs/day-two.md says what can be changed, and how a database is replaced'],
  );
}

/** A resource that a project has already is often elsewhere: Firebase's own is in nam5 or eur3 where nobody chose. */
function refuseMove({ options }: Deployment, { type, before, after }: Change): void {
  const [from, to] = [before?.location_id, after.location_id];
  if (type !== 'google_firestore_database' || typeof from !== 'string' || from === to) return;
  throw new DeployError(
    `The database ${before?.name} is in ${from}, and not in ${to}. A database cannot be moved, so nothing is changed.`,
    [
      `${commandOf(options, `--var firestore_location=${from} --var 'adopt=["database"]'`)}   leaves it there`,
    ],
  );
}

const SIGNS: Record<string, string> = { create: '+', update: '~', delete: '-' };

/** A plan of more changes is counted by kind: a first one has some 140. */
const MOST_LINES = 40;

function linesOf(changes: Change[]): string[] {
  const groups = new Map<string, Change[]>();
  for (const change of changes) {
    const { address, type, actions } = change;
    const signs = actions.map((each) => SIGNS[each] ?? each).join('/');
    const isCounted =
      changes.length > MOST_LINES && /^[+-]$/.test(signs) && !WITH_DATA.test(address);
    const line = `${signs} ${isCounted ? type : address}`;
    groups.set(line, [...(groups.get(line) ?? []), change]);
  }
  return [...groups].map(([line, [first, ...more]]) => {
    const sign = line.split(' ', 1)[0];
    const what = more.length === 0 ? first?.address : `${more.length + 1} ${first?.type}`;
    // Terraform only lets go of it (`disable_on_destroy` in terraform/services.tf).
    const isKept = sign === '-' && first?.type === 'google_project_service';
    return `${sign} ${what}${isKept ? '   (stays enabled)' : ''}`;
  });
}

export function showChanges(deployment: Deployment, changes: Change[]): void {
  if (deployment.commands.isDry) {
    tell(deployment, '(Here the plan is shown.)');
    return;
  }
  const count = (action: string) =>
    changes.filter(({ actions }) => actions.includes(action)).length;
  for (const line of linesOf(changes)) tell(deployment, line);
  tell(
    deployment,
    `\n${count('create')} to make, ${count('update')} to change, ${count('delete')} to remove.`,
  );
}

export function showCost(deployment: Deployment, { settings }: Stack): void {
  const shape = settings.domain === '' ? 'small' : 'domain';
  const sum = (hasAlerts: boolean) =>
    monthAtRest(shape, hasAlerts).reduce((total, { usd }) => total + usd, 0);
  const hasAlerts = Array.isArray(settings.alert_emails) && settings.alert_emails.length > 0;
  const rest = sum(hasAlerts);
  tell(deployment, `A month without a photo costs about $${rest.toFixed(2)}, before free tiers.`);
  if (!hasAlerts) {
    const more = (sum(true) - rest).toFixed(2);
    tell(
      deployment,
      `Nobody is told when it fails. --var 'alert_emails=["you@example.com"]' adds alerts and checks from outside, for $${more} a month.`,
    );
  }
  const { analysis_model: model } = settings;
  const config = { openaiPrice: readPrice(settings.openai_price) };
  const photo = costInUsd(model, PHOTO_TOKENS, Date.now(), config);
  if (photo === null) tell(deployment, unknownPrice(model));
  else if (photo > 0) {
    tell(
      deployment,
      `A thousand photos cost about $${(photo * 1_000).toFixed(2)} more, for ${model}.`,
    );
  }
  if (!isFree(profileOf(model, config))) tell(deployment, boundOf(deployment, settings));
  tell(deployment, 'docs/cost.md has the parts, and what bounds them.');
}

function unknownPrice(model: string): string {
  const most = highestPhotoCostInUsd(model, Date.now(), {}).toFixed(2);
  const says = model.startsWith('openai/')
    ? ' until you give its price, in dollars for a million tokens of the prompt and of the answer: --var openai_price=0.15,0.60'
    : '';
  return `What ${model} asks for a photo is not known here. Each call counts as up to $${most}, by the dearest rates${says}.`;
}

/** The page has one address at a time: adding a domain takes the others away at once. */
export function warnOfMove(deployment: Deployment, before: Settings, after: Settings): void {
  // A first deployment moves nothing.
  if (before.stream_image === undefined || before.domain === after.domain) return;
  const old =
    before.domain === '' ? 'The addresses at run.app stop' : `https://${before.domain} stops`;
  const then =
    after.domain === ''
      ? 'the page has an address at run.app then.'
      : `the page works again, at https://${after.domain}, when its DNS record and its certificate are there (up to an hour). An alert may come until then.`;
  tell(deployment, `\n${old} at once; ${then}`);
}

/** The longest month. */
const DAYS = 31;

function boundOf({ root }: Deployment, { max_usd_per_day }: Settings): string {
  const terraform = new Terraform(join(root, 'terraform'));
  const byDefault = terraform.valueOf('var.max_usd_per_day');
  const most = Number(max_usd_per_day ?? byDefault);
  if (Number.isNaN(most)) {
    return `Nothing bounds what the model may cost. --var max_usd_per_day=${byDefault} does.`;
  }
  return `The model costs at most $${most} a day and $${+(most * DAYS).toFixed(2)} a month; then photos wait. --var max_usd_per_day=… changes that.`;
}

/** The state that a no leaves behind. */
interface Refused {
  what: string;
  remedy: string[];
}

interface Question {
  text: string;
  /** The word that the user has to write; by default yes. */
  expected?: string;
  refused?: Refused;
}

/** @throws {DeployError} if the user says no, or cannot be asked */
export async function confirm(
  { options, terminal, commands }: Deployment,
  { text, expected, refused = { what: 'Nothing was changed.', remedy: [] } }: Question,
): Promise<void> {
  if (options.yes) return;
  if (commands.isDry) return terminal.say(`  (Here it asks: ${text})`);
  if (!terminal.isInteractive) {
    throw new DeployError(`There is no terminal to ask in. ${refused.what}`, [
      repeatCommand(options, '--yes'),
      ...refused.remedy,
    ]);
  }
  const question = `\n${text} `;
  const isConfirmed =
    expected === undefined
      ? await askYesNo(terminal, question)
      : (await terminal.ask(question)) === expected;
  if (!isConfirmed) throw new DeployError(refused.what, refused.remedy);
}
