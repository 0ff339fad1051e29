/** Files that are refused before they are sent, with the reason. A file that could not be read is empty here. */
export const refusedFiles = new WeakMap<File, { code: 'media_missing'; message: string }>();
