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
import { inOrder, type Place } from './order.ts';
import { readSent, type Sent, writeSent } from './sent-before.ts';
import { isLimited, type UploadError } from './upload-error.ts';

/** What is kept of a file, beside its bytes. */
export interface KeptFile extends Place {
  key: string;
  name: string;
  type: string;
  size: number;
  lastModified: number;
  isPaused?: boolean;
  /** What is made of it; absent: what the page makes of files by default. */
  wishes?: Pick<AnalyzeOptions, 'language' | 'analyses' | 'batchId'>;
  notes?: SendNotes;
  /** Why it was not accepted, if it is not to be sent again before the day of a limit has ended. */
  refusal?: UploadError;
}

/** A file that a tab has left behind. */
export interface FoundFile {
  kept: KeptFile;
  /** How far it was when its page was left; absent: that is not known. */
  before?: Sent | undefined;
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
  writeSent([]);
  await Promise.all([delMany(await keys(files), files), delMany(await keys(bytes), bytes)]);
}

interface KeptEvents {
  /** @returns what has not ended yet; called when the page is left */
  left: () => readonly (Sent & { key: string; mediaId: string | null; state: string })[];
  /** Called with the files of tabs that are gone, from now on until the page is closed. */
  onFound: (found: FoundFile[]) => void;
  /** Called with the name of a tab that is gone, after that. */
  onGone: (tab: string) => void;
}

export class KeptUploads {
  readonly #owner: string;
  readonly #events: KeptEvents;
  /** The name of this tab, until it is loaded again. */
  readonly tab = randomId();
  /** The name that it had before; absent if it was not loaded again. */
  before: string | undefined;
  #isClosed = false;

  private constructor(owner: string, events: KeptEvents) {
    this.#owner = owner;
    this.#events = events;
  }

  /**
   * @param owner Who is signed in. What another user's tab has left behind is deleted.
   * @throws {Error} where the browser keeps nothing: without Web Locks, or where its settings forbid it
   */
  static async open(owner: string, events: KeptEvents): Promise<KeptUploads> {
    const kept = new KeptUploads(owner, events);
    await kept.#beAlive();
    await deleteOrphans();
    const before = kept.#rename();
    // A tab that was doubled has the name of the first one, which is alive.
    if (await kept.#takeFrom(before, RELOAD_MS)) kept.before = before;
    const look = () => document.visibilityState === 'visible' && kept.#takeFromOthers();
    document.addEventListener('visibilitychange', look);
    addEventListener('pagehide', () => kept.#rememberFar());
    await kept.#takeFromOthers();
    return kept;
  }

  /** Takes nothing more. The files of this tab stay its own until the page is closed: some may still be being sent. */
  close(): void {
    this.#isClosed = true;
  }

  /** Waits until the other tab is gone, and goes on with its files, unless it was only loaded again. */
  async takeOverFrom(tab: string): Promise<void> {
    await navigator.locks.request(lockOf(tab), () => undefined);
    await new Promise((resolve) => setTimeout(resolve, RELOAD_MS));
    await this.#takeFrom(tab);
    this.#events.onGone(tab);
  }

  async put(kept: readonly KeptFile[]): Promise<void> {
    const own = { owner: this.#owner, tab: this.tab };
    await setMany(
      kept.map((each) => [each.key, { ...each, ...own } satisfies Entry]),
      files,
    );
  }

  /**
   * Where this fails, the file has to be chosen again after a reload.
   * @returns whether they are kept
   */
  async putBytes(key: string, file: File): Promise<boolean> {
    if (file.size > MOST_BYTES || !(await get(key, files))) return false;
    const isKept = await set(key, file, bytes).then(
      () => true,
      () => false,
    );
    // It was accepted meanwhile.
    if (!(await get(key, files))) await del(key, bytes);
    return isKept;
  }

  async note(key: string, notes: SendNotes): Promise<void> {
    await change(key, { notes });
  }

  async refuse(key: string, refusal: UploadError): Promise<void> {
    await change(key, { refusal, notes: {} });
  }

  async pause(keys: readonly string[], isPaused: boolean): Promise<void> {
    for (const key of keys) await change(key, { isPaused });
  }

  async drop(key: string): Promise<void> {
    await Promise.all([del(key, files), del(key, bytes)]);
  }

  #rememberFar(): void {
    const left = this.#isClosed ? [] : this.#events.left();
    const far = left.flatMap(({ key, mediaId, state, sent, sendingShare }) => {
      // What was refused is another attempt.
      if (sent === 0 || state === 'rejected') return [];
      // The next page may find it as a file that was kept, or as its media.
      return [key, mediaId ?? key].map((name) => [name, { sent, sendingShare }] as const);
    });
    const names = new Set(far.map(([name]) => name));
    for (const { key } of left) names.add(key);
    const before = readSent();
    const others = [...before].filter(([name]) => !names.has(name));
    if (far.length > 0 || others.length < before.size) writeSent([...others, ...far]);
  }

  /** Holds the lock that says that this tab is alive, until the page is closed. */
  #beAlive(): Promise<void> {
    return new Promise((resolve, reject) => {
      const hold = () => {
        resolve();
        return new Promise<never>(() => undefined);
      };
      navigator.locks.request(lockOf(this.tab), hold).catch(reject);
    });
  }

  /** @returns the name under which the page before a reload has worked */
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

  /** @returns whether that tab is gone */
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
    const own = left.filter(isOwn).sort(inOrder);
    await this.put(own);
    const far = readSent();
    const found = own.map(async ({ owner: _owner, tab: _tab, refusal, ...kept }) => {
      const file = await get<Blob>(kept.key, bytes).catch(() => undefined);
      const { name, type, lastModified } = kept;
      const isRefused = refusal && isLimited(refusal);
      return {
        kept: { ...kept, ...(isRefused && { refusal }) },
        before: far.get(kept.key),
        ...(file && { file: new File([file], name, { type, lastModified }) }),
      };
    });
    if (own.length > 0) this.#events.onFound(await Promise.all(found));
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
