/** What `npm run build` makes, installed as the cloud would, in a folder that has nothing else. */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { NODE_OPTIONS } from '../../local/units.ts';
import { eventually } from './stack.ts';
import { isRunning } from './started.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Several test files need the same build: the first that comes makes it here, and each gets a copy. */
const BUILDS = join(ROOT, 'node_modules/.cache/bundles');
/** All that a bundle is made from. */
const SOURCES = [
  'deploy',
  'functions',
  'local/units.ts',
  'package-lock.json',
  'sandbox',
  'shared',
  'vision',
];

/**
 * @param folder Outside of the project, or its packages would be found.
 * @returns the names of all packages that are deployed.
 */
export async function buildBundles(
  folder: string,
  units = ['api', 'worker', 'stream'],
): Promise<string[]> {
  const build = await currentBuild();
  for (const unit of units) {
    cpSync(join(build, unit), join(folder, unit), { recursive: true });
    await install(join(folder, unit));
  }
  return JSON.parse(await readFile(join(build, 'deployed.json'), 'utf8'));
}

/** @returns the folder of the build of the sources as they are. It is only read. */
async function currentBuild(): Promise<string> {
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

/** What `npm ci` does with the bundle's own lock file, from the packages that are here already. */
async function install(folder: string): Promise<void> {
  const file = join(folder, 'package-lock.json');
  if (!existsSync(file)) return;
  const lock = JSON.parse(await readFile(file, 'utf8'));
  const paths = Object.keys(lock.packages).filter((path) => path !== '');
  for (const path of paths) {
    const here = join(ROOT, path);
    // Native code for other machines is in the lock file too.
    if (lock.packages[path].optional && !existsSync(here)) continue;
    const filter = (source: string) => !relative(here, source).startsWith('node_modules');
    cpSync(here, join(folder, path), { recursive: true, filter });
  }
}

/** What the build runs where a unit is installed. @returns what it printed. */
export async function warm(folder: string): Promise<string> {
  const { scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
  const [, ...args] = scripts['gcp-build'].split(' ');
  return runWarm(folder, args);
}

/** The same, started as the unit is. */
export const warmAsDeployed = (folder: string): Promise<string> =>
  runWarm(folder, [...NODE_OPTIONS, 'warm.js']);

async function runWarm(folder: string, args: string[]): Promise<string> {
  const { stdout, stderr } = await run(process.execPath, args, { cwd: folder, env: {} });
  return stdout + stderr;
}
