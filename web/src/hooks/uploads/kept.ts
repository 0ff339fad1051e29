/**
 * Keeps files that are neither accepted nor dismissed in IndexedDB: a reload or a crash loses none of them. The tab that
 * sends a file holds a Web Lock. When the lock is free, the tab is gone, and the next tab continues with its files.
 *
 * The bytes are in a database of their own, because keeping a file of hundreds of MB takes seconds: the records of other files
 * must not wait for it.
 */
import {
  createStore,
  del,
  delMany,
  entries,
  get,
  keys,
  set,
  setMany,
  type UseStore,
  update,
} from 'idb-keyval';
import type { SendNotes } from '../../client/index.ts';
import { randomId } from '../../client/older-browsers.ts';
import {
  byChoice,
  type FoundFile,
  type Item,
  isLimited,
  isSending,
  type KeptFile,
  type Upload,
  type UploadError,
} from './list.ts';

interface Entry extends KeptFile {
  /** The user whose file it is. */
  owner: string;
  /** The tab that sends it. */
  tab: string;
}

/** The number grows when the shape of entries changes: entries of another shape are not read. */
const NAME = 'media-analysis-uploads-1';
/** Key of the page's name in the storage of a tab. */
const TAB = 'media-analysis-uploads-tab';
/** A copy of more bytes would take much time and disk space. */
const MOST_BYTES = 512 * 1024 * 1024;
/** The longest wait of a file for the database. Safari's did not answer: https://bugs.webkit.org/show_bug.cgi?id=226547 */
const OPEN_MS = 6_000;
/** The page before a reload may hold its lock a moment longer. Any other page that holds it is alive. */
const RELOAD_MS = 3_000;

const files = createStore(NAME, 'files');
const bytes = createStore(`${NAME}-bytes`, 'bytes');

/**
 * Deletes the files of all users that `useAnalyzeMedia` keeps in this browser with `keepFor`. Call it when a user has signed out.
 * @example
 * export const onSignedOut = () => void forgetUploads();
 */
export async function forgetUploads(): Promise<void> {
  const forget = async (store: UseStore) => delMany(await keys(store), store);
  // If the browser forbids storage, it has nothing to delete.
  await Promise.all([files, bytes].map(forget)).catch(() => undefined);
}

export type Kept = ReturnType<typeof keepFiles>;

/**
 * @param owner the signed-in user. Files of another user's tabs that are gone are deleted.
 * @param onFound called with the files of tabs that are gone, until `close`
 */
