/** A feature that is taken out of a small project leaves nothing behind, and what still needs it is seen. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { featuresOf, removeFeatures } from './remove.ts';
import { typeErrors } from './types.ts';

const FILES: Record<string, string> = {
  'package.json': '{ "type": "module" }',
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      module: 'nodenext',
      noEmit: true,
      strict: true,
      allowImportingTsExtensions: true,
      types: [],
    },
  }),
  'functions/core/work.ts': 'export const work = () => 1;\n',
  'functions/worker/features.ts': `/** The features of the worker, with webhooks. */
import { bin } from '../features/bin/feature.ts';
import { exporting } from '../features/export/feature.ts';
import { webhooks } from '../features/webhooks/feature.ts';

export const FEATURES = [
  bin,
  exporting,
  webhooks,
];
`,
  'functions/features/bin/feature.ts': 'export const bin = { name: "bin" };\n',
  'functions/features/export/feature.ts':
    "import { bin } from '../bin/feature.ts';\nexport const exporting = { name: 'export', of: bin.name };\n",
  'functions/features/webhooks/feature.ts':
    "import { work } from '../../core/work.ts';\nexport const webhooks = { name: 'webhooks', work };\nexport const webhookRoutes = (prefix: string) => [prefix];\n",
  'functions/features/webhooks/feature.test.ts': "import './feature.ts';\n",
  'functions/features/webhooks/outside.json': '["deploy/webhooks.ts", "local/inbox.ts"]',
  'functions/api/index.ts': `import { bin } from '../features/bin/feature.ts';
import { webhookRoutes } from '../features/webhooks/feature.ts';

export const parts = [bin];
export const routes = [
  '/health',
  webhookRoutes('/api'),
];
`,
  'local/features.ts': `import { inbox } from './inbox.ts';

export const ROUTES = [inbox];
`,
  'local/inbox.ts':
    "export { webhooks as inbox } from '../functions/features/webhooks/feature.ts';\n",
  'deploy/webhooks.ts': "export { webhooks } from '../functions/features/webhooks/feature.ts';\n",
  'test/core.test.ts': "import { work } from '../functions/core/work.ts';\nwork();\n",
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'without-'));
  for (const [path, text] of Object.entries(FILES)) write(path, text);
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const errors = () => typeErrors(root, ['test/core.test.ts']);

test('each folder is a feature', () => {
  expect(featuresOf(root)).toEqual(['bin', 'export', 'webhooks']);
});

test('one that is not there is said, with those that are', () => {
  expect(() => removeFeatures(root, ['webhook'])).toThrow(
    'There is no feature "webhook": there are bin, export, webhooks.',
  );
});

describe('a feature', () => {
  test('goes with its folder, its files elsewhere and its lines, and what is left is whole', async () => {
    expect(await errors()).toEqual([]);
    expect(removeFeatures(root, ['webhooks'])).toEqual({
      features: ['webhooks'],
      files: [
        'functions/features/webhooks/feature.test.ts',
        'functions/features/webhooks/feature.ts',
        'functions/features/webhooks/outside.json',
        'deploy/webhooks.ts',
        'local/inbox.ts',
      ],
      complaints: [],
    });
    expect(existsSync(join(root, 'functions/features/webhooks'))).toBe(false);
    expect(read('functions/worker/features.ts')).toContain('[\n  bin,\n  exporting,\n];');
    expect(read('functions/api/index.ts')).toContain("routes = [\n  '/health',\n];");
    expect(read('local/features.ts')).toContain('ROUTES = [];');
    expect(await errors()).toEqual([]);
  });

  test('takes along those that import it', async () => {
    expect(removeFeatures(root, ['bin']).features).toEqual(['bin', 'export']);
    expect(read('functions/worker/features.ts')).toContain('[\n  webhooks,\n];');
    expect(read('functions/api/index.ts')).toContain('parts = [];');
    expect(await errors()).toEqual([]);
  });

  test('can be one of all, which go together', async () => {
    expect(removeFeatures(root, featuresOf(root)).complaints).toEqual([]);
    expect(existsSync(join(root, 'functions/features'))).toBe(true);
    expect(featuresOf(root)).toEqual([]);
    expect(read('functions/worker/features.ts')).toContain('FEATURES = [\n];');
    expect(await errors()).toEqual([]);
  });

  test('whose `outside.json` names a file that is gone is not taken out', () => {
    write('functions/features/webhooks/outside.json', '["deploy/hooks.ts"]');
    expect(() => removeFeatures(root, ['webhooks'])).toThrow('outside.json names deploy/hooks.ts.');
  });
});

describe('it is seen', () => {
  test('that the core imports it', async () => {
    write(
      'functions/core/work.ts',
      "import { webhooks } from '../features/webhooks/feature.ts';\nexport const work = () => webhooks;\n",
    );
    expect(removeFeatures(root, ['webhooks']).complaints).toEqual([]);
    expect(await errors()).toEqual([
      expect.stringMatching(/^functions\/core\/work\.ts\(1,26\): error TS2307/),
    ]);
  });

  test('that a unit does more with it than its line', () => {
    write('functions/api/index.ts', `${read('functions/api/index.ts')}webhookRoutes('/v2');\n`);
    expect(removeFeatures(root, ['webhooks']).complaints).toEqual([
      "functions/api/index.ts names webhooks outside of its line: webhookRoutes('/v2');",
    ]);
  });
});
