/** Files that are being sent, until the server has accepted or refused them. */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import type { AnalyzeOptions, ErrorCode, MediaClient, SendNotes } from '../client/index.ts';
import { MediaClientError } from '../client/index.ts';
import { randomId } from '../client/older-browsers.ts';
import { hasKept, isLeft, rememberKept } from './has-kept.ts';
import type { FoundFile, KeptFile, KeptUploads } from './kept-uploads.ts';
import { refusedFiles } from './refused-files.ts';
import type { MediaCache } from './store.ts';
import { TimeLeft } from './time-left.ts';

/** Why a file was not accepted. */
export interface UploadError {
  /** A code of the API. */
  code: ErrorCode;
  /** The same for a person, in English. */
  message: string;
  /** The id of the request in the log of the service; only of what the service itself failed at. */
  requestId?: string | undefined;
}

/** A file that the user gave to `useAnalyzeMedia`. */
export interface Upload {
  /** Names the file, e.g. as a React key. It stays the same from the choice of the file to its result. */
  readonly key: string;
  /** The file itself. While it is `missing`, it has its name and no bytes. */
  readonly file: File;
  /**
   * `rejected`: not accepted; `error` says why. `stopped`: the user has stopped it. `missing`: the browser could not keep it
   * over a reload; it goes on when the same file is given to `analyze` again.
   */
  readonly state: 'sending' | 'accepted' | 'rejected' | 'stopped' | 'missing';
  /** Whether sending it is paused. */
  readonly isPaused: boolean;
  /** Bytes sent. */
  readonly sent: number;
  /** Which part of the time until its result sending probably takes, 0 to 1. It is settled with the first byte. */
  readonly sendingShare: number | null;
  /** The id of its media, once it is accepted. */
  readonly mediaId: string | null;
  /** The id of its media that waits for its bytes, if it is sent in pieces; null otherwise. */
  readonly announcedId: string | null;
  /** Why the file was not accepted, or why it has to wait while it is `sending`; null otherwise. */
  readonly error: UploadError | null;
}

/** What is made of the files. */
export type Wishes = Pick<AnalyzeOptions, 'language' | 'analyses'>;

const UNSENT = { sent: 0, sendingShare: null };

/** Sending a file takes this part of its time where nothing is known of its line. */
export const USUAL_SENDING = 0.15;
/** How long storing and analysing a photo usually take, in seconds. */
const USUAL_WORK_S = 5;

