/**
 * Sends files until each has its outcome: an outage fails no file. How many requests go at a time, and how much in each, is the
 * client's.
 */
import { browserWakeUps, sleep, systemClock } from '../../client/clock.ts';
import type { Media, MediaClient, SendNotes } from '../../client/index.ts';
import { MediaClientError } from '../../client/index.ts';
import { LineSpeed } from './line-speed.ts';
import {
  byOwnClock,
  type Item,
  isSending,
  type UploadError,
  type UploadList,
  type Wishes,
} from './list.ts';

/** The longest wait before a file is sent again if no byte of it could be sent. The browser's "online" ends the wait. */
const OUTAGE_MS = 30_000;

interface SenderEvents {
  onNotes: (key: string, notes: SendNotes) => Promise<void>;
  onAccepted: (key: string, media: Media) => void;
  /** With the code `unavailable`, the file waits and is sent again. */
  onRefused: (key: string, error: UploadError) => void;
  onStopped: (key: string) => void;
}

/** Files that are sent together. */
interface Group {
  stop: AbortController;
  /** One for each file, by its key. */
  stops: Map<string, AbortController>;
  /** Keys of the files that are wanted and have no outcome. */
  left: Set<string>;
}

export class Sender {
  isPaused = false;
  readonly #client: MediaClient;
  readonly #list: UploadList;
  readonly #events: SenderEvents;
  readonly #now: () => number;
  readonly #groups = new Set<Group>();
  readonly #speed = new LineSpeed();
  /** Bytes of each file that have arrived or were sent, by its key. The user may have seen a higher number. */
  readonly #sent = new Map<string, number>();
  /** Bytes of all files that this page has sent. */
  #bytes = 0;

  constructor(client: MediaClient, list: UploadList, now: () => number, events: SenderEvents) {
    this.#client = client;
    this.#list = list;
    this.#events = events;
    this.#now = now;
  }

  /** @returns true if that was a change */
  pause(isPaused: boolean): boolean {
    if (this.isPaused === isPaused) return false;
    this.isPaused = isPaused;
    if (isPaused) this.#client.pauseSending();
    else this.#client.resumeSending();
    this.#speed.forget();
    return true;
  }

  /** Seconds until all is sent; null if that is not known. */
  get secondsLeft(): number | null {
    const items = this.#list.items.filter(isSending);
    // Otherwise the size of each file would be asked for, and the browser looks each up on disk.
    if (this.#speed.secondsFor(0) === null || items.every(({ upload }) => upload.error))
      return null;
    const bytesOf = ({ upload: { key, file } }: Item) => file.size - (this.#sent.get(key) ?? 0);
    const bytes = items.reduce((sum, item) => sum + bytesOf(item), 0);
    return bytes === 0 ? null : this.#speed.secondsFor(bytes);
  }

  /** @returns the ids of the accepted files */
  async send(keys: readonly string[], wishes: Wishes): Promise<string[]> {
    const stops = new Map(keys.map((key) => [key, new AbortController()]));
    const group: Group = { stop: new AbortController(), stops, left: new Set(keys) };
    this.#groups.add(group);
    const accepted: string[] = [];
    try {
      for (let tries = 1, items = this.#find(keys); ; tries++) {
        accepted.push(...(await this.#sendOnce(items, wishes, group)));
        if (group.left.size === 0) break;
        items = this.#find([...group.left]);
        // Pages that an outage has stopped together must not come back together.
        const ms = Math.min(OUTAGE_MS, 1_000 * 2 ** tries) * (0.5 + Math.random() / 2);
        // If a file is stopped meanwhile, the next try ends at once, and the client removes the media that it has announced.
        await sleep(ms, systemClock, group.stop.signal, browserWakeUps).catch(() => undefined);
      }
    } catch {
      for (const key of group.left) this.#events.onStopped(key);
    } finally {
      this.#groups.delete(group);
    }
    return accepted;
  }

  cancel(): void {
    for (const { stop } of this.#groups) stop.abort(new Error('cancelled'));
  }

  /** Stops one file, if it is sent alone, as large files are. A request with others goes on. */
  drop(key: string, reason?: Error): void {
    for (const { stop, stops, left } of this.#groups) {
      if (!stops.has(key)) continue;
      // Then the client knows the id, too.
      stops.get(key)?.abort(reason);
      if (left.delete(key) && left.size === 0) stop.abort();
    }
  }

  #find(keys: readonly string[]): Item[] {
    return keys.flatMap((key) => this.#list.find(key) ?? []);
  }

  /** A file that has to wait is still among those that are left. */
  async #sendOnce(
    items: readonly Item[],
    wishes: Wishes,
    { stop, stops, left }: Group,
  ): Promise<string[]> {
    const keyOf = (index: number) => items[index]?.upload.key ?? '';
    for (const { upload, notes } of items) {
      // The bytes of an earlier call come as one number, and say nothing about the line.
      if (notes) this.#sent.delete(upload.key);
      else this.#sent.set(upload.key, 0);
    }
    const refuse = (key: string, error: UploadError, isAnswered: boolean) => {
      const isWaiting = error.code === 'unavailable';
      if (isWaiting ? left.has(key) : left.delete(key))
        this.#events.onRefused(key, isWaiting ? { ...error, isAnswered } : error);
    };
    try {
      const { media_ids } = await this.#client.analyze(
        items.map(({ upload }) => upload.file),
        {
          ...wishes,
          signal: stop.signal,
          signalOf: (index) => stops.get(keyOf(index))?.signal,
          notes: items.map(({ notes }) => notes),
          onNotes: (index, notes) => this.#events.onNotes(keyOf(index), notes),
          onProgress: ({ sentByFile }) =>
            this.#count(new Map(sentByFile.map((bytes, index) => [keyOf(index), bytes]))),
          onFile: (index, { media, rejected }) => {
            const key = keyOf(index);
            if (media) {
              left.delete(key);
              this.#events.onAccepted(key, media);
              return;
            }
            const { code, message, day_limit, requestId } = rejected;
            const error = { code, message, requestId, day_limit: byOwnClock(day_limit) };
            // The client sets the field if the service has failed, even if the id is unknown.
            refuse(key, error, 'requestId' in rejected);
          },
        },
      );
      return media_ids;
    } catch (error) {
      if (!(error instanceof MediaClientError)) throw error;
      const { code, message, requestId, status } = error;
      for (const { upload } of items) refuse(upload.key, { code, message, requestId }, status > 0);
      return [];
    }
  }

  /** @param sent bytes of each file, by its key */
  #count(sent: ReadonlyMap<string, number>): void {
    for (const [key, bytes] of sent) {
      if (bytes === 0) continue;
      this.#bytes += bytes - (this.#sent.get(key) ?? bytes);
      this.#sent.set(key, bytes);
    }
    this.#list.count(sent);
    this.#speed.add(this.#now(), this.#bytes);
  }
}
