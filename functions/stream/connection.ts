/** One response that streams: keeps up with a slow reader by sending it only the newest state. */

import { isTerminal } from '@media-analysis/shared/status';
import type { Chunk, StreamBody } from './body.ts';
import { doneEvent, HEARTBEAT, type MediaState, mediaStateEvent, OPENING } from './events.ts';

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  // nginx and those who follow it buffer responses unless told not to.
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
};

export class Connection {
  private readonly body: Pick<StreamBody, 'open' | 'write' | 'end'>;
  /** Each watched id's newest state, `undefined` until it is known. */
  private readonly states: Map<string, MediaState | undefined>;
  /** How many states are not known yet, and of how many media more is to come. */
  private unknown: number;
  private unfinished: number;
  /** Whose newest state the reader has not been sent: one event a media at most, whatever happened meanwhile. */
  private readonly unsent = new Set<string>();
  private isOpen = false;
  private blocked = false;
  private ended = false;

  constructor(body: Pick<StreamBody, 'open' | 'write' | 'end'>, ids: readonly string[]) {
    this.body = body;
    this.states = new Map(ids.map((id) => [id, undefined]));
    this.unknown = this.states.size;
    this.unfinished = this.states.size;
  }

  /** Sends the headers; events that came before wait for it. */
  open(): void {
    this.isOpen = true;
    this.body.open(HEADERS, () => {
      this.blocked = false;
      this.flush();
    });
    this.write(OPENING);
    this.flush();
  }

  /** Takes the state of one media; it goes out now, or as soon as the reader is ready for it. */
  push(id: string, state: MediaState): void {
    const before = this.states.get(id);
    this.states.set(id, state);
    if (!before) this.unknown--;
    this.unfinished += Number(isUnfinished(state)) - Number(isUnfinished(before));
    if (this.isOpen && !this.blocked && !this.ended) {
      // With a reader that keeps up, nothing is waiting.
      this.write(mediaStateEvent(id, state));
      this.endIfOver();
      return;
    }
    // Deleting first puts it last in line: the order of sending is the order of happening.
    this.unsent.delete(id);
    this.unsent.add(id);
  }

  heartbeat(): void {
    if (!this.blocked && !this.ended) this.write(HEARTBEAT);
  }

  /** Ends the response without `done`: the client reconnects, to another instance if need be. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.body.end();
  }

  /** Whether the state of every id is known. */
  get isComplete(): boolean {
    return this.unknown === 0;
  }

  /** Whether at least one id is the caller's. */
  get hasMedia(): boolean {
    return [...this.states.values()].some((state) => state?.kind === 'present');
  }

  private flush(): void {
    for (const id of this.unsent) {
      if (this.blocked || this.ended) return;
      this.unsent.delete(id);
      const state = this.states.get(id);
      if (state) this.write(mediaStateEvent(id, state));
    }
    this.endIfOver();
  }

  /** Nothing more can come of any of them unless their owner acts. */
  private endIfOver(): void {
    if (this.ended || this.unfinished > 0) return;
    this.ended = true;
    this.body.end(doneEvent(this.count()));
  }

  private write(piece: Chunk): void {
    this.blocked = !this.body.write(piece);
  }

  private count(): { completed: number; failed: number } {
    const counts = { completed: 0, failed: 0 };
    for (const state of this.states.values()) {
      if (state?.kind !== 'present') continue;
      if (state.status === 'completed') counts.completed++;
      if (state.status === 'failed') counts.failed++;
    }
    return counts;
  }
}

function isUnfinished(state: MediaState | undefined): boolean {
  return state === undefined || (state.kind === 'present' && !isTerminal(state.status));
}
