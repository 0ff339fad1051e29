/** The event streams of responses. A slow reader gets only the newest state of each media. */

import { isTerminal } from '@media-analysis/shared/status';
import type { Chunk, StreamBody } from './body.ts';
import { doneEvent, HEARTBEAT, type MediaState, mediaStateEvent, OPENING } from './events.ts';

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  // nginx and similar proxies buffer responses without this header.
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * A reader that has not taken what is on its way to it for so many heartbeats is given up: with the deployed 15 s, after
 * a minute. What is on its way is more than 64 kB, so a reader of 2 kB/s keeps its stream. The page itself hangs up after
 * two heartbeats that do not come, and connects anew.
 */
const MAX_MISSED_HEARTBEATS = 4;

/** Sends events, each about one media, until it is ended. */
export class EventConnection {
  readonly #body: Pick<StreamBody, 'open' | 'write' | 'end'>;
  /** By media, its newest event if that has not been sent. Each will get one, even after many changes. */
  readonly #unsent = new Map<string, Chunk>();
  #isOpen = false;
  #blocked = false;
  /** Heartbeats that were due since the reader stopped reading. */
  #missedHeartbeats = 0;
  #ended = false;

  constructor(body: Pick<StreamBody, 'open' | 'write' | 'end'>) {
    this.#body = body;
  }

  /** Sends the headers, this event, and then the events that came before. */
  open(first?: Chunk): void {
    this.#isOpen = true;
    this.#body.open(HEADERS, () => {
      this.#blocked = false;
      this.#missedHeartbeats = 0;
      this.#flush();
    });
    this.#write(OPENING);
    if (first) this.#write(first);
    this.#flush();
  }

  /** Sends an event about a media now, or as soon as the reader is ready for it. */
  send(id: string, event: Chunk): void {
    if (this.#isOpen && !this.#blocked && !this.#ended) {
      // The reader is fast enough, so no other event is waiting.
      this.#write(event);
      this.allSent();
      return;
    }
    // `delete` and `set` move the id to the end: events are sent in the order of the last changes.
    this.#unsent.delete(id);
    this.#unsent.set(id, event);
  }

  /** Keeps the connection alive, or ends it if the reader does not read. */
  heartbeat(): void {
    if (this.#ended) return;
    if (!this.#blocked) this.#write(HEARTBEAT);
    else if (++this.#missedHeartbeats > MAX_MISSED_HEARTBEATS) this.end();
  }

  /** Ends the response. Without a last event the client connects again, perhaps to another instance. */
  end(last?: Chunk): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#body.end(last);
  }

  /** Called when no event waits. */
  protected allSent(): void {
    // A stream without an end of its own goes on.
  }

  #flush(): void {
    for (const [id, event] of this.#unsent) {
      if (this.#blocked || this.#ended) return;
      this.#unsent.delete(id);
      this.#write(event);
    }
    this.allSent();
  }

  #write(piece: Chunk): void {
    this.#blocked = !this.#body.write(piece);
  }
}

/** Sends the states of some media, and ends with `done` when all of them are finished. */
export class StreamConnection extends EventConnection {
  /** Each watched id's newest state, `undefined` until it is known. */
  readonly #states: Map<string, MediaState | undefined>;
  /** How many states are not known yet, and how many media are not finished. */
  #unknown: number;
  #unfinished: number;

  constructor(body: Pick<StreamBody, 'open' | 'write' | 'end'>, ids: readonly string[]) {
    super(body);
    this.#states = new Map(ids.map((id) => [id, undefined]));
    this.#unknown = this.#states.size;
    this.#unfinished = this.#states.size;
  }

  push(id: string, state: MediaState): void {
    const before = this.#states.get(id);
    this.#states.set(id, state);
    if (!before) this.#unknown--;
    this.#unfinished += Number(isUnfinished(state)) - Number(isUnfinished(before));
    this.send(id, mediaStateEvent(id, state));
  }

  /** The state of every id is known. */
  get isComplete(): boolean {
    return this.#unknown === 0;
  }

  /** At least one id is the caller's. */
  get hasMedia(): boolean {
    return [...this.#states.values()].some((state) => state && state.kind !== 'absent');
  }

  protected override allSent(): void {
    if (this.#unfinished === 0) this.end(doneEvent(this.#count()));
  }

  #count(): { completed: number; failed: number } {
    const counts = { completed: 0, failed: 0 };
    for (const state of this.#states.values()) {
      if (state?.kind !== 'present') continue;
      if (state.status === 'completed') counts.completed++;
      if (state.status === 'failed') counts.failed++;
    }
    return counts;
  }
}

function isUnfinished(state: MediaState | undefined): boolean {
  if (state?.kind === 'present') return !isTerminal(state.status);
  return state?.kind !== 'absent';
}
