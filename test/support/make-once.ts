import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import { isRunning } from './is-running.ts';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));

/**
 * A folder that several test files need, made by the first that comes. It is only read, and stays for later runs.
 * @param key Changes with what the folder is made from: older folders of this kind are removed.
 * @param make Gets an empty folder, which is then renamed.
 */
export async function makeOnce(
  kind: string,
  key: string,
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const all = join(CACHE, kind);
  const made = join(all, key);
  const isBeingMade = `${made}.pid`;
  mkdirSync(all, { recursive: true });
  await eventually(async () => {
    if (existsSync(made)) return true;
    try {
      writeFileSync(isBeingMade, String(process.pid), { flag: 'wx' });
    } catch {
      // Another process makes it, unless that process was killed.
      const maker = existsSync(isBeingMade) && Number(readFileSync(isBeingMade, 'utf8'));
      if (maker && !isRunning(maker)) await rm(isBeingMade, { force: true });
      return undefined;
    }
    try {
      if (existsSync(made)) return true;
      const unfinished = `${made}.part`;
      await rm(unfinished, { recursive: true, force: true });
      mkdirSync(unfinished);
      await make(unfinished);
      await rename(unfinished, made);
      const older = (await readdir(all)).filter(
        (name) => !/\.(pid|part)$/.test(name) && name !== key,
      );
      for (const name of older) await rm(join(all, name), { recursive: true });
    } finally {
      await rm(isBeingMade, { force: true });
    }
    return true;
  });
  return made;
}
