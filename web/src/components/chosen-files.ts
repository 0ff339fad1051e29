/** The files of folders that were dropped or chosen; loaded with the first one. A folder stands for its photos and videos, and those of the folders in it. */
import { mayBeAccepted } from '@media-analysis/shared/accepted';
import { refusedFiles } from '../hooks/refused-files.ts';

/**
 * A folder holds other things too, such as `.DS_Store`, which its owner does not mean. If there is no photo or video in it,
 * all its files are taken: then each says why it is not accepted.
 */
export function withoutOthers(files: readonly File[]): File[] {
  const accepted = files.filter(
    (file) =>
      (refusedFiles.has(file) || mayBeAccepted(file.name, file.type)) && !isHidden(file.name),
  );
  return accepted.length > 0 ? accepted : [...files];
}

/** What stands for a file or a folder that could not be read. */
function unreadOf({ name }: FileSystemEntry): File {
  const file = new File([], name);
  const message = `“${name}” could not be read. It was moved or changed, or you may not open it. Choose it again.`;
  refusedFiles.set(file, { code: 'media_missing', message });
  return file;
}

const isHidden = (name: string) => name.startsWith('.');

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** What cannot be read is an empty file of its name, which `useAnalyzeMedia` refuses, so that its owner is told of it. */
export async function filesOf(entries: readonly FileSystemEntry[]): Promise<File[]> {
  return (await Promise.all(entries.map(filesIn))).flat();
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
