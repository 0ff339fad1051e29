/** Finds the photos and videos that a person means by paths of files and folders. */
import { constants, openAsBlob } from 'node:fs';
import { access, readdir, realpath, stat } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { mayBeAccepted } from '@media-analysis/shared/accepted';
import { UsageError } from './arguments.ts';

/** A file that is to be sent. */
export interface FoundFile {
  /** As the person would write it. */
  path: string;
  file: File;
}

/** What lies in a folder and is not sent. */
export interface SkippedFile {
  path: string;
  why: string;
  /** Whether photos may be in it that nobody has seen. */
  isClosed?: true;
}

interface Entry {
  name: string;
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

const entriesOf = (folder: string): Promise<Entry[]> => readdir(folder, { withFileTypes: true });

/**
 * A file that is named is sent, whatever it is: the service says what is wrong with it. Of a folder only photos and videos
 * are meant, in the order of their names; what in it nobody may read is named and passed over.
 * @param base The folder that the paths start from.
 * @throws {UsageError} if there is nothing at a path, or it cannot be read
 */
export async function findFiles(
  paths: readonly string[],
  base: string,
  list = entriesOf,
): Promise<{ files: FoundFile[]; skipped: SkippedFile[] }> {
  const files = new Map<string, FoundFile>();
  const skipped: SkippedFile[] = [];
  const take = async (path: string) => {
    const place = await realpath(resolve(base, path));
    // The bytes are read when they are sent, so a video of 2 GiB needs no memory.
    const blob = await openAsBlob(place);
    // To open it reads nothing. Node ends the process if a file of a form cannot be read while it is sent.
    await access(place, constants.R_OK);
    if (!files.has(place)) files.set(place, { path, file: new File([blob], basename(path)) });
  };
  const walk = async (folder: string): Promise<void> => {
    const entries = await list(resolve(base, folder));
    entries.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const why = whySkipped(entry);
      if (why !== undefined) skipped.push({ path, why });
      else {
        await (entry.isDirectory() ? walk(path) : take(path)).catch(({ message }: Error) => {
          skipped.push({ path, why: `it cannot be read: ${message}`, isClosed: true });
        });
      }
    }
  };
  for (const path of paths) {
    try {
      const found = await stat(resolve(base, path));
      await (found.isDirectory() ? walk(path) : take(path));
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new UsageError(
        code === 'ENOENT' ? `${path} does not exist.` : `${path} cannot be read: ${message}`,
        { cause },
      );
    }
  }
  return { files: [...files.values()], skipped };
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
