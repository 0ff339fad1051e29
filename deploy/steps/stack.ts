/** Runs Terraform on the state in the project's bucket. */
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { CommandError } from './commands.ts';
import { accessToken, DeployError, type Deployment, retryTemporary, tell } from './deployment.ts';
import { repeatCommand } from './options.ts';
import type { Settings } from './settings.ts';
import { askYesNo } from './terminal.ts';

/** https://developer.hashicorp.com/terraform/internals/json-format#plan-representation */
const planSchema = z.object({
  resource_changes: z
    .array(
      z.object({
        address: z.string(),
        mode: z.enum(['managed', 'data']),
        type: z.string(),
        action_reason: z.string().optional(),
        change: z.object({
          actions: z.array(z.string()),
          before: z.record(z.string(), z.unknown()).nullish(),
          after: z.record(z.string(), z.unknown()).nullish(),
        }),
      }),
    )
    .default([]),
});

export interface Change {
  address: string;
  type: string;
  /** `create`, `update`, `delete`, or `delete,create` in either order. */
  actions: string[];
  /** True if making it was interrupted: Terraform makes such a resource again. */
  isTainted: boolean;
  /** Undefined: it does not exist yet. */
  before?: Record<string, unknown>;
  after: Record<string, unknown>;
}

const outputsSchema = z.object({
  url: z.object({ value: z.string() }),
  api_url: z.object({ value: z.string() }),
  /** Terraform leaves out an output that is null. */
  ip_address: z.object({ value: z.string() }).optional(),
  sign_in_api_key: z.object({ value: z.string() }),
  dashboard_url: z.object({ value: z.string() }),
});

/** https://developer.hashicorp.com/terraform/internals/json-format#state-representation */
const stateSchema = z.object({
  values: z.object({
    root_module: z.object({
      resources: z.array(
        z.object({
          address: z.string(),
          values: z.object({ effective_labels: z.record(z.string(), z.string()).nullish() }),
        }),
      ),
    }),
  }),
});

export interface PlanOptions {
  targets?: readonly string[];
  destroy?: boolean;
}

export class Stack {
  readonly #deployment: Deployment;
  /** Plans and settings contain secrets: only this user may read them, and `close` removes them. */
  readonly #folder: string;
  settings: Settings;
  /** When the last apply ran, if it could not release its lock: without a token Terraform cannot. */
  #heldBetween: readonly [number, number] | undefined;

  constructor(deployment: Deployment, settings: Settings) {
    this.#deployment = deployment;
    this.settings = settings;
    this.#folder = deployment.commands.isDry
      ? '.deploy'
      : mkdtempSync(join(tmpdir(), 'media-analysis-deploy-'));
  }

