/** A list of texts that the browser remembers. It is empty where the browser's settings forbid that. */

// Throws where the browser's settings forbid it.
const browserStorage = () => globalThis.localStorage;

export function readList(
  key: string,
  storage: () => Pick<Storage, 'getItem'> = browserStorage,
): string[] {
  try {
    const list: unknown = JSON.parse(storage().getItem(key) ?? '[]');
    return Array.isArray(list) && list.every((each) => typeof each === 'string') ? list : [];
  } catch {
    return [];
  }
}

export function writeList(
  key: string,
  list: readonly string[],
  storage: () => Pick<Storage, 'setItem'> = browserStorage,
): void {
  try {
    storage().setItem(key, JSON.stringify(list));
  } catch {
    // Storage is forbidden or full. The list holds in this tab.
  }
}
