/** Preloaded into a unit: when it is asked, it collects its garbage and tells what it keeps. */
import { EventEmitter } from 'node:events';
import { readdirSync } from 'node:fs';
import { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { queryObjects } from 'node:v8';

export interface Kept {
  /** Of V8's heap and of the buffers outside, in bytes. */
  bytes: number;
  /** How many objects of each kind there are: exact, where bytes move by what V8 compiles and throws away. */
  objects: Record<string, number>;
  /** Resident, in bytes. */
  resident: number;
  /** Listeners of the process itself. */
  listeners: number;
  /** Files, sockets and pipes that are open; undefined where the system does not tell. */
  openFiles: number | undefined;
}

/** Node does not export the class of its timers. */
const Timeout = classOfTimers();

/**
 * A request, a listener or a timer that is kept is one of these. To count one kind takes V8 half a second. Objects without a
 * class come and go by hundreds, with the caches of libraries: they show in the bytes, over thousands of photos.
 */
const FEW = [Function, AbortSignal, IncomingMessage, Timeout];
/** What holds on to a request, a file or a photo is one of these, or is held by one. */
const ALL = [
  ...FEW,
  ...[ServerResponse, ClientRequest, Socket, EventEmitter],
  ...[Map, Set, Promise, Uint8Array, Error],
];
const KINDS = { few: FEW, all: ALL };

/** Which kinds of objects are counted. */
export type Kinds = keyof typeof KINDS;

/** Some objects are freed by a collection only after another one has run their finalizers. */
const COLLECTIONS = 4;

async function measure(kinds: Kinds): Promise<Kept> {
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc?.();
    await sleep(50);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const counts = process.eventNames().map((name) => process.listenerCount(name));
  return {
    bytes: heapUsed + external,
    objects: Object.fromEntries(
      KINDS[kinds].map((kind) => [kind.name, queryObjects(kind, { format: 'count' })]),
    ),
    resident: rss,
    listeners: counts.reduce((sum, count) => sum + count, 0),
    openFiles: openFiles(),
  };
}

function classOfTimers(): new () => NodeJS.Timeout {
  const timer = setTimeout(() => undefined, 0);
  clearTimeout(timer);
  return timer.constructor as new () => NodeJS.Timeout;
}

function openFiles(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

process.on('message', (message: { measure?: Kinds }) => {
  if (message.measure) void measure(message.measure).then((kept) => process.send?.({ kept }));
});
// The listener alone must not keep the process alive.
process.channel?.unref();
