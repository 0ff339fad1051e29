/**
 * Keeps files that are not accepted yet in IndexedDB: a reload or a crash loses none of them. The tab that sends a file holds a
 * Web Lock. When the lock is free, the tab is gone, and the next tab continues with its files.
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
import { isLimited, type UploadError } from '../upload-error.ts';
import { byChoice, type FoundFile, type Item, type KeptFile, type Upload } from './list.ts';

interface Entry extends KeptFile {
  /** The user whose file it is. */
  owner: string;
  /** The tab that sends it. */
  tab: string;
}

/** The number grows when the shape of entries changes: entries of another shape are not read. */
const NAME = 'media-analysis-uploads-1';
/** In the storage of a tab: the name that its page had before the reload. */
const TAB = 'media-analysis-uploads-tab';
/** Copying more would take long, and much of the disk. */
const MOST_BYTES = 512 * 1024 * 1024;
/** A database may never answer, as Safari's did: https://bugs.webkit.org/show_bug.cgi?id=226547. No file waits longer for it. */
const OPEN_MS = 6_000;
/** The page before a reload may hold its lock a moment longer. Any other page that holds it is alive. */
const RELOAD_MS = 3_000;

const files = createStore(NAME, 'files');
const bytes = createStore(`${NAME}-bytes`, 'bytes');

/**
 * Deletes the files of all users that `useAnalyzeMedia` keeps in this browser with `keepFor`. Call it when a user has signed out.
 * @example
 * ```ts
 * import { forgetUploads } from '@media-analysis/react';
 *
 * export const onSignedOut = () => void forgetUploads();
 * ```
 */
export async function forgetUploads(): Promise<void> {
  const forget = async (store: UseStore) => delMany(await keys(store), store);
  // Where the browser forbids to keep anything, there is nothing to delete.
  await Promise.all([files, bytes].map(forget)).catch(() => undefined);
}

interface KeptEvents {
  /** Called with the files of tabs that are gone, until the page is closed. */
  onFound: (found: FoundFile[]) => void;
  /** Called after that with the name of a tab that is gone. */
  onGone: (tab: string) => void;
}

export class Kept {
  readonly #owner: string;
  readonly #events: KeptEvents;
  /** The name of this tab. */
  readonly tab = randomId();
  /** The name that it had before a reload. */
  before: string | undefined;
  /** True if no other tab was there when it was opened. */
  isAlone = false;
  /** False where the browser keeps nothing: without Web Locks, or where its settings forbid it. */
  readonly isOpen: Promise<boolean>;
  /** Resolves when nothing waits for it any longer. It is used as soon as it is open. */
  readonly inTime: Promise<unknown>;
  #isClosed = false;
  /** Keys of files that are kept, or will be. */
  readonly #keys = new Set<string>();