export function keepFiles(owner: string, onFound: (found: FoundFile[]) => void) {
  /** The name of this tab. */
  const tab = randomId();
  let isAlone = false;
  let isClosed = false;
  const isOpen = Promise.race([
    open().then(
      () => true,
      () => false,
    ),
    wait(OPEN_MS).then(() => false),
  ]);

  async function open(): Promise<void> {
    // The lock shows that this tab is alive, until the page is closed.
    await new Promise<void>((resolve, reject) => {
      const hold = () => {
        resolve();
        return new Promise<never>(() => undefined);
      };
      navigator.locks.request(lockOf(tab), hold).catch(reject);
    });
    const { held = [] } = await navigator.locks.query();
    isAlone = held.filter(({ name }) => name?.startsWith(NAME)).length === 1;
    await deleteOrphans();
    const before = sessionStorage.getItem(TAB);
    sessionStorage.setItem(TAB, tab);
    // In a duplicated tab, the first tab still holds this lock: it never gets free.
    if (before !== null) await takeFrom(before, { signal: AbortSignal.timeout(RELOAD_MS) });
    const tabs = new Set((await allEntries()).map((entry) => entry.tab));
    for (const each of tabs) if (each !== tab) await takeFrom(each, { ifAvailable: true });
  }

  /** Continues with the files of a tab, if it is gone. */
  async function takeFrom(gone: string, options: LockOptions): Promise<void> {
    const take = async (lock: Lock | null) => {
      if (!lock || isClosed) return;
      const left = (await allEntries()).filter((entry) => entry.tab === gone);
      const own = left.filter((entry) => entry.owner === owner).sort(byChoice);
      const others = left.filter((entry) => entry.owner !== owner).map(({ key }) => key);
      await Promise.all([delMany(others, files), delMany(others, bytes)]);
      await putEntries(own);
      if (own.length > 0) onFound(await Promise.all(own.map(findFile)));
    };
    await navigator.locks.request(lockOf(gone), options, take).catch(() => undefined);
  }

  function putEntries(kept: readonly KeptFile[]): Promise<void> {
    const entries = kept.map((each): [string, Entry] => [each.key, { ...each, owner, tab }]);
    return setMany(entries, files);
  }

  /** If this fails, the user has to choose the file again after a reload. */
  async function putBytesNow({ key, file }: Upload): Promise<void> {
    if (file.size > MOST_BYTES || !(await get(key, files))) return;
    await set(key, file, bytes).catch(() => undefined);
    // The file was accepted meanwhile.
    if (!(await get(key, files))) await del(key, bytes);
  }

  function later(act: () => Promise<unknown>): void {
    void isOpen.then((is) => is && act()).catch(() => undefined);
  }

  return {
    tab,
    /** False if the browser keeps nothing: it has no Web Locks, its settings forbid it, or it is too slow. */
    isOpen,
    /** True if no other tab was open when this tab began. */
    isAlone: () => isAlone,
    /** Takes no more files. This tab keeps its files until the page is closed: some may still be sent. */
    close(): void {
      isClosed = true;
    },
    /** Waits until the other tab is gone, and continues with its files, unless that tab was only reloaded. */
    async takeOverFrom(other: string): Promise<void> {
      await navigator.locks.request(lockOf(other), () => undefined);
      await wait(RELOAD_MS);
      await takeFrom(other, { ifAvailable: true });
    },
    /** @param find finds a file on the list at the time when the database is open */
    put: (wanted: readonly string[], find: (key: string) => Item | undefined) =>
      later(async () => {
        // A file that was refused, stopped or dismissed meanwhile would be sent after a reload.
        const left = wanted.flatMap((key) => find(key) ?? []).filter(isSending);
        await putEntries(
          left.map(({ upload: { key, file, isPaused }, chosenAt, position, wishes, notes }) => {
            const { name, type, size, lastModified } = file;
            const about = { name, type, size, lastModified, chosenAt, position };
            return { key, ...about, isPaused, wishes, notes };
          }),
        );
        // In sending order: many are accepted before their turn comes.
        for (const { upload } of left) await putBytesNow(upload);
      }),
    /** Sending goes on when the notes are kept. */
    async note(key: string, notes: SendNotes): Promise<void> {
      if (await isOpen) await change(key, { notes });
    },
    /** Keeps why a file must not be sent again today. */
    refuse: (key: string, refusal: UploadError) => later(() => change(key, { refusal, notes: {} })),
    /** Keeps it for another try, until it is dismissed. By its notes that try finds what has arrived all the same. */
    stop: (key: string) => later(() => change(key, { isStopped: true })),
    pause: (keys: readonly string[], isPaused: boolean) =>
      later(() => Promise.all(keys.map((key) => change(key, { isPaused })))),
    drop: (key: string) => later(() => Promise.all([del(key, files), del(key, bytes)])),
  };
}

async function findFile({ owner: _owner, tab: _tab, refusal, ...kept }: Entry): Promise<FoundFile> {
  const blob = await get<Blob>(kept.key, bytes).catch(() => undefined);
  const { name, type, lastModified } = kept;
  return {
    ...kept,
    refusal: refusal && isLimited(refusal) ? refusal : undefined,
    file: blob && new File([blob], name, { type, lastModified }),
  };
}

/** Changes nothing if the file was accepted or stopped meanwhile. */
async function change(key: string, to: Partial<KeptFile>): Promise<void> {
  const changed = update<Entry>(
    key,
    (entry) => {
      // This error ends the update.
      if (!entry) throw new Error('gone');
      return { ...entry, ...to };
    },
    files,
  );
  await changed.catch(() => undefined);
}

const lockOf = (tab: string) => `${NAME} ${tab}`;

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const allEntries = async () => (await entries<string, Entry>(files)).map(([, entry]) => entry);

/** A page that was closed at the wrong moment leaves bytes without an entry. */
async function deleteOrphans(): Promise<void> {
  const kept = await keys(bytes);
  const known = new Set(await keys(files));
  await delMany(
    kept.filter((key) => !known.has(key)),
    bytes,
  );
}
