/** Finds the photos and videos at the paths of the command line. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { mayBeAccepted } from '@media-analysis/shared/accepted';
import { fileFrom } from '../web/src/client/node.ts';
import { UsageError } from './arguments.ts';

export interface FoundFile {
  /** As the user would write it. */
  path: string;
  file: File;
}

/** A file in a folder that is not sent. */
export interface SkippedFile {
  path: string;
  why: string;
  /** True if it may contain photos that could not be listed. */
  isClosed?: true;
}

/** Opens the file at a real path. @returns the reason if it must not be sent */
export type OpenFile = (place: string) => Promise<Blob | { why: string }>;

interface Entry {
  name: string;
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

const entriesOf = (folder: string): Promise<Entry[]> => readdir(folder, { withFileTypes: true });

/**
 * A folder stands for its photos and videos, in the order of their names. Unreadable ones are listed and skipped.
 * @param base the folder that relative paths start from
 * @param open by default sends every named file: the service says what is wrong with it
 * @throws {UsageError} if there is nothing at a path, or it cannot be read or sent
 */
export async function findFiles(
  paths: readonly string[],
  base: string,
  { open = fileFrom, list = entriesOf }: { open?: OpenFile; list?: typeof entriesOf } = {},
): Promise<{ files: FoundFile[]; skipped: SkippedFile[] }> {
  const files = new Map<string, FoundFile>();
  const skipped: SkippedFile[] = [];
  const take = async (path: string, leaveOut: (why: string) => void) => {
    const place = await realpath(resolve(base, path));
    if (files.has(place)) return;
    const opened = await open(place);
    if ('why' in opened) leaveOut(opened.why);
    else files.set(place, { path, file: new File([opened], basename(path)) });
  };
  const walk = async (folder: string): Promise<void> => {
    const entries = await list(resolve(base, folder));
    entries.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const why = whySkipped(entry);
      const leaveOut = (reason: string) => void skipped.push({ path, why: reason });
      if (why !== undefined) leaveOut(why);
      else {
        await (entry.isDirectory() ? walk(path) : take(path, leaveOut)).catch(
          ({ message }: Error) => {
            skipped.push({ path, why: `it cannot be read: ${message}`, isClosed: true });
          },
        );
      }
    }
  };
  for (const path of paths) {
    try {
      const found = await stat(resolve(base, path));
      if (found.isDirectory()) await walk(path);
      // Reading a pipe waits for its writer, and a device may never end.
      else if (!found.isFile()) throw new UsageError(`${path} is neither a file nor a folder.`);
      else await take(path, (why) => refuse(path, why));
    } catch (cause) {
      if (cause instanceof UsageError) throw cause;
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new UsageError(
        code === 'ENOENT' ? `${path} does not exist.` : `${path} cannot be read: ${message}`,
        { cause },
      );
    }
  }
  return { files: [...files.values()], skipped };
}

function refuse(path: string, why: string): never {
  throw new UsageError(`${path}: ${why}`);
}

function whySkipped(entry: Entry): string | undefined {
  if (entry.name.startsWith('.')) return 'hidden';
  if (entry.isDirectory()) return undefined;
  // A link can lead back to its own folder.
  if (entry.isSymbolicLink()) return 'a link';
  if (!entry.isFile()) return 'no file';
  const isMedia = extname(entry.name) !== '' && mayBeAccepted(entry.name, '');
  return isMedia ? undefined : 'no photo or video that is taken';
}
