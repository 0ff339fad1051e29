/**
 * Follows media or a reanalysis to the end: by the event stream, with a new connection when one breaks, and by polling while the
 * stream does not work.
 */
import { backoff } from '@media-analysis/shared/retry';
import { sleep } from './clock.ts';
import { BrokenAnswerError, isTransient, MediaClientError } from './errors.ts';
import { abortWith } from './older-browsers.ts';
import { type Followed, readStream } from './stream.ts';
import type { StreamDeps } from './stream-deps.ts';
import type { Attempt } from './stream-health.ts';

/**
 * How news arrives now.
 * - `connecting`: the first connection is being opened
 * - `live`: by the event stream
 * - `reconnecting`: the connection is lost, and a new one follows after a wait
 * - `polling`: by a request every 1.5 s, because the stream does not get through
 */
export type Connection = 'connecting' | 'live' | 'reconnecting' | 'polling';

/** Options of `MediaClient.watch` and of `ReanalysisClient.watch`. */
export interface WatchOptions {
  /** Aborting it ends the watch. The watch then throws the signal's reason. */
  signal?: AbortSignal;
  /** Called when the way in which news arrives changes. Each 100 ids have a connection of their own. */
  onConnection?: (connection: Connection) => void;
}

/** A stream that ends sooner than this counts as failed, even if events came. */
export const SHORT_LIVED_MS = 5_000;
export const RECONNECT = { initialDelayMs: 100, maxDelayMs: 5_000 };
const POLL_INTERVAL_MS = 1_500;
const POLL_TIMEOUT_MS = 10_000;
/** About half a minute. The user should then check the connection. */
const MAX_BROKEN_POLLS = 10;

/**
 * Yields what `run` emits, until it ends. A slow consumer gets the newest update of each key, not every update.
 * @throws what `run` throws
 */
export async function* newestOf<Update>(
  run: (emit: (key: string, update: Update) => void, signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Update, void, undefined> {
  const stop = new AbortController();
  const release = abortWith(stop, signal);
  const updates = new Map<string, Update>();
  let wake = () => {};
  const emit = (key: string, update: Update) => {
    updates.set(key, update);
    wake();
  };
  let outcome: { error?: unknown } | undefined;
  const end = (result: { error?: unknown }) => {
    outcome ??= result;
    wake();
  };
  run(emit, stop.signal).then(
    () => end({}),
    (error: unknown) => end({ error }),
  );
  try {
    for (;;) {
      for (const [key, update] of updates) {
        updates.delete(key);
        yield update;
      }
      if (outcome && 'error' in outcome) throw outcome.error;
      if (outcome) return;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    release();
    stop.abort();
  }
}

/** @throws {MediaClientError} if another try cannot succeed; the signal's reason */
export async function follow(
  followed: Followed,
  deps: StreamDeps,
  signal: AbortSignal,
  report: (connection: Connection) => void,
): Promise<void> {
  const { clock, wakeUps, health } = deps;
  const mustPoll = () => clock.now() < health.pollUntil;
  if (!mustPoll()) report('connecting');
  while (!followed.isOver) {
    if (mustPoll()) {
      await pollUntil(health.pollUntil, followed, deps, signal, report);
      continue;
    }
    const attempt = await tryStream(followed, deps, signal, () => report('live'));
    health.record(attempt, clock.now());
    if (followed.isOver) return;
    if (mustPoll()) continue;
    report('reconnecting');
    const own = backoff(health.failures, RECONNECT, clock.random);
    await sleep(Math.max(own, attempt.retryAfterMs ?? 0), clock, signal, wakeUps);
  }
}

async function tryStream(
  followed: Followed,
  deps: StreamDeps,
  signal: AbortSignal,
  onLive: () => void,
): Promise<Attempt> {
  const started = deps.clock.now();
  try {
    const end = await readStream(followed, deps, signal, onLive);
    if (followed.isOver) return { result: 'worked' };
    if (end === 'held back' || end === 'done') return { result: 'useless' };
    if (end === 'stalled') return { result: 'silent' };
    const lived = deps.clock.now() - started;
    return { result: lived < SHORT_LIVED_MS ? 'failed' : 'worked' };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof MediaClientError && error.status === 404) {
      followed.missing(error);
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
  followed: Followed,
  deps: StreamDeps,
  signal: AbortSignal,
  report: (connection: Connection) => void,
): Promise<void> {
  const { clock, wakeUps } = deps;
  let failures = 0;
  do {
    let wait = POLL_INTERVAL_MS * (0.75 + clock.random() / 2);
    try {
      await followed.poll(deps.http, { cache: 'no-store', signal }, POLL_TIMEOUT_MS);
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
    if (followed.isOver) return;
    await sleep(wait, clock, signal, wakeUps);
  } while (clock.now() < until);
}
