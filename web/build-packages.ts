/**
 * `npm run pack:all [FOLDER]`: what apps install, the client and the components for React, as .tgz files in dist/packages, each
 * beside the folder that it was packed from. They are made from the sources of the page. The folder is emptied first.
 *
 * A release: move "Unreleased" in CHANGELOG.md under the number, `npm version NUMBER --workspaces --include-workspace-root`,
 * `npm run pack:all`, then `npm publish` of each .tgz file in dist/packages and dist/cloud, and of `./dist/media-analysis-*.tgz`
 * (without `./` npm takes it for a repository).
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { pack } from '@publint/pack';
import react from '@vitejs/plugin-react';
import { build, type Plugin } from 'vite';
import { BUILD_TARGET, lightInOlderBrowsers } from './browsers.ts';
import {
  type Manifest,
  manifestOf,
  nameOf,
  PACKAGES,
  type PackageName,
} from './package-manifests.ts';

const WEB = import.meta.dirname;
const ROOT = join(WEB, '..');
const CLIENT = join(WEB, 'src/client/index.ts');
const NOTICES = 'THIRD-PARTY-NOTICES.md';

/** The app installs what the manifest names. shared/ is not published, so it becomes part of each package. */
async function buildCode(name: PackageName, manifest: Manifest, outDir: string): Promise<void> {
  const installed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
  const plugins = [react(), clientAsPackage(), lightInOlderBrowsers('styles.css')];
  await build({
    configFile: false,
    root: WEB,
    publicDir: false,
    logLevel: 'warn',
    plugins: name === 'react' ? plugins : [],
    resolve: { alias: { './outside.ts': join(WEB, 'src/components/words/reader.ts') } },
    build: {
      outDir,
      emptyOutDir: true,
      minify: false,
      sourcemap: true,
      target: BUILD_TARGET,
      license: { fileName: NOTICES },
      lib: {
        entry: {
          index: join(WEB, `src/${name}/index.ts`),
          ...(name === 'client' && { node: join(WEB, 'src/client/node.ts') }),
        },
        formats: ['es'],
        cssFileName: 'styles',
      },
      rolldownOptions: {
        checks: { pluginTimings: false },
        external: [/^node:/, ...installed.map((each) => new RegExp(`^${each}(/|$)`))],
        // Hooks run in a browser only; a framework with server components has to know it.
        output: {
          chunkFileNames: '[name].js',
          // A bundler leaves out the files that an app does not use. npm packs no folder node_modules.
          preserveModules: name === 'react',
          preserveModulesRoot: join(WEB, 'src'),
          entryFileNames: (chunk) => `${chunk.name.replace('node_modules', 'external')}.js`,
          banner: name === 'react' ? "'use client';" : '',
        },
      },
    },
  });
}

/** What is imported from the client's sources comes from its package: an app must have its classes and its memory once. */
function clientAsPackage(): Plugin {
  const errors = join(WEB, 'src/client/errors.ts');
  return {
    name: 'client-as-package',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!importer || !source.startsWith('.')) return null;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      return found?.id === CLIENT ? { id: nameOf('client'), external: true } : found;
    },
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type === 'chunk' && chunk.modules[errors]?.renderedLength) {
          this.error('The client would be there twice: import its errors from its index.ts.');
        }
      }
    },
  };
}

function writeTypes(folder: string): void {
  const tsc = createRequire(import.meta.url).resolve('typescript/package.json');
  const args = [join(dirname(tsc), 'bin/tsc'), '-p', join(WEB, 'tsconfig.packages.json')];
  execFileSync(process.execPath, [...args, '--outDir', folder], { stdio: 'inherit' });
}

/** Those of shared/ become part of the client's. Imports must name the copies, and those of the client its package. */
function copyTypes(all: string, name: PackageName, folder: string): void {
  for (const room of readdirSync(join(all, 'web/src'))) {
    if ((room === 'client') !== (name === 'client')) continue;
    cpSync(join(all, 'web/src', room), join(folder, room), { recursive: true });
  }
  if (name === 'client') cpSync(join(all, 'shared'), join(folder, 'shared'), { recursive: true });
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts')) continue;
    const path = join(folder, file);
    const toShared = relative(dirname(path), join(folder, 'shared')).replaceAll('\\', '/');
    let text = readFileSync(path, 'utf8')
      .replaceAll(/(['"])@media-analysis\/shared\/([\w.-]+)\1/g, `'./${toShared}/$2.js'`)
      .replaceAll(/^import '[^']+\.css';\n/gm, '')
      .replaceAll(/(['"])(\.{1,2}\/[^'"]+)\.tsx?\1/g, "'$2.js'");
    if (name === 'react') {
      text = text.replaceAll(/'(\.\.\/)+client\/index\.js'/g, `'${nameOf('client')}'`);
    }
    writeFileSync(path, text);
  }
  // Without this file a strict compiler refuses the import of the style sheet.
  if (name === 'react') writeFileSync(join(folder, 'styles.d.ts'), 'export {};\n');
}

const folder = resolve(process.argv[2] ?? join(ROOT, 'dist/packages'));
const types = join(folder, '.types');
// Otherwise what React is asked to draw would name the files of this machine.
process.env.NODE_ENV = 'production';
rmSync(folder, { recursive: true, force: true });
writeTypes(types);
for (const name of PACKAGES) {
  const target = join(folder, name);
  const manifest = manifestOf(name);
  await buildCode(name, manifest, join(target, 'dist'));
  renameSync(join(target, 'dist', NOTICES), join(target, NOTICES));
  copyTypes(types, name, join(target, 'dist/types'));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const path of ['LICENSE', 'CHANGELOG.md', 'web/README.md']) {
    copyFileSync(join(ROOT, path), join(target, basename(path)));
  }
  process.stdout.write(`${await pack(target, { destination: folder })}\n`);
}
rmSync(types, { recursive: true });
