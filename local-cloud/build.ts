/** Part of `npm run pack:all`: makes the package of this folder, and packs it into a .tgz file beside that. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pack } from '@publint/pack';
import { build } from 'esbuild';
import { z } from 'zod';
import { OLDEST_NODE } from './node.ts';

const HERE = import.meta.dirname;

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string(),
  license: z.string(),
  dependencies: z.record(z.string(), z.string()),
});
const rootSchema = z.object({
  /** Undefined until the sources have a public address. */
  repository: z.unknown().optional(),
});

const read = (path: string): unknown => JSON.parse(readFileSync(join(HERE, path), 'utf8'));

/** @param folder receives the whole package @returns the path of the .tgz file */
async function buildPackage(folder: string): Promise<string> {
  rmSync(folder, { recursive: true, force: true });
  await build({
    absWorkingDir: HERE,
    entryPoints: ['index.ts', 'main.ts'],
    outdir: join(folder, 'dist'),
    bundle: true,
    splitting: true,
    chunkNames: '[name]-[hash]',
    packages: 'external',
    platform: 'node',
    target: `node${OLDEST_NODE}`,
    format: 'esm',
    logLevel: 'warning',
  });
  writeTypes(join(folder, 'dist/types'));
  const { name, version, description, license, dependencies } = manifestSchema.parse(
    read('package.json'),
  );
  const { repository } = rootSchema.parse(read('../package.json'));
  const manifest = {
    name,
    version,
    description,
    keywords: ['emulator', 'firestore', 'cloud-storage', 'cloud-tasks', 'testing'],
    license,
    ...(repository !== undefined && {
      repository: { ...Object(repository), directory: 'local-cloud' },
    }),
    type: 'module',
    bin: { 'local-cloud': 'dist/main.js' },
    exports: {
      '.': { types: './dist/types/index.d.ts', default: './dist/index.js' },
      './package.json': './package.json',
    },
    engines: { node: `>=${OLDEST_NODE}` },
    files: ['dist'],
    publishConfig: { access: 'public', provenance: true },
    dependencies,
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(HERE, '../LICENSE'), join(folder, 'LICENSE'));
  copyFileSync(join(HERE, 'README.md'), join(folder, 'README.md'));
  return pack(folder, { destination: dirname(folder) });
}

function writeTypes(folder: string): void {
  const tsc = createRequire(import.meta.url).resolve('typescript/package.json');
  const args = [join(dirname(tsc), 'bin/tsc'), '-p', join(HERE, 'tsconfig.types.json')];
  execFileSync(process.execPath, [...args, '--outDir', folder], { stdio: 'inherit' });
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts')) continue;
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8').replaceAll(/(['"])(\.{1,2}\/[^'"]+)\.ts\1/g, "'$2.js'");
    writeFileSync(path, text);
  }
}

const [folder = join(HERE, '../dist/cloud')] = process.argv.slice(2);
process.stdout.write(`${await buildPackage(resolve(folder, 'local-cloud'))}\n`);
