/** Which of the chosen files are here already, or were chosen twice: those with the name, as many bytes and, where that is known, the date of change. */
import type { Media } from '../../client/index.ts';
import type { Upload } from '../../hooks/index.ts';

export interface SameFile {
  file: File;
  /** Of the media that it is the same as; undefined: that is still being sent, or chosen with it. */
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
  // A file that is waited for goes on.
  for (const { file, state } of uploads) if (state === 'missing') known.delete(file.name);
  const fresh: File[] = [];
  const same: SameFile[] = [];
  for (const file of files) {
    // The browser looks a file up on disk when its size is asked for: few have a known name.
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
