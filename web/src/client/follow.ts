/**
 * Follows media, a reanalysis or a library: by the event stream, with a new connection when one breaks, and by polling while the
 * stream does not work.
 */
import { backoff } from '@media-analysis/shared/retry';
import { createParser } from 'eventsource-parser';
import { sleep } from './clock.ts';
import { BrokenAnswerError, isTransient, MediaClientError } from './errors.ts';
import type { StreamDeps } from './http.ts';
import { parseJson } from './json.ts';
import { abortWith } from './older-browsers.ts';

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
  signal?: AbortSignal | undefined;
  /** Called when the way in which news arrives changes. Each 100 ids have a connection of their own. */
  onConnection?: ((connection: Connection) => void) | undefined;
}

/** The subject of a stream. It keeps the states that it gets. */
export interface Followed {
  /** True if no more news will come. */
  readonly isOver?: boolean;
  /** The path of its stream. */
  path(): string;
  /** Handles an event other than `done`. If the data is no JSON, `data` is undefined. */
  take(event: string, data: unknown, id: string): void;
  /** Requests the present state once. */
  poll(init: { cache: 'no-store'; signal: AbortSignal }, limitMs: number): Promise<void>;
  pollMs?: number;
  /** The wait after the first failure. */
  reconnectMs?: number;
  /**
   * Handles a refusal of the stream that another try would not change. Polling follows.
   * @throws `error`, if polling would not help either
   */
  refused(error: unknown): void;
}

/** The server sends the state of every media at once. If nothing comes, a proxy buffers the stream. */
const FIRST_EVENT_MS = 3_000;
/** The server sends an event or a comment every 15 s. After two missed heartbeats and a little more the connection is dead. */
const STALL_MS = 32_000;
/** A stream that ends sooner than this counts as failed, even if events came. */
const SHORT_LIVED_MS = 5_000;
const MAX_RECONNECT_MS = 5_000;
const FAILURES_BEFORE_POLLING = 3;
/** How long to poll before the next try of the stream. */
const POLLING_MS = 30_000;
const POLL_TIMEOUT_MS = 10_000;

/**
 * Yields what `run` emits, until it ends. A slow consumer gets the newest update of each key, not every update.
 * @throws what `run` throws
 */
