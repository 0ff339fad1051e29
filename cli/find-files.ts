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

/** Opens the file at a real path. @returns why it must not be sent, if it must not */
export type OpenFile = (place: string) => Promise<Blob | { why: string }>;

interface Entry {
  name: string;
  isDirectory(): boolean;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

const entriesOf = (folder: string): Promise<Entry[]> => readdir(folder, { withFileTypes: true });

async function openWhatever(place: string): Promise<Blob> {
  // The bytes are read when they are sent, so a video of 2 GiB needs no memory.
  const blob = await openAsBlob(place);
  // To open it reads nothing. Node ends the process if a file of a form cannot be read while it is sent.
  await access(place, constants.R_OK);
  return blob;
}

/**
 * Of a folder only photos and videos are meant, in the order of their names; what in it nobody may read is named and
 * passed over.
 * @param base The folder that the paths start from.
 * @param open By default a file that is named is sent, whatever it is: the service says what is wrong with it.
 * @throws {UsageError} if there is nothing at a path, or it cannot be read or sent
 */
export async function findFiles(
  paths: readonly string[],
  base: string,
  { open = openWhatever, list = entriesOf }: { open?: OpenFile; list?: typeof entriesOf } = {},
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
      // To read a pipe waits for whoever writes to it, and a device may never end.
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
