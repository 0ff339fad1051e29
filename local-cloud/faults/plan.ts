/**
 * Decides which faults happen and when: one seeded plan for all local services, so that a failed run can
 * be repeated. The services ask the plan through the adapters beside this file. The deployed code does
 * not know the plan.
 *
 * For the same seed, the n-th call of a channel gets the same fault. Which call is the n-th still depends
 * on the timing of the processes.
 */
import { createRandom, type Random } from './random.ts';

/** The places for faults: the three services, and the deliveries from Cloud Tasks to the worker. */
export type Channel = 'firestore' | 'tasks' | 'deliveries' | 'storage';

export type FaultCode = 'UNAVAILABLE' | 'ABORTED' | 'DEADLINE_EXCEEDED';

export type Fault =
  /** The call fails before anything was done. */
  | { kind: 'refuse'; code: FaultCode }
  /** The call is done, but its answer is lost: the caller cannot know the outcome. */
  | { kind: 'lose'; code: FaultCode }
  /** The call is never answered, and its stream stays open. A gRPC call is done nevertheless. */
  | { kind: 'silence' }
  /** The first message of a gRPC call's answer comes, and then nothing more. */
  | { kind: 'stall' }
  | { kind: 'delay'; ms: number }
  /** The connection breaks in the middle of a body; a stream breaks after `ms`. */
  | { kind: 'cut'; ms: number }
  /** The call is delivered now, and once more after `ms`. */
  | { kind: 'duplicate'; ms: number };

/** Relative frequency of each kind of fault in a channel. */
type Mix = Partial<Record<Exclude<Fault['kind'], 'silence' | 'stall'>, number>>;

const MIXES: Record<Channel, Mix> = {
  firestore: { refuse: 4, lose: 3, delay: 3, cut: 1 },
  tasks: { refuse: 4, lose: 3, delay: 3 },
  deliveries: { refuse: 2, lose: 3, delay: 3, duplicate: 4 },
  storage: { refuse: 4, lose: 2, delay: 3, cut: 3 },
};

const CODES: readonly FaultCode[] = ['UNAVAILABLE', 'UNAVAILABLE', 'ABORTED', 'DEADLINE_EXCEEDED'];

/** Calls with this header or metadata get no fault, so that a test can read the real state. */
export const EXEMPT_HEADER = 'x-faults-exempt';

export interface FaultPlanOptions {
  seed?: number;
  /** Fraction of calls that get a fault, 0 to 1. */
  rate?: number;
  /** The longest delay of a call, of a second delivery, or before a stream breaks, in milliseconds. */
  maxDelayMs?: number;
}

/** An open stream. */
export interface OpenStream {
  /** Breaks the stream with an error. */
  cut(): void;
  /** Sends nothing more and keeps the stream open, so that it looks like one without news. */
  mute(): void;
}

/** The faults of one channel, for its adapter. */
export interface ChannelFaults {
  /** Decides the next call's fault. @param operation for example `Commit` or `POST /upload/…` */
  next(operation: string): Fault | undefined;
  /** @returns a function to call when the stream has ended */
  onStream(stream: OpenStream): () => void;
}

export class FaultPlan {
  readonly seed: number;
  /** Fraction of calls that get a fault; may change at any time. */
  rate: number;
  /** Number of injected faults, by `channel.kind`. */
  readonly counts = new Map<string, number>();
  readonly #maxDelayMs: number;
  readonly #random: Record<Channel, Random>;
  readonly #down = new Set<Channel>();
  readonly #silent = new Map<Channel, string>();
  readonly #scripted: { channel: Channel; operation: string; fault: Fault }[] = [];
  readonly #streams: Record<Channel, Set<OpenStream>>;
  #freeBytes = Number.POSITIVE_INFINITY;

  constructor({ seed = 1, rate = 0, maxDelayMs = 2_000 }: FaultPlanOptions = {}) {
    this.seed = seed;
    this.rate = rate;
    this.#maxDelayMs = maxDelayMs;
    this.#random = byChannel((channel) => createRandom(seed, channel));
    this.#streams = byChannel(() => new Set());
  }

  /** The next call of an operation that begins with `operation` gets this fault. Each entry is used once. */
  script(channel: Channel, operation: string, fault: Fault): void {
    this.#scripted.push({ channel, operation, fault });
  }

  /** Removes scripted faults that were not used. */
  clearScript(): void {
    this.#scripted.length = 0;
  }

  /** Until `endOutage`, every call of the channel is refused. Breaks the channel's open streams. */
  beginOutage(channel: Channel): void {
    this.#down.add(channel);
    this.cutStreams(channel);
  }

  endOutage(channel: Channel): void {
    this.#down.delete(channel);
  }

  /** Until `endSilence`, no call of an operation that begins with `operation` is answered. */
  beginSilence(channel: Channel, operation = ''): void {
    this.#silent.set(channel, operation);
  }

  endSilence(channel: Channel): void {
    this.#silent.delete(channel);
  }

  /** Breaks every open stream. @returns how many there were */
  cutStreams(channel: Channel): number {
    const open = [...this.#streams[channel]];
    for (const stream of open) stream.cut();
    return open.length;
  }

  /** Silences every open stream. @returns how many there were */
  muteStreams(channel: Channel): number {
    const open = [...this.#streams[channel]];
    for (const stream of open) stream.mute();
    return open.length;
  }

  /** The services' disk is full after `bytes` more bytes. Infinity ends that. */
  limitDisk(bytes: number): void {
    this.#freeBytes = bytes;
  }

  /** The services call this before they write. @throws {Error} ENOSPC, like the file system. */
  readonly beforeWrite = (bytes: number): void => {
    if (bytes > this.#freeBytes) {
      this.#count('disk', 'full');
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
    this.#freeBytes -= bytes;
  };

  channel(channel: Channel): ChannelFaults {
    return {
      next: (operation) => {
        const fault = this.#next(channel, operation);
        if (fault) this.#count(channel, fault.kind);
        return fault;
      },
      onStream: (stream) => {
        this.#streams[channel].add(stream);
        return () => this.#streams[channel].delete(stream);
      },
    };
  }

  #next(channel: Channel, operation: string): Fault | undefined {
    if (this.#down.has(channel)) return { kind: 'refuse', code: 'UNAVAILABLE' };
    const silent = this.#silent.get(channel);
    if (silent !== undefined && operation.startsWith(silent)) return { kind: 'silence' };
    const at = this.#scripted.findIndex((entry) => {
      return entry.channel === channel && operation.startsWith(entry.operation);
    });
    if (at !== -1) return this.#scripted.splice(at, 1)[0]?.fault;
    const random = this.#random[channel];
    return random.next() < this.rate ? this.#draw(channel, random) : undefined;
  }

  #draw(channel: Channel, random: Random): Fault {
    const kind = random.weighted(MIXES[channel]);
    const code = random.pick(CODES);
    const ms = Math.round(random.next() * this.#maxDelayMs);
    return kind === 'refuse' || kind === 'lose' ? { kind, code } : { kind, ms };
  }

  #count(channel: Channel | 'disk', kind: string): void {
    const key = `${channel}.${kind}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }
}

function byChannel<T>(make: (channel: Channel) => T): Record<Channel, T> {
  return {
    firestore: make('firestore'),
    tasks: make('tasks'),
    deliveries: make('deliveries'),
    storage: make('storage'),
  };
}
