/** The scripts of the pipeline, where only a part of a release could be applied, or nothing, and without an earlier one. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from '@jest/globals';
import { needing } from '../support/needing.ts';
import { CURRENT, deploy, openPipeline } from './pipeline.ts';

const it = needing('bash');

let folder: string;
beforeEach(() => {
  folder = openPipeline();
});
afterEach(() => rmSync(folder, { recursive: true }));

it('a release that could be applied only in part is replaced, and not tried', () => {
  const { ok, calls, current } = deploy(folder, { APPLY_ERROR: 'Error: quota exceeded' });
  expect({ ok, current }).toEqual({ ok: false, current: 'old' });
  expect(calls).toEqual([
    'forth: apply -input=false tfplan',
    "back: plan with today's settings",
    'back: apply -input=false tfplan',
  ]);
});

it('a plan that Terraform refuses as stale changes nothing', () => {
  const { ok, says, calls, current } = deploy(folder, {
    APPLY_ERROR: 'Error: Saved plan is stale',
  });
  expect({ ok, current, calls: calls.length }).toEqual({ ok: false, current: 'old', calls: 1 });
  expect(says).toMatch('Nothing was changed');
});

it('a first release that fails says that there is no earlier release', () => {
  rmSync(join(folder, CURRENT));
  const { ok, says, current } = deploy(folder, { SMOKE_CODE: '1' });
  expect({ ok, current }).toEqual({ ok: false, current: undefined });
  expect(says).toMatch('no earlier release to go back to');
});

it('a release that is brought back is planned anew', () => {
  const { ok, calls } = deploy(folder, { _PLAN: 'fresh' });
  expect(ok).toBe(true);
  expect(calls.slice(0, 2)).toEqual([
    "forth: plan with today's settings",
    'forth: apply -input=false tfplan',
  ]);
});
