/**
 * What goes wrong, and when: one seeded plan for all local services, so that a run that failed can be
 * repeated. The services ask it through the adapters beside this file; deployed code knows nothing of it.
 *
 * Repeatable means: the n-th call of a channel meets the same fault for the same seed. Which call is the
 * n-th still depends on how processes interleave.
 */
import { createRandom, type Random } from './random.ts';

/** Where faults are met: the three services, and what Cloud Tasks delivers to the worker. */
export type Channel = 'firestore' | 'tasks' | 'deliveries' | 'storage';

export type FaultCode = 'UNAVAILABLE' | 'ABORTED' | 'DEADLINE_EXCEEDED';

export type Fault =
  /** Answered with an error before anything was done. */
  | { kind: 'refuse'; code: FaultCode }
  /** Done, but the answer is lost: the caller cannot know. */
  | { kind: 'lose'; code: FaultCode }
  | { kind: 'delay'; ms: number }
  /** The connection breaks while a body travels; a stream breaks after `ms`. */
  | { kind: 'cut'; ms: number }
  /** Delivered now, and once more after `ms`. */
  | { kind: 'duplicate'; ms: number };

/** How often each kind comes up, relative to the others of its channel. */
type Mix = Partial<Record<Fault['kind'], number>>;

const MIXES: Record<Channel, Mix> = {
  firestore: { refuse: 4, lose: 3, delay: 3, cut: 1 },
  tasks: { refuse: 4, lose: 3, delay: 3 },
  deliveries: { refuse: 2, lose: 3, delay: 3, duplicate: 4 },
  storage: { refuse: 4, lose: 2, delay: 3, cut: 3 },
};

const CODES: readonly FaultCode[] = ['UNAVAILABLE', 'UNAVAILABLE', 'ABORTED', 'DEADLINE_EXCEEDED'];

/** Calls that carry this header or metadata meet no fault: a test looks at what is really there. */
export const EXEMPT_HEADER = 'x-faults-exempt';

export interface FaultPlanOptions {
  seed?: number;
  /** Share of calls that meet a fault, 0 to 1. */
  rate?: number;
  /** The longest delay of a call, of a second delivery, or of a stream's death, in milliseconds. */
  maxDelayMs?: number;
}

/** A stream that is open, and what can be done to it. */
export interface OpenStream {
  /** Breaks it, with an error. */
  cut(): void;
  /** Sends nothing more and leaves it open: nobody can tell it from one with nothing to say. */
  mute(): void;
}

/** What an adapter needs to know of one channel. */
export interface ChannelFaults {
  /** @param operation e.g. `Commit`, or `POST /upload/…`. */
  next(operation: string): Fault | undefined;
  /** @returns what is to be called when the stream has ended. */
  onStream(stream: OpenStream): () => void;
}

export class FaultPlan {
  readonly seed: number;
  /** Share of calls that meet a fault; may change at any time. */
  rate: number;
  /** How many faults were met, by `channel.kind`. */
  readonly counts = new Map<string, number>();
  private readonly maxDelayMs: number;
  private readonly random: Record<Channel, Random>;
  private readonly down = new Set<Channel>();
  private readonly scripted: { channel: Channel; operation: string; fault: Fault }[] = [];
  private readonly streams: Record<Channel, Set<OpenStream>>;
  private freeBytes = Number.POSITIVE_INFINITY;

  constructor({ seed = 1, rate = 0, maxDelayMs = 2_000 }: FaultPlanOptions = {}) {
    this.seed = seed;
    this.rate = rate;
    this.maxDelayMs = maxDelayMs;
    this.random = byChannel((channel) => createRandom(seed, channel));
    this.streams = byChannel(() => new Set());
  }

  /** The next call of an operation that begins with `operation` meets this fault; once for each call. */
  script(channel: Channel, operation: string, fault: Fault): void {
    this.scripted.push({ channel, operation, fault });
  }

  /** Forgets what was scripted and not met. */
  clearScript(): void {
    this.scripted.length = 0;
  }

  /** From now until `endOutage` every call of the channel is refused, and its streams are broken. */
  beginOutage(channel: Channel): void {
    this.down.add(channel);
    this.cutStreams(channel);
  }

  endOutage(channel: Channel): void {
    this.down.delete(channel);
  }

  /** Breaks every open stream. @returns how many there were. */
  cutStreams(channel: Channel): number {
    const open = [...this.streams[channel]];
    for (const stream of open) stream.cut();
    return open.length;
  }

  /** Silences every open stream. @returns how many there were. */
  muteStreams(channel: Channel): number {
    const open = [...this.streams[channel]];
    for (const stream of open) stream.mute();
    return open.length;
  }

  /** Lets the services keep `bytes` more before their disk is full; infinity ends that. */
  limitDisk(bytes: number): void {
    this.freeBytes = bytes;
  }

  /** Told by the services before they write. @throws {Error} ENOSPC, as the file system would. */
  readonly beforeWrite = (bytes: number): void => {
    if (bytes > this.freeBytes) {
      this.count('disk', 'full');
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    }
    this.freeBytes -= bytes;
  };

  channel(channel: Channel): ChannelFaults {
    return {
      next: (operation) => {
        const fault = this.next(channel, operation);
        if (fault) this.count(channel, fault.kind);
        return fault;
      },
      onStream: (stream) => {
        this.streams[channel].add(stream);
        return () => this.streams[channel].delete(stream);
      },
    };
  }

  private next(channel: Channel, operation: string): Fault | undefined {
    if (this.down.has(channel)) return { kind: 'refuse', code: 'UNAVAILABLE' };
    const at = this.scripted.findIndex((entry) => {
      return entry.channel === channel && operation.startsWith(entry.operation);
    });
    if (at !== -1) return this.scripted.splice(at, 1)[0]?.fault;
    const random = this.random[channel];
    return random.next() < this.rate ? this.draw(channel, random) : undefined;
  }

  private draw(channel: Channel, random: Random): Fault {
    const kind = random.weighted(MIXES[channel]);
    const code = random.pick(CODES);
    const ms = Math.round(random.next() * this.maxDelayMs);
    return kind === 'refuse' || kind === 'lose' ? { kind, code } : { kind, ms };
  }

  private count(channel: Channel | 'disk', kind: string): void {
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
