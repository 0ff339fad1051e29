/** The list of files that are being sent, and their states. It sends nothing, keeps nothing and knows no browser. */
import type { AnalyzeOptions, SendNotes } from '../../client/index.ts';
import type { UploadError } from '../upload-error.ts';

/** A file that the user gave to `useAnalyzeMedia`. */
export interface Upload {
  /** The key of the file, e.g. for React. It stays the same from the choice of the file to its result. */
  readonly key: string;
  /** The file itself. While it is `missing`, it has its name and no bytes. */
  readonly file: File;
  /**
   * `rejected`: not accepted; see `error`. `stopped`: the user has stopped it. `missing`: the browser could not keep it over a
   * reload; it continues when the same file is given to `analyze` again.
   */
  readonly state: 'sending' | 'accepted' | 'rejected' | 'stopped' | 'missing';
  /** True while the user has paused it. */
  readonly isPaused: boolean;
  /** Bytes sent. While the page is open, the number never falls: after an outage, lost bytes are sent again before it grows. */
  readonly sent: number;
  /** The id of its media; null until it is accepted. */
  readonly mediaId: string | null;
  /** The id of the media that waits for its bytes, if it is sent in pieces; null otherwise. */
  readonly announcedId: string | null;
  /** Why the file was not accepted, or why it has to wait while it is `sending`; null otherwise. */
  readonly error: UploadError | null;
  /** The `batch_id` of its media. */
  readonly batchId?: string | undefined;
  /** True if another tab of this browser sends it; by default this tab does. */
  readonly isElsewhere?: boolean;
}

export type Wishes = Pick<AnalyzeOptions, 'language' | 'analyses' | 'batchId'>;

/** Where a file is among those of all tabs. */
export interface ListPosition {
  /** Milliseconds since the epoch. */
  chosenAt: number;
  /** Position among the files that were chosen together. */
  position: number;
}

export interface Positioned extends ListPosition {
  upload: Upload;
}

/** A file of this tab. */
export interface Item extends Positioned {
  wishes: Wishes;
  /** The client's notes, until it has its outcome. */
  notes: SendNotes | undefined;
  /** Its size, if the browser does not have its bytes. */
  missingSize: number | undefined;
}

/** What the browser keeps of a file beside its bytes. */
export interface KeptFile extends ListPosition {
  key: string;
  name: string;
  type: string;
  size: number;
  lastModified: number;
  isPaused?: boolean;
  /** The analyses to make; by default the page's. */
  wishes?: Wishes;
  notes?: SendNotes;
  /** The reason of a refusal, if the file must not be sent again before the day of a limit has ended. */
  refusal?: UploadError;
}

/** A kept file whose tab is gone. */
export interface FoundFile {
  kept: KeptFile;
  /** Undefined if the file was too large for the browser to keep. */
  file?: File;
}

/** The server remembers the media of a request for a day. */
const NOTES_LAST_MS = 24 * 3600 * 1_000;

export const newUpload = (key: string, file: File, { batchId }: Wishes): Upload => ({
  key,
  file,
  state: 'sending',
  isPaused: false,
  sent: 0,
  mediaId: null,
  announcedId: null,
  error: null,
  batchId,
});

/** A file that an earlier page was sending. */
export function restoredItem({ kept, file }: FoundFile, now: number): Item {
  const { key, name, type, size, lastModified, chosenAt, position, wishes = {} } = kept;
  const isUnderWay = kept.notes?.form !== undefined || kept.notes?.pieces !== undefined;
  const isOld = isUnderWay && now - chosenAt > NOTES_LAST_MS;
  const notes = isOld ? undefined : kept.notes;
  // It is too late to find out whether it has arrived. The user can see it in the library.
  // A file that has arrived in a form is found without its bytes.
  const state = file && isOld ? 'stopped' : file || notes?.form ? 'sending' : 'missing';
  const upload = newUpload(key, file ?? new File([], name, { type, lastModified }), wishes);
  const announcedId = notes?.pieces?.mediaId ?? null;
  const missingSize = file ? undefined : size;
  return {
    upload: { ...upload, state, announcedId },
    chosenAt,
    position,
    wishes,
    notes,
    missingSize,
  };
}

