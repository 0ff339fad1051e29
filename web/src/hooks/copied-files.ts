/**
 * Files of which something else holds a copy until the browser keeps them for the list, or until they have their outcome. The key
 * is that of the file on the list: after a crash it tells which files the list has.
 */
export const copiedFiles = new WeakMap<File, { key: string; release: () => void }>();
