/** Builds client, hooks and components as a library: ES modules, types and a style sheet in dist-lib/. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { build } from 'vite';

const ROOT = import.meta.dirname;
const OUT = join(ROOT, 'dist-lib');
const TYPES = join(OUT, 'types');

await build({ root: ROOT, configFile: join(ROOT, 'vite.lib.config.ts') });

const tsc = createRequire(import.meta.url).resolve('typescript/package.json');
const args = [join(dirname(tsc), 'bin/tsc'), '-p', join(ROOT, 'tsconfig.lib.json')];
execFileSync(process.execPath, args, { stdio: 'inherit' });

// The types of shared/ are copied too. Their imports must name the copies.
for (const name of readdirSync(TYPES, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.d.ts')) continue;
  const path = join(TYPES, name);
  const toShared = relative(dirname(path), join(TYPES, 'shared'));
  const text = readFileSync(path, 'utf8')
    .replaceAll(/(['"])@media-analysis\/shared\/([\w.-]+)\1/g, `'./${toShared}/$2.js'`)
    .replace("import './components.css';\n", '')
    .replaceAll(/(['"])(\.{1,2}\/[^'"]+)\.tsx?\1/g, "'$2.js'");
  writeFileSync(path, text);
}
// Without this file a strict compiler refuses the import of the style sheet.
writeFileSync(join(TYPES, 'styles.d.ts'), 'export {};\n');
