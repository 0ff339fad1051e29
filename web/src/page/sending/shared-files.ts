/**
 * Files that another app has shared, on their way from the service worker to the page. They wait until the user agrees:
 * any site can send a form to `/share`.
 */
import { createStore, getMany, promisifyRequest } from 'idb-keyval';
import { randomId } from '../../client/older-browsers.ts';

interface Note {
  key: string;
  at: number;
  /** The user who was asked about it: the next user of this browser must not see it. */
  owner?: string;
}

export interface SharedFile {
  key: string;
  file: File;
}

/** Key of the notes. Each file has its own key: writing a file again copies its bytes. */
const NOTES = 'notes';
/** How long files are kept: if nobody was signed in, the next user must not see them. */
const LAST_MS = 3_600_000;

const store = createStore('media-analysis-shared-1', 'shared');

/** In one transaction: a share and an answer may come at the same time, and two tabs may ask. */
const change = (next: (notes: Note[], files: IDBObjectStore) => Note[]): Promise<void> =>
  store('readwrite', async (all) => {
    const notes = await promisifyRequest<Note[] | undefined>(all.get(NOTES));
    all.put(next(notes ?? [], all), NOTES);
    await promisifyRequest(all.transaction);
  });

/** Adds files. Earlier ones that nobody has answered yet stay. */
export const leaveShared = (files: readonly File[], at: number): Promise<void> =>
  change((notes, all) => {
    const before = notes.filter((each) => at - each.at < LAST_MS);
    if (before.length === 0) all.clear();
    const added = files.map((file) => ({ key: randomId(), at, file }));
    for (const { key, file } of added) all.put(file, key);
    return [...before, ...added.map(({ key }) => ({ key, at }))];
  });

/** @returns the files to ask this user about; from now on nobody else is asked */
export async function sharedFor(owner: string, now: number): Promise<SharedFile[]> {
  let keys: string[] = [];
  await change((notes) => {
    const all = notes.map((each) => ({ owner, ...each }));
    const own = all.filter((each) => each.owner === owner && now - each.at < LAST_MS);
    keys = own.map(({ key }) => key);
    return all;
  });
  const files = await getMany<File | undefined>(keys, store);
  return keys.flatMap((key, n) => {
    const file = files[n];
    return file ? { key, file } : [];
  });
}

/** @returns the files that no other tab has taken meanwhile */
export async function takeShared(shared: readonly SharedFile[]): Promise<File[]> {
  let own: readonly SharedFile[] = [];
  await change((notes, all) => {
    own = shared.filter(({ key }) => notes.some((each) => each.key === key));
    for (const { key } of own) all.delete(key);
    return notes.filter(({ key }) => !own.some((each) => each.key === key));
  });
  return own.map(({ file }) => file);
}
