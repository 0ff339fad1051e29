/**
 * Sends files until each has its outcome: no file fails because of an outage. The client decides on the number and the size of
 * the requests.
 */
import { browserWakeUps, sleep, systemClock } from '../../client/clock.ts';
import {
  type Media,
  type MediaClient,
  MediaClientError,
  type SendNotes,
} from '../../client/index.ts';
import { LineSpeed } from './line-speed.ts';
import { type Item, isSending, type UploadError, type UploadList, type Wishes } from './list.ts';

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
  /** A controller for each file, by its key. */
  stops: Map<string, AbortController>;
  /** Keys of the files that are wanted and have no outcome. */
  left: Set<string>;
}

export function createSender(
  client: MediaClient,
  list: UploadList,
  now: () => number,
  { onNotes, onAccepted, onRefused, onStopped }: SenderEvents,
) {
  let isPaused = false;
  const groups = new Set<Group>();
  const speed = new LineSpeed();
  /** Bytes of each file that have arrived or were sent, by its key. The user may have seen a higher number. */
  const sentBytes = new Map<string, number>();
  /** Bytes of all files that this page has sent. */
  let allBytes = 0;

  const find = (keys: Iterable<string>) => [...keys].flatMap((key) => list.find(key) ?? []);

  /** Sends the files once. A file that has to wait stays in `left`. */
  async function sendOnce(items: readonly Item[], wishes: Wishes, group: Group): Promise<string[]> {
    const { stop, stops, left } = group;
    const keyOf = (index: number) => items[index]?.upload.key ?? '';
    for (const { upload, notes } of items) {
      // The client reports the bytes of an earlier call at once: they say nothing about the speed of the line.
      if (notes) sentBytes.delete(upload.key);
      else sentBytes.set(upload.key, 0);
    }
    const refuse = (key: string, error: UploadError, isAnswered: boolean) => {
      const isWaiting = error.code === 'unavailable';
      if (isWaiting ? left.has(key) : left.delete(key))
        onRefused(key, isWaiting ? { ...error, isAnswered } : error);
    };
    try {
      const { media_ids } = await client.analyze(
        items.map(({ upload }) => upload.file),
        {
          ...wishes,
          signal: stop.signal,
          signalOf: (index) => stops.get(keyOf(index))?.signal,
          notes: items.map(({ notes }) => notes),
          onNotes: (index, notes) => onNotes(keyOf(index), notes),
          onProgress: ({ sentByFile }) =>
            count(new Map(sentByFile.map((bytes, index) => [keyOf(index), bytes]))),
          onFile(index, { media, rejected }) {
            const key = keyOf(index);
            if (media) {
              left.delete(key);
              return onAccepted(key, media);
            }
            const { code, message, day_limit, requestId } = rejected;
            // The client sets the field if the service has failed, even if the id is unknown.
            refuse(key, { code, message, requestId, day_limit }, 'requestId' in rejected);
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
  function count(sent: ReadonlyMap<string, number>): void {
    for (const [key, bytes] of sent) {
      if (bytes === 0) continue;
      allBytes += bytes - (sentBytes.get(key) ?? bytes);
      sentBytes.set(key, bytes);
    }
    list.count(sent);
    speed.add(now(), allBytes);
  }

  return {
    isPaused: () => isPaused,
    /** @returns true if this changed the state */
    pause(pauses: boolean): boolean {
      if (isPaused === pauses) return false;
      isPaused = pauses;
      if (isPaused) client.pauseSending();
      else client.resumeSending();
      speed.forget();
      return true;
    },
    /** Seconds until all files are sent; null if not known. */
    secondsLeft(): number | null {
      const items = list.items.filter(isSending);
      // This avoids reading the size of each file, for which the browser looks on the disk.
      if (speed.secondsFor(0) === null || items.every(({ upload }) => upload.error)) return null;
      const bytesOf = ({ upload: { key, file } }: Item) => file.size - (sentBytes.get(key) ?? 0);
      const bytes = items.reduce((sum, item) => sum + bytesOf(item), 0);
      return bytes === 0 ? null : speed.secondsFor(bytes);
    },
    /** @returns the ids of the accepted files */
    async send(keys: readonly string[], wishes: Wishes): Promise<string[]> {
      const stops = new Map(keys.map((key) => [key, new AbortController()]));
      const group: Group = { stop: new AbortController(), stops, left: new Set(keys) };
      groups.add(group);
      const accepted: string[] = [];
      try {
        for (let tries = 1, items = find(keys); ; tries++) {
          accepted.push(...(await sendOnce(items, wishes, group)));
          if (group.left.size === 0) break;
          items = find(group.left);
          // After an outage, not all pages may come back at the same moment.
          const ms = Math.min(OUTAGE_MS, 1_000 * 2 ** tries) * (0.5 + Math.random() / 2);
          // If the user stops a file meanwhile, the next try ends at once, and the client removes the announced media.
          await sleep(ms, systemClock, group.stop.signal, browserWakeUps).catch(() => undefined);
        }
      } catch {
        group.left.forEach(onStopped);
      } finally {
        groups.delete(group);
      }
      return accepted;
    },
    cancel(): void {
      for (const { stop } of groups) stop.abort(new Error('cancelled'));
    },
    /** Stops a file that is sent alone, as large files are. A request with several files goes on. */
    drop(key: string, reason?: Error): void {
      for (const { stop, stops, left } of groups) {
        // This signal also tells the client the reason.
        stops.get(key)?.abort(reason);
        if (left.delete(key) && left.size === 0) stop.abort();
      }
    },
  };
}
