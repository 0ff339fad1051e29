/** Remembers that this browser has kept a file: only then the code that restores files is loaded. */

const KEY = 'media-analysis-uploads';

export function hasKeptUploads(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

export function markKept(): void {
  try {
    localStorage.setItem(KEY, 'kept');
  } catch {
    // The browser's settings forbid it. Then they also forbid to keep files.
  }
}

/** Calls back when another tab keeps its first file. */
export function onFirstKept(call: () => void): void {
  const look = ({ key }: StorageEvent) => {
    if (key !== KEY) return;
    removeEventListener('storage', look);
    call();
  };
  globalThis.window?.addEventListener('storage', look);
}

/** True if the browser has kept a file and was killed before it wrote that down: Chromium writes seconds later. */
export async function hasKeptDatabase(): Promise<boolean> {
  try {
    return (await indexedDB.databases()).some(({ name }) => name?.startsWith(KEY));
  } catch {
    return false;
  }
}
