import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = (root: string) =>
  spawnSync(process.execPath, [join(root, 'local/base/installed.mjs')], { encoding: 'utf8' });

it('without the packages it is said what to run, before Node meets TypeScript', () => {
  expect(run(ROOT)).toMatchObject({ status: 0, stderr: '' });
  const empty = mkdtempSync(join(tmpdir(), 'installed-'));
  mkdirSync(join(empty, 'local/base'), { recursive: true });
  cpSync(join(ROOT, 'local/base/installed.mjs'), join(empty, 'local/base/installed.mjs'));
  expect(run(empty)).toMatchObject({ status: 1, stderr: expect.stringContaining('npm ci') });
  rmSync(empty, { recursive: true });

  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const name of ['start', 'dev', 'deploy', 'user']) {
    expect(scripts[`pre${name}`]).toBe('node local/base/installed.mjs');
  }
});
