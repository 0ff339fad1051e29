/** The files of folders that were dropped or chosen; loaded with the first one. A folder stands for its photos and videos, and those of the folders in it. */
import { mayBeAccepted } from '@media-analysis/shared/accepted';
import { refusedFiles } from '../../hooks/uploads/list.ts';
import { skippedText } from '../view/skipped-words.ts';

/** The names of those that were left out of what was chosen. */
const skipped = new WeakMap<readonly File[], string[]>();

/**
 * A folder holds other things too, such as `.DS_Store`, which its owner does not mean. If there is no photo or video in it,
 * all its files are taken: then each says why it is not accepted.
 */
export function withoutOthers(files: readonly File[]): File[] {
  const accepted = files.filter(
    (file) =>
      (refusedFiles.has(file) || mayBeAccepted(file.name, file.type)) && !isHidden(file.name),
  );
  if (accepted.length === 0) return [...files];
  const taken = new Set(accepted);
  const others = files.filter((file) => !taken.has(file)).map(({ name }) => name);
  // Their owner does not see these, and has not put them there.
  const seen = others.filter((name) => !isHidden(name) && !OF_WINDOWS.test(name));
  skipped.set(accepted, seen);
  return accepted;
}

/** @returns what to say, in a language, of what was left out of `files`; undefined: nothing was */
export function noteOf(files: readonly File[]): ((language: string) => string) | undefined {
  const names = skipped.get(files) ?? [];
  return names.length > 0 ? (language) => skippedText(names, language) : undefined;
}

/** What stands for a file or a folder that could not be read. */
function unreadOf({ name }: FileSystemEntry): File {
  const file = new File([], name);
  const message = `“${name}” could not be read. It was moved or changed, or you may not open it. Choose it again.`;
  refusedFiles.set(file, { code: 'media_missing', message });
  return file;
}

const OF_WINDOWS = /^(Thumbs\.db|desktop\.ini)$/i;

const isHidden = (name: string) => name.startsWith('.');

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** What cannot be read is an empty file of its name, which `useAnalyzeMedia` refuses, so that its owner is told of it. */
export async function filesOf(entries: readonly FileSystemEntry[]): Promise<File[]> {
  const each = await Promise.all(entries.map(filesIn));
  const files = each.flat();
  skipped.set(
    files,
    each.flatMap((some) => skipped.get(some) ?? []),
  );
  return files;
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (!isFolder(entry)) return [await fileOf(entry as FileSystemFileEntry)];
  return withoutOthers(await allIn(entry));
}

async function allIn(folder: FileSystemDirectoryEntry): Promise<File[]> {
  const reader = folder.createReader();
  const files: File[] = [];
  // Chromium gives a hundred entries at a time: https://developer.mozilla.org/docs/Web/API/FileSystemDirectoryReader/readEntries
  for (;;) {
    const entries = await new Promise<FileSystemEntry[] | undefined>((resolve) =>
      reader.readEntries(resolve, () => resolve(undefined)),
    );
    if (!entries) return [...files, unreadOf(folder)];
    if (entries.length === 0) return files;
    const inEach = entries.map((each) =>
      isFolder(each) ? allIn(each) : fileOf(each as FileSystemFileEntry).then((file) => [file]),
    );
    files.push(...(await Promise.all(inEach)).flat());
  }
}

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve) => entry.file(resolve, () => resolve(unreadOf(entry))));
