/** Files that are being sent, until the server has accepted or refused them. */
import type { AnalyzeOptions, ErrorCode, MediaClient } from '../client/index.ts';
import { MediaClientError } from '../client/index.ts';
import type { MediaCache } from './store.ts';
import { TimeLeft } from './time-left.ts';

/** Why a file was not accepted. */
export interface UploadError {
  /** A code of the API. */
  code: ErrorCode;
  /** The same for a person, in English. */
  message: string;
}

/** A file that the user gave to `useAnalyzeMedia`. */
export interface Upload {
  /** Names the file, e.g. as a React key. It stays the same from the choice of the file to its result. */
  readonly key: string;
  /** The file itself. */
  readonly file: File;
  /** `rejected`: not accepted; `error` says why. `stopped`: the user has stopped it. */
  readonly state: 'sending' | 'accepted' | 'rejected' | 'stopped';
  /** Bytes sent. */
  readonly sent: number;
  /** Which part of the time until its result sending probably takes, 0 to 1. It is settled with the first byte. */
  readonly sendingShare: number | null;
  /** The id of its media, once it is accepted. */
  readonly mediaId: string | null;
  /** Why the file was not accepted; null otherwise. */
  readonly error: UploadError | null;
}

/** What is made of the files. */
export type Wishes = Pick<AnalyzeOptions, 'language' | 'analyses'>;

const UNSENT = { sent: 0, sendingShare: null };

/** Sending a file takes this part of its time where nothing is known of its line. */
export const USUAL_SENDING = 0.15;
/** How long storing and analysing a photo usually take, in seconds. */
const USUAL_WORK_S = 5;

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
  #counter = 0;

  constructor(client: MediaClient, store: MediaCache, now: () => number = Date.now) {
    this.#client = client;
    this.#store = store;
    this.#now = now;
  }

  /** How long sending will still take, in seconds; null if that is not known or nothing is being sent. */
  secondsLeft(): number | null {
    const left = this.#items.filter(({ state }) => state === 'sending');
    const bytes = left.reduce((sum, { file, sent }) => sum + file.size - sent, 0);
    return bytes === 0 ? null : this.#timeLeft.secondsFor(bytes);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Those of the last choice first, as they were chosen: they are sent and worked on in this order. */
  getSnapshot = (): readonly Upload[] => this.#items;

  /**
   * Adds files to the list and sends them. The items show the outcome of each.
   * @returns the ids of the accepted files
   */
  async add(files: readonly File[], wishes: Wishes = {}): Promise<string[]> {
    const added = files.map((file): Upload => {
      const key = `upload-${this.#counter++}`;
      return { key, file, state: 'sending', ...UNSENT, mediaId: null, error: null };
    });
    this.#set([...added, ...this.#items]);
    return this.#send(added, wishes);
  }

  /** Sends files again that were rejected or stopped. */
  async sendAgain(keys: readonly string[], wishes: Wishes = {}): Promise<string[]> {
    const items = this.#items.filter(
      ({ key, state }) => keys.includes(key) && (state === 'rejected' || state === 'stopped'),
    );
    for (const { key } of items) this.#patch(key, { state: 'sending', ...UNSENT, error: null });
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
    const item = this.#items.find((each) => each.key === key);
    if (item?.state === 'sending') this.#unwanted.add(key);
    this.#set(this.#items.filter((each) => each.key !== key));
    const stillWanted = this.#items.filter(({ state }) => state === 'sending');
    for (const { keys, stop, stops } of this.#groups) {
      stops.get(key)?.abort();
      if (keys.has(key) && !stillWanted.some((each) => keys.has(each.key))) stop.abort();
    }
  }

  async #send(added: readonly Upload[], wishes: Wishes): Promise<string[]> {
    const keys = added.map(({ key }) => key);
    const stops = new Map(keys.map((key) => [key, new AbortController()]));
    const group: UploadGroup = { keys: new Set(keys), stop: new AbortController(), stops };
    this.#groups.add(group);
    const keyOf = (index: number) => added[index]?.key ?? '';
    try {
      const { media_ids } = await this.#client.analyze(
        added.map(({ file }) => file),
        {
          ...wishes,
          signal: group.stop.signal,
          signalOf: (index) => stops.get(keyOf(index))?.signal,
          onProgress: ({ sentByFile }) => this.#progress(added, sentByFile),
          onFile: (index, outcome) => {
            if ('rejected' in outcome) this.#reject(keyOf(index), outcome.rejected);
            else this.#accept(keyOf(index), outcome.media.id, () => this.#store.add(outcome.media));
          },
        },
      );
      return media_ids;
    } catch (error) {
      // Files that were accepted or rejected before the error stay so.
      for (const { key } of added) {
        if (error instanceof MediaClientError) this.#reject(key, error);
        else this.#end(key, { state: 'stopped' });
      }
      return [];
    } finally {
      this.#groups.delete(group);
    }
  }

  #accept(key: string, mediaId: string, show: () => void): void {
    if (this.#unwanted.delete(key)) {
      // If this fails, the media appears in the user's list, where they can delete it.
      this.#client.remove(mediaId).catch(() => undefined);
      return;
    }
    show();
    this.#patch(key, { state: 'accepted', mediaId });
  }

  #reject(key: string, { code, message }: UploadError): void {
    this.#end(key, { state: 'rejected', error: { code, message } });
  }

  #end(key: string, change: Partial<Upload>): void {
    this.#unwanted.delete(key);
    const item = this.#items.find((each) => each.key === key);
    if (item?.state === 'sending') this.#patch(key, change);
  }

  #progress(added: readonly Upload[], sentByFile: readonly number[]): void {
    const sentByKey = new Map(added.map(({ key }, index) => [key, sentByFile[index] ?? 0]));
    this.#set(
      this.#items.map((item) => {
        const sent = sentByKey.get(item.key);
        if (sent === undefined || sent === item.sent) return item;
        return { ...item, sent, sendingShare: item.sendingShare ?? this.#sendingShare(item) };
      }),
    );
    const all = this.#items.reduce((sum, { sent }) => sum + sent, 0);
    this.#timeLeft.add(this.#now(), all);
  }

  #sendingShare({ file }: Upload): number {
    const seconds = this.#timeLeft.secondsFor(file.size);
    return seconds === null ? USUAL_SENDING : seconds / (seconds + USUAL_WORK_S);
  }

  #patch(key: string, change: Partial<Upload>): void {
    this.#set(this.#items.map((item) => (item.key === key ? { ...item, ...change } : item)));
  }

  #set(items: readonly Upload[]): void {
    this.#items = items;
    for (const listener of this.#listeners) listener();
  }
}
