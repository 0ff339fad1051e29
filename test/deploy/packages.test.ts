/** What apps install, as `npm run pack:all` makes it: judged by the tools that judge packages, and how large it is. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { currentPackages } from '../support/packages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What an app gets that only sends photos and watches them, in bytes of gzip. */
const MOST_OF_CLIENT = 12_000;

let packages: string;
beforeAll(async () => {
  packages = await currentPackages();
});

const read = (...path: string[]) => readFileSync(join(packages, ...path), 'utf8');

describe.each(['client', 'react'])('@media-analysis/%s', (name) => {
  const tarball = () => {
    const file = readdirSync(packages).find((each) => each.includes(`-${name}-`));
    return new Uint8Array(readFileSync(join(packages, file ?? '')));
  };

  test('is as publint wishes', async () => {
    const { messages, pkg } = await publint({ pack: { tarball: tarball().buffer }, strict: true });
    expect(messages.map((each) => formatMessage(each, pkg, { color: false }))).toEqual([]);
  });

  test('has the types that each way to import it needs', async () => {
    const result = await checkPackage(createPackageFromTarballData(tarball()), {
      excludeEntrypoints: ['./styles.css'],
    });
    // It is published as ES modules only: https://github.com/arethetypeswrong/arethetypeswrong.github.io#esm-only
    const problems = !result.types
      ? ['It has no types.']
      : result.problems.filter(
          (each) =>
            !('resolutionKind' in each && ['node10', 'node16-cjs'].includes(each.resolutionKind)),
        );
    expect(problems).toEqual([]);
  });

  test('has the version and the licence of the project, and the texts of licences', () => {
    const { version, license } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(JSON.parse(read(name, 'package.json'))).toMatchObject({ version, license });
    expect(read(name, 'LICENSE')).toContain('Apache License');
    expect(read(name, 'THIRD-PARTY-NOTICES.md')).toContain('# Licenses');
  });

  test('is built for production, and knows no path of this machine', () => {
    const folder = join(packages, name, 'dist');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const texts = files
      .filter((file) => /\.(ts|js|css|map)$/.test(file))
      .map((file) => read(name, 'dist', file));
    expect(texts.filter((text) => text.includes('jsxDEV') || text.includes(ROOT))).toEqual([]);
  });

  test('names all that it imports, and nothing else', () => {
    const { dependencies, peerDependencies } = JSON.parse(read(name, 'package.json'));
    const files = readdirSync(join(packages, name, 'dist'), { recursive: true, encoding: 'utf8' });
    const codes = files.filter((file) => /\.(d\.ts|js)$/.test(file));
    const imported = codes.flatMap((file) => {
      const text = read(name, 'dist', file).replaceAll(/^\s*\*.*$/gm, '');
      const found = text.matchAll(/(?:from|import)\s*\(?\s*["']((?:@[\w-]+\/)?[\w-]+)[^"']*["']/g);
      return [...found].map(([, each]) => each);
    });
    const named = Object.keys({ ...dependencies, ...peerDependencies });
    // React's other half is needed by each app that draws something.
    const unused = name === 'react' ? ['react-dom'] : [];
    expect(new Set([...imported, ...unused])).toEqual(new Set(named));
  });
});

test('each file of the React package says that it is for the browser', () => {
  const files = readdirSync(join(packages, 'react/dist')).filter((file) => file.endsWith('.js'));
  for (const file of files) expect(read('react/dist', file)).toMatch(/^["']use client["'];/);
});

test('the client alone is small: all that sends photos and watches them, in one file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'client-'));
  const client = join(packages, 'client/dist/index.js');
  await writeFile(join(folder, 'app.js'), `export { createMediaClient } from '${client}';`);
  // In a process of its own: Vite does not know the global objects that Jest puts in front of Node's.
  const script = `
    import { build } from 'vite';
    await build({
      root: ${JSON.stringify(folder)},
      logLevel: 'warn',
      build: {
        minify: true,
        lib: { entry: 'app.js', formats: ['es'], fileName: 'app' },
        rolldownOptions: {
          // They come with the first video.
          external: ['mediabunny', /cut-frames\\.js$/],
          output: { codeSplitting: false, minify: true },
        },
      },
    });`;
  const args = ['--input-type=module', '--eval', script];
  await promisify(execFile)(process.execPath, args, { cwd: join(ROOT, 'web') });
  const [file = ''] = await readdir(join(folder, 'dist'));
  const built = await readFile(join(folder, 'dist', file));
  await rm(folder, { recursive: true });
  expect(built.includes('createMediaClient')).toBe(true);
  expect(gzipSync(built).length).toBeLessThanOrEqual(MOST_OF_CLIENT);
});
