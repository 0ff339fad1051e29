/** Files that are being sent, until the server has accepted or refused them. */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import { browserWakeUps, sleep, systemClock } from '../client/clock.ts';
import type { AnalyzeOptions, MediaClient, SendNotes } from '../client/index.ts';
import { MediaClientError } from '../client/index.ts';
import { randomId } from '../client/older-browsers.ts';
import { copiedFiles } from './copied-files.ts';
import { hasKeptDatabase, hasKeptUploads, markKept, onFirstKept } from './kept-marker.ts';
import type { FoundFile, KeptFile, KeptUploads } from './kept-uploads.ts';
import { compareByChoice, type ListPosition } from './list-position.ts';
import { refusedFiles } from './refused-files.ts';
import { retryImport } from './retry-import.ts';
import type { MediaCache } from './store.ts';
import { TimeLeft } from './time-left.ts';
import { byOwnClock, type UploadError } from './upload-error.ts';
import type { Command, Positioned, UploadTabs } from './upload-tabs.ts';

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

/** The page may take this long to remember that a file was accepted. */
const FORGET_MS = 1_000;
/** Sending waits this long for the browser's database: longer than opening one that another page has left takes. */
const OPEN_MS = 6_000;
/** The longest wait before a file is sent again if no byte of it could be sent. The browser's "online" ends the wait. */
const OUTAGE_MS = 30_000;
/** The server remembers the media of a request for a day. */
const NOTES_LAST_MS = 24 * 3600 * 1_000;

interface UploadGroup {
  keys: Set<string>;
  stop: AbortController;
  /** One for each file, by its key. */
  stops: Map<string, AbortController>;
}