/** Sorts the last choice first, and the files of a choice as they were chosen. */
export const byChoice = (a: ListPosition, b: ListPosition): number =>
  b.chosenAt - a.chosenAt || a.position - b.position;

export const isSending = ({ upload }: Pick<Item, 'upload'>): boolean => upload.state === 'sending';

export class UploadList {
  #items: readonly Item[] = [];
  #others: readonly Positioned[] = [];
  #shown: readonly Upload[] = [];
  #isPaused = false;
  readonly #listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The files of all tabs: the last choice first, and the files of a choice as they were chosen. They are sent in this order. */
  get shown(): readonly Upload[] {
    return this.#shown;
  }

  /** The files of this tab. */
  get items(): readonly Item[] {
    return this.#items;
  }

  find(key: string): Item | undefined {
    return this.#items.find(({ upload }) => upload.key === key);
  }

  /** @returns those of the files that another tab sends */
  elsewhere(keys: readonly string[]): string[] {
    return this.#shown.flatMap(({ key, isElsewhere }) =>
      isElsewhere && keys.includes(key) ? [key] : [],
    );
  }

  /** Adds files that were just chosen, before all others. */
  choose(uploads: readonly Upload[], wishes: Wishes, now: number): Item[] {
    // A later choice gets a later time, also when the clock was put back.
    const chosenAt = Math.max(now, ...this.#items.map((each) => each.chosenAt + 1));
    const own = { chosenAt, wishes, notes: undefined, missingSize: undefined };
    const added = uploads.map((upload, position): Item => ({ ...own, upload, position }));
    this.#set([...added, ...this.#items]);
    return added;
  }

  /** Adds files of an earlier page, each at its place. */
  restore(items: readonly Item[]): void {
    this.#set([...this.#items, ...items].sort(byChoice));
  }

  patch(key: string, change: Partial<Upload>, own: Partial<Item> = {}): void {
    this.#set(
      this.#items.map((item) =>
        item.upload.key === key ? { ...item, ...own, upload: { ...item.upload, ...change } } : item,
      ),
    );
  }

  /** Gives a file its outcome, unless it has one. */
  end(key: string, change: Partial<Upload>): void {
    if (this.find(key)?.upload.state === 'sending') this.patch(key, change);
  }

  /** @param sent the bytes of each file that were sent, by its key */
  count(sent: ReadonlyMap<string, number>): void {
    this.#set(
      this.#items.map((item) => {
        const { upload } = item;
        // The try before an outage may have sent more.
        const bytes = Math.max(sent.get(upload.key) ?? 0, upload.sent);
        const isSame = !sent.has(upload.key) || (bytes === upload.sent && !upload.error);
        if (isSame || !isSending(item)) return item;
        return { ...item, upload: { ...upload, sent: bytes, error: null } };
      }),
    );
  }

  remove(key: string): void {
    this.#set(this.#items.filter(({ upload }) => upload.key !== key));
  }

  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#set(this.#items);
  }

  /** @param others the files of other tabs; a file that this tab has too is this tab's */
  setOthers(others: readonly Positioned[]): void {
    this.#others = others;
    this.#show();
  }

  /** Tells the readers, by a new list. */
  renew(): void {
    this.#set(this.#items);
  }

  #set(items: readonly Item[]): void {
    this.#items = items.map((item) => {
      const isPaused = this.#isPaused && isSending(item);
      if (isPaused === item.upload.isPaused) return item;
      return { ...item, upload: { ...item.upload, isPaused } };
    });
    this.#show();
  }

  #show(): void {
    const own = new Set(this.#items.map(({ upload }) => upload.key));
    const others = this.#others.filter(({ upload }) => !own.has(upload.key));
    const all = others.length === 0 ? this.#items : [...this.#items, ...others].sort(byChoice);
    this.#shown = all.map(({ upload }) => upload);
    for (const listener of this.#listeners) listener();
  }
}
