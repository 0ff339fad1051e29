/** What our loader does that Node's own compile cache does not. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'media-analysis-compile-cache-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A thousand functions. They are called only if that is asked for. */
const MODULE = `${Array.from(
  { length: 1_000 },
  (_, n) =>
    `exports.f${n} = (a) => { let sum = ${n}; for (const b of [a, ${n}]) sum += b * ${n}; return sum; };`,
).join('\n')}
exports.runAll = () => { for (const name in exports) if (name !== 'runAll') exports[name](1); };
`;

/** @returns bytes of what Node's own compile cache keeps of a module. */
function kept(name: string, isRun: boolean): number {
  const file = join(folder, `${name}.cjs`);
  const cache = join(folder, name);
  writeFileSync(file, MODULE);
  const script = `
    const { enableCompileCache, flushCompileCache } = require('node:module');
    enableCompileCache(${JSON.stringify(cache)});
    const loaded = require(${JSON.stringify(file)});
    if (${isRun}) loaded.runAll();
    flushCompileCache();`;
  execFileSync(process.execPath, ['--eval', script], { env: {} });
  const files = readdirSync(cache, { recursive: true, withFileTypes: true });
  const sizes = files
    .filter((each) => each.isFile())
    .map((each) => statSync(join(each.parentPath, each.name)).size);
  return Math.max(...sizes);
}

// If this fails, Node keeps the functions that ran: measure again (`npm run bench -- cold-start`), as the loader may go.
test('still needed: Node keeps of a module only what was compiled as it was loaded', () => {
  const [loaded, run] = [kept('loaded', false), kept('run', true)];
  expect(loaded).toBeGreaterThan(1_000);
  // Its name is part of it.
  expect(Math.abs(run - loaded)).toBeLessThan(100);
});

test('V8 itself gives away the functions that ran, too', () => {
  const script = new Script(`(exports) => { ${MODULE} }`);
  const define = script.runInThisContext() as (exports: { runAll?: () => void }) => void;
  const exports: { runAll?: () => void } = {};
  define(exports);
  const loaded = script.createCachedData().length;
  exports.runAll?.();
  expect(script.createCachedData().length).toBeGreaterThan(1.5 * loaded);
});
