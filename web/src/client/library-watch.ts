/** Follows all media of a user: everything that is sent, changed, deleted and brought back, on any device. */
import type { Media } from '@media-analysis/shared/media';
import type { EventSourceMessage } from 'eventsource-parser';
import { sleep } from './clock.ts';
import { isTransient, type MediaClientError } from './errors.ts';
import { type Connection, newestOf, SHORT_LIVED_MS, type WatchOptions } from './follow.ts';
import { isMedia } from './guard.ts';
import { parseJson } from './json.ts';
import { readStream, type StreamReader } from './stream.ts';
import type { StreamDeps } from './stream-deps.ts';
import { StreamHealth } from './stream-health.ts';

/**
 * One item of `LibraryClient.watch`.
 * @example
 * ```ts
 * import type { LibraryUpdate } from '@media-analysis/client';
 *
 * function textOf(update: LibraryUpdate): string {
 *   switch (update.type) {
 *     case 'media':
 *       return `${update.media.file_name}: ${update.media.status}`;
 *     case 'removed':
 *       return `${update.media_id} was deleted`;
 *     case 'missed':
 *       return 'Read the list.';
 *   }
 * }
 * show(textOf({ type: 'removed', media_id: id }));
 * ```
 */
export type LibraryUpdate =
  | {
      /** A media is new, changed, or back from the bin. A state may come twice: the higher revision is newer. */
      type: 'media';
      /** Its state. */
      media: Media;
    }
  | {
      /** A media was moved to the bin, or erased. */
      type: 'removed';
      /** Its id. */
      media_id: string;
    }
  | {
      /** Some changes may be missing: read the list. Where the stream is blocked, this comes every 30 s. */
      type: 'missed';
    };

/** Options of `LibraryClient.watch`. */
export interface LibraryWatchOptions extends WatchOptions {
  /** The last text passed to `onSince`: the watch yields all changes since then. By default it yields changes from now on. */
  since?: string | undefined;
  /** Called with the time, by the server's clock, from which a later watch has to start. */
  onSince?: (since: string) => void;
}

/** The health of this stream over all its watches. It is independent of the stream of unfinished media. */
export class LibraryHealth {
  /** Failed tries in a row. */
  failures = 0;
  /** When the caller was last asked to read the list, by the client's clock. */
  missedAt = Number.NEGATIVE_INFINITY;
  readonly stream = new StreamHealth();
}

/**
 * The wait between two tries grows with each failure, by chance too: pages that lost their streams together must not return
 * together.
 */
const RECONNECT_MS = 1_000;
/** After this many failures the stream counts as blocked. */
const MOST_FAILURES = 3;
/** While the stream is blocked: the time until the list is read and the stream tried again. */
const LOOK_MS = 30_000;

export function watchLibrary(
  deps: StreamDeps,
  health: LibraryHealth,
  { signal, onConnection = () => undefined, since, onSince }: LibraryWatchOptions,
): AsyncGenerator<LibraryUpdate, void, undefined> {
  return newestOf<LibraryUpdate>((emit, stop) => {
    const followed = new FollowedLibrary(emit, since, onSince);
    return followLibrary(followed, { ...deps, health: health.stream }, health, stop, onConnection);
  }, signal);
}

/** @throws the signal's reason */
async function followLibrary(
  followed: FollowedLibrary,
  deps: StreamDeps,
  health: LibraryHealth,
  signal: AbortSignal,
  report: (connection: Connection) => void,
): Promise<never> {
  const { clock, wakeUps } = deps;
  const missIfOut = () => {
    if (health.failures < MOST_FAILURES || clock.now() - health.missedAt < LOOK_MS) return;
    health.missedAt = clock.now();
    followed.miss();
  };
  report('connecting');
  for (;;) {
    missIfOut();
    const { failures, waitMs } = await tryStream(followed, deps, health.failures, signal, () =>
      report('live'),
    );
    health.failures = failures;
    missIfOut();
    const isOut = failures >= MOST_FAILURES;
    report(isOut ? 'polling' : 'reconnecting');
    const own = isOut
      ? LOOK_MS * (1 + clock.random() / 4)
      : RECONNECT_MS * (failures + clock.random());
    await sleep(Math.max(own, waitMs), clock, signal, wakeUps);
  }
}

/** @returns the number of failed tries in a row, and the wait that the server asked for */
async function tryStream(
  followed: FollowedLibrary,
  deps: StreamDeps,
  failures: number,
  signal: AbortSignal,
  onLive: () => void,
): Promise<{ failures: number; waitMs: number }> {
  const started = deps.clock.now();
  const failed = (times: number, waitMs = 0) => ({ failures: failures + times, waitMs });
  try {
    const end = await readStream(followed, deps, signal, onLive);
    signal.throwIfAborted();
    // A proxy holds all events back. Another stream would not help.
    if (end === 'held back') return failed(MOST_FAILURES);
    // Noticing a silent stream takes half a minute, so two of them are enough.
    if (end === 'stalled') return failed(2);
    const isShort = deps.clock.now() - started < SHORT_LIVED_MS;
    return isShort ? failed(1) : { failures: 0, waitMs: 0 };
  } catch (error) {
    signal.throwIfAborted();
    // The user is signed out, a proxy refuses, or the server is older and has no such stream. The list may still work.
    if (!isTransient(error)) return failed(MOST_FAILURES);
    const { retryAfterMs } = error as MediaClientError;
    return failed(1, retryAfterMs);
  }
}

const MISSED = 'missed';

class FollowedLibrary implements StreamReader {
  readonly isOver = false;
  readonly #emit: (key: string, update: LibraryUpdate) => void;
  readonly #onSince: ((since: string) => void) | undefined;
  #since: string | undefined;

  constructor(
    emit: (key: string, update: LibraryUpdate) => void,
    since: string | undefined,
    onSince: ((since: string) => void) | undefined,
  ) {
    this.#emit = emit;
    this.#since = since;
    this.#onSince = onSince;
  }

  streamPath(): string {
    const query =
      this.#since === undefined ? '' : `?${new URLSearchParams({ since: this.#since })}`;
    return `/api/media/stream${query}`;
  }

  take({ event, data, id }: EventSourceMessage): void {
    const value = parseJson(data);
    if (event === 'since') {
      const { since } = (value ?? {}) as { since?: unknown };
      if (typeof since !== 'string') return;
      // The server does not remember earlier changes.
      if (this.#since !== undefined && Date.parse(since) > Date.parse(this.#since)) this.miss();
      this.#goOnFrom(since);
      return;
    }
    if (event === 'removed') {
      const { media_id } = (value ?? {}) as { media_id?: unknown };
      if (typeof media_id === 'string') this.#emit(media_id, { type: 'removed', media_id });
    } else if ((event === undefined || event === 'message') && isMedia(value)) {
      this.#emit(value.id, { type: 'media', media: value });
    }
    if (id && !Number.isNaN(Date.parse(id))) this.#goOnFrom(id);
  }

  miss(): void {
    this.#emit(MISSED, { type: MISSED });
  }

  #goOnFrom(since: string): void {
    this.#since = since;
    this.#onSince?.(since);
  }
}
