import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { bundleUnit } from './bundle.ts';

const folder = await mkdtemp(join(tmpdir(), 'media-analysis-bundle-'));
afterAll(() => rm(folder, { recursive: true }));

test('functions/package.json names nothing that is not deployed', async () => {
  const manifest = await readFile(new URL('../functions/package.json', import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  const units = ['api', 'worker', 'stream'];
  await Promise.all(units.map((unit) => mkdir(join(folder, unit))));
  const bundles = await Promise.all(units.map((unit) => bundleUnit(unit, join(folder, unit))));
  const deployed = new Set(bundles.flatMap(({ contents, packages }) => [...contents, ...packages]));
  expect(Object.keys(dependencies).filter((name) => !deployed.has(name))).toEqual([]);
}, 60_000);
