/**
 * Files that another app has shared with this one, on their way from the service worker to the page. They wait for a person to
 * say yes: any site can send a form to `/share`.
 */
import { createStore, del, get, set } from 'idb-keyval';

interface SharedFiles {
  at: number;
  files: File[];
}

const KEY = 'files';
/** A page that was not opened, as nobody was signed in, must not show them to the next person. */
const LAST_MS = 3_600_000;

const store = createStore('media-analysis-shared-1', 'shared');

/** Those that were shared before, and that nobody has answered yet, stay. */
export async function leaveShared(files: File[], at: number): Promise<void> {
  const all = await readShared(at);
  for (const file of files) {
    const sames = await Promise.all(all.map((each) => isSame(each, file)));
    if (!sames.includes(true)) all.push(file);
  }
  await set(KEY, { at, files: all } satisfies SharedFiles, store);
}

/** Whoever sees no question shares once more. Cameras and apps give many pictures one name. */
async function isSame(a: File, b: File): Promise<boolean> {
  if (a.name !== b.name || a.size !== b.size) return false;
  const [one, other] = await Promise.all([a, b].map(digestOf));
  return one === other;
}

async function digestOf(file: File): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return new Uint8Array(digest).join();
}

export async function readShared(now: number): Promise<File[]> {
  const shared = await get<SharedFiles>(KEY, store);
  return shared && now - shared.at < LAST_MS ? shared.files : [];
}

export const forgetShared = (): Promise<void> => del(KEY, store);
