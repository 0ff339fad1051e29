/** The files of a drop. The browser empties `transfer` when the event is over, so call this in the event itself. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  const files = [...transfer.files];
  if (!entries.some(({ isDirectory }) => isDirectory)) return files;
  const { filesOf } = await import('./chosen-files.ts');
  return filesOf(entries);
}
