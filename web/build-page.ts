/** Builds the web page when it is missing or older than what it is made of. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const WEB = here('.');
const DIST = here('./dist');
const SOURCES = ['./src', './index.html', './vite.config.ts', './package.json', '../shared'].map(
  here,
);
/** On the same file system as the page, so that a finished build takes its place in one step. */
const SCRATCH = here('../node_modules/.cache');

/**
 * Several processes may do this at once: each builds aside, and whoever is done puts it in place.
 * @throws with Vite's own words when the sources do not build
 */
export async function buildPage(): Promise<void> {
  if (modified(join(DIST, 'index.html')) >= Math.max(...SOURCES.map(newest))) return;
  const fresh = join(SCRATCH, `page-${randomUUID()}`);
  const stale = `${fresh}-stale`;
  await runVite(['build', WEB, '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn']);
  await rename(DIST, stale).catch(() => undefined);
  // If it fails another process was quicker, with the same sources.
  await rename(fresh, DIST).catch(() => undefined);
  for (const path of [fresh, stale]) await rm(path, { recursive: true, force: true });
}

/** In a process of its own: what a build needs in memory is gone when it is over. */
async function runVite(args: string[]): Promise<void> {
  const vite = createRequire(join(WEB, 'package.json')).resolve('vite/package.json');
  // Whatever this process runs as, the page is for production.
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)(process.execPath, [join(vite, '../bin/vite.js'), ...args], { env });
}

/** Milliseconds; 0 for what is not there. */
function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(path: string): number {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return modified(path);
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
  const own = files.filter((name) => !name.includes('node_modules'));
  return Math.max(...own.map((name) => modified(join(path, name))));
}
