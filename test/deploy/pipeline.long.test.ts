/** The scripts of the pipeline, where only a part of a release could be applied, or nothing, and without an earlier one. */
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
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

it('the release to come back to is kept by another name, and the one before has its time again', () => {
  const store = join(folder, 'buckets/p-media-releases');
  mkdirSync(join(store, 'kept'));
  renameSync(join(store, 'old.tar.gz'), join(store, 'kept/old'));
  expect(deploy(folder).current).toBe('new');
  expect(readdirSync(store).sort()).toEqual(['current', 'kept', 'new.tar.gz', 'old.tar.gz']);
  expect(readdirSync(join(store, 'kept'))).toEqual(['new']);
  // The bucket has deleted it after 90 days: terraform/delivery.tf.
  rmSync(join(store, 'new.tar.gz'));
  renameSync(join(store, 'old.tar.gz'), join(store, 'next.tar.gz'));
  rmSync(join(folder, 'workspace'), { recursive: true });
  mkdirSync(join(folder, 'workspace'));
  expect(deploy(folder, { _RELEASE: 'next', SMOKE_CODE: '1' })).toMatchObject({
    says: 'Release next failed. Release new is back.',
    current: 'new',
  });
});

it('a roll back that Terraform does not apply is not said to be done', () => {
  const { ok, says } = deploy(folder, { SMOKE_CODE: '1', BACK_CODE: '1' });
  expect({ ok, says }).toEqual({
    ok: false,
    says: expect.stringContaining('release old could not be brought back'),
  });
});
