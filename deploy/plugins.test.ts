/** Features that esbuild lacks. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'media-analysis-plugins-'));
  writeFileSync(join(folder, 'main.ts'), "console.log((await import('named')).name);");
  const named = join(folder, 'node_modules/named');
  mkdirSync(named, { recursive: true });
  writeFileSync(join(named, 'index.js'), "exports.name = 'found';");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Bundles and runs a module that imports a CommonJS package later. @returns its output */
function bundled(plugins: string): string {
  // In a process of its own: esbuild fails with the global objects that Jest puts in front of Node's.
  const script = `
    import { build } from 'esbuild';
    import { namedExports } from ${JSON.stringify(new URL('./plugins.ts', import.meta.url).href)};
    await build({
      absWorkingDir: ${JSON.stringify(folder)}, entryPoints: ['main.ts'], outdir: 'out', outExtension: { '.js': '.mjs' },
      bundle: true, splitting: true, format: 'esm', platform: 'node', plugins: ${plugins},
    });
    await import(${JSON.stringify(`${folder}/out/main.mjs`)});`;
  const options = { cwd: new URL('..', import.meta.url), encoding: 'utf8' as const };
  return execFileSync(process.execPath, ['--input-type=module', '--eval', script], options).trim();
}

test('a CommonJS package that is imported later has its names', () => {
  expect(bundled('[namedExports]')).toBe('found');
});

// If this fails, esbuild gives the names by itself: remove `namedExports` in `deploy/plugins.ts`.
test('still needed: esbuild gives such a package no names', () => {
  expect(bundled('[]')).toBe('undefined');
});
