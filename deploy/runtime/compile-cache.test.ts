/** A unit starts with its compile cache, without one, and with one that cannot be used. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

let folder: string;
let unit: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'media-analysis-compile-cache-'));
  unit = folder;
  copyFileSync(new URL('compile-cache.js', import.meta.url), join(unit, 'compile-cache.js'));
  writeFileSync(join(unit, 'package.json'), '{ "type": "commonjs" }');
  writeFileSync(join(unit, 'unit.js'), 'module.exports = () => 1;');
});
afterEach(() => rmSync(unit, { recursive: true }));

/** Loads the unit in a process of its own. */
function start(how: 'useCompileCache' | 'createCompileCache'): string {
  const script = `require('./compile-cache.js').${how}(); console.log(typeof require('./unit.js'));`;
  const options = { cwd: unit, env: {}, encoding: 'utf8' } as const;
  return execFileSync(process.execPath, ['--eval', script], options).trim();
}

/** The time when each file of the cache was written. */
function written(): number[] {
  const files = readdirSync(join(unit, 'compile-cache'), { recursive: true, withFileTypes: true });
  return files
    .filter((each) => each.isFile())
    .map((each) => statSync(join(each.parentPath, each.name)).mtimeMs);
}

test('without a cache the unit starts, and writes none', () => {
  expect(start('useCompileCache')).toBe('function');
  expect(existsSync(join(unit, 'compile-cache'))).toBe(false);
});

test('with a cache that cannot be used the unit starts', () => {
  writeFileSync(join(unit, 'compile-cache'), 'no folder');
  expect(start('useCompileCache')).toBe('function');
});

test('the unit takes what was compiled, also at another place', () => {
  start('createCompileCache');
  const kept = written();
  expect(kept).toHaveLength(1);
  unit = `${folder}-moved`;
  renameSync(folder, unit);
  expect(start('useCompileCache')).toBe('function');
  expect(written()).toEqual(kept);
});