  /** @param owner the signed-in user. Files of another user's tabs that are gone are deleted. */
  constructor(owner: string, events: KeptEvents) {
    this.#owner = owner;
    this.#events = events;
    this.isOpen = this.#open().then(
      () => true,
      () => false,
    );
    const late = new Promise((resolve) => setTimeout(resolve, OPEN_MS));
    this.inTime = Promise.race([this.isOpen, late]);
  }

  async #open(): Promise<void> {
    await this.#holdLock();
    const { held = [] } = await navigator.locks.query();
    this.isAlone = held.filter(({ name }) => name?.startsWith(NAME)).length === 1;
    await deleteOrphans();
    const before = this.#rename();
    // A duplicated tab has the name of the first one, which is alive.
    if (await this.#takeFrom(before, RELOAD_MS)) this.before = before;
    const look = () => document.visibilityState === 'visible' && this.#takeFromOthers();
    document.addEventListener('visibilitychange', look);
    await this.#takeFromOthers();
  }

  /** Takes no more files. This tab keeps its files until the page is closed: some may still be sent. */
  close(): void {
    this.#isClosed = true;
  }

  /** Waits until the other tab is gone, and continues with its files, unless it was only reloaded. */
  async takeOverFrom(tab: string): Promise<void> {
    await navigator.locks.request(lockOf(tab), () => undefined);
    await new Promise((resolve) => setTimeout(resolve, RELOAD_MS));
    await this.#takeFrom(tab);
    this.#events.onGone(tab);
  }

  /** @param find finds a file on the list as it is when the database is open */
  put(keys: readonly string[], find: (key: string) => Item | undefined): void {
    for (const key of keys) this.#keys.add(key);
    this.#later(async () => {
      // A file that was refused, stopped or dismissed meanwhile would come back after a reload.
      const left = keys.flatMap((key) => (this.#keys.has(key) && find(key)) || []);
      await this.#putEntries(
        left.map(({ upload, chosenAt, position, wishes, notes }) => {
          const { key, file, isPaused } = upload;
          const { name, type, size, lastModified } = file;
          const kept = {
            key,
            name,
            type,
            size,
            lastModified,
            chosenAt,
            position,
            isPaused,
            wishes,
          };
          return notes ? { ...kept, notes } : kept;
        }),
      );
      // In sending order: many are accepted before their turn comes.
      for (const { upload } of left) await this.#putBytes(upload);
    });
  }

  async #putEntries(kept: readonly KeptFile[]): Promise<void> {
    const own = { owner: this.#owner, tab: this.tab };
    await setMany(
      kept.map((each) => [each.key, { ...each, ...own } satisfies Entry]),
      files,
    );
  }

  /** If this fails, the user has to choose the file again after a reload. */
  putBytes(upload: Upload): void {
    this.#later(() => this.#putBytes(upload));
  }

  async #putBytes({ key, file }: Upload): Promise<void> {
    if (file.size > MOST_BYTES || !(await get(key, files))) return;
    await set(key, file, bytes).catch(() => undefined);
    // The file was accepted meanwhile.
    if (!(await get(key, files))) await del(key, bytes);
  }

  /** Sending goes on when the notes are kept. */
  async note(key: string, notes: SendNotes): Promise<void> {
    if (await Promise.race([this.isOpen, this.inTime])) await change(key, { notes });
  }

  /** Keeps why a file must not be sent again today. */
  refuse(key: string, refusal: UploadError): void {
    this.#later(() => change(key, { refusal, notes: {} }));
  }

  pause(uploads: readonly string[], isPaused: boolean): void {
    this.#later(async () => {
      for (const key of uploads) await change(key, { isPaused });
    });
  }

  drop(key: string): void {
    this.#keys.delete(key);
    this.#later(async () => {
      await Promise.all([del(key, files), del(key, bytes)]);
    });
  }

  #later(act: () => Promise<void>): void {
    void this.isOpen.then((is) => (is ? act() : undefined)).catch(() => undefined);
  }

  /** Holds the lock that shows that this tab is alive, until the page is closed. */
  #holdLock(): Promise<void> {
    return new Promise((resolve, reject) => {
      const hold = () => {
        resolve();
        return new Promise<never>(() => undefined);
      };
      navigator.locks.request(lockOf(this.tab), hold).catch(reject);
    });
  }

  /** @returns the name that the page had before a reload */
  #rename(): string | undefined {
    try {
      const before = sessionStorage.getItem(TAB) ?? undefined;
      sessionStorage.setItem(TAB, this.tab);
      return before;
    } catch {
      return undefined;
    }
  }

  async #takeFromOthers(): Promise<void> {
    const tabs = new Set((await allEntries()).map(({ tab }) => tab));
    tabs.delete(this.tab);
    for (const tab of tabs) await this.#takeFrom(tab);
  }

  /** @returns true if that tab is gone */
  async #takeFrom(tab: string | undefined, waitMs = 0): Promise<boolean> {
    if (tab === undefined) return false;
    let isGone = false;
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), waitMs);
    const options = waitMs > 0 ? { signal: waiting.signal } : { ifAvailable: true };
    await navigator.locks
      .request(lockOf(tab), options, async (lock) => {
        clearTimeout(timer);
        isGone = lock !== null;
        if (lock && !this.#isClosed) await this.#take(tab);
      })
      // The tab is alive.
      .catch(() => undefined);
    return isGone;
  }

  async #take(tab: string): Promise<void> {
    const left = (await allEntries()).filter((entry) => entry.tab === tab);
    const isOwn = ({ owner }: Entry) => owner === this.#owner;
    const others = left.filter((entry) => !isOwn(entry)).map(({ key }) => key);
    await Promise.all([delMany(others, files), delMany(others, bytes)]);
    const own = left.filter(isOwn).sort(byChoice);
    await this.#putEntries(own);
    const found = own.map(async ({ owner: _owner, tab: _tab, refusal, ...kept }) => {
      const file = await get<Blob>(kept.key, bytes).catch(() => undefined);
      const { name, type, lastModified } = kept;
      const isRefused = refusal && isLimited(refusal);
      return {
        kept: { ...kept, ...(isRefused && { refusal }) },
        ...(file && { file: new File([file], name, { type, lastModified }) }),
      };
    });
    if (own.length > 0) this.#events.onFound(await Promise.all(found));
  }
}

/** Changes nothing if the file was accepted or stopped meanwhile. */
async function change(key: string, to: Partial<KeptFile>): Promise<void> {
  const changed = update<Entry>(
    key,
    (entry) => {
      // The error ends the update.
      if (!entry) throw new Error('gone');
      return { ...entry, ...to };
    },
    files,
  );
  await changed.catch(() => undefined);
}

const lockOf = (tab: string) => `${NAME} ${tab}`;

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
