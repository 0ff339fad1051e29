/** Reads one connection to the event stream until it ends. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { BrokenAnswerError, type MediaClientError } from './errors.ts';
import type { Http } from './http.ts';
import { abortWith } from './older-browsers.ts';
import type { StreamDeps } from './stream-deps.ts';
import { FIRST_EVENT_MS } from './stream-health.ts';

/** The server sends an event or a comment at least this often. */
const HEARTBEAT_MS = 15_000;
/** Two missed heartbeats and a little more: the connection is dead. */
const STALL_MS = 2 * HEARTBEAT_MS + 2_000;

/** Receives the events of a stream. */
export interface StreamReader {
  /** True if nothing more will come. */
  readonly isOver: boolean;
  streamPath(): string;
  /** Handles an event other than `done`. */
  take(event: EventSourceMessage): void;
}

/** Media or a reanalysis that is followed to its end. It keeps the states that it gets. */
export interface Followed extends StreamReader {
  /** Requests the present state once. */
  poll(http: Http, init: RequestInit, limitMs: number): Promise<void>;
  /**
   * Handles the answer that the server does not know the id.
   * @throws {MediaClientError} if that is an error
   */
  missing(error: MediaClientError): void;
}

/**
 * - `done`: everything followed has ended, so no more events will come
 * - `ended`: the connection was closed or cut
 * - `held back`: no event came in time
 * - `stalled`: the connection was silent for longer than the heartbeat allows
 */
export type StreamEnd = 'done' | 'ended' | 'held back' | 'stalled';

/**
 * Passes each event to `followed`.
 * @param onLive called at the first event
 * @throws {MediaClientError} if the request was refused; the signal's reason
 */
export async function readStream(
  followed: StreamReader,
  { streamHttp, clock, wakeUps, health }: StreamDeps,
  signal: AbortSignal,
  onLive: () => void,
): Promise<StreamEnd> {
  const connection = new AbortController();
  let end: StreamEnd = 'ended';
  let heard = false;
  const hangUp = (why: StreamEnd) => {
    end = why;
    connection.abort();
  };
  const opened = clock.now();
  const patienceMs = health.patienceMs;
  let stopWatchdog = clock.after(patienceMs, () => hangUp('held back'));
  const feedWatchdog = () => {
    if (!heard) return;
    stopWatchdog();
    stopWatchdog = clock.after(STALL_MS, () => hangUp('stalled'));
  };
  // After a change of network the old connection is probably dead, and no error tells it.
  const unsubscribe = wakeUps.subscribe((reason) => reason === 'online' && hangUp('ended'));
  const parser = createParser({
    onEvent(event) {
      if (!heard) onLive();
      heard = true;
      const isLast = event.event === 'done';
      if (!isLast) followed.take(event);
      if (isLast || followed.isOver) hangUp('done');
    },
  });
  const release = abortWith(connection, signal);
  try {
    const response = await streamHttp.request(followed.streamPath(), {
      headers: { Accept: 'text/event-stream' },
      cache: 'no-store',
      signal: connection.signal,
    });
    // 204: the server says that the client has seen the last event.
    if (response.status === 204) return 'done';
    for await (const text of textOf(response)) {
      parser.feed(text);
      if (connection.signal.aborted) break;
      feedWatchdog();
    }
    return end;
  } catch (error) {
    signal.throwIfAborted();
    if (connection.signal.aborted) return end;
    throw error;
  } finally {
    const isUnknown = signal.aborted && !heard;
    const leftMs = Math.max(0, patienceMs - (clock.now() - opened));
    health.patienceMs = isUnknown ? leftMs : FIRST_EVENT_MS;
    stopWatchdog();
    unsubscribe();
    release();
    connection.abort();
  }
}

async function* textOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
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
