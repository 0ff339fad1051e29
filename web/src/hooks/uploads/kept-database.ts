/**
 * Keeps files that are not accepted yet in IndexedDB: a reload or a crash loses none of them. The tab that sends a file holds a
 * Web Lock. When the lock is free, the tab is gone, and the next tab continues with its files.
 *
 * The bytes are in a database of their own, because keeping a file of hundreds of MB takes seconds: the records of other files
 * must not wait for it.
 */
import { createStore, del, delMany, entries, get, keys, set, setMany, update } from 'idb-keyval';
import { randomId } from '../../client/older-browsers.ts';
import { isLimited } from '../upload-error.ts';
import { byChoice, type FoundFile, type Item, type KeptFile } from './list.ts';

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
/** The page before a reload may hold its lock a moment longer. Any other page that holds it is alive. */
const RELOAD_MS = 3_000;

const files = createStore(NAME, 'files');
const bytes = createStore(`${NAME}-bytes`, 'bytes');

/** Deletes everything that is kept, of every user. */
export async function forgetAll(): Promise<void> {
  await Promise.all([delMany(await keys(files), files), delMany(await keys(bytes), bytes)]);
}

interface KeptEvents {
  /** Called with the files of tabs that are gone, until the page is closed. */
  onFound: (found: FoundFile[]) => void;
  /** Called after that with the name of a tab that is gone. */
  onGone: (tab: string) => void;
}

export class KeptDatabase {
  readonly #owner: string;
  readonly #events: KeptEvents;
  readonly tab = randomId();
  /** The name that it had before a reload. */
  before: string | undefined;
  /** True if no other tab was there when it was opened. */
  isAlone = false;
  #isClosed = false;

  private constructor(owner: string, events: KeptEvents) {
    this.#owner = owner;
    this.#events = events;
  }

  /**
   * @param owner the signed-in user. Files of another user's tabs that are gone are deleted.
   * @throws {Error} where the browser keeps nothing: without Web Locks, or where its settings forbid it
   */
  static async open(owner: string, events: KeptEvents): Promise<KeptDatabase> {
    const kept = new KeptDatabase(owner, events);
    await kept.#holdLock();
    const { held = [] } = await navigator.locks.query();
    kept.isAlone = held.filter(({ name }) => name?.startsWith(NAME)).length === 1;
    await deleteOrphans();
    const before = kept.#rename();
    // A duplicated tab has the name of the first one, which is alive.
    if (await kept.#takeFrom(before, RELOAD_MS)) kept.before = before;
    const look = () => document.visibilityState === 'visible' && kept.#takeFromOthers();
    document.addEventListener('visibilitychange', look);
    await kept.#takeFromOthers();
    return kept;
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

  async put(items: readonly Item[]): Promise<void> {
    await this.#putEntries(
      items.map(({ upload, chosenAt, position, wishes, notes }) => {
        const { key, file, isPaused } = upload;
        const { name, type, size, lastModified } = file;
        const kept = { key, name, type, size, lastModified, chosenAt, position, isPaused, wishes };
        return notes ? { ...kept, notes } : kept;
      }),
    );
  }

  async #putEntries(kept: readonly KeptFile[]): Promise<void> {
    const own = { owner: this.#owner, tab: this.tab };
    await setMany(
      kept.map((each) => [each.key, { ...each, ...own } satisfies Entry]),
      files,
    );
  }

  /**
   * If this fails, the user has to choose the file again after a reload.
   * @returns true if the bytes are kept
   */
  async putBytes(key: string, file: File): Promise<boolean> {
    if (file.size > MOST_BYTES || !(await get(key, files))) return false;
    const isKept = await set(key, file, bytes).then(
      () => true,
      () => false,
    );
    // The file was accepted meanwhile.
    if (!(await get(key, files))) await del(key, bytes);
    return isKept;
  }

  /** Changes nothing if the file was accepted or stopped meanwhile. */
  async change(key: string, to: Partial<KeptFile>): Promise<void> {
    await update<Entry>(
      key,
      (entry) => {
        // The error ends the update.
        if (!entry) throw new Error('gone');
        return { ...entry, ...to };
      },
      files,
    ).catch(() => undefined);
  }

  async drop(key: string): Promise<void> {
    await Promise.all([del(key, files), del(key, bytes)]);
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
