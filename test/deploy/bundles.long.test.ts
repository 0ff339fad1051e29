/** What is deployed, and not the sources: the bundles of `npm run build`, as they would be installed. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { environmentOf } from '../../deploy/check/environment.ts';
import { Terraform } from '../../deploy/check/terraform.ts';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import type { UnitName } from '../../local/base/units.ts';
import { buildBundles, warm, warmAsDeployed } from '../support/bundles.ts';
import { type Collector, startCollector } from '../support/collector.ts';
import { type RunningGemini, startGemini } from '../support/gemini-server.ts';
import { client, eventually, file, mediaOf, type Stack, startStack } from '../support/stack.ts';

const UNITS: UnitName[] = ['api', 'worker', 'stream'];

const terraform = new Terraform(fileURLToPath(new URL('../../terraform', import.meta.url)));
const set = { api: {}, worker: {}, stream: {} } as Record<UnitName, Record<string, string>>;
for (const unit of UNITS) set[unit] = environmentOf(terraform, unit);

/** What stands for Google here, and is no setting of the product. */
const LOCAL = [
  'FIRESTORE_EMULATOR_HOST',
  'STORAGE_EMULATOR_HOST',
  'CLOUD_TASKS_EMULATOR_HOST',
  'GOOGLE_APPLICATION_CREDENTIALS',
];

/** What is written out in Terraform, but for who issues tokens. */
function written(): Record<string, string> {
  const entries = UNITS.flatMap((unit) => Object.entries(set[unit]))
    .filter(([name]) => !/^(AUTH|TASKS)_/.test(name))
    .map(([name, expression]) => [name, terraform.valueOf(expression)]);
  return Object.fromEntries(entries.filter(([, value]) => value));
}

/** Traced, and analysed by Gemini: as much as can be of what is only loaded when it is wanted. */
let environment: Record<string, string>;
let bundles: string;
let deployed: string[];
let collector: Collector;
let gemini: RunningGemini;
let stack: Stack;
beforeAll(async () => {
  bundles = await mkdtemp(join(tmpdir(), 'media-analysis-bundles-'));
  [collector, gemini, deployed] = await Promise.all([
    startCollector(),
    startGemini(),
    buildBundles(bundles),
  ]);
  for (const name of UNITS.flatMap((unit) => Object.keys(set[unit]))) delete process.env[name];
  environment = {
    ...written(),
    LOG_LEVEL: 'silent',
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
    GEMINI_API_KEY: 'key',
    GEMINI_BASE_URL: gemini.url,
  };
  const settingsOf = (unit: UnitName) => [...Object.keys(set[unit]), ...LOCAL];
  stack = await startStack({ bundles, environment, settingsOf });
});
afterAll(async () => {
  await stack.close();
  await Promise.all([collector.close(), gemini.close()]);
  await rm(bundles, { recursive: true, force: true });
});

test('functions/package.json names nothing that is not deployed', async () => {
  const manifest = await readFile(new URL('../../functions/package.json', import.meta.url), 'utf8');
  const { dependencies } = JSON.parse(manifest);
  expect(Object.keys(dependencies).filter((name) => !deployed.includes(name))).toEqual([]);
});

test('each unit starts with what Terraform sets and no more, and is healthy', async () => {
  for (const unit of Object.values(stack.units)) {
    const response = await fetch(`http://127.0.0.1:${await unit.listening()}/health`);
    expect([unit.name, response.status]).toEqual([unit.name, 200]);
  }
});

test('a photo and a HEIC photo and a video go from upload to analysis, and come back byte for byte', async () => {
  const names = ['08-lake.jpg', '21-cat-iphone.heic', '../videos/clip.mp4'];
  const files = await Promise.all(names.map(file));
  const user = client(stack);
  const { media_ids } = await user.analyze(files);
  const seen = mediaOf(await user.watch(media_ids));
  for (const [index, id] of media_ids.entries()) {
    const states = seen.filter((media) => media.id === id);
    expect(states.at(-1)).toMatchObject({ status: 'completed', progress: 1, error_code: null });
    expect(states.at(-1)?.usage?.model).toBe(environment.ANALYSIS_MODEL);
    const redirect = await user.call(`/api/media/${id}/content`);
    const content = await fetch(redirect.headers.get('location') ?? '');
    expect(await content.arrayBuffer()).toEqual(await files[index]?.arrayBuffer());
  }
  for (const id of media_ids) {
    expect((await user.call(`/api/media/${id}`, { method: 'DELETE' })).status).toBe(204);
  }
});

test('each unit tells the collector what it did', async () => {
  await eventually(async () => UNITS.every((unit) => collector.units().has(unit)) || undefined);
});

// If this fails, nothing asks Node for punycode any more: remove `REPLACED` in `deploy/bundle.ts`, and the package.
test('still needed: the package punycode is in a bundle, because node-fetch 2 asks for it', () => {
  expect(deployed).toEqual(expect.arrayContaining(['node-fetch', 'punycode']));
});

describe.each(UNITS)('%s', (unit) => {
  test('loads every file that it could need later, and keeps what was compiled', async () => {
    expect(await warm(join(bundles, unit))).toBe('');
    expect((await compiled(unit)).length).toBeGreaterThan(10);
  });

  test('takes at the next start what was compiled, and keeps it', async () => {
    const kept = await compiled(unit);
    expect(await warmAsDeployed(join(bundles, unit))).toBe('');
    // What Node refuses is compiled and kept anew.
    expect(await compiled(unit)).toEqual(kept);
  });

  test('asks Node for nothing that it warns of', async () => {
    const names = (await readdir(join(bundles, unit))).filter((name) => name.endsWith('.js'));
    for (const name of names) {
      // DEP0040: in a package Node would not warn.
      expect([name, await readFile(join(bundles, unit, name), 'utf8')]).toEqual([
        name,
        expect.not.stringMatching(/\brequire\(['"]punycode['"]\)/),
      ]);
    }
  });

  test('asks for exact versions of what could not be bundled, and of nothing else', async () => {
    const { dependencies } = JSON.parse(
      await readFile(join(bundles, unit, 'package.json'), 'utf8'),
    );
    const wanted = { api: [FRAMEWORK], worker: [FRAMEWORK, 'sharp'], stream: [] }[unit];
    expect(Object.keys(dependencies)).toEqual(wanted);
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

/** The files of a unit's compile cache, and when each was written. */
async function compiled(unit: UnitName): Promise<[name: string, mtimeMs: number][]> {
  const folder = join(bundles, unit, 'compile-cache');
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = files
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
  return Promise.all(
    paths.sort().map(async (path) => [path, (await stat(path)).mtimeMs] as [string, number]),
  );
}

const FRAMEWORK = '@google-cloud/functions-framework';
