/** The list of files that are being sent, and their states. It sends nothing, keeps nothing and knows no browser. */
import type { AnalyzeOptions, DayLimit, ErrorCode, SendNotes } from '../../client/index.ts';

/** A file that the user gave to `useAnalyzeMedia`. */
export interface Upload {
  /** The key of the file, e.g. for React. It stays the same from the choice of the file to its result. */
  readonly key: string;
  /** The file itself. While it is `missing`, it has its name and no bytes. */
  readonly file: File;
  /**
   * `rejected`: not accepted; see `error`. `stopped`: the user has stopped the file. `missing`: the browser could not keep the
   * file over a reload; give the same file to `analyze` again to continue.
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
  /** Why the file was not accepted, or why a file that is `sending` has to wait; null otherwise. */
  readonly error: UploadError | null;
  /** The `batch_id` of its media. */
  readonly batchId?: string | undefined;
  /** True if another tab of this browser sends it; by default this tab does. */
  readonly isElsewhere?: boolean;
}

/** Why a file was not accepted. */
export interface UploadError {
  /** A code of the API. */
  code: ErrorCode;
  /** An explanation in English for the user. */
  message: string;
  /** The id of the request in the log of the service, if the service itself failed. */
  requestId?: string | undefined;
  /** The daily limit that was reached: another try can succeed when that day has ended. */
  day_limit?: DayLimit | undefined;
  /** True if the service, or a proxy before it, has answered: the connection works, and the service is down. */
  isAnswered?: boolean;
}

/** True until the day of the limit has ended: another try would be refused for the same reason. */
export const isLimited = ({ day_limit }: UploadError): boolean =>
  day_limit !== undefined && Date.now() < Date.parse(day_limit.ends_at);

/** Files that are refused before they are sent, with the reason. A file that could not be read is empty here. */
export const refusedFiles = new WeakMap<File, { code: 'media_missing'; message: string }>();

export type Wishes = Pick<AnalyzeOptions, 'language' | 'analyses' | 'metadata' | 'batchId'>;

/** The position of a file among the files of all tabs. */
interface ListPosition {
  chosenAt: number;
  /** Among the files that were chosen together. */
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
  /** Size of the file, if the browser does not have its bytes. */
  missingSize: number | undefined;
  /** The user had stopped it, and tries it again: the client may have removed its media. */
  wasStopped?: boolean;
}

/** The data that the browser keeps of a file beside its bytes. */
export interface KeptFile
  extends ListPosition,
    Pick<File, 'name' | 'type' | 'size' | 'lastModified'> {
  key: string;
  isPaused?: boolean;
  isStopped?: boolean;
  wishes?: Wishes;
  notes?: SendNotes | undefined;
  /** The reason of a refusal, if the file must not be sent again before the day of a limit has ended. */
  refusal?: UploadError | undefined;
}

/** A kept file whose tab is gone. If it was too large, it has no bytes. */
export interface FoundFile extends KeptFile {
  file?: File | undefined;
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
export function restoredItem({ file, ...kept }: FoundFile, now: number): Item {
  const { key, name, type, size, lastModified, chosenAt, position, wishes = {} } = kept;
  const isUnderWay = kept.notes?.form !== undefined || kept.notes?.pieces !== undefined;
  const isOld = isUnderWay && now - chosenAt > NOTES_LAST_MS;
  const notes = isOld ? undefined : kept.notes;
  // It is too late to find out whether the file has arrived. The user can see that in the library.
  // A file that has arrived in a form is found without its bytes.
  const isStopped = isOld || kept.isStopped;
  const state = file && isStopped ? 'stopped' : file || notes?.form ? 'sending' : 'missing';
  const upload = newUpload(key, file ?? new File([], name, { type, lastModified }), wishes);
  const announcedId = notes?.pieces?.mediaId ?? null;
  const place = { chosenAt, position, missingSize: file ? undefined : size };
  return { upload: { ...upload, state, announcedId }, wishes, notes, ...place };
}

export const byChoice = (a: ListPosition, b: ListPosition): number =>
  b.chosenAt - a.chosenAt || a.position - b.position;

export const isSending = ({ upload }: Pick<Item, 'upload'>): boolean => upload.state === 'sending';

export class UploadList {
  /** The files of this tab. */
  items: readonly Item[] = [];
  /** The files of all tabs: the last choice first, and the files of a choice as they were chosen. They are sent in this order. */
  shown: readonly Upload[] = [];
  #others: readonly Positioned[] = [];
  #isPaused = false;
  readonly #listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  find(key: string): Item | undefined {
    return this.items.find(({ upload }) => upload.key === key);
  }

  choose(uploads: readonly Upload[], wishes: Wishes, now: number): Item[] {
    // A later choice gets a later time, even if the clock was set back.
    const chosenAt = Math.max(now, ...this.items.map((each) => each.chosenAt + 1));
    const own = { chosenAt, wishes, notes: undefined, missingSize: undefined };
    const added = uploads.map((upload, position): Item => ({ ...own, upload, position }));
    this.set([...added, ...this.items]);
    return added;
  }

  restore(items: readonly Item[]): void {
    this.set([...this.items, ...items].sort(byChoice));
  }

  patch(key: string, change: Partial<Upload>, own: Partial<Item> = {}): void {
    this.set(
      this.items.map((item) =>
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
    this.set(
      this.items.map((item) => {
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
    this.set(this.items.filter(({ upload }) => upload.key !== key));
  }

  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.set();
  }

  /** @param others the files of other tabs. A file that both tabs have belongs to this tab */
  setOthers(others: readonly Positioned[]): void {
    this.#others = others;
    this.#show();
  }

  /** Without items, only tells the readers that the list may have changed. */
  set(items = this.items): void {
    this.items = items.map((item) => {
      const isPaused = this.#isPaused && isSending(item);
      if (isPaused === item.upload.isPaused) return item;
      return { ...item, upload: { ...item.upload, isPaused } };
    });
    this.#show();
  }

  #show(): void {
    const own = new Set(this.items.map(({ upload }) => upload.key));
    const others = this.#others.filter(({ upload }) => !own.has(upload.key));
    const all = others.length === 0 ? this.items : [...this.items, ...others].sort(byChoice);
    this.shown = all.map(({ upload }) => upload);
    for (const listener of this.#listeners) listener();
  }
}
