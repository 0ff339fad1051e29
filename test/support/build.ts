/** What `npm run build` makes of the units, made once for all test files of a run. */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';
import { isRunning } from './is-running.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Several test files need the same build: the first that comes makes it here, and each gets a copy. */
const BUILDS = join(ROOT, 'node_modules/.cache/bundles');
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
export async function currentBuild(): Promise<string> {
  const build = join(BUILDS, digestOfSources());
  const isBuilding = `${build}.pid`;
  mkdirSync(BUILDS, { recursive: true });
  await eventually(async () => {
    if (existsSync(build)) return true;
    try {
      writeFileSync(isBuilding, String(process.pid), { flag: 'wx' });
    } catch {
      // Another process builds it, unless that process was killed.
      const builder = existsSync(isBuilding) && Number(readFileSync(isBuilding, 'utf8'));
      if (builder && !isRunning(builder)) await rm(isBuilding, { force: true });
      return undefined;
    }
    try {
      if (!existsSync(build)) await buildAll(build);
    } finally {
      await rm(isBuilding, { force: true });
    }
    return true;
  });
  return build;
}

async function buildAll(build: string): Promise<void> {
  const fresh = join(BUILDS, randomUUID());
  // In a process of its own: esbuild does not know the global objects that Jest puts in front of Node's.
  const script = `import { buildUnits } from ${JSON.stringify(join(ROOT, 'deploy/build.ts'))};
    const deployed = await buildUnits(${JSON.stringify(fresh)});
    console.log(JSON.stringify([...deployed]));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
  writeFileSync(join(fresh, 'deployed.json'), stdout);
  await rename(fresh, build);
  const older = (await readdir(BUILDS)).filter((name) => /^\w{64}$/.test(name));
  for (const name of older) {
    if (join(BUILDS, name) !== build) await rm(join(BUILDS, name), { recursive: true });
  }
}

/** Changes with each file that a bundle is made from. */
function digestOfSources(): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of filesOf(join(ROOT, source))) {
      hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex');
}

/** The files at a path, in the same order each time, without what is installed there. */
function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  const names = readdirSync(path).sort();
  return names.flatMap((name) => (name === 'node_modules' ? [] : filesOf(join(path, name))));
}
