/** A copy of the project to break: what is installed is shared, what is written here is not. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import type { Mutation } from './mutation.ts';

const LEFT_OUT = new Set(['node_modules', '.git', '.local']);

export class Sandbox {
  readonly dir: string;

  constructor(root: string) {
    this.dir = mkdtempSync(join(tmpdir(), 'media-analysis-mutations-'));
    // With its times: the page is built again when it is older than its sources.
    cpSync(root, this.dir, {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !LEFT_OUT.has(basename(path)),
    });
    linkPackages(root, this.dir, 'node_modules');
    for (const { name } of directoriesOf(root))
      linkPackages(root, this.dir, `${name}/node_modules`);
  }

  /** Makes the edits, has `work` done, and takes them back. */
  async broken<T>({ edits }: Mutation, work: () => Promise<T>): Promise<T> {
    const files = [...new Set(edits.map(([file]) => join(this.dir, file)))];
    const before = files.map((path) => readFileSync(path));
    try {
      for (const [file, text, instead] of edits) {
        const path = join(this.dir, file);
        writeFileSync(path, replaceOnce(readFileSync(path, 'utf8'), text, instead));
      }
      return await work();
    } finally {
      for (const [i, path] of files.entries()) writeFileSync(path, before[i] ?? '');
    }
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }
}

/** @throws if the text is not there exactly once: then nobody knows what is taken out. */
export function replaceOnce(source: string, text: string, instead: string): string {
  const found = source.split(text).length - 1;
  if (found !== 1) throw new Error(`found ${found} times: ${text}`);
  return source.replace(text, () => instead);
}

/**
 * One link for each package. A link between workspaces is relative, and made again as it is: from the
 * copy it leads to the copy's workspace, where a link to the whole folder would lead back to the original.
 */
function linkPackages(root: string, copy: string, folder: string): void {
  const source = join(root, folder);
  if (!statSync(source, { throwIfNoEntry: false })?.isDirectory()) return;
  mkdirSync(join(copy, folder), { recursive: true });
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.name === '.cache') continue;
    if (entry.name.startsWith('@')) linkPackages(root, copy, path);
    else symlinkSync(targetOf(root, path, entry.isSymbolicLink()), join(copy, path));
  }
}

function targetOf(root: string, path: string, isLink: boolean): string {
  const original = join(root, path);
  if (!isLink) return original;
  const target = readlinkSync(original);
  const isOurs = !relative(root, resolve(original, '..', target)).startsWith('node_modules');
  return isOurs ? target : original;
}

function directoriesOf(root: string) {
  const entries = readdirSync(root, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && !LEFT_OUT.has(entry.name));
}