  close(): void {
    if (!this.#deployment.commands.isDry) rmSync(this.#folder, { recursive: true, force: true });
  }

  async init(): Promise<void> {
    const bucket = `-backend-config=bucket=${this.#deployment.options.stateBucket}`;
    await retryTemporary(this.#deployment, () =>
      this.#run(['init', '-input=false', '-no-color', '-reconfigure', bucket]),
    );
    await this.writeLeftoverState();
  }

  /** Writes the state of an apply that could not write it: before, its resources are unknown to Terraform. */
  async writeLeftoverState(): Promise<void> {
    const { commands } = this.#deployment;
    if (commands.isDry || !existsSync(this.#leftoverState)) return;
    tell(
      this.#deployment,
      `Writes the state that an earlier run has left in ${this.#leftoverState}.`,
    );
    const path = this.#leftoverState;
    await retryTemporary(this.#deployment, () =>
      this.#locked(['state', 'push', '-lock-timeout=60s', path]),
    ).catch((cause: unknown) => {
      const isOlder = cause instanceof CommandError && /\bserial \d+/.test(cause.message);
      if (!isOlder) throw cause;
      throw new DeployError(
        `The state in ${path} cannot be written any more: another run has written a later one since.`,
        [
          `mv ${path} ${path}.old   sets it aside; then run the same command again`,
          'What it names and the later state does not is taken over where it is met.',
        ],
        { cause },
      );
    });
    rmSync(path);
  }

  /**
   * A state that could not be written is kept here. Without it, Terraform would make a second time the resources that Google
   * numbers and never refuses: alerts, channels, checks. It belongs to one bucket: the same folder may deploy other projects,
   * too.
   */
  get #leftoverState(): string {
    const { root, options } = this.#deployment;
    return join(root, 'terraform', `errored-${options.stateBucket}.tfstate`);
  }

  /** Terraform has its own name for it, and would overwrite it the next time. */
  #saveLeftoverState(): void {
    const { root, commands } = this.#deployment;
    const path = join(root, 'terraform', 'errored.tfstate');
    if (commands.isDry || !existsSync(path)) return;
    renameSync(path, this.#leftoverState);
    tell(
      this.#deployment,
      `The state could not be written. It is in ${this.#leftoverState}, and the next run from this folder writes it. Make that run before you deploy or destroy anything else of this project from elsewhere.`,
    );
  }

  /** The resources in the state. */
  async addresses(): Promise<string[]> {
    const listed = await this.#run(['state', 'list']).catch((error: unknown) => {
      if (error instanceof CommandError && /No state file was found/.test(error.message)) return '';
      throw error;
    });
    return listed.split('\n').filter((address) => address !== '');
  }

