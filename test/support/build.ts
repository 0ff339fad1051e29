/** What `npm run build` makes of the units, made once for all test files of a run. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { makeOnce } from './make-once.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** All that a bundle is made from. */
const SOURCES = [
  'deploy',
  'functions',
  'local/base/units.ts',
  'package-lock.json',
  'sandbox',
  'shared',
  'vision',
];

/** @returns the folder of the build of the sources as they are. It is only read. */
export const currentBuild = (): Promise<string> => makeOnce('bundles', digestOf(SOURCES), build);

async function build(folder: string): Promise<void> {
  // In a process of its own: esbuild does not know the global objects that Jest puts in front of Node's.
  const script = `import { buildUnits } from ${JSON.stringify(join(ROOT, 'deploy/build.ts'))};
    const deployed = await buildUnits(${JSON.stringify(folder)});
    console.log(JSON.stringify([...deployed]));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
  writeFileSync(join(folder, 'deployed.json'), stdout);
}

/** Changes with each file that something is made from. */
export function digestOf(sources: readonly string[]): string {
  const hash = createHash('sha256');
  for (const source of sources) {
    for (const file of filesOf(join(ROOT, source))) {
      hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

const NOT_SOURCES = new Set(['node_modules', 'dist']);

/** The files at a path, in the same order each time, without what is installed or built there. */
function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  const names = readdirSync(path).sort();
  return names.flatMap((name) => (NOT_SOURCES.has(name) ? [] : filesOf(join(path, name))));
}
