/** Finds chosen files that are here already, or were chosen twice: same name, size and, if known, date of change. */
import type { Media } from '../../client/index.ts';
import type { Upload } from '../../hooks/index.ts';

export interface SameFile {
  file: File;
  /** Id of the same media; undefined: the other file is still being sent, or was chosen too. */
  id: string | undefined;
}

export function sortOut(
  files: readonly File[],
  uploads: readonly Upload[],
  media: Iterable<Media>,
): { fresh: File[]; same: SameFile[] } {
  const known = new Map<string, { size: number; id?: string; lastModified?: number }[]>();
  for (const { id, file_name: name, size, status, wait_code } of media)
    if (status !== 'failed' && wait_code !== 'no_bytes')
      known.set(name, [...(known.get(name) ?? []), { size, id }]);
  for (const { file, state } of uploads)
    if (state === 'sending') known.set(file.name, [...(known.get(file.name) ?? []), file]);
  // An upload that waits for its file goes on.
  for (const { file, state } of uploads) if (state === 'missing') known.delete(file.name);
  const fresh: File[] = [];
  const same: SameFile[] = [];
  for (const file of files) {
    // Reading the size makes the browser look the file up on disk, so names are compared first.
    const found = known
      .get(file.name)
      ?.find((one) => one.size === file.size && (one.id || one.lastModified === file.lastModified));
    if (found) same.push({ file, id: found.id });
    else {
      fresh.push(file);
      known.set(file.name, [...(known.get(file.name) ?? []), file]);
    }
  }
  return { fresh, same };
}