export class Uploads {
  readonly #client: MediaClient;
  readonly #store: MediaCache;
  /** Files of this tab. */
  #items: readonly Upload[] = [];
  /** Files of all tabs of this browser. */
  #shown: readonly Upload[] = [];
  /** Positions of the files, by their keys. */
  readonly #positions = new Map<string, ListPosition>();
  #tabs: UploadTabs<Upload> | undefined;
  readonly #groups = new Set<UploadGroup>();
  /** Keys of files that were dismissed while they were being sent. Their media is deleted as soon as it exists. */
  readonly #unwanted = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;
  readonly #timeLeft = new TimeLeft();
  /** Bytes of each file that have arrived or were sent, by its key. The user may have seen a higher number. */
  readonly #sentNow = new Map<string, number>();
  /** Bytes of all files that this page has sent. */
  #bytesSent = 0;
  /** The client's notes of each file that is not accepted yet, by its key. */
  readonly #notes = new Map<string, SendNotes>();
  /** Files whose bytes are missing, by their keys. */
  readonly #missing = new Map<string, KeptFile>();
  /** Keys of files that are kept, or will be as soon as the browser is ready for it. */
  readonly #toKeep = new Set<string>();
  readonly #kept: {
    opening?: Promise<KeptUploads | undefined>;
    /** The same with a time limit, for files that wait for it. */
    inTime?: Promise<KeptUploads | undefined>;
  } = {};
  #owner: string | undefined;
  #leaving: ReturnType<typeof setTimeout> | undefined;
  #dayEnds: ReturnType<typeof setTimeout> | undefined;
  #isRestored = true;
  #isPaused = false;
  /** For files that another tab asks to send again. */
  #lastWishes: Wishes = {};

  constructor(client: MediaClient, store: MediaCache, now: () => number = Date.now) {
    this.#client = client;
    this.#store = store;
    this.#now = now;
  }

  /** Seconds until all is sent; null if not known or nothing is being sent. */
  secondsLeft(): number | null {
    return this.#ownSecondsLeft() ?? this.#tabs?.secondsLeft ?? null;
  }

  #ownSecondsLeft(): number | null {
    // Otherwise the size of each file would be asked for: see `#takeMissing`.
    if (this.#timeLeft.secondsFor(0) === null) return null;
    const left = this.#items.filter(isSending);
    if (left.every(({ error }) => error)) return null;
    const bytes = left.reduce(
      (sum, { key, file }) => sum + file.size - (this.#sentNow.get(key) ?? 0),
      0,
    );
    return bytes === 0 ? null : this.#timeLeft.secondsFor(bytes);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The last choice first, and the files of a choice as they were chosen: the order of sending and of the work. */
  getSnapshot = (): readonly Upload[] => this.#shown;

  /** False until the files of earlier pages are on the list. */
  get isRestored(): boolean {
    return this.#isRestored;
  }

  get isPaused(): boolean {
    return this.#isPaused || this.#shown.some((each) => each.isElsewhere && each.isPaused);
  }

  /** Stops sending bytes until the user continues. A reload does not end the pause. It ends when nothing is left to send. */
  pause(isPaused = true): void {
    this.#tabs?.command({ does: 'pause', isPaused });
    const isElsewhere = this.#shown.length > 0 && !this.#items.some(isSending);
    if (!isPaused || !isElsewhere) this.#pauseOwn(isPaused);
  }

  #pauseOwn(isPaused: boolean): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#client.pauseSending();
    else this.#client.resumeSending();
    this.#timeLeft.forget();
    this.#set([...this.#items]);
    const keys = this.#items.map(({ key }) => key);
    void this.#kept.opening?.then((kept) => kept?.pause(keys, isPaused)).catch(() => undefined);
  }

  /**
   * Keeps files that are not accepted yet over a reload, where the browser can, and continues with those kept before.
   * @returns a function that ends it, as for an effect
   */
  keep(owner: string): () => void {
    clearTimeout(this.#leaving);
    this.#keep(owner);
    // An effect may end and begin again at once. Files that are stopped as it ends are forgotten first.
    return () => {
      this.#leaving = setTimeout(() => this.#leave());
    };
  }

  /** Otherwise the page of a later user, or of the same one, would take this list for another tab. */
  #leave(): void {
    this.#owner = undefined;
    void this.#kept.opening?.then((kept) => {
      kept?.close();
      this.#tabs?.close();
    });
  }

  #keep(owner: string): void {
    if (this.#owner !== undefined) return;
    this.#owner = owner;
    // Most pages have nothing to restore, and need not load the code for it.
    if (hasKeptUploads()) void this.#openKept();
    else {
      void hasKeptDatabase().then((is) => (is ? this.#openKept() : undefined));
      onFirstKept(() => void this.#openKept());
    }
  }

  /** @returns undefined where nothing is kept */
  async #openKept(): Promise<KeptUploads | undefined> {
    const owner = this.#owner;
    if (owner === undefined) return undefined;
    this.#kept.opening ??= this.#open(owner);
    this.#kept.inTime ??= Promise.race([this.#kept.opening, this.#openTimeout()]);
    // If it opens later, it is used from then on.
    return Promise.race([this.#kept.opening, this.#kept.inTime]);
  }

  /** A database may never answer, as Safari's did: https://bugs.webkit.org/show_bug.cgi?id=226547. Files do not wait for it. */
  async #openTimeout(): Promise<undefined> {
    await new Promise((resolve) => setTimeout(resolve, OPEN_MS));
    this.#isRestored = true;
    this.#set([...this.#items]);
  }

  async #open(owner: string): Promise<KeptUploads | undefined> {
    this.#isRestored = false;
    // Otherwise earlier readers would take the list for complete.
    this.#set([...this.#items]);
    try {
      const [{ KeptUploads }, { UploadTabs }] = await retryImport(() =>
        Promise.all([import('./kept-uploads.ts'), import('./upload-tabs.ts')]),
      );
      const kept = await KeptUploads.open(owner, {
        onFound: (found) => this.#resumeFound(found),
        onGone: (tab) => this.#tabs?.leave(tab),
      });
      this.#tabs = new UploadTabs(owner, kept, {
        tell: () => this.#tell(),
        onChange: () => this.#show(),
        onCommand: (command) => this.#runCommand(command),
        onTab: (tab) => void kept.takeOverFrom(tab).catch(() => undefined),
      });
      return kept;
    } catch {
      return undefined;
    } finally {
      // Files do not wait for the other tabs. The list is complete with theirs.
      void (this.#tabs?.ready ?? Promise.resolve()).then(() => {
        this.#isRestored = true;
        this.#set([...this.#items]);
      });
    }
  }

  /**
   * Adds files to the list and sends them. A missing file continues where it was. The items show the outcome of each.
   * @returns the ids of the accepted files
   */
  async add(files: readonly File[], by: Wishes = {}): Promise<string[]> {
    // The batch stays the same over an outage and a reload.
    const wishes = { batchId: randomId(), ...by };
    const others = files.filter((file) => !this.#takeMissing(file) && !this.#handOver(file));
    const added = others.map((file): Upload => {
      const key = copiedFiles.get(file)?.key ?? randomId();
      const upload = { ...newUpload(key, file), batchId: wishes.batchId };
      const error = refusedFiles.get(file);
      return error ? { ...upload, state: 'rejected', error } : upload;
    });
    // A later choice gets a later time, also when the clock was put back.
    const chosenAt = Math.max(
      this.#now(),
      ...[...this.#positions.values()].map((each) => each.chosenAt + 1),
    );
    for (const [position, { key }] of added.entries())
      this.#positions.set(key, { chosenAt, position });
    this.#set([...added, ...this.#items]);
    const sent = added.filter(isSending);
    void this.#keepAll(sent, wishes);
    return sent.length === 0 ? [] : this.#send(sent, wishes);
  }

  /** Sends files again that were rejected or stopped. */
  async sendAgain(keys: readonly string[], wishes: Wishes = {}): Promise<string[]> {
    const others = this.#elsewhere(keys);
    if (others.length > 0) this.#tabs?.command({ does: 'sendAgain', keys: others });
    return this.#sendOwnAgain(keys, wishes);
  }

  async #sendOwnAgain(keys: readonly string[], wishes: Wishes): Promise<string[]> {
    const items = this.#items.filter(
      ({ key, state }) => keys.includes(key) && (state === 'rejected' || state === 'stopped'),
    );
    for (const { key } of items) this.#patch(key, { state: 'sending', sent: 0, error: null });
    void this.#keepAll(items, wishes);
    return items.length === 0 ? [] : this.#send(items, wishes);
  }

  /** Stops all files that are not accepted yet. */
  cancel(): void {
    this.#tabs?.command({ does: 'cancel' });
    this.cancelHere();
  }

  /** Leaves the files of other tabs alone. */
  cancelHere(): void {
    for (const { stop } of this.#groups) stop.abort(new Error('cancelled'));
  }

  /**
   * Takes an item off the list. If its file is sent alone, as large files are, sending stops; otherwise its media is deleted as
   * soon as it exists.
   */
  dismiss(key: string): void {
    const others = this.#elsewhere([key]);
    if (others.length === 0) this.#dismissOwn(key);
    else {
      this.#tabs?.command({ does: 'dismiss', keys: others });
      this.#tabs?.dismiss(key);
    }
  }

  #dismissOwn(key: string): void {
    const item = this.#find(key);
    const isGone = this.#store.isGone(item?.announcedId ?? '');
    if (item?.state === 'sending') this.#unwanted.add(key);
    else if (item?.announcedId && !isGone) this.#remove(item.announcedId);
    this.#forget(key);
    this.#set(this.#items.filter((each) => each.key !== key));
    const stillWanted = this.#items.filter(({ state }) => state === 'sending');
    for (const { keys, stop, stops } of this.#groups) {
      // Then the client knows the id, too.
      stops
        .get(key)
        ?.abort(isGone ? new MediaClientError('not_found', '', { status: 0 }) : undefined);
      if (keys.has(key) && !stillWanted.some((each) => keys.has(each.key))) stop.abort();
    }
  }

  /** Sends files until each has its outcome: an outage fails no file. */
  async #send(added: readonly Upload[], wishes: Wishes): Promise<string[]> {
    this.#lastWishes = wishes;
    // The page shows all tabs as paused.
    if (this.isPaused) this.#pauseOwn(true);
    const stops = new Map(added.map(({ key }) => [key, new AbortController()]));
    const group: UploadGroup = { keys: new Set(stops.keys()), stop: new AbortController(), stops };
    this.#groups.add(group);
    const accepted: string[] = [];
    try {
      let left = added;
      for (let failures = 1; left.length > 0; failures++) {
        accepted.push(...(await this.#sendOnce(left, wishes, group)));
        left = left.filter(({ key }) => this.#find(key)?.state === 'sending');
        if (left.length === 0) break;
        // If a file is stopped meanwhile, the client removes the media that it has announced.
        await untilOnline(Math.min(OUTAGE_MS, 1_000 * 2 ** failures), group.stop.signal);
      }
    } catch {
      for (const { key } of added) this.#stop(key);
    } finally {
      this.#groups.delete(group);
    }
    return accepted;
  }

  /** A file that has to wait stays `sending`. */
  async #sendOnce(
    added: readonly Upload[],
    wishes: Wishes,
    { stop, stops }: UploadGroup,
  ): Promise<string[]> {
    const keys = added.map(({ key }) => key);
    const keyOf = (index: number) => keys[index] ?? '';
    for (const key of keys) {
      // The bytes of an earlier call come as one number, and say nothing about the line.
      if (this.#notes.has(key)) this.#sentNow.delete(key);
      else this.#sentNow.set(key, 0);
    }
    try {
      const { media_ids } = await this.#client.analyze(
        added.map(({ file }) => file),
        {
          ...wishes,
          signal: stop.signal,
          signalOf: (index) => stops.get(keyOf(index))?.signal,
          notes: keys.map((key) => this.#notes.get(key)),
          onNotes: (index, notes) => this.#note(keyOf(index), notes),
          onProgress: ({ sentByFile }) => this.#progress(added, sentByFile),
          onFile: (index, outcome) => {
            const { rejected } = outcome;
            // The client sets the field if the service has failed, even if the id is unknown.
            if (rejected)
              this.#reject(keyOf(index), {
                ...rejected,
                day_limit: byOwnClock(rejected.day_limit),
                isAnswered: 'requestId' in rejected,
              });
            else this.#accept(keyOf(index), outcome.media.id, () => this.#store.add(outcome.media));
          },
        },
      );
      return media_ids;
    } catch (error) {
      if (!(error instanceof MediaClientError)) throw error;
      // Files that were accepted or rejected before the error stay so.
      const { code, message, requestId, status } = error;
      const reason = { code, message, requestId, isAnswered: status > 0 };
      for (const key of keys) this.#reject(key, reason);
      return [];
    }
  }

  /** Continues with the files of another page. */
  #resumeFound(found: readonly FoundFile[]): void {
    if (found.some(({ kept }) => kept.isPaused)) this.#pauseOwn(true);
    const now = this.#now();
    const items = found.map(({ kept, file }): Upload => {
      const { key, name, type, lastModified, notes, chosenAt, position } = kept;
      this.#positions.set(key, { chosenAt, position });
      const isUnderWay = notes?.form !== undefined || notes?.pieces !== undefined;
      const isOld = isUnderWay && now - chosenAt > NOTES_LAST_MS;
      if (notes && !isOld) this.#notes.set(key, notes);
      if (!file) this.#missing.set(key, kept);
      const placeholder = new File([], name, { type, lastModified });
      const item: Upload = {
        ...newUpload(key, file ?? placeholder, isOld ? undefined : notes),
        batchId: kept.wishes?.batchId,
      };
      // It is too late to find out whether it has arrived. The user can see it in the library.
      if (isOld && file) return { ...item, state: 'stopped' };
      // A file that has arrived in a form is found without its bytes.
      return file || (notes?.form && !isOld) ? item : { ...item, state: 'missing' };
    });
    this.#set(
      [...this.#items, ...items].sort((a, b) =>
        compareByChoice(this.#positionOf(a), this.#positionOf(b)),
      ),
    );
    for (const { key, state } of items) if (state === 'stopped') this.#forget(key);
    for (const { kept, file } of found)
      if (file && kept.refusal) this.#reject(kept.key, kept.refusal);
    const groups = new Map<string, FoundFile[]>();
    for (const each of found) {
      const wishes = JSON.stringify(each.kept.wishes ?? {});
      groups.set(wishes, [...(groups.get(wishes) ?? []), each]);
    }
    for (const group of groups.values()) {
      const keys = group.map(({ kept }) => kept.key);
      const left = this.#items.filter(
        ({ key, state }) => state === 'sending' && keys.includes(key),
      );
      if (left.length > 0) void this.#send(left, group[0]?.kept.wishes ?? {});
    }
  }

  /** @returns true if the bytes of the file were missing; then it continues */
  #takeMissing(file: File): boolean {
    // The browser looks a file up on disk when its size is first asked for, and the page stands still meanwhile.
    if (this.#missing.size === 0) return false;
    const { name, size, lastModified } = file;
    // A file that another app has shared has no date: Chromium answers with the time at which it is asked.
    const held = copiedFiles.get(file)?.key;
    const missing = [...this.#missing.values()].find((each) =>
      held
        ? each.key === held
        : each.name === name && each.size === size && each.lastModified === lastModified,
    );
    if (!missing) return false;
    const { key, wishes = {} } = missing;
    this.#missing.delete(key);
    this.#patch(key, { file, state: 'sending' });
    const items = this.#items.filter((each) => each.key === key);
    void this.#keepBytes(items);
    void this.#send(items, wishes);
    return true;
  }

  /** @returns true if another tab misses the bytes of the file; then that tab continues with it */
  #handOver(file: File): boolean {
    const isMissed = ({ state, isElsewhere, file: { name, lastModified } }: Upload) =>
      isElsewhere &&
      state === 'missing' &&
      name === file.name &&
      lastModified === file.lastModified;
    if (!this.#shown.some(isMissed)) return false;
    this.#tabs?.command({ does: 'takeMissing', file });
    return true;
  }

  async #keepAll(items: readonly Upload[], wishes: Wishes): Promise<void> {
    if (this.#owner !== undefined) markKept();
    for (const { key } of items) this.#toKeep.add(key);
    void this.#openKept();
    const kept = await this.#kept.opening;
    // A file that was refused, stopped or dismissed meanwhile would come back after a reload.
    const left = items.filter(({ key }) => this.#toKeep.has(key));
    const all = left.map((item): KeptFile => {
      const {
        key,
        file: { name, type, size, lastModified },
      } = item;
      const { chosenAt, position } = this.#positionOf(item);
      const notes = this.#notes.get(key);
      const file = { key, name, type, size, lastModified };
      const isPaused = this.#isPaused;
      return { ...file, chosenAt, position, isPaused, wishes, ...(notes && { notes }) };
    });
    await kept?.put(all).catch(() => undefined);
    await this.#keepBytes(left);
  }

  /** Keeps one after the other, in sending order: many are accepted before their turn comes. */
  async #keepBytes(items: readonly Upload[]): Promise<void> {
    const kept = await this.#kept.opening;
    for (const { key, file } of items) {
      if (await kept?.putBytes(key, file).catch(() => false)) copiedFiles.get(file)?.release();
    }
  }

  async #note(key: string, notes: SendNotes): Promise<void> {
    this.#notes.set(key, notes);
    const announcedId = notes.pieces?.mediaId ?? null;
    this.#patch(key, { announcedId });
    await (await this.#openKept())?.note(key, notes).catch(() => undefined);
  }

  /** If this fails, the media appears in the user's list, where they can delete it. */
  #remove(id: string): void {
    this.#client.remove(id, { permanently: true }).catch(() => undefined);
  }

  #forget(key: string): void {
    this.#release(key);
    this.#notes.delete(key);
    this.#missing.delete(key);
    this.#toKeep.delete(key);
    void this.#kept.opening?.then((kept) => kept?.drop(key)).catch(() => undefined);
  }

  #release(key: string): void {
    const item = this.#find(key);
    if (item) copiedFiles.get(item.file)?.release();
  }

  #accept(key: string, mediaId: string, show: () => void): void {
    if (this.#unwanted.delete(key)) {
      this.#forget(key);
      this.#remove(mediaId);
      return;
    }
    show();
    this.#patch(key, { state: 'accepted', mediaId, error: null });
    this.#release(key);
    // The others count it once: by its file, or by its media.
    this.#tabs?.tellNow();
    // A page that is reloaded before it has written down the accepted files finds them by what was kept.
    setTimeout(() => this.#forget(key), FORGET_MS);
  }

  #reject(key: string, { code, message, requestId, isAnswered, day_limit }: UploadError): void {
    const error = { code, message, requestId, day_limit };
    // It is sent again.
    if (code === 'unavailable' && this.#find(key)) {
      this.#patch(key, { error: { ...error, ...(isAnswered && { isAnswered }) } });
      return;
    }
    const isMissing = this.#missing.has(key);
    // If another try can send the file, it stays for a later page, too.
    if (!isMissing && !isRetryableCode(code)) this.#forget(key);
    if (day_limit) {
      void this.#kept.opening?.then((kept) => kept?.refuse(key, error)).catch(() => undefined);
      clearTimeout(this.#dayEnds);
      // The list then shows that another try can succeed.
      const ms = Date.parse(day_limit.ends_at) - Date.now();
      this.#dayEnds = setTimeout(() => this.#set([...this.#items]), ms);
    }
    this.#end(key, isMissing ? { state: 'missing', error: null } : { state: 'rejected', error });
  }

  #stop(key: string): void {
    if (this.#find(key)?.state === 'sending') this.#forget(key);
    this.#end(key, { state: 'stopped', error: null });
  }

  #end(key: string, change: Partial<Upload>): void {
    this.#unwanted.delete(key);
    const item = this.#find(key);
    if (item?.state === 'sending') this.#patch(key, change);
  }

  #progress(added: readonly Upload[], sentByFile: readonly number[]): void {
    const sentByKey = new Map(added.map(({ key }, index) => [key, sentByFile[index] ?? 0]));
    for (const [key, now] of sentByKey) {
      if (now === 0) continue;
      this.#bytesSent += now - (this.#sentNow.get(key) ?? now);
      this.#sentNow.set(key, now);
    }
    this.#set(
      this.#items.map((item) => {
        const now = sentByKey.get(item.key);
        if (now === undefined || !isSending(item)) return item;
        // The try before an outage may have sent more.
        const sent = Math.max(now, item.sent);
        return sent === item.sent && !item.error ? item : { ...item, sent, error: null };
      }),
    );
    this.#timeLeft.add(this.#now(), this.#bytesSent);
  }

  #find(key: string): Upload | undefined {
    return this.#items.find((each) => each.key === key);
  }

  #patch(key: string, change: Partial<Upload>): void {
    this.#set(this.#items.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  #set(items: readonly Upload[]): void {
    const hadSome = this.#items.some(isSending);
    this.#items = items.map((item) => {
      const isPaused = this.#isPaused && isSending(item);
      return isPaused === item.isPaused ? item : { ...item, isPaused };
    });
    if (hadSome && !items.some(isSending)) this.#pauseOwn(false);
    this.#tabs?.tell();
    this.#show();
  }

  /** Updates the list that is shown. Until other tabs have files, it is that of this tab. */
  #show(): void {
    const own = new Set(this.#items.map(({ key }) => key));
    const others = (this.#tabs?.items ?? []).filter(({ upload }) => !own.has(upload.key));
    const all = [...this.#items.map((each) => this.#positionOf(each)), ...others];
    this.#shown =
      others.length === 0 ? this.#items : all.sort(compareByChoice).map(({ upload }) => upload);
    for (const listener of this.#listeners) listener();
  }

  #positionOf(upload: Upload): Positioned<Upload> {
    return { upload, ...(this.#positions.get(upload.key) ?? { chosenAt: 0, position: 0 }) };
  }

  /** @returns the keys of files of other tabs */
  #elsewhere(keys: readonly string[]): string[] {
    return this.#shown.flatMap(({ key, isElsewhere }) =>
      isElsewhere && keys.includes(key) ? [key] : [],
    );
  }

  #tell() {
    const items = this.#items.map((each) => this.#positionOf({ ...each, isElsewhere: true }));
    return { items, secondsLeft: this.#ownSecondsLeft() };
  }

  #runCommand(command: Command): void {
    switch (command.does) {
      case 'cancel':
        this.cancelHere();
        return;
      case 'pause':
        if (!command.isPaused || this.#items.some(isSending)) this.#pauseOwn(command.isPaused);
        return;
      case 'dismiss':
        for (const key of command.keys) if (this.#find(key)) this.#dismissOwn(key);
        return;
      case 'takeMissing':
        this.#takeMissing(command.file);
        return;
      case 'sendAgain':
        void this.#sendOwnAgain(command.keys, this.#lastWishes);
    }
  }
}

/** Waits until the browser is online again, the page is visible again, the signal is aborted, or `ms` are over. */
async function untilOnline(ms: number, signal: AbortSignal): Promise<void> {
  // Pages that an outage has stopped together must not come back together.
  const some = ms * (0.5 + Math.random() / 2);
  await sleep(some, systemClock, signal, browserWakeUps).catch(() => undefined);
}

const isSending = ({ state }: Upload) => state === 'sending';

function newUpload(key: string, file: File, notes?: SendNotes): Upload {
  const announcedId = notes?.pieces?.mediaId ?? null;
  const unsent = { sent: 0, isPaused: false, mediaId: null, announcedId, error: null };
  return { key, file, state: 'sending', ...unsent };
}
