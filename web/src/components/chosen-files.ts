/** The files of a drop or of a chosen folder. A folder stands for its photos and videos, and those of the folders in it. */
import { mayBeAccepted } from '@media-analysis/shared/accepted';

/**
 * Takes what was dropped. The browser empties `transfer` when the event is over, so call this in the event itself. What cannot
 * be read is an empty file of its name, which is refused and so named to its owner.
 */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  const files = [...transfer.files];
  if (!entries.some(isFolder)) return files;
  return (await Promise.all(entries.map(filesIn))).flat();
}

/**
 * A folder holds other things too, such as `.DS_Store`, which its owner does not mean. If there is no photo or video in it,
 * all its files are taken: then each says why it is not accepted.
 */
export function withoutOthers(files: readonly File[]): File[] {
  const accepted = files.filter(
    (file) => (unread.has(file) || mayBeAccepted(file.name, file.type)) && !isHidden(file.name),
  );
  return accepted.length > 0 ? accepted : [...files];
}

/** Empty files in place of the files and folders that could not be read. */
const unread = new WeakSet<File>();

function unreadOf({ name }: FileSystemEntry): File {
  const file = new File([], name);
  unread.add(file);
  return file;
}

const isHidden = (name: string) => name.startsWith('.');

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

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
