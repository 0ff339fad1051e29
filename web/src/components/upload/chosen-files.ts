/** The files of dropped or chosen folders; loaded with the first one. All media in a folder count, at any depth. */
import { mayBeAccepted } from '@media-analysis/shared/accepted';
import { refusedFiles } from '../../hooks/uploads/list.ts';
import { commaIn } from '../words/index.ts';

interface Chosen {
  files: File[];
  /** Names of the files that were left out. */
  skipped: string[];
}

/**
 * A folder also holds files that its owner does not mean, such as `.DS_Store`. If it has no photo or video, all its
 * files are taken: then each says why it is not accepted.
 */
export function withoutOthers(files: readonly File[]): Chosen {
  const isTaken = (file: File) =>
    !isHidden(file) && (refusedFiles.has(file) || mayBeAccepted(file.name, file.type));
  const taken = files.filter(isTaken);
  if (taken.length === 0) return { files: [...files], skipped: [] };
  // Hidden and system files are not named: their owner does not know them.
  const others = files.filter((file) => !isTaken(file) && !isHidden(file));
  const names = others.map(({ name }) => name).filter((name) => !OF_WINDOWS.test(name));
  return { files: taken, skipped: names };
}

const OF_WINDOWS = /^(Thumbs\.db|desktop\.ini)$/i;

const isHidden = ({ name }: File) => name.startsWith('.');

const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** A file that cannot be read becomes an empty one of its name. `useAnalyzeMedia` refuses it, so its owner is told. */
export async function filesOf(entries: readonly FileSystemEntry[]): Promise<Chosen> {
  const inEntry = async (entry: FileSystemEntry) =>
    isFolder(entry)
      ? withoutOthers(await allIn(entry))
      : { files: await allIn(entry), skipped: [] };
  const each = await Promise.all(entries.map(inEntry));
  return {
    files: each.flatMap(({ files }) => files),
    skipped: each.flatMap(({ skipped }) => skipped),
  };
}

async function allIn(entry: FileSystemEntry): Promise<File[]> {
  const files: File[] = [];
  try {
    if (!isFolder(entry)) return [await fileOf(entry as FileSystemFileEntry)];
    const reader = entry.createReader();
    // Chromium gives a hundred entries at a time: https://developer.mozilla.org/docs/Web/API/FileSystemDirectoryReader/readEntries
    for (;;) {
      const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
        reader.readEntries(resolve, reject),
      );
      if (entries.length === 0) return files;
      files.push(...(await Promise.all(entries.map(allIn))).flat());
    }
  } catch {
    return [...files, unreadOf(entry)];
  }
}

const fileOf = (entry: FileSystemFileEntry) =>
  new Promise<File>((resolve, reject) => entry.file(resolve, reject));

/** Stands for a file or a folder that could not be read. */
function unreadOf({ name }: FileSystemEntry): File {
  const file = new File([], name);
  const message = `“${name}” could not be read. It was moved or changed, or you may not open it. Choose it again.`;
  refusedFiles.set(file, { code: 'media_missing', message });
  return file;
}

/** More names would fill the screen. */
const MOST_NAMES = 3;

/** The text about the files of a folder that were left out. */
export function skippedText(names: readonly string[], language: string): string {
  const some = names.slice(0, MOST_NAMES).join(commaIn(language));
  const list = names.length > MOST_NAMES ? `${some}…` : some;
  if (language === 'ja')
    return `対応していない形式のため、${names.length}件のファイルを除外しました：${list}`;
  const start = names.length === 1 ? '1 file was' : `${names.length} files were`;
  return `${start} skipped, as the format is not supported: ${list}`;
}
