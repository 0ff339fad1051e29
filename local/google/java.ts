/** Finds the newest Java on this machine, for Google's Firestore emulator. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Java {
  /** The folder that holds the command `java`. */
  bin: string;
  /** For example 21. */
  version: number;
}

/** Folders in which operating systems keep several versions side by side. */
const FOLDERS = ['/usr/lib/jvm/*/bin', '/Library/Java/JavaVirtualMachines/*/Contents/Home/bin'];

/** Searches `JAVA_HOME`, `PATH` and the system's folders. */
export function findJava(
  { JAVA_HOME, PATH = '' }: Record<string, string | undefined>,
  folders = FOLDERS,
): Java | undefined {
  const bins = new Set([
    ...(JAVA_HOME ? [join(JAVA_HOME, 'bin')] : []),
    ...PATH.split(delimiter).filter((folder) => folder !== ''),
    ...globSync(folders),
  ]);
  const found = [...bins].flatMap((bin) => {
    const version = versionOf(join(bin, 'java'));
    return version === undefined ? [] : [{ bin, version }];
  });
  return found.toSorted((a, b) => b.version - a.version)[0];
}

function versionOf(command: string): number | undefined {
  const { stderr } = spawnSync(command, ['-version'], { encoding: 'utf8', timeout: 20_000 });
  // "1.8.0" is version 8.
  const found = /version "(?:1\.)?(\d+)/.exec(stderr ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}