  /** @returns the changes; the plan itself is kept for `apply` */
  async plan({ targets = [], destroy = false }: PlanOptions = {}): Promise<Change[]> {
    await this.#locked([
      ...['plan', '-input=false', '-no-color', '-lock-timeout=60s', `-out=${this.#plan}`],
      ...(destroy ? ['-destroy'] : []),
      ...targets.map((address) => `-target=${address}`),
      `-var-file=${this.#variables()}`,
    ]);
    const json = await this.#run(['show', '-json', this.#plan], { assume: '{}' });
    return planSchema
      .parse(JSON.parse(json))
      .resource_changes.filter(({ mode }) => mode === 'managed')
      .map(({ address, type, action_reason, change: { actions, before, after } }) => ({
        address,
        type,
        after: after ?? {},
        isTainted: action_reason === 'replace_because_tainted',
        ...(before && { before }),
        actions: actions.filter((action) => !['no-op', 'read'].includes(action)),
      }))
      .filter(({ actions }) => actions.length > 0);
  }

  async apply(): Promise<void> {
    const options = ['-input=false', '-no-color', '-lock-timeout=60s'];
    const begin = Date.now();
    try {
      await this.#locked(['apply', ...options, this.#plan], { shown: true });
    } catch (error) {
      const isHeld =
        error instanceof CommandError && /releasing the state lock/.test(error.message);
      if (isHeld) this.#heldBetween = [begin, Date.now()];
      throw error;
    } finally {
      this.#saveLeftoverState();
    }
  }

  /** Accepts a resource although its making was interrupted. */
  async untaint(address: string): Promise<void> {
    await this.#locked(['untaint', '-lock-timeout=60s', address]);
  }

  /** Leaves these as they are, outside the state. */
  async forget(addresses: readonly string[]): Promise<void> {
    await this.#locked(['state', 'rm', '-lock-timeout=60s', ...addresses]);
  }

  /** Takes over a resource that exists and is not in the state. */
  async import(address: string, id: string): Promise<void> {
    const file = `-var-file=${this.#variables()}`;
    await this.#locked(['import', '-input=false', '-no-color', file, address, id]);
  }

  /** @returns Google's labels of a resource in the state */
  async labelsOf(address: string): Promise<Record<string, string>> {
    const { values } = stateSchema.parse(JSON.parse(await this.#run(['show', '-json'])));
    const found = values.root_module.resources.find((each) => each.address === address);
    return found?.values.effective_labels ?? {};
  }

  async outputs() {
    const empty = { value: '' };
    const { domain, region } = this.settings;
    const host = domain === '' ? `media-stream-123456789012.${region}.run.app` : domain;
    const assume = JSON.stringify({
      url: { value: `https://${host}` },
      api_url: empty,
      ip_address: { value: '203.0.113.7' },
      sign_in_api_key: { value: 'KEY' },
      dashboard_url: { value: 'https://console.cloud.google.com/monitoring/dashboards' },
    });
    const outputs = outputsSchema.parse(
      JSON.parse(await this.#run(['output', '-json', '-no-color'], { assume })),
    );
    return {
      url: outputs.url.value,
      apiUrl: outputs.api_url.value,
      ipAddress: outputs.ip_address?.value,
      signInApiKey: outputs.sign_in_api_key.value,
      dashboardUrl: outputs.dashboard_url.value,
    };
  }

  get #plan(): string {
    return join(this.#folder, 'tfplan');
  }

  #variables(): string {
    const path = join(this.#folder, 'settings.tfvars.json');
    if (!this.#deployment.commands.isDry) {
      writeFileSync(path, JSON.stringify(this.settings), { mode: 0o600 });
    }
    return path;
  }

  async #run(
    args: readonly string[],
    { shown = false, assume = '' }: { shown?: boolean; assume?: string } = {},
  ): Promise<string> {
    // The user who is signed in to gcloud needs no second sign-in (application default credentials).
    const env = { GOOGLE_OAUTH_ACCESS_TOKEN: await accessToken(this.#deployment) };
    const { commands } = this.#deployment;
    const inFolder = ['-chdir=terraform', ...args];
    const shownUntil = 'Outputs:';
    return commands.run({
      program: 'terraform',
      args: inFolder,
      env,
      shown,
      shownUntil,
      assume,
      outlivesTerminal: true,
    });
  }

  /** Runs a command that locks the state. A killed run has left its lock behind. */
  async #locked(args: readonly string[], options: { shown?: boolean } = {}): Promise<void> {
    try {
      await this.#run(args, options);
    } catch (error) {
      const lock = error instanceof CommandError ? lockOf(error.message) : undefined;
      if (!lock) throw error;
      await this.#unlock(lock, error as CommandError);
      await this.#run(args, options);
    }
  }

  async #unlock(lock: Lock, cause: CommandError): Promise<void> {
    if (!this.#isOwn(lock)) await this.#askWhetherKilled(lock, cause);
    await this.#run(['force-unlock', '-force', lock.id]);
  }

  async #askWhetherKilled({ id, who, since }: Lock, cause: CommandError): Promise<void> {
    const { options, terminal } = this.#deployment;
    const holder = `The state is locked by ${who}, since ${since}.`;
    tell(this.#deployment, holder);
    if (options.unlock === id) return;
    const question = '  Was that run killed, and does nothing of it run any more? (yes/no) ';
    if (terminal.isInteractive && (await askYesNo(terminal, question))) return;
    throw new DeployError(
      `${holder} If another deployment runs, wait for it.`,
      [`${repeatCommand(options, `--unlock ${id}`)}   if that run was killed`],
      { cause },
    );
  }

  /** Nobody else could take the lock while the apply held it. */
  #isOwn({ since }: Lock): boolean {
    const [begin, end] = this.#heldBetween ?? [0, 0];
    // Go's format of a time: 2026-11-27 02:24:06.123456789 +0000 UTC
    const taken = Date.parse(since.replace(/ UTC$/, ''));
    return taken >= begin && taken <= end;
  }
}

interface Lock {
  id: string;
  who: string;
  since: string;
}

/** https://developer.hashicorp.com/terraform/language/state/locking */
function lockOf(output: string): Lock | undefined {
  if (!/Error acquiring the state lock/.test(output)) return undefined;
  const field = (name: string) => new RegExp(`^\\W*${name}:\\s+(\\S.*)$`, 'm').exec(output)?.[1];
  const id = field('ID');
  if (id === undefined) return undefined;
  return {
    id: id.trim(),
    who: field('Who')?.trim() ?? 'somebody',
    since: field('Created')?.trim() ?? 'some time',
  };
}
