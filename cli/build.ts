/** `npm run cli:build`: makes the package `media-analysis` in `dist/media-analysis`, and packs it into a .tgz file beside that. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { z } from 'zod';
import { OLDEST_NODE } from './node.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const manifestSchema = z.object({
  version: z.string(),
  description: z.string().optional(),
  license: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  /** Undefined until the sources have a public address. */
  repository: z.unknown().optional(),
});
const readManifest = (path: string) =>
  manifestSchema.parse(JSON.parse(readFileSync(here(path), 'utf8')));

/** @param folder receives the whole package */
async function buildCommand(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: here('..'),
    entryPoints: { main: 'cli/main.ts' },
    outdir: join(folder, 'dist'),
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    // Other packages are installed beside it, with their licences. Running everything on one machine needs a checkout.
    packages: 'external',
    external: ['./embedded.ts'],
    plugins: [
      {
        name: 'shared',
        setup({ onResolve }) {
          const filter = /^@media-analysis\/shared\//;
          onResolve({ filter }, ({ path }) => ({
            path: here(`../shared/${path.replace(filter, '')}.ts`),
          }));
        },
      },
    ],
    metafile: true,
    logLevel: 'warning',
  });
  const own = readManifest('package.json');
  const known = { ...readManifest('../web/package.json').dependencies, ...own.dependencies };
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const named = imports.flatMap(({ path, external }) =>
    external && !/^(node:|\.)/.test(path) ? [/^(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? path] : [],
  );
  const dependencies = Object.fromEntries(
    [...new Set(named)].sort().map((name) => [name, known[name]]),
  );
  const { version, description, license } = own;
  const { repository } = readManifest('../package.json');
  const manifest = {
    name: 'media-analysis',
    version,
    description,
    license,
    type: 'module',
    ...(repository !== undefined && { repository: { ...Object(repository), directory: 'cli' } }),
    bin: { 'media-analysis': 'dist/main.js' },
    engines: { node: `>=${OLDEST_NODE}` },
    files: ['dist'],
    publishConfig: { access: 'public', provenance: true },
    dependencies,
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(here('../LICENSE'), join(folder, 'LICENSE'));
  copyFileSync(here('../docs/cli.md'), join(folder, 'README.md'));
}

if (import.meta.main) {
  const [folder = here('../dist/media-analysis')] = process.argv.slice(2);
  await buildCommand(folder);
  const args = ['pack', '--silent', '--pack-destination', dirname(folder), folder];
  const options = { encoding: 'utf8', shell: process.platform === 'win32' } as const;
  process.stdout.write(join(dirname(folder), execFileSync('npm', args, options)));
}
