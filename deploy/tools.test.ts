import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stop as stopEsbuild } from 'esbuild';
import { buildTools } from './tools.ts';

// Outside the project, so that no package can be found.
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'media-analysis-tools-'));
  await buildTools(folder);
});
afterAll(async () => {
  await stopEsbuild();
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: string[]): { code: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: 'utf8',
  });
  return { code: status, output: stdout + stderr };
}

test('the smoke test of the pipeline needs no installed package', () => {
  expect(run('smoke.mjs')).toEqual({
    code: 2,
    output: expect.stringContaining('npm run smoke -- URL'),
  });
});

test('the gate of the pipeline needs none, refuses by its exit code, and says which changes', () => {
  const planOf = (type: string) =>
    JSON.stringify({
      planned_values: {},
      resource_changes: [
        { address: `${type}.a`, mode: 'managed', type, change: { actions: ['update'] } },
      ],
    });
  writeFileSync(join(folder, 'good.json'), planOf('google_cloudfunctions2_function'));
  writeFileSync(join(folder, 'bad.json'), planOf('google_storage_bucket'));
  expect(run('plan-gate.mjs', 'good.json').code).toBe(0);
  expect(run('plan-gate.mjs', 'bad.json')).toEqual({
    code: 1,
    output: expect.stringContaining('google_storage_bucket.a: update'),
  });
  expect(run('plan-gate.mjs').code).toBe(2);
});
