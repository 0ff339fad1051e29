/** Whether this browser has ever kept a file: what restores files is loaded only then. */

const KEY = 'media-analysis-uploads';

export function hasKept(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

export function rememberKept(): void {
  try {
    localStorage.setItem(KEY, 'kept');
  } catch {
    // The browser's settings forbid it. They forbid to keep files, too.
  }
}

/** Calls it when another tab keeps its first file. */
export function onceKept(call: () => void): void {
  const look = ({ key }: StorageEvent) => {
    if (key !== KEY) return;
    removeEventListener('storage', look);
    call();
  };
  globalThis.window?.addEventListener('storage', look);
}

/** The same, where the browser was killed before it wrote that down: Chromium does so seconds later. */
export async function isLeft(): Promise<boolean> {
  try {
    return (await indexedDB.databases()).some(({ name }) => name?.startsWith(KEY));
  } catch {
    return false;
  }
}
