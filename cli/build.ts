/** `npm run cli:build`: makes the package `media-analysis`, ready for `npm pack`, in `dist/media-analysis`. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { z } from 'zod';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const manifestSchema = z.object({
  version: z.string(),
  description: z.string().optional(),
  license: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
});
const readManifest = (path: string) =>
  manifestSchema.parse(JSON.parse(readFileSync(here(path), 'utf8')));

/** @param folder Gets the whole package. */
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
    // Other people's packages are installed beside it, with their licences. All on one machine needs a checkout.
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
  const manifest = {
    ...{ name: 'media-analysis', version, description, license, type: 'module' },
    ...{ bin: { 'media-analysis': 'dist/main.js' }, engines: { node: '>=22' }, files: ['dist'] },
    dependencies,
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(here('../LICENSE'), join(folder, 'LICENSE'));
  copyFileSync(here('../docs/cli.md'), join(folder, 'README.md'));
}

if (import.meta.main) {
  const [folder = here('../dist/media-analysis')] = process.argv.slice(2);
  await buildCommand(folder);
  process.stdout.write(`Built: ${folder}\n`);
}
