/** A copy of `terraform/` with what its files read, where Terraform may write, and nothing of an operator's own settings. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What Terraform reads outside its folder. */
const FILES = [
  'cloudbuild.deploy.yaml',
  'firestore.indexes.json',
  'firestore.rules',
  'shared/page-headers.json',
];
/** Stand-ins for what `npm run build` makes. */
const BUILT = [
  'dist/api/index.js',
  'dist/worker/index.js',
  'dist/stream/index.js',
  'web/dist/index.html',
  'web/dist/assets/page-abc123.js',
];

export interface Result {
  code: number;
  /** Everything that Terraform said. */
  output: string;
}

export class Workspace {
  /** Stands for the project's folder. */
  readonly root: string;
  readonly #env: NodeJS.ProcessEnv;

  /**
   * @param major Of Google's provider. @param env Added to this process's own.
   * @param backend Where the state is: in a file of this folder, or in a bucket.
   */
  constructor(major: string, env: Record<string, string> = {}, backend: 'local' | 'gcs' = 'local') {
    this.root = mkdtempSync(join(tmpdir(), 'media-analysis-terraform-'));
    this.#env = { ...process.env, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1', ...env };
    cpSync(join(ROOT, 'terraform'), this.terraform, {
      recursive: true,
      filter: (path) =>
        !/^(\.|.*\.tfvars$|.*\.tfstate)/.test(basename(path)) || path.endsWith('terraform'),
    });
    for (const name of FILES) this.write(name);
    for (const name of BUILT) this.write(name, `built: ${name}`);
    // Terraform lays these over the files of the same blocks.
    this.write(
      'terraform/test_override.tf',
      `terraform {
  ${backend === 'gcs' ? 'backend "gcs" {\n    prefix = "media-analysis"\n  }' : 'backend "local" {}'}
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> ${major}.0"
    }
  }
}
`,
    );
  }

  get terraform(): string {
    return join(this.root, 'terraform');
  }

  /** Takes the waits away, which are there for Google's servers. */
  waitForNothing(names: readonly string[]): void {
    const blocks = names.map(
      (name) => `resource "time_sleep" "${name}" {\n  create_duration = "0s"\n}\n`,
    );
    this.write('terraform/waits_override.tf', blocks.join('\n'));
  }

  /** Sets the variables, instead of those that were set before. */
  set(variables: Record<string, unknown>): void {
    this.write('terraform/terraform.tfvars.json', JSON.stringify(variables));
  }

  /** Runs Terraform to its end. */
  run(...args: string[]): Promise<Result> {
    return new Promise((resolve, reject) => {
      const child = spawn('terraform', args, { cwd: this.terraform, env: this.#env });
      let output = '';
      const add = (chunk: Buffer) => {
        output += chunk;
      };
      child.stdout.on('data', add);
      child.stderr.on('data', add);
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? 1, output }));
    });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** @param text Absent: the project's own file. */
  write(name: string, text?: string): void {
    const path = join(this.root, name);
    mkdirSync(dirname(path), { recursive: true });
    if (text === undefined) cpSync(join(ROOT, name), path);
    else writeFileSync(path, text);
  }
}
