/** Builds the web page if it is missing or older than its sources. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const WEB = import.meta.dirname;
const DIST = join(WEB, 'dist');
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
  const vite = createRequire(join(WEB, 'package.json')).resolve('vite/package.json');
  const args = ['build', WEB, '--outDir', fresh, '--emptyOutDir', '--logLevel', 'warn'];
  // In a process of its own, so that its memory is free again afterwards; and always for production.
  await promisify(execFile)(process.execPath, [join(vite, '../bin/vite.js'), ...args], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  await rename(DIST, stale).catch(() => undefined);
  // If this fails, another process was quicker with the same sources.
  const failure = await rename(fresh, DIST).catch((error: Error) => error);
  for (const path of [fresh, stale]) await rm(path, { recursive: true, force: true });
  // Or this is Windows, where a folder stays as long as a program has one of its files open.
  if (failure && !isCurrent()) throw failure;
}

/** Whether the page that is in place was built from the sources as they are. `/llms.txt` is made of the documents. */
function isCurrent(): boolean {
  const built = statSync(join(DIST, 'index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return ['src', 'public', '.', '../shared', '../docs'].every((folder) =>
    readdirSync(join(WEB, folder), { recursive: folder !== '.', encoding: 'utf8' })
      .filter((path) => !/node_modules|^dist$/.test(path))
      .every((path) => statSync(join(WEB, folder, path)).mtimeMs <= built),
  );
}
