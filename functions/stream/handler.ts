/**
 * The event streams (SSE): the current state of each media, then each change as it happens, then `done`. That of a library has
 * no end of its own: it begins with what has changed since a time.
 */

import { AppError } from '@media-analysis/shared/errors';
import { streamRoutes } from '@media-analysis/shared/event-streams';
import type { StreamPart } from '../core/parts.ts';
import type { Admission } from '../core/stream/admission.ts';
import { StreamBody } from '../core/stream/body.ts';
import type { EventConnection } from '../core/stream/connection.ts';
import type { Begin, Opening } from '../core/stream/watch.ts';
import type { ConcurrencyLimit } from '../http/concurrency-limit.ts';
import { contractRoutes, namesOf, notOffered } from '../http/contract-route.ts';
import type { Authenticate, Caller } from '../http/identity.ts';
import { sendNothing } from '../http/respond.ts';
import type { Call, Route } from '../http/router.ts';
import type { KeyRing } from '../http/service-caller.ts';
import type { Logger } from '../process/log.ts';

export interface StreamDeps {
  authenticate: Authenticate;
  /** By their operations. One whose feature was taken away answers 404. */
  watches: NonNullable<StreamPart['watches']>;
  /** Reads the database once. Throws the reason if it cannot be read. */
  readOnce: () => Promise<unknown>;
  /** Limits the open streams of each owner. */
  streams: ConcurrencyLimit;
  /** Limits the open streams of each service key. */
  keyStreams?: ConcurrencyLimit;
  /** Says whether a service key was revoked. */
  keys?: Pick<KeyRing, 'isUsable'>;
  /** How often an open stream looks for that, in milliseconds. */
  lookMs?: number;
  /** Limits the open streams of this instance. */
  admission: Pick<Admission, 'admit'>;
  logger: Logger;
  maxStreamMs: number;
  heartbeatMs: number;
  /** How long a reader may take to read the rest after its stream has ended, in milliseconds. */
  lingerMs?: number;
  random?: () => number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export interface StreamService {
  routes: Route[];
  /** Ends every stream, so that its client connects to another instance. New streams are refused. */
  close(): void;
}

/** If the first state takes longer than this, the caller gets 503. */
const FIRST_STATE_MS = 10_000;

/** The keys themselves are read every 30 s. */
const LOOK_MS = 20_000;

export function createStreamService(deps: StreamDeps): StreamService {
  const { authenticate, watches, readOnce, streams, admission, logger } = deps;
  const { keyStreams, keys, lookMs = LOOK_MS } = deps;
  const { maxStreamMs, heartbeatMs } = deps;
  const { random = Math.random, now = Date.now, lingerMs } = deps;
  const connections = new Set<EventConnection>();
  let closing = false;
  let asking = false;
  // One timer serves all streams.
  const heartbeat = setInterval(() => {
    for (const connection of connections) connection.heartbeat();
  }, heartbeatMs);
  heartbeat.unref();

  async function stream(call: Call, read: () => Begin | undefined): Promise<void> {
    const { request, response } = call;
    const caller = await authenticate(request);
    // A token is taken for some seconds after its end, as clocks differ. A stream with it would end at once, again and again.
    if (caller.expiresAtMs <= now()) throw expired();
    const begin = read();
    if (!begin) return sendNothing(response);
    if (closing) throw goingAway();
    admission.admit();
    const releaseKey = caller.keyId === undefined ? undefined : keyStreams?.acquire(caller.keyId);
    try {
      const release = streams.acquire(caller.ownerId);
      try {
        await send(call, caller, begin);
      } finally {
        release();
      }
    } finally {
      releaseKey?.();
    }
  }

  async function send(call: Call, caller: Caller, begin: Begin): Promise<void> {
    const { response, signal } = call;
    const body = new StreamBody(response, lingerMs);
    const { connection, ready, stop } = await begin(caller.ownerId, body);
    try {
      const opening = await within(ready, FIRST_STATE_MS, signal, () => void logWhy());
      if (!opening || signal.aborted) return;
      if (closing) throw goingAway();
      await untilClosed(call, caller, connection, opening);
    } finally {
      stop();
    }
  }

  /** Opens a stream, and resolves when it has ended. */
  async function untilClosed(
    { response }: Call,
    caller: Caller,
    connection: EventConnection,
    { open, logFields }: Opening,
  ): Promise<void> {
    connections.add(connection);
    try {
      open();
      const opened = performance.now();
      logger.info({ ...logFields, open: connections.size }, 'stream opened');
      // A random part, so that clients that connected together do not come back together.
      const longestMs = maxStreamMs * (1 - random() / 10);
      // The client comes back with a new token. A user who may no longer sign in sees no further change.
      const lifetimeMs = Math.min(longestMs, caller.expiresAtMs - now());
      const stopLooking = endIfRevoked(caller, connection);
      const lifetime = setTimeout(() => connection.end(), lifetimeMs);
      await new Promise<void>((resolve) => response.once('close', resolve));
      clearTimeout(lifetime);
      stopLooking();
      const duration_ms = Math.round(performance.now() - opened);
      logger.info({ duration_ms, complete: response.writableFinished }, 'stream closed');
    } finally {
      connections.delete(connection);
    }
  }

  /** A key that was revoked shows nothing more within a minute. While the keys cannot be read, streams go on. */
  function endIfRevoked({ keyId }: Caller, connection: EventConnection): () => void {
    if (keyId === undefined || !keys) return () => undefined;
    const look = setInterval(() => {
      keys.isUsable(keyId).then(
        (isUsable) => isUsable || connection.end(),
        () => undefined,
      );
    }, lookMs);
    return () => clearInterval(look);
  }

  /** A listener of Firestore's client repeats its request silently. A plain read throws the reason. */
  async function logWhy(): Promise<void> {
    if (asking) return;
    asking = true;
    await readOnce().catch((error: unknown) => {
      logger.error({ error }, 'the database cannot be read');
    });
    asking = false;
  }

  return {
    routes: contractRoutes(streamRoutes, namesOf(streamRoutes), (call, name, withQuery) =>
      stream(call, () => {
        const asked = withQuery();
        const watch = watches[name];
        if (!watch) throw notOffered(asked);
        return watch(asked);
      }),
    ),
    close() {
      closing = true;
      clearInterval(heartbeat);
      for (const connection of connections) connection.end();
    },
  };
}

function goingAway(): AppError {
  const message = 'This server is shutting down. Try again.';
  return new AppError('unavailable', message, { retryAfterMs: 1_000 });
}

function expired(): AppError {
  return new AppError('unauthenticated', 'The token has expired: sign in again.');
}

/** @returns undefined if the caller has gone */
async function within<Value>(
  work: Promise<Value>,
  ms: number,
  signal: AbortSignal,
  onLate: () => void,
): Promise<Value | undefined> {
  return new Promise<Value | undefined>((resolve, reject) => {
    const timer = setTimeout(() => {
      onLate();
      const message = 'The state of the media cannot be read now. Try again.';
      reject(new AppError('unavailable', message, { retryAfterMs: 5_000 }));
    }, ms);
    const leave = () => settle(undefined);
    const clear = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
    };
    const settle = (value: Value | undefined) => {
      clear();
      resolve(value);
    };
    signal.addEventListener('abort', leave, { once: true });
    work.then(settle, (error: unknown) => {
      clear();
      reject(error);
    });
  });
}
