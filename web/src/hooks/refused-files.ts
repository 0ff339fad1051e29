/** Files that are refused before they are sent, each with the reason. What could not be read is there as an empty file. */
export const refusedFiles = new WeakMap<File, { code: 'media_missing'; message: string }>();
