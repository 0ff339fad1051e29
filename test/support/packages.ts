/** What `npm run pack:all` makes, made once for all test files of a run. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { digestOf } from './build.ts';
import { makeOnce } from './make-once.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** All that the packages are made from. */
const SOURCES = ['web', 'shared', 'package.json', 'package-lock.json', 'CHANGELOG.md', 'LICENSE'];

/** @returns a folder with `client/`, `react/` and their .tgz files. It is only read. */
export const currentPackages = (): Promise<string> =>
  makeOnce('packages', digestOf(SOURCES), async (folder) => {
    // In a process of its own: Vite does not know the global objects that Jest puts in front of Node's.
    await run(process.execPath, [join(ROOT, 'web/build-packages.ts'), folder]);
  });

/** @returns the package of `local-cloud/`, as a folder and as a .tgz file. Both are only read. */
export async function currentCloudPackage(): Promise<{ folder: string; tarball: string }> {
  const sources = ['local-cloud', 'package.json', 'package-lock.json', 'LICENSE'];
  const all = await makeOnce('cloud-package', digestOf(sources), async (folder) => {
    await run(process.execPath, [join(ROOT, 'local-cloud/build.ts'), folder]);
  });
  const packed = readdirSync(all).find((name) => name.endsWith('.tgz')) ?? '';
  return { folder: join(all, 'local-cloud'), tarball: join(all, packed) };
}
