/** A list of texts that the browser remembers. It is empty where the browser's settings forbid that. */

// It throws where the browser's settings forbid it.
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
    // Forbidden, or full. What is chosen holds in this tab.
  }
}
