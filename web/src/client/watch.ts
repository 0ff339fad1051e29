/**
 * Follows media to their end: by the event stream, with a new connection when one breaks, and by polling
 * while the stream does not work.
 */
import { backoff } from '@media-analysis/shared/retry';
import { MAX_IDS } from '@media-analysis/shared/stream';
import { sleep } from './clock.ts';
import { isTransient, MediaClientError, networkError } from './errors.ts';
import { asMediaList } from './guard.ts';
import { readStream, type StreamDeps } from './stream.ts';
import { type MediaUpdate, Tracker } from './tracker.ts';

/**
 * How news arrives at the moment.
 * - `connecting`: the first connection is being opened
 * - `live`: by the event stream
 * - `reconnecting`: the connection is lost, and a new one follows after a wait
 * - `polling`: by a request every 1.5 s, because the stream does not get through
 */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'polling';

/** Options of `MediaClient.watch`. */
export interface WatchOptions {
  /** Aborting it ends the watch, which then throws the signal's reason. */
  signal?: AbortSignal;
  /** Called when the way in which news arrives changes. More than 100 ids have a connection per 100. */
  onConnection?: (connection: Connection) => void;
}

/** A stream that ends sooner than this counts as failed, even if events came. */
const SHORT_LIVED_MS = 5_000;
const FAILURES_BEFORE_POLLING = 3;
/** Between two tries to connect. */
export const RECONNECT = { initialDelayMs: 100, maxDelayMs: 5_000 };
const POLL_INTERVAL_MS = 1_500;
const POLL_TIMEOUT_MS = 10_000;
/** How long to poll before the next try of the stream. It doubles each time the stream fails again. */
const FIRST_POLLING_MS = 15_000;
const MAX_POLLING_MS = 60_000;

/**
 * Yields the state of each media, then each newer state, until all have ended. A slow consumer gets the
 * newest state of each, not every state.
 * @throws {MediaClientError} if another try cannot succeed (not signed in); the signal's reason
 */
export async function* watch(
  ids: readonly string[],
  deps: StreamDeps,
  { signal, onConnection = () => undefined }: WatchOptions = {},
): AsyncGenerator<MediaUpdate, void, undefined> {
  const stop = new AbortController();
  const signals = signal ? [signal, stop.signal] : [stop.signal];
  const updates = new Map<string, MediaUpdate>();
  let news = Promise.withResolvers<void>();
  const emit = (update: MediaUpdate) => {
    const id = update.type === 'media' ? update.media.id : update.media_id;
    updates.set(id, update);
    news.resolve();
  };
  let outcome: { error?: unknown } | undefined;
  const end = (result: { error?: unknown }) => {
    outcome ??= result;
    news.resolve();
  };
  const groups = groupsOf([...new Set(ids)]).map((group) =>
    watchGroup(new Tracker(group, emit), deps, AbortSignal.any(signals), onConnection),
  );
  Promise.all(groups).then(
    () => end({}),
    (error: unknown) => end({ error }),
  );
  try {
    for (;;) {
      for (const [id, update] of updates) {
        updates.delete(id);
        yield update;
      }
      if (outcome && 'error' in outcome) throw outcome.error;
      if (outcome && updates.size === 0) return;
      await news.promise;
      news = Promise.withResolvers();
    }
  } finally {
    stop.abort();
  }
}

function groupsOf(ids: string[]): string[][] {
  const count = Math.ceil(ids.length / MAX_IDS);
  return Array.from({ length: count }, (_, n) => ids.slice(n * MAX_IDS, (n + 1) * MAX_IDS));
}

async function watchGroup(
  tracker: Tracker,
  deps: StreamDeps,
  signal: AbortSignal,
  report: (connection: Connection) => void,
): Promise<void> {
  const { clock, wakeUps } = deps;
  let failures = 0;
  let pollingMs = FIRST_POLLING_MS;
  report('connecting');
  while (tracker.unfinished.size > 0) {
    const attempt = await tryStream(tracker, deps, signal, () => report('live'));
    if (tracker.unfinished.size === 0) return;
    if (attempt.worked) {
      failures = 0;
      pollingMs = FIRST_POLLING_MS;
    } else {
      failures++;
    }
    if (attempt.isUseless || failures >= FAILURES_BEFORE_POLLING) {
      await pollFor(pollingMs, tracker, deps, signal, report);
      pollingMs = Math.min(MAX_POLLING_MS, pollingMs * 2);
      // One more failure of the stream leads back to polling.
      failures = FAILURES_BEFORE_POLLING - 1;
    } else {
      report('reconnecting');
      const wait = Math.max(backoff(failures, RECONNECT, clock.random), attempt.retryAfterMs ?? 0);
      await sleep(wait, clock, signal, wakeUps);
    }
  }
}

interface Attempt {
  /** The stream was live for at least `SHORT_LIVED_MS`. */
  worked: boolean;
  /** Another stream would not help: a proxy holds events back, or the server says that all media are done. */
  isUseless: boolean;
  retryAfterMs?: number | undefined;
}

async function tryStream(
  tracker: Tracker,
  deps: StreamDeps,
  signal: AbortSignal,
  onLive: () => void,
): Promise<Attempt> {
  const started = deps.clock.now();
  try {
    const end = await readStream(tracker, deps, signal, onLive);
    const lived = deps.clock.now() - started;
    const isUseless = end === 'held back' || end === 'done';
    return { worked: !isUseless && lived >= SHORT_LIVED_MS, isUseless };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof MediaClientError && error.status === 404) {
      for (const id of tracker.unfinished) tracker.missing(id);
      return { worked: false, isUseless: false };
    }
    if (!isTransient(error)) throw error;
    const { retryAfterMs } = error as MediaClientError;
    return { worked: false, isUseless: false, retryAfterMs };
  }
}

async function pollFor(
  ms: number,
  tracker: Tracker,
  deps: StreamDeps,
  signal: AbortSignal,
  report: (connection: Connection) => void,
): Promise<void> {
  const { clock, wakeUps } = deps;
  const until = clock.now() + ms;
  let failures = 0;
  do {
    let wait = POLL_INTERVAL_MS * (0.75 + clock.random() / 2);
    try {
      await pollOnce(tracker, deps, signal);
      failures = 0;
      report('polling');
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error)) throw error;
      report('reconnecting');
      wait = Math.max(
        backoff(++failures, RECONNECT, clock.random),
        (error as MediaClientError).retryAfterMs ?? 0,
      );
    }
    if (tracker.unfinished.size === 0) return;
    await sleep(wait, clock, signal, wakeUps);
  } while (clock.now() < until);
}

/** Asks once for the state of every unfinished media. */
async function pollOnce(
  tracker: Tracker,
  { http, clock }: StreamDeps,
  signal: AbortSignal,
): Promise<void> {
  const ids = [...tracker.unfinished];
  const tooLate = new AbortController();
  const stop = clock.after(POLL_TIMEOUT_MS, () => tooLate.abort());
  try {
    const answer = await http.json(`/api/media?ids=${ids.map(encodeURIComponent).join(',')}`, {
      cache: 'no-store',
      signal: AbortSignal.any([signal, tooLate.signal]),
    });
    const { media } = asMediaList(answer);
    for (const each of media) tracker.take(each);
    const found = new Set(media.map(({ id }) => id));
    for (const id of ids) if (!found.has(id)) tracker.missing(id);
  } catch (error) {
    signal.throwIfAborted();
    throw tooLate.signal.aborted ? networkError(error) : error;
  } finally {
    stop();
  }
}
