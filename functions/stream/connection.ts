/** One response that streams: keeps up with a slow reader by sending it only the newest state. */
import type { ServerResponse } from 'node:http';
import { isTerminal } from '@media-analysis/shared/status';
import type { MediaState } from './events.ts';
import { doneEvent, HEARTBEAT, mediaStateEvent, OPENING } from './events.ts';

const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  // nginx and those who follow it buffer responses unless told not to.
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
};

/** How long a reader may take for what is left when its stream is over, in milliseconds. */
const LINGER_MS = 10_000;

export class Connection {
  private readonly response: ServerResponse;
  private readonly lingerMs: number;
  /** Each watched id's newest state, `undefined` until it is known. */
  private readonly states: Map<string, MediaState | undefined>;
  /** What the reader has not been sent yet: one event a media at most, whatever happened meanwhile. */
  private readonly unsent = new Map<string, MediaState>();
  private blocked = false;
  private ended = false;

  constructor(response: ServerResponse, ids: readonly string[], lingerMs = LINGER_MS) {
    this.response = response;
    this.lingerMs = lingerMs;
    this.states = new Map(ids.map((id) => [id, undefined]));
    response.on('drain', () => {
      this.blocked = false;
      this.flush();
    });
  }

  /** Sends the headers; events that came before wait for it. */
  open(): void {
    this.response.writeHead(200, HEADERS);
    // A small event must not wait for the next one to fill a packet.
    this.response.socket?.setNoDelay(true);
    this.write(OPENING);
    this.flush();
  }

  /** Takes the state of one media; it goes out now, or as soon as the reader is ready for it. */
  push(id: string, state: MediaState): void {
    this.states.set(id, state);
    // Deleting first puts it last in line: the order of sending is the order of happening.
    this.unsent.delete(id);
    this.unsent.set(id, state);
    if (this.response.headersSent) this.flush();
  }

  heartbeat(): void {
    if (!this.blocked && !this.ended) this.write(HEARTBEAT);
  }

  /** Ends the response without `done`: the client reconnects, to another instance if need be. */
  end(): void {
    if (!this.ended) this.finish();
  }

  /** Whether the state of every id is known. */
  get isComplete(): boolean {
    return [...this.states.values()].every((state) => state !== undefined);
  }

  /** Whether at least one id is the caller's. */
  get hasMedia(): boolean {
    return [...this.states.values()].some((state) => state?.kind === 'present');
  }

  private flush(): void {
    for (const [id, state] of this.unsent) {
      if (this.blocked || this.ended) return;
      this.unsent.delete(id);
      this.write(mediaStateEvent(id, state));
    }
    if (!this.ended && this.isOver()) this.finish(doneEvent(this.count()));
  }

  /** A reader that never reads would keep its connection, and its place, until the platform ends it. */
  private finish(last?: Buffer): void {
    this.ended = true;
    this.response.end(last);
    const timer = setTimeout(() => this.response.destroy(), this.lingerMs);
    timer.unref();
    this.response.once('close', () => clearTimeout(timer));
  }

  private write(bytes: Buffer): void {
    this.blocked = !this.response.write(bytes);
  }

  /** Nothing more can come of any of them unless their owner acts. */
  private isOver(): boolean {
    return [...this.states.values()].every(
      (state) => state?.kind === 'absent' || (state !== undefined && isTerminal(state.status)),
    );
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
