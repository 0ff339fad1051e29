/** What apps install, as `npm run pack:all` makes it: judged by the tools that judge packages, and how large it is. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { currentPackages } from '../support/packages.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

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
      const found = text.matchAll(
        /(?:from|import)\s*\(?\s*["'](?!node:)((?:@[\w-]+\/)?[\w-]+)[^"']*["']/g,
      );
      return [...found].map(([, each]) => each);
    });
    const named = Object.keys({ ...dependencies, ...peerDependencies });
    // React's other half is needed by each app that draws something.
    const unused = name === 'react' ? ['react-dom'] : [];
    expect(new Set([...imported, ...unused])).toEqual(new Set(named));
  });
});

test('only its door for Node asks for what a browser does not have', () => {
  const files = ['client', 'react'].flatMap((name) => {
    const found = readdirSync(join(packages, name, 'dist'), { recursive: true, encoding: 'utf8' });
    return found.filter((each) => each.endsWith('.js')).map((each) => join(name, 'dist', each));
  });
  expect(files.filter((file) => /["']node:/.test(read(file)))).toEqual([
    join('client', 'dist', 'node.js'),
  ]);
});

test('each file of the React package says that it is for the browser', () => {
  const files = readdirSync(join(packages, 'react/dist'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((each) => each.endsWith('.js'))) {
    expect(read('react/dist', file)).toMatch(/^["']use client["'];/);
  }
});

describe('an app gets only what it uses, in bytes of gzip without React:', () => {
  const create = "export { createMediaClient } from '@media-analysis/client';";
  const hooks =
    'MediaClientProvider, useAnalyzeMedia, useMediaAnalysisSSE, useMediaUploadSSE, useMediaActions';
  const others =
    'useAnalyses, useLibrary, useLiveLibrary, useMediaList, useMediaSearch, useMediaUrl, useReanalysis';
  const cases = {
    nothing: "import '@media-analysis/client'; import '@media-analysis/react';",
    client: create,
    hooks: `${create} export { ${hooks} } from '@media-analysis/react';`,
    area: "export { PhotoUpload } from '@media-analysis/react';",
    allHooks: `${create} export { ${hooks}, ${others} } from '@media-analysis/react';`,
    areaWithHooks: `${create} export { PhotoUpload, ${hooks} } from '@media-analysis/react';`,
  };
  let folder: string;
  let sizes: Record<keyof typeof cases, { first: number; all: number }>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sizes-'));
    await mkdir(join(folder, 'node_modules/@media-analysis'), { recursive: true });
    const link = (from: string, name: string) =>
      symlink(from, join(folder, 'node_modules', name), 'junction');
    for (const name of ['client', 'react']) {
      await link(join(packages, name), `@media-analysis/${name}`);
    }
    for (const name of ['@tanstack', 'eventsource-parser', 'idb-keyval']) {
      await link(join(ROOT, 'node_modules', name), name);
    }
    for (const [name, code] of Object.entries(cases)) {
      await writeFile(join(folder, `${name}.js`), code);
    }
    // In a process of its own: Vite does not know the global objects that Jest puts in front of Node's.
    const script = `
      import { gzipSync } from 'node:zlib';
      import { build } from 'vite';
      const sizes = {};
      for (const entry of ${JSON.stringify(Object.keys(cases))}) {
        const [{ output }] = await build({
          root: ${JSON.stringify(folder)},
          configFile: false,
          logLevel: 'error',
          resolve: { preserveSymlinks: true },
          build: {
            write: false,
            lib: { entry: entry + '.js', formats: ['es'] },
            rolldownOptions: {
              // Mediabunny and its user come with the first video.
              external: [/^react(-dom)?(\\/|$)/, 'mediabunny', /cut-frames\\.js$/],
              output: { minify: true },
            },
          },
        });
        const chunks = new Map(output.map((chunk) => [chunk.fileName, chunk]));
        const first = new Set([output.find(({ isEntry }) => isEntry).fileName]);
        for (const name of first) for (const each of chunks.get(name)?.imports ?? []) first.add(each);
        const sum = (names) =>
          [...names].reduce((all, name) => all + gzipSync(chunks.get(name)?.code ?? '').length, 0);
        sizes[entry] = { first: sum(first), all: sum(chunks.keys()) };
      }
      process.stdout.write(JSON.stringify(sizes));`;
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: join(ROOT, 'web'),
    });
    sizes = JSON.parse(stdout);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test.each<[string, keyof typeof cases, 'first' | 'all', number, number]>([
    ['nothing for an import without names', 'nothing', 'all', 0, 200],
    ['the client, with what it loads later', 'client', 'all', 8_000, 14_200],
    ['the client at first', 'client', 'first', 3_000, 5_000],
    ['hooks that send and watch', 'hooks', 'first', 8_000, 13_000],
    ['all hooks', 'allHooks', 'first', 20_000, 29_000],
    ['PhotoUpload', 'area', 'first', 5_000, 10_000],
    ['PhotoUpload with these hooks', 'areaWithHooks', 'first', 12_000, 23_000],
  ])('%s', (_, name, part, least, most) => {
    expect(sizes[name][part]).toBeGreaterThanOrEqual(least);
    expect(sizes[name][part]).toBeLessThanOrEqual(most);
  });
});
