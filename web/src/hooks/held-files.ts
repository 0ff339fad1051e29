/**
 * Files of which something else has a copy until the browser keeps them for the list, or they have come to an end. Their key is
 * the one that they get on the list: after a crash it tells which of them the list has.
 */
export const heldFiles = new WeakMap<File, { key: string; release: () => void }>();
