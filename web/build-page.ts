/** Builds the web page if it is missing or older than its sources. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LLMS_SOURCES } from './llms-text.ts';

const WEB = import.meta.dirname;
const DIST = join(WEB, 'dist');
const SOURCES = [
  ...['src', 'public', 'index.html', 'vite.config.ts', 'browsers.ts', 'package.json'],
  ...['llms-text.ts', 'load-parts.ts', '../shared'],
].map((path) => join(WEB, path));
/** On the same file system as the page, so that one rename puts a finished build in its place. */
const SCRATCH = join(WEB, '../node_modules/.cache');

/**
 * Several processes may build at the same time. Each builds in a folder of its own, and renames the result.
 * @throws {Error} with Vite's message if the sources do not build, or if the new page cannot take the place of the old one
 */
export async function buildPage(): Promise<void> {
  if (isCurrent()) return;
  const fresh = join(SCRATCH, `page-${randomUUID()}`);
  const stale = `${fresh}-stale`;
  await runVite(['build', WEB, '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn']);
  await rename(DIST, stale).catch(() => undefined);
  // If this fails, another process was quicker with the same sources.
  const failure = await rename(fresh, DIST).catch((error: Error) => error);
  for (const path of [fresh, stale]) await rm(path, { recursive: true, force: true });
  // Or this is Windows, where a folder stays as long as a program has one of its files open.
  if (failure && !isCurrent()) throw failure;
}

/** Whether the page that is in place was built from the sources as they are. */
const isCurrent = () =>
  modified(join(DIST, 'index.html')) >= Math.max(...[...SOURCES, ...LLMS_SOURCES].map(newest));

/** Runs Vite in a process of its own, so that its memory is free again after the build. */
async function runVite(args: string[]): Promise<void> {
  const vite = createRequire(join(WEB, 'package.json')).resolve('vite/package.json');
  // The page is always built for production.
  const env = { ...process.env, NODE_ENV: 'production' };
  await promisify(execFile)(process.execPath, [join(vite, '../bin/vite.js'), ...args], { env });
}

/** When a file was last changed, in milliseconds; 0 if it does not exist. */
const modified = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

function newest(path: string): number {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return modified(path);
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
  const own = files.filter((name) => !name.includes('node_modules'));
  return Math.max(...own.map((name) => modified(join(path, name))));
}
