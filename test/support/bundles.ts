/** What `npm run build` makes, installed as the cloud would, in a folder that has nothing else. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { NODE_OPTIONS } from '../../local/base/units.ts';
import { currentBuild } from './build.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

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
