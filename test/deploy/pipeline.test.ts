/**
 * The scripts of the pipeline, run as Cloud Build runs them, one step after the other in one folder. What they
 * call (gcloud, terraform, npm, curl) are stand-ins that write down how they were called.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { Terraform } from '../../deploy/check/terraform.ts';
import { needing } from '../support/needing.ts';

const it = needing('bash');

const stepSchema = z.object({
  id: z.string(),
  args: z.array(z.string()).optional(),
  script: z.string().default(''),
  env: z.array(z.string()).default([]),
  allowFailure: z.boolean().default(false),
  waitFor: z.array(z.string()).optional(),
});
type Step = z.infer<typeof stepSchema>;

function stepsOf(name: string): Step[] {
  const text = readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
  return z.object({ steps: z.array(stepSchema) }).parse(parse(text)).steps;
}

/** What each tool does; `$STORE` is the bucket of releases, `$CALLS` where it is written down. */
const TOOLS = {
  gcloud: `cp "\${3/gs:\\/\\/p-media-releases/$STORE}" "\${4/gs:\\/\\/p-media-releases/$STORE}"`,
  terraform: `
    [ "$1" != show ] || echo '{}'
    [ "$1" = apply ] || exit 0
    case $PWD in */last/terraform) echo "back: $*" >> "$CALLS"; exit 0 ;; esac
    echo "apply: $*" >> "$CALLS"
    [ -z "$APPLY_ERROR" ] || { echo "$APPLY_ERROR" >&2; exit 1; }`,
  // The gate, the smoke test, or what reads curl's answer.
  node: `case $1 in
    dist/plan-gate.mjs) exit "$GATE_CODE" ;;
    dist/smoke.mjs) echo "smoke: $2, token $SMOKE_TOKEN" >> "$CALLS"; exit "$SMOKE_CODE" ;;
    *) exec ${JSON.stringify(process.execPath)} "$@" ;;
  esac`,
  curl: `echo '{"idToken":"T"}'`,
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'media-analysis-pipeline-'));
  for (const name of ['bin', 'workspace', 'store', 'release/terraform']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  for (const [name, script] of Object.entries(TOOLS)) {
    writeFileSync(join(folder, 'bin', name), `#!/usr/bin/env bash\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  for (const id of ['old', 'new']) {
    execFileSync('tar', [
      '-czf',
      join(folder, 'store', `${id}.tar.gz`),
      '-C',
      join(folder, 'release'),
      '.',
    ]);
  }
  writeFileSync(join(folder, 'store/current'), 'old\n');
  writeFileSync(join(folder, 'calls'), '');
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Outcome {
  ok: boolean;
  says: string;
  calls: string[];
  current: string | undefined;
}

function runStep({ args, script, env }: Step, settings: Record<string, string>) {
  const substitutions: Record<string, string> = {
    PROJECT_ID: 'p',
    _RELEASE: 'new',
    _PLAN: 'saved',
    _STATE_BUCKET: 'state',
    _URL: 'https://media.example.com',
    _SIGN_IN_KEY: 'key',
    _SMOKE_USER: 'smoke@example.com',
    ...settings,
  };
  const fill = (text: string) =>
    text.replace(/\$\{(\w+)\}/g, (_, name) => substitutions[name] ?? '');
  const [command = '', ...rest] = args?.map(fill) ?? ['bash', '-c', script];
  const { status, stdout } = spawnSync(command, rest, {
    cwd: join(folder, 'workspace'),
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
      STORE: join(folder, 'store'),
      CALLS: join(folder, 'calls'),
      APPLY_ERROR: '',
      GATE_CODE: '0',
      SMOKE_CODE: '0',
      SMOKE_PASSWORD: 'pass "word"',
      ...settings,
      ...Object.fromEntries(env.map((line) => fill(line).split('=', 2))),
    },
  });
  return { ok: status === 0, says: stdout.trim() };
}

/** @param settings Substitutions, and what the stand-ins are to do. */
function deploy(settings: Record<string, string> = {}): Outcome {
  let [ok, says] = [true, ''];
  for (const step of stepsOf('cloudbuild.deploy.yaml')) {
    const result = runStep(step, settings);
    says = result.says;
    ok = result.ok || step.allowFailure;
    if (!ok) break;
  }
  const current = join(folder, 'store/current');
  return {
    ok,
    says,
    calls: readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n'),
    current: existsSync(current) ? readFileSync(current, 'utf8').trim() : undefined,
  };
}

it('a release that works is the one to come back to', () => {
  expect(deploy()).toEqual({
    ok: true,
    says: 'Release new is live.',
    calls: ['apply: apply -input=false tfplan', 'smoke: https://media.example.com, token T'],
    current: 'new',
  });
});

it('a release that fails its smoke test is replaced by the last one that passed', () => {
  const { ok, says, calls, current } = deploy({ SMOKE_CODE: '1' });
  expect({ ok, says, current }).toEqual({
    ok: false,
    says: 'Release new failed. Release old is back.',
    current: 'old',
  });
  expect(calls.at(-1)).toBe('back: apply -input=false -auto-approve');
});

it('a release that could be applied only in part is replaced, and not tried', () => {
  const { ok, calls, current } = deploy({ APPLY_ERROR: 'Error: quota exceeded' });
  expect({ ok, current }).toEqual({ ok: false, current: 'old' });
  expect(calls).toEqual([
    'apply: apply -input=false tfplan',
    'back: apply -input=false -auto-approve',
  ]);
});

it('a plan that Terraform refuses as stale changes nothing', () => {
  const { ok, says, calls, current } = deploy({ APPLY_ERROR: 'Error: Saved plan is stale' });
  expect({ ok, current, calls: calls.length }).toEqual({ ok: false, current: 'old', calls: 1 });
  expect(says).toMatch('Nothing was changed');
});

it('a first release that fails says that there is no earlier release', () => {
  rmSync(join(folder, 'store/current'));
  const { ok, says, current } = deploy({ SMOKE_CODE: '1' });
  expect({ ok, current }).toEqual({ ok: false, current: undefined });
  expect(says).toMatch('no earlier release to go back to');
});

it('a release that is brought back is planned anew', () => {
  const { ok, calls } = deploy({ _PLAN: 'fresh' });
  expect(ok).toBe(true);
  expect(calls[0]).toBe('apply: apply -input=false tfplan');
});

it('a release that is brought back with changes that the pipeline may not make changes nothing', () => {
  const { ok, calls, current } = deploy({ _PLAN: 'fresh', GATE_CODE: '1' });
  expect({ ok, calls, current }).toEqual({ ok: false, calls: [''], current: 'old' });
});

it('a plan that the gate refuses is not handed over, and not kept', () => {
  const named = (id: string) => stepsOf('cloudbuild.yaml').find((step) => step.id === id);
  const [plan, gate] = [named('plan'), named('gate')];
  if (!plan || !gate) throw new Error('cloudbuild.yaml has no step "plan" or no step "gate".');
  expect(named('release')?.waitFor).toEqual(['gate']);
  mkdirSync(join(folder, 'workspace/terraform'));
  for (const GATE_CODE of ['0', '1']) {
    expect(runStep(plan, {}).ok).toBe(true);
    expect(existsSync(join(folder, 'workspace/plan.json'))).toBe(true);
    expect(runStep(gate, { GATE_CODE }).ok).toBe(GATE_CODE === '0');
    expect(existsSync(join(folder, 'workspace/plan.json'))).toBe(false);
  }
});

it('the account that deploys installs no package, and the one that builds replaces no release', () => {
  const scripts = stepsOf('cloudbuild.deploy.yaml').map(({ script }) => script);
  expect(scripts.filter((script) => /\b(npm|npx|yarn|pnpm)\b/.test(script))).toEqual([]);
  const terraform = new Terraform(fileURLToPath(new URL('../../terraform', import.meta.url)));
  const grant = terraform.resource('google_storage_bucket_iam_member', 'build_releases');
  const roles = [...(grant.attributes.for_each ?? '').matchAll(/"(roles\/[^"]+)"/g)];
  expect(roles.map(([, role]) => role)).toEqual([
    'roles/storage.objectViewer',
    'roles/storage.objectCreator',
  ]);
});
