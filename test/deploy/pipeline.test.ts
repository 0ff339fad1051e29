/** The scripts of the pipeline: what works, what comes back, and what is refused. More outcomes are in `pipeline.long.test.ts`. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { Terraform } from '../../deploy/check/terraform.ts';
import { needing } from '../support/needing.ts';
import { deploy, openPipeline, runStep, stepsOf } from './pipeline.ts';

const it = needing('bash');

let folder: string;
beforeEach(() => {
  folder = openPipeline();
});
afterEach(() => rmSync(folder, { recursive: true }));

it('a release that works is the one to come back to', () => {
  expect(deploy(folder)).toEqual({
    ok: true,
    says: 'Release new is live.',
    calls: ['forth: apply -input=false tfplan', 'smoke: https://media.example.com, token T'],
    current: 'new',
  });
});

it('a release that fails its smoke test is replaced by the last one that passed', () => {
  const { ok, says, calls, current } = deploy(folder, { SMOKE_CODE: '1' });
  expect({ ok, says, current }).toEqual({
    ok: false,
    says: 'Release new failed. Release old is back.',
    current: 'old',
  });
  expect(calls.slice(-2)).toEqual([
    "back: plan with today's settings",
    'back: apply -input=false tfplan',
  ]);
});

it('a release that is brought back with changes that the pipeline may not make changes nothing', () => {
  const { ok, calls, current } = deploy(folder, { _PLAN: 'fresh', GATE_CODE: '1' });
  expect({ ok, calls, current }).toEqual({
    ok: false,
    calls: ["forth: plan with today's settings"],
    current: 'old',
  });
});

it('a roll back with changes that the pipeline may not make is not applied, and the build says so', () => {
  const { ok, says, calls } = deploy(folder, { SMOKE_CODE: '1', GATE_BACK_CODE: '1' });
  expect({ ok, says }).toEqual({
    ok: false,
    says: expect.stringContaining('release old could not be brought back'),
  });
  expect(calls.filter((call) => call.startsWith('back: apply'))).toEqual([]);
  expect(existsSync(join(folder, 'workspace/last/plan.json'))).toBe(false);
});

it('without the settings of today nothing is changed', () => {
  rmSync(join(folder, 'buckets/state'), { recursive: true });
  expect(deploy(folder, { _PLAN: 'fresh' })).toMatchObject({ ok: false, calls: [''] });
});

it('a release does not keep the settings of its day', () => {
  const script = stepsOf('cloudbuild.yaml').find(({ id }) => id === 'release')?.script;
  const [tar = ''] = /tar -czf .*?(?=\n *gcloud)/s.exec(script ?? '') ?? [];
  const workspace = join(folder, 'workspace');
  mkdirSync(join(workspace, 'terraform'));
  for (const name of ['terraform.tfvars.json', 'release.auto.tfvars', 'tfplan']) {
    writeFileSync(join(workspace, 'terraform', name), name);
  }
  const archive = join(folder, 'release.tar.gz');
  execFileSync('bash', ['-euc', tar.replace('/npm/release.tar.gz', archive)], { cwd: workspace });
  const kept = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).trim().split('\n');
  expect(kept.sort()).toEqual([
    './',
    './terraform/',
    './terraform/release.auto.tfvars',
    './terraform/tfplan',
  ]);
});

it('a plan that the gate refuses is not handed over, and not kept', () => {
  const named = (id: string) => stepsOf('cloudbuild.yaml').find((step) => step.id === id);
  const [plan, gate] = [named('plan'), named('gate')];
  if (!plan || !gate) throw new Error('cloudbuild.yaml has no step "plan" or no step "gate".');
  expect(named('release')?.waitFor).toEqual(['gate']);
  mkdirSync(join(folder, 'workspace/terraform'));
  for (const GATE_CODE of ['0', '1']) {
    expect(runStep(folder, plan, {}).ok).toBe(true);
    expect(existsSync(join(folder, 'workspace/plan.json'))).toBe(true);
    expect(runStep(folder, gate, { GATE_CODE }).ok).toBe(GATE_CODE === '0');
    expect(existsSync(join(folder, 'workspace/plan.json'))).toBe(false);
  }
});

it('the account that deploys installs no package, and the one that builds replaces no release', () => {
  const scripts = stepsOf('cloudbuild.deploy.yaml').map(({ script }) => script);
  expect(scripts.filter((script) => /\b(npm|npx|yarn|pnpm)\b/.test(script))).toEqual([]);
  const terraform = new Terraform(fileURLToPath(new URL('../../terraform', import.meta.url)));
  const grant = terraform.resource('google_storage_bucket_iam_member', 'release_adds');
  const roles = [...(grant.attributes.for_each ?? '').matchAll(/"(roles\/[^"]+)"/g)];
  expect(roles.map(([, role]) => role)).toEqual([
    'roles/storage.objectViewer',
    'roles/storage.objectCreator',
  ]);
});

it('the account that runs packages of strangers is not the one that may read every object', () => {
  const terraform = new Terraform(fileURLToPath(new URL('../../terraform', import.meta.url)));
  const { attributes } = terraform.resource('google_cloudbuild_trigger', 'release');
  expect(attributes.service_account).toBe('google_service_account.release[0].id');
  const config = readFileSync(new URL('../../cloudbuild.yaml', import.meta.url), 'utf8');
  expect(config).toMatch(/^serviceAccount: \S+\/media-release@/m);
  const grants = terraform
    .all()
    .filter((each) => each.attributes.member === 'google_service_account.release[0].member')
    .filter(({ labels }) => labels[0] === 'google_project_iam_member');
  expect(grants.map((each) => each.attributes.for_each?.match(/roles\/[\w.]+/g))).toEqual([
    ['roles/browser', 'roles/logging.logWriter', 'roles/serviceusage.serviceUsageConsumer'],
  ]);
});
