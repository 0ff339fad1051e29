/**
 * Follows media to their end: by the event stream, with a new connection when one breaks, and by polling
 * while the stream does not work.
 */
import { backoff } from '@media-analysis/shared/retry';
import { MAX_IDS } from '@media-analysis/shared/stream';
import { sleep } from './clock.ts';
import { BrokenAnswerError, isTransient, MediaClientError } from './errors.ts';
import { asMediaList } from './guard.ts';
import { readStream, type StreamDeps } from './stream.ts';
import type { Attempt } from './stream-health.ts';
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
/** Between two tries to connect. */
export const RECONNECT = { initialDelayMs: 100, maxDelayMs: 5_000 };
const POLL_INTERVAL_MS = 1_500;
const POLL_TIMEOUT_MS = 10_000;
/** The stream does not get through, and no poll does in half a minute: a person has to look at the connection. */
const MAX_BROKEN_POLLS = 10;

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
  const { clock, wakeUps, health } = deps;
  const mustPoll = () => clock.now() < health.pollUntil;
  if (!mustPoll()) report('connecting');
  while (tracker.unfinished.size > 0) {
    if (mustPoll()) {
      await pollUntil(health.pollUntil, tracker, deps, signal, report);
      continue;
    }
    const attempt = await tryStream(tracker, deps, signal, () => report('live'));
    health.record(attempt, clock.now());
    if (tracker.unfinished.size === 0) return;
    if (mustPoll()) continue;
    report('reconnecting');
    const own = backoff(health.failures, RECONNECT, clock.random);
    await sleep(Math.max(own, attempt.retryAfterMs ?? 0), clock, signal, wakeUps);
  }
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
    if (tracker.unfinished.size === 0) return { result: 'worked' };
    if (end === 'held back' || end === 'done') return { result: 'useless' };
    if (end === 'stalled') return { result: 'silent' };
    const lived = deps.clock.now() - started;
    return { result: lived < SHORT_LIVED_MS ? 'failed' : 'worked' };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof MediaClientError && error.status === 404) {
      for (const id of tracker.unfinished) tracker.missing(id);
      return { result: 'worked' };
    }
    if (!isTransient(error)) throw error;
    const { retryAfterMs } = error as MediaClientError;
    return { result: 'failed', retryAfterMs };
  }
}

/** Polls at least once. */
async function pollUntil(
  until: number,
  tracker: Tracker,
  deps: StreamDeps,
  signal: AbortSignal,
  report: (connection: Connection) => void,
): Promise<void> {
  const { clock, wakeUps } = deps;
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
      const isBroken = error instanceof BrokenAnswerError;
      if (isBroken && failures >= MAX_BROKEN_POLLS) throw error;
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
async function pollOnce(tracker: Tracker, { http }: StreamDeps, signal: AbortSignal) {
  const ids = [...tracker.unfinished];
  const path = `/api/media?ids=${ids.map(encodeURIComponent).join(',')}`;
  const { media } = asMediaList(
    await http.json(path, { cache: 'no-store', signal }, POLL_TIMEOUT_MS),
  );
  for (const each of media) tracker.take(each);
  const found = new Set(media.map(({ id }) => id));
  for (const id of ids) if (!found.has(id)) tracker.missing(id);
}
