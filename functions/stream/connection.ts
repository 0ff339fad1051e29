/** The event stream of one response. A slow reader gets only the newest state of each media. */

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

export class StreamConnection {
  readonly #body: Pick<StreamBody, 'open' | 'write' | 'end'>;
  /** Each watched id's newest state, `undefined` until it is known. */
  readonly #states: Map<string, MediaState | undefined>;
  /** How many states are not known yet, and how many media are not finished. */
  #unknown: number;
  #unfinished: number;
  /** Media whose newest state has not been sent. Each will get one event, even after many changes. */
  readonly #unsent = new Set<string>();
  #isOpen = false;
  #blocked = false;
  /** Heartbeats that were due since the reader stopped reading. */
  #missedHeartbeats = 0;
  #ended = false;

  constructor(body: Pick<StreamBody, 'open' | 'write' | 'end'>, ids: readonly string[]) {
    this.#body = body;
    this.#states = new Map(ids.map((id) => [id, undefined]));
    this.#unknown = this.#states.size;
    this.#unfinished = this.#states.size;
  }

  /** Sends the headers, and then the events that came before. */
  open(): void {
    this.#isOpen = true;
    this.#body.open(HEADERS, () => {
      this.#blocked = false;
      this.#missedHeartbeats = 0;
      this.#flush();
    });
    this.#write(OPENING);
    this.#flush();
  }

  /** Sends the state of one media now, or as soon as the reader is ready for it. */
  push(id: string, state: MediaState): void {
    const before = this.#states.get(id);
    this.#states.set(id, state);
    if (!before) this.#unknown--;
    this.#unfinished += Number(isUnfinished(state)) - Number(isUnfinished(before));
    if (this.#isOpen && !this.#blocked && !this.#ended) {
      // The reader is fast enough, so no other event is waiting.
      this.#write(mediaStateEvent(id, state));
      this.#endIfOver();
      return;
    }
    // `delete` and `add` move the id to the end: events are sent in the order of the last changes.
    this.#unsent.delete(id);
    this.#unsent.add(id);
  }

  /** Keeps the connection alive, or ends it if the reader does not read. */
  heartbeat(): void {
    if (this.#ended) return;
    if (!this.#blocked) this.#write(HEARTBEAT);
    else if (++this.#missedHeartbeats > MAX_MISSED_HEARTBEATS) this.end();
  }

  /** Ends the response without `done`, so that the client reconnects, perhaps to another instance. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#body.end();
  }

  /** Whether the state of every id is known. */
  get isComplete(): boolean {
    return this.#unknown === 0;
  }

  /** Whether at least one id is the caller's. */
  get hasMedia(): boolean {
    return [...this.#states.values()].some((state) => state && state.kind !== 'absent');
  }

  #flush(): void {
    for (const id of this.#unsent) {
      if (this.#blocked || this.#ended) return;
      this.#unsent.delete(id);
      const state = this.#states.get(id);
      if (state) this.#write(mediaStateEvent(id, state));
    }
    this.#endIfOver();
  }

  /** Ends the response with `done` if all media are finished. */
  #endIfOver(): void {
    if (this.#ended || this.#unfinished > 0) return;
    this.#ended = true;
    this.#body.end(doneEvent(this.#count()));
  }

  #write(piece: Chunk): void {
    this.#blocked = !this.#body.write(piece);
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