export async function* newestOf<Update>(
  run: (emit: (key: string, update: Update) => void, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Update, void, undefined> {
  const stop = new AbortController();
  abortWith(stop, signal);
  const updates = new Map<string, Update>();
  let wake = () => {};
  const emit = (key: string, update: Update) => {
    updates.set(key, update);
    wake();
  };
  let isOver = false;
  const running = run(emit, stop.signal).finally(() => {
    isOver = true;
    wake();
  });
  // The error is thrown below, after all updates have been yielded.
  running.catch(() => undefined);
  try {
    for (;;) {
      for (const [key, update] of updates) {
        updates.delete(key);
        yield update;
      }
      if (isOver) return await running;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    stop.abort();
  }
}

/**
 * A proxy may refuse the stream alone, also by 403 or 404: what is polled says whether there is such a thing.
 * @throws `error`, if the user has to sign in
 */
export function throwUnlessRefused(error: unknown): void {
  if (!(error instanceof MediaClientError) || error.status === 401) throw error;
}

/** @throws {MediaClientError} if another try cannot succeed; the signal's reason */
export async function follow(
  followed: Followed,
  deps: StreamDeps,
  signal: AbortSignal,
  report: (connection: Connection) => void = () => undefined,
): Promise<void> {
  const { clock, wakeUps, health } = deps;
  const { pollMs = 1_500, reconnectMs: initialDelayMs = 100 } = followed;
  const mustPoll = () => clock.now() < health.pollUntil;
  /** The wait before the next try, after this number of failures. */
  const waitAfter = (failures: number, leastMs = 0) =>
    Math.max(
      leastMs,
      backoff(failures, { initialDelayMs, maxDelayMs: MAX_RECONNECT_MS }, clock.random),
    );
  /** Polls at least once. */
  const poll = async () => {
    let failures = 0;
    do {
      let waitMs = pollMs * (0.75 + clock.random() / 2);
      try {
        await followed.poll({ cache: 'no-store', signal }, POLL_TIMEOUT_MS);
        failures = 0;
        report('polling');
      } catch (error) {
        signal.throwIfAborted();
        if (!isTransient(error)) throw error;
        report('reconnecting');
        waitMs = waitAfter(++failures, error.retryAfterMs);
      }
      if (followed.isOver) return;
      await sleep(waitMs, clock, signal, wakeUps);
    } while (mustPoll());
  };
  if (!mustPoll()) report('connecting');
  while (!followed.isOver) {
    if (mustPoll()) {
      await poll();
      continue;
    }
    const { failures, waitMs } = await tryStream(followed, deps, signal, () => report('live'));
    health.failures = failures === 0 || followed.isOver ? 0 : health.failures + failures;
    if (followed.isOver) return;
    if (health.failures >= FAILURES_BEFORE_POLLING) {
      health.pollUntil = clock.now() + POLLING_MS;
      // One more failure of the stream leads back to polling.
      health.failures = FAILURES_BEFORE_POLLING - 1;
      continue;
    }
    report('reconnecting');
    await sleep(waitAfter(health.failures, waitMs), clock, signal, wakeUps);
  }
}

/**
 * Reads one connection to the stream until it ends.
 * @param onLive is called at the first event
 * @returns the wait that the server asked for, and the number of failures that this counts for. The number is high if another
 * stream would not help, because a proxy holds events back, or the server says that all is done
 * @throws {MediaClientError}; the signal's reason
 */
async function tryStream(
  followed: Followed,
  { streamHttp, clock, wakeUps }: StreamDeps,
  signal: AbortSignal,
  onLive: () => void,
): Promise<{ failures: number; waitMs: number }> {
  const opened = clock.now();
  const connection = new AbortController();
  let failures: number | undefined;
  let waitMs = 0;
  const hangUp = (counted?: number) => {
    failures = counted;
    connection.abort();
  };
  let heard = false;
  let stopWatchdog = clock.after(FIRST_EVENT_MS, () => hangUp(FAILURES_BEFORE_POLLING));
  const feedWatchdog = () => {
    if (!heard) return;
    stopWatchdog();
    stopWatchdog = clock.after(STALL_MS, () => hangUp(1));
  };
  // After a change of network the old connection is probably dead, and no error reports this.
  const unsubscribe = wakeUps.subscribe((reason) => reason === 'online' && hangUp());
  const parser = createParser({
    onEvent({ event = 'message', data, id = '' }) {
      if (!heard) onLive();
      heard = true;
      const isLast = event === 'done';
      if (!isLast) followed.take(event, parseJson(data), id);
      if (isLast || followed.isOver) hangUp(FAILURES_BEFORE_POLLING);
    },
  });
  abortWith(connection, signal);
  try {
    const response = await streamHttp.request(followed.path(), {
      headers: { Accept: 'text/event-stream' },
      cache: 'no-store',
      signal: connection.signal,
    });
    // 204: the server says that the client has seen the last event.
    if (response.status === 204) failures = FAILURES_BEFORE_POLLING;
    for await (const text of textOf(response)) {
      parser.feed(text);
      if (connection.signal.aborted) break;
      feedWatchdog();
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!connection.signal.aborted) {
      failures = isTransient(error) ? 1 : FAILURES_BEFORE_POLLING;
      if (isTransient(error)) waitMs = error.retryAfterMs ?? 0;
      else followed.refused(error);
    }
  } finally {
    stopWatchdog();
    unsubscribe();
    connection.abort();
  }
  signal.throwIfAborted();
  failures ??= clock.now() - opened < SHORT_LIVED_MS ? 1 : 0;
  return { failures, waitMs };
}

async function* textOf({ body }: Response): AsyncGenerator<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw new BrokenAnswerError(cause);
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
