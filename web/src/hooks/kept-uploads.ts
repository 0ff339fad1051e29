/**
 * Files that are not accepted yet, in IndexedDB: a reload, a crash of the tab or of the browser loses none of them. The tab that
 * sends a file holds a Web Lock. When the lock is free, the tab is gone, and the next one goes on with its files.
 *
 * The bytes are in a database of their own, because a file of hundreds of MB takes seconds to be kept: what is noted of the
 * others must not wait for it.
 */
import { createStore, del, delMany, entries, get, keys, set, setMany, update } from 'idb-keyval';
import type { AnalyzeOptions, SendNotes } from '../client/index.ts';
import { randomId } from '../client/older-browsers.ts';

/** As in `Upload`. */
interface Sent {
  sent: number;
  sendingShare: number | null;
}

/** What is kept of a file, beside its bytes. */
export interface KeptFile {
  key: string;
  name: string;
  type: string;
  size: number;
  lastModified: number;
  /** When it was chosen, in milliseconds since the epoch. */
  chosenAt: number;
  /** Among the files that were chosen together. */
  position: number;
  isPaused?: boolean;
  /** How far it was when it was paused. */
  before?: Sent;
  /** What is made of it; absent: what the page makes of files by default. */
  wishes?: Pick<AnalyzeOptions, 'language' | 'analyses'>;
  notes?: SendNotes;
}

/** A file that a tab has left behind. */
export interface FoundFile {
  kept: KeptFile;
  /** Absent where the browser could not keep it, as its bytes are too many. */
  file?: File;
}

interface Entry extends KeptFile {
  /** Whose file it is. */
  owner: string;
  /** The tab that sends it. */
  tab: string;
}

/** The number grows when entries get another shape: those of another shape are not read. */
const NAME = 'media-analysis-uploads-1';
/** In the storage of a tab: the name under which its page before the reload has worked. */
const TAB = 'media-analysis-uploads-tab';
/** A copy of more would take long, and much of the disk. */
const MOST_BYTES = 512 * 1024 * 1024;
/** The page before a reload may hold its lock for a moment more. Any other page that holds it is alive. */
const RELOAD_MS = 3_000;

const files = createStore(NAME, 'files');
const bytes = createStore(`${NAME}-bytes`, 'bytes');

/** Deletes all that is kept, of every user. */
export async function forgetAll(): Promise<void> {
  await Promise.all([delMany(await keys(files), files), delMany(await keys(bytes), bytes)]);
}

export class KeptUploads {
  readonly #owner: string;
  readonly #onFound: (found: FoundFile[]) => void;
  readonly #tab = randomId();

  private constructor(owner: string, onFound: (found: FoundFile[]) => void) {
    this.#owner = owner;
    this.#onFound = onFound;
  }

  /**
   * @param owner Who is signed in. What another user's tab has left behind is deleted.
   * @param onFound Called with the files of tabs that are gone, from now on until the page is closed.
   * @throws {Error} where the browser keeps nothing: without Web Locks, or where its settings forbid it
   */
  static async open(owner: string, onFound: (found: FoundFile[]) => void): Promise<KeptUploads> {
    const kept = new KeptUploads(owner, onFound);
    await kept.#beAlive();
    await deleteOrphans();
    const before = kept.#rename();
    await kept.#takeFrom(before, RELOAD_MS);
    const look = () => document.visibilityState === 'visible' && kept.#takeFromOthers();
    document.addEventListener('visibilitychange', look);
    await kept.#takeFromOthers();
    return kept;
  }

  async put(kept: readonly KeptFile[]): Promise<void> {
    const own = { owner: this.#owner, tab: this.#tab };
    await setMany(
      kept.map((each) => [each.key, { ...each, ...own } satisfies Entry]),
      files,
    );
  }

  /** Where this fails, the file has to be chosen again after a reload. */
  async putBytes(key: string, file: File): Promise<void> {
    if (file.size > MOST_BYTES || !(await get(key, files))) return;
    await set(key, file, bytes).catch(() => undefined);
    // It was accepted meanwhile.
    if (!(await get(key, files))) await del(key, bytes);
  }

  async note(key: string, notes: SendNotes): Promise<void> {
    await change(key, { notes });
  }

  async pause(items: readonly (Sent & { key: string })[], isPaused: boolean): Promise<void> {
    for (const { key, ...before } of items) await change(key, { isPaused, before });
  }

  async drop(key: string): Promise<void> {
    await Promise.all([del(key, files), del(key, bytes)]);
  }

  /** Holds the lock that says that this tab is alive, until the page is closed. */
  #beAlive(): Promise<void> {
    return new Promise((resolve, reject) => {
      const hold = () => {
        resolve();
        return new Promise<never>(() => undefined);
      };
      navigator.locks.request(lockOf(this.#tab), hold).catch(reject);
    });
  }

  /** @returns the name under which the page before a reload has worked */
  #rename(): string | undefined {
    try {
      const before = sessionStorage.getItem(TAB) ?? undefined;
      sessionStorage.setItem(TAB, this.#tab);
      return before;
    } catch {
      return undefined;
    }
  }

  async #takeFromOthers(): Promise<void> {
    const tabs = new Set((await allEntries()).map(({ tab }) => tab));
    tabs.delete(this.#tab);
    for (const tab of tabs) await this.#takeFrom(tab);
  }

  async #takeFrom(tab: string | undefined, waitMs = 0): Promise<void> {
    if (tab === undefined) return;
    const waiting = new AbortController();
    const timer = setTimeout(() => waiting.abort(), waitMs);
    const options = waitMs > 0 ? { signal: waiting.signal } : { ifAvailable: true };
    await navigator.locks
      .request(lockOf(tab), options, async (lock) => {
        clearTimeout(timer);
        if (lock) await this.#take(tab);
      })
      // The tab is alive.
      .catch(() => undefined);
  }

  async #take(tab: string): Promise<void> {
    const left = (await allEntries()).filter((entry) => entry.tab === tab);
    const isOwn = ({ owner }: Entry) => owner === this.#owner;
    const others = left.filter((entry) => !isOwn(entry)).map(({ key }) => key);
    await Promise.all([delMany(others, files), delMany(others, bytes)]);
    const own = left.filter(isOwn).sort(inOrder);
    await this.put(own);
    const found = own.map(async ({ owner: _owner, tab: _tab, ...kept }) => {
      const file = await get<Blob>(kept.key, bytes).catch(() => undefined);
      const { name, type, lastModified } = kept;
      return { kept, ...(file && { file: new File([file], name, { type, lastModified }) }) };
    });
    if (own.length > 0) this.#onFound(await Promise.all(found));
  }
}

async function change(key: string, to: Partial<KeptFile>): Promise<void> {
  const changed = update<Entry>(
    key,
    (entry) => {
      // It was accepted or stopped meanwhile. The error ends the update.
      if (!entry) throw new Error('gone');
      return { ...entry, ...to };
    },
    files,
  );
  await changed.catch(() => undefined);
}

/** Those of the last choice first, as they were chosen. */
const inOrder = (a: KeptFile, b: KeptFile) => b.chosenAt - a.chosenAt || a.position - b.position;

const lockOf = (tab: string) => `${NAME} ${tab}`;

const allEntries = async () => (await entries<string, Entry>(files)).map(([, entry]) => entry);

/** A page that was closed in the wrong moment leaves bytes without an entry. The entry comes first. */
async function deleteOrphans(): Promise<void> {
  const kept = await keys(bytes);
  const known = new Set(await keys(files));
  await delMany(
    kept.filter((key) => !known.has(key)),
    bytes,
  );
}
