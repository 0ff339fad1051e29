/**
 * Files that are being sent, until the server has accepted or refused them: the list of them, what sends them, what is kept of
 * them over a reload, and what the tabs of a browser tell each other.
 */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import { type Media, type MediaClient, MediaClientError } from '../client/index.ts';
import { randomId } from '../client/older-browsers.ts';
import type { MediaCache } from './store.ts';
import { Kept } from './uploads/kept.ts';
import {
  type FoundFile,
  type Item,
  isSending,
  newUpload,
  refusedFiles,
  restoredItem,
  type Upload,
  type UploadError,
  UploadList,
  type Wishes,
} from './uploads/list.ts';
import { Sender } from './uploads/sender.ts';
import { type Command, UploadTabs } from './uploads/tabs.ts';

/** The page may take this long to remember that a file was accepted. */
const FORGET_MS = 1_000;

export class Uploads {
  /** False until the files of earlier pages are on the list. */
  isRestored = true;
  readonly #client: MediaClient;
  readonly #store: MediaCache;
  readonly #now: () => number;
  readonly #list = new UploadList();
  readonly #sender: Sender;
  #kept: Kept | undefined;
  #tabs: UploadTabs | undefined;
  #leaving: ReturnType<typeof setTimeout> | undefined;
  #dayEnds: ReturnType<typeof setTimeout> | undefined;

