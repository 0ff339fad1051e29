/** Builds the web page when it is missing or older than what it is made of. */
import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const WEB = here('../web');
const DIST = here('../web/dist');
const SOURCES = ['../web/src', '../web/index.html', '../web/vite.config.ts', '../shared'].map(here);
/** On the same file system as the page, so that a finished build takes its place in one step. */
const SCRATCH = here('../node_modules/.cache');

/**
 * Several processes may do this at once: each builds aside, and whoever is done puts it in place.
 * @throws what Vite throws when the sources do not build
 */
export async function buildPage(): Promise<void> {
  if (modified(`${DIST}/index.html`) >= Math.max(...SOURCES.map(newest))) return;
  const { build } = await import('vite');
  const fresh = `${SCRATCH}/page-${randomUUID()}`;
  const stale = `${fresh}-stale`;
  await build({ root: WEB, logLevel: 'warn', build: { outDir: fresh, emptyOutDir: true } });
  await rename(DIST, stale).catch(() => undefined);
  // If it fails another process was quicker, with the same sources.
  await rename(fresh, DIST).catch(() => undefined);
  for (const path of [fresh, stale]) await rm(path, { recursive: true, force: true });
}

/** Milliseconds; 0 for what is not there. */
function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(path: string): number {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return modified(path);
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return Math.max(
    ...files.filter((name) => !name.includes('node_modules')).map((name) => modified(`${path}/${name}`)),
  );
}
