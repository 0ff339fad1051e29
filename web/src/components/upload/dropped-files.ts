/** What to say, in a language, of what is left out; undefined: nothing is. */
export type Note = ((language: string) => string) | undefined;

/** The files of a drop. The browser empties `transfer` when the event is over, so call this in the event itself. */
export async function droppedFiles(
  transfer: DataTransfer,
  tell?: (note: Note) => void,
): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  const files = [...transfer.files];
  if (!entries.some(({ isDirectory }) => isDirectory)) return files;
  const { filesOf, noteOf } = await import('./chosen-files.ts');
  const found = await filesOf(entries);
  tell?.(noteOf(found));
  return found;
}