  constructor(client: MediaClient, store: MediaCache, now: () => number = Date.now) {
    this.#client = client;
    this.#store = store;
    this.#now = now;
    this.#sender = new Sender(client, this.#list, now, {
      onNotes: async (key, notes) => {
        this.#list.patch(key, { announcedId: notes.pieces?.mediaId ?? null }, { notes });
        await this.#kept?.note(key, notes);
      },
      onAccepted: (key, media) => this.#accept(key, media),
      onRefused: (key, error) => this.#refuse(key, error),
      onStopped: (key) => {
        this.#forget(key);
        this.#list.end(key, { state: 'stopped', error: null });
      },
    });
    let { items } = this.#list;
    this.#list.subscribe(() => {
      const before = items;
      items = this.#list.items;
      // Another tab has told of its files.
      if (items === before) return;
      if (before.some(isSending) && !items.some(isSending)) this.#pauseOwn(false);
      this.#tabs?.tell();
    });
  }

  subscribe = this.#list.subscribe;

  getSnapshot = (): readonly Upload[] => this.#list.shown;

  get isPaused(): boolean {
    const isPausedElsewhere = ({ isElsewhere, isPaused }: Upload) => isElsewhere && isPaused;
    return this.#sender.isPaused || this.#list.shown.some(isPausedElsewhere);
  }

  secondsLeft(): number | null {
    return this.#sender.secondsLeft ?? this.#tabs?.secondsLeft ?? null;
  }

  pause = (isPaused = true): void => {
    this.#tabs?.command({ does: 'pause', isPaused });
    const isElsewhere = this.#list.shown.length > 0 && !this.#list.items.some(isSending);
    if (!isPaused || !isElsewhere) this.#pauseOwn(isPaused);
  };

  #pauseOwn(isPaused: boolean): void {
    if (!this.#sender.pause(isPaused)) return;
    this.#list.pause(isPaused);
    this.#kept?.pause(
      this.#list.items.map(({ upload }) => upload.key),
      isPaused,
    );
  }

  /** Keeps files that are not accepted yet over a reload, where the browser can, and continues with those kept before. */
  keep(owner: string): () => void {
    clearTimeout(this.#leaving);
    if (!this.#kept) void this.#open(owner);
    // An effect may end and begin again at once. Files that are stopped as it ends are forgotten first.
    return () => {
      this.#leaving = setTimeout(() => {
        this.#kept?.close();
        // Otherwise the page of a later user, or of the same one, would take this list for another tab.
        this.#tabs?.close();
      });
    };
  }

  async #open(owner: string): Promise<void> {
    // Earlier readers would take the list for complete.
    this.isRestored = false;
    this.#list.set();
    const kept = new Kept(owner, (found) => this.#resume(found));
    this.#kept = kept;
    if (await kept.isOpen) {
      const tabs = new UploadTabs(owner, kept, {
        tell: () => ({
          secondsLeft: this.#sender.secondsLeft,
          items: this.#list.items.map(({ upload, chosenAt, position }) => ({
            upload: { ...upload, isElsewhere: true },
            chosenAt,
            position,
          })),
        }),
        onChange: () => this.#list.setOthers(tabs.items),
        onCommand: (command) => this.#run(command),
        onTab: (tab) =>
          void kept.takeOverFrom(tab).then(
            () => tabs.leave(tab),
            () => undefined,
          ),
      });
      this.#tabs = tabs;
      // Files do not wait for the other tabs. The list is complete with theirs.
      await tabs.ready;
    }
    this.isRestored = true;
    this.#list.set();
  }

  /**
   * Adds files to the list and sends them. A missing file continues where it was. The items show the outcome of each.
   * @returns the ids of the accepted files
   */
  async add(files: readonly File[], by: Wishes = {}): Promise<string[]> {
    // The batch stays the same over an outage and a reload.
    const wishes = { batchId: randomId(), ...by };
    const others = files.filter((file) => !this.#takeMissing(file) && !this.#handOver(file));
    const uploads = others.map((file): Upload => {
      const upload = newUpload(randomId(), file, wishes);
      const error = refusedFiles.get(file);
      return error ? { ...upload, state: 'rejected', error } : upload;
    });
    const added = this.#list.choose(uploads, wishes, this.#now());
    return this.#keepAndSend(added.filter(isSending), wishes);
  }

  /** Sends files again that were rejected or stopped. */
  async sendAgain(keys: readonly string[], wishes: Wishes = {}): Promise<string[]> {
    const others = this.#list.elsewhere(keys);
    if (others.length > 0) this.#tabs?.command({ does: 'sendAgain', keys: others });
    return this.#sendOwnAgain(keys, wishes);
  }

  async #sendOwnAgain(keys: readonly string[], by?: Wishes): Promise<string[]> {
    const isOver = ({ upload: { key, state } }: Item) =>
      keys.includes(key) && (state === 'rejected' || state === 'stopped');
    const items = this.#list.items.filter(isOver);
    const wishes = { batchId: randomId(), ...(by ?? items[0]?.wishes) };
    const { batchId } = wishes;
    for (const { upload } of items)
      this.#list.patch(upload.key, { state: 'sending', sent: 0, error: null, batchId }, { wishes });
    return this.#keepAndSend(items, wishes);
  }

  async #keepAndSend(items: readonly Item[], wishes: Wishes): Promise<string[]> {
    const keys = items.map(({ upload }) => upload.key);
    this.#kept?.put(keys, (key) => this.#list.find(key));
    return keys.length === 0 ? [] : this.#send(keys, wishes);
  }

  #send(keys: readonly string[], wishes: Wishes): Promise<string[]> {
    // The page shows all tabs as paused.
    if (this.isPaused) this.#pauseOwn(true);
    return this.#sender.send(keys, wishes);
  }

  cancel = (): void => {
    this.#tabs?.command({ does: 'cancel' });
    this.cancelHere();
  };

  cancelHere = (): void => this.#sender.cancel();

  dismiss = (key: string): void => {
    const others = this.#list.elsewhere([key]);
    if (others.length === 0) this.#dismissOwn(key);
    else this.#tabs?.command({ does: 'dismiss', keys: others });
  };

  #dismissOwn(key: string): void {
    const item = this.#list.find(key);
    if (!item) return;
    const { state, announcedId } = item.upload;
    const isGone = announcedId !== null && this.#store.isGone(announcedId);
    if (state !== 'sending' && announcedId && !isGone) this.#remove(announcedId);
    this.#forget(key);
    this.#list.remove(key);
    // The client removes what it has announced, unless it knows that it is gone.
    this.#sender.drop(
      key,
      isGone ? new MediaClientError('not_found', '', { status: 0 }) : undefined,
    );
  }

  #resume(found: readonly FoundFile[]): void {
    if (found.some(({ kept }) => kept.isPaused)) this.#pauseOwn(true);
    this.#list.restore(found.map((each) => restoredItem(each, this.#now())));
    const groups = new Map<string, Item[]>();
    for (const { kept, file } of found) {
      const { key, refusal } = kept;
      if (file && refusal) this.#refuse(key, refusal);
      const item = this.#list.find(key);
      if (item?.upload.state === 'stopped') this.#forget(key);
      if (!item || !isSending(item)) continue;
      const wishes = JSON.stringify(item.wishes);
      groups.set(wishes, [...(groups.get(wishes) ?? []), item]);
    }
    for (const items of groups.values()) {
      const keys = items.map(({ upload }) => upload.key);
      void this.#send(keys, items[0]?.wishes ?? {});
    }
  }

  /** @returns true if the bytes of the file were missing; then it continues */
  #takeMissing(file: File): boolean {
    const missing = this.#list.items.filter(({ missingSize }) => missingSize !== undefined);
    // The browser looks a file up on disk when its size is first asked for, and the page stands still meanwhile.
    if (missing.length === 0) return false;
    const { name, size, lastModified } = file;
    const item = missing.find(
      ({ upload, missingSize }) =>
        upload.file.name === name &&
        missingSize === size &&
        upload.file.lastModified === lastModified,
    );
    if (!item) return false;
    const { upload, wishes } = item;
    this.#list.patch(upload.key, { file, state: 'sending' }, { missingSize: undefined });
    this.#kept?.putBytes({ ...upload, file });
    void this.#send([upload.key], wishes);
    return true;
  }

  /** @returns true if another tab misses the bytes of the file; then that tab continues with it */
  #handOver(file: File): boolean {
    const isMissed = ({ state, isElsewhere, file: { name, lastModified } }: Upload) =>
      isElsewhere &&
      state === 'missing' &&
      name === file.name &&
      lastModified === file.lastModified;
    if (!this.#list.shown.some(isMissed)) return false;
    this.#tabs?.command({ does: 'takeMissing', file });
    return true;
  }

  /** If this fails, the media appears in the user's list, where they can delete it. */
  #remove(id: string): void {
    this.#client.remove(id, { permanently: true }).catch(() => undefined);
  }

  #forget(key: string): void {
    this.#list.patch(key, {}, { notes: undefined });
    this.#kept?.drop(key);
  }

  #accept(key: string, media: Media): void {
    // It was dismissed meanwhile.
    if (!this.#list.find(key)) {
      this.#remove(media.id);
      return;
    }
    this.#store.add(media);
    this.#list.patch(key, { state: 'accepted', mediaId: media.id, error: null });
    // The others count it once: by its file, or by its media.
    this.#tabs?.tellNow();
    // A page that is reloaded before it has written down the accepted files finds them by what was kept.
    setTimeout(() => this.#forget(key), FORGET_MS);
  }

  #refuse(key: string, error: UploadError): void {
    // It is sent again.
    if (error.code === 'unavailable') {
      this.#list.patch(key, { error });
      return;
    }
    const isMissing = this.#list.find(key)?.missingSize !== undefined;
    // If another try can send the file, it stays for a later page, too.
    if (!isMissing && !isRetryableCode(error.code)) this.#forget(key);
    if (error.day_limit) {
      this.#kept?.refuse(key, error);
      clearTimeout(this.#dayEnds);
      // The list then shows that another try can succeed.
      const ms = Date.parse(error.day_limit.ends_at) - Date.now();
      this.#dayEnds = setTimeout(() => this.#list.set(), ms);
    }
    this.#list.end(
      key,
      isMissing ? { state: 'missing', error: null } : { state: 'rejected', error },
    );
  }

  #run(command: Command): void {
    const { does } = command;
    if (does === 'cancel') this.cancelHere();
    else if (does === 'takeMissing') this.#takeMissing(command.file);
    else if (does === 'sendAgain') void this.#sendOwnAgain(command.keys);
    else if (does === 'dismiss') for (const key of command.keys) this.#dismissOwn(key);
    else if (!command.isPaused || this.#list.items.some(isSending))
      this.#pauseOwn(command.isPaused);
  }
}