/** How long the page may take to remember that a file was accepted. */
const FORGET_MS = 1_000;
/** How long sending may wait for the browser's database: longer than one that was left by another page takes. */
const OPEN_MS = 6_000;
/** How long a file that nothing could be sent of waits at most, before it is sent again. The browser's "online" ends the wait. */
const OUTAGE_MS = 30_000;
/** The server knows what a request has made for a day. */
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
  #items: readonly Upload[] = [];
  readonly #groups = new Set<UploadGroup>();
  /** Keys of files that were dismissed while they were being sent. Their media is deleted as soon as it exists. */
  readonly #unwanted = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #now: () => number;
  readonly #timeLeft = new TimeLeft();
  /** What the client knows of each file that is not accepted yet, by its key. */
  readonly #notes = new Map<string, SendNotes>();
  /** Files whose bytes are missing, by their keys. */
  readonly #missing = new Map<string, KeptFile>();
  readonly #kept: { opening?: Promise<KeptUploads | undefined> } = {};
  #owner: string | undefined;
  #isRestored = true;
  #isPaused = false;

  constructor(client: MediaClient, store: MediaCache, now: () => number = Date.now) {
    this.#client = client;
    this.#store = store;
    this.#now = now;
  }

  /** How long sending will still take, in seconds; null if that is not known or nothing is being sent. */
  secondsLeft(): number | null {
    // Without it, the size of each file would be asked for: see `#takeMissing`.
    if (this.#timeLeft.secondsFor(0) === null) return null;
    const left = this.#items.filter(isSending);
    if (left.every(({ error }) => error)) return null;
    const bytes = left.reduce((sum, { file, sent }) => sum + file.size - sent, 0);
    return bytes === 0 ? null : this.#timeLeft.secondsFor(bytes);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Those of the last choice first, as they were chosen: they are sent and worked on in this order. */
  getSnapshot = (): readonly Upload[] => this.#items;

  /** False until the files that an earlier page has left behind are on the list. */
  get isRestored(): boolean {
    return this.#isRestored;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Sends no more bytes until they are sent on. A reload does not end the pause. It ends when nothing is left to send. */
  pause(isPaused = true): void {
    if (this.#isPaused === isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#client.pauseSending();
    else this.#client.resumeSending();
    this.#set([...this.#items]);
    const items = this.#items.map(({ key, sent, sendingShare }) => ({ key, sent, sendingShare }));
    void this.#kept.opening?.then((kept) => kept?.pause(items, isPaused)).catch(() => undefined);
  }

  /** Keeps files that are not accepted yet over a reload, where the browser can, and goes on with those that it has kept. */
  keep(owner: string): void {
    if (this.#owner !== undefined) return;
    this.#owner = owner;
    // Most pages have nothing to restore, and need not load what restores it.
    if (hasKept()) void this.#openKept();
    else void isLeft().then((is) => (is ? this.#openKept() : undefined));
  }

  /** @returns undefined where nothing is kept */
  async #openKept(): Promise<KeptUploads | undefined> {
    const owner = this.#owner;
    if (owner === undefined) return undefined;
    this.#kept.opening ??= Promise.race([this.#open(owner), this.#giveUp()]);
    return this.#kept.opening;
  }

  /** A database may never answer, as Safari's did: https://bugs.webkit.org/show_bug.cgi?id=226547. No file waits for it. */
  async #giveUp(): Promise<undefined> {
    await new Promise((resolve) => setTimeout(resolve, OPEN_MS));
    this.#isRestored = true;
    this.#set([...this.#items]);
  }

  async #open(owner: string): Promise<KeptUploads | undefined> {
    this.#isRestored = false;
    // Who has asked before would take the list for whole.
    this.#set([...this.#items]);
    try {
      const { KeptUploads } = await import('./kept-uploads.ts');
      return await KeptUploads.open(owner, (found) => this.#goOn(found));
    } catch {
      return undefined;
    } finally {
      this.#isRestored = true;
      this.#set([...this.#items]);
    }
  }

  /**
   * Adds files to the list and sends them. One that is missing goes on where it was. The items show the outcome of each.
   * @returns the ids of the accepted files
   */
  async add(files: readonly File[], wishes: Wishes = {}): Promise<string[]> {
    const others = files.filter((file) => !this.#takeMissing(file));
    const added = others.map((file): Upload => {
      const upload = newUpload(randomId(), file);
      const error = refusedFiles.get(file);
      return error ? { ...upload, state: 'rejected', error } : upload;
    });
    this.#set([...added, ...this.#items]);
    const sent = added.filter(isSending);
    void this.#keepAll(sent, wishes);
    return sent.length === 0 ? [] : this.#send(sent, wishes);
  }

  /** Sends files again that were rejected or stopped. */
  async sendAgain(keys: readonly string[], wishes: Wishes = {}): Promise<string[]> {
    const items = this.#items.filter(
      ({ key, state }) => keys.includes(key) && (state === 'rejected' || state === 'stopped'),
    );
    for (const { key } of items) this.#patch(key, { state: 'sending', ...UNSENT, error: null });
    void this.#keepAll(items, wishes);
    return items.length === 0 ? [] : this.#send(items, wishes);
  }

  /** Stops all files that are not accepted yet. */
  cancel(): void {
    for (const { stop } of this.#groups) stop.abort(new Error('cancelled'));
  }

  /**
   * Takes an item off the list. If its file is sent alone, as large files are, sending stops; otherwise its
   * media is deleted as soon as it exists.
   */
  dismiss(key: string): void {
    const item = this.#find(key);
    if (item?.state === 'sending') this.#unwanted.add(key);
    else if (item?.announcedId) this.#remove(item.announcedId);
    this.#forget(key);
    this.#set(this.#items.filter((each) => each.key !== key));
    const stillWanted = this.#items.filter(({ state }) => state === 'sending');
    for (const { keys, stop, stops } of this.#groups) {
      stops.get(key)?.abort();
      if (keys.has(key) && !stillWanted.some((each) => keys.has(each.key))) stop.abort();
    }
  }

  /** Sends files until each has its outcome: no file fails of an outage. */
  async #send(added: readonly Upload[], wishes: Wishes): Promise<string[]> {
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
        // Of what is stopped meanwhile, the client removes what it has announced.
        await untilOnline(Math.min(OUTAGE_MS, 1_000 * 2 ** failures), group.stop.signal);
      }
    } catch {
      for (const { key } of added) this.#stop(key);
    } finally {
      this.#groups.delete(group);
    }
    return accepted;
  }

  /** A file that has to wait is `sending` after it. */
  async #sendOnce(
    added: readonly Upload[],
    wishes: Wishes,
    { stop, stops }: UploadGroup,
  ): Promise<string[]> {
    const keys = added.map(({ key }) => key);
    const keyOf = (index: number) => keys[index] ?? '';
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
            if (outcome.rejected) this.#reject(keyOf(index), outcome.rejected);
            else this.#accept(keyOf(index), outcome.media.id, () => this.#store.add(outcome.media));
          },
        },
      );
      return media_ids;
    } catch (error) {
      if (!(error instanceof MediaClientError)) throw error;
      // Files that were accepted or rejected before the error stay so.
      for (const key of keys) this.#reject(key, error);
      return [];
    }
  }

  /** Sends on what another page has left behind. */
  #goOn(found: readonly FoundFile[]): void {
    if (found.some(({ kept }) => kept.isPaused)) this.pause();
    const now = this.#now();
    const items = found.map(({ kept, file }): Upload => {
      const { key, name, type, lastModified, notes, chosenAt } = kept;
      const isOld = notes !== undefined && now - chosenAt > NOTES_LAST_MS;
      if (notes && !isOld) this.#notes.set(key, notes);
      if (!file) this.#missing.set(key, kept);
      const placeholder = new File([], name, { type, lastModified });
      const item: Upload = {
        ...newUpload(key, file ?? placeholder, isOld ? undefined : notes),
        // Nothing says during a pause how much has arrived.
        ...(kept.isPaused && kept.before),
      };
      // Nobody knows any more whether it has arrived. Its user sees it.
      if (isOld && file) return { ...item, state: 'stopped' };
      // What has arrived in a form is found without its bytes.
      return file || (notes?.form && !isOld) ? item : { ...item, state: 'missing' };
    });
    this.#set([...this.#items, ...items]);
    for (const { key, state } of items) if (state === 'stopped') this.#forget(key);
    const groups = new Map<string, FoundFile[]>();
    for (const each of found) {
      const wishes = JSON.stringify(each.kept.wishes ?? {});
      groups.set(wishes, [...(groups.get(wishes) ?? []), each]);
    }
    for (const group of groups.values()) {
      const keys = group.map(({ kept }) => kept.key);
      const left = items.filter(({ key, state }) => state === 'sending' && keys.includes(key));
      if (left.length > 0) void this.#send(left, group[0]?.kept.wishes ?? {});
    }
  }

  /** @returns whether it is a file whose bytes were missing; then it goes on */
  #takeMissing(file: File): boolean {
    // The browser looks a chosen file up when its size is first asked for, and the page stands still meanwhile.
    if (this.#missing.size === 0) return false;
    const { name, size, lastModified } = file;
    const missing = [...this.#missing.values()].find(
      (each) => each.name === name && each.size === size && each.lastModified === lastModified,
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

  async #keepAll(items: readonly Upload[], wishes: Wishes): Promise<void> {
    if (this.#owner !== undefined) rememberKept();
    const kept = await this.#openKept();
    const chosenAt = this.#now();
    const all = items.map(
      ({ key, file: { name, type, size, lastModified } }, position): KeptFile => {
        const notes = this.#notes.get(key);
        const file = { key, name, type, size, lastModified };
        const isPaused = this.#isPaused;
        return { ...file, chosenAt, position, isPaused, wishes, ...(notes && { notes }) };
      },
    );
    await kept?.put(all).catch(() => undefined);
    await this.#keepBytes(items);
  }

  /** One after the other, in the order in which they are sent: that many are accepted before their turn comes. */
  async #keepBytes(items: readonly Upload[]): Promise<void> {
    const kept = await this.#openKept();
    for (const { key, file } of items) await kept?.putBytes(key, file).catch(() => undefined);
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
    this.#notes.delete(key);
    this.#missing.delete(key);
    void this.#kept.opening?.then((kept) => kept?.drop(key)).catch(() => undefined);
  }

  #accept(key: string, mediaId: string, show: () => void): void {
    if (this.#unwanted.delete(key)) {
      this.#forget(key);
      this.#remove(mediaId);
      return;
    }
    show();
    this.#patch(key, { state: 'accepted', mediaId, error: null });
    // A page that is loaded again before it has written down what was accepted finds it by what was kept.
    setTimeout(() => this.#forget(key), FORGET_MS);
  }

  #reject(key: string, { code, message, requestId }: UploadError): void {
    const error = { code, message, requestId };
    // It is sent again.
    if (code === 'unavailable' && this.#find(key)) {
      this.#patch(key, { error });
      return;
    }
    const isMissing = this.#missing.has(key);
    // What another try can send stays for a later page, too.
    if (!isMissing && !isRetryableCode(code)) this.#forget(key);
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
    this.#set(
      this.#items.map((item) => {
        const now = sentByKey.get(item.key);
        if (now === undefined || !isSending(item)) return item;
        // The page before a reload, or the try before an outage, has sent more.
        const sent = Math.max(now, item.sent);
        if (sent === item.sent && !item.error) return item;
        const sendingShare = item.sendingShare ?? this.#sendingShare(item);
        return { ...item, sent, sendingShare, error: null };
      }),
    );
    const all = this.#items.reduce((sum, { sent }) => sum + sent, 0);
    this.#timeLeft.add(this.#now(), all);
  }

  #sendingShare({ file }: Upload): number {
    const seconds = this.#timeLeft.secondsFor(file.size);
    return seconds === null ? USUAL_SENDING : seconds / (seconds + USUAL_WORK_S);
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
    if (hadSome && !items.some(isSending)) this.pause(false);
    for (const listener of this.#listeners) listener();
  }
}

/** Waits until the browser is online again, or the signal is aborted, and no longer than `ms`. */
function untilOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    // Pages that an outage has stopped together must not come back together.
    setTimeout(resolve, ms * (0.5 + Math.random() / 2));
    const once = () => resolve();
    signal.addEventListener('abort', once);
    globalThis.window?.addEventListener('online', once, { once: true, signal });
  });
}

const isSending = ({ state }: Upload) => state === 'sending';

function newUpload(key: string, file: File, notes?: SendNotes): Upload {
  const announcedId = notes?.pieces?.mediaId ?? null;
  const unsent = { ...UNSENT, isPaused: false, mediaId: null, announcedId, error: null };
  return { key, file, state: 'sending', ...unsent };
}
