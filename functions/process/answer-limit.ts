/**
 * Limits how long a call waits for Firestore or Cloud Tasks. Google's client of Firestore waits up to five minutes for each answer,
 * and repeats: three times for each read, five times around that, and five times around a transaction. The client of Cloud Tasks
 * waits 20 s, four times where we repeat the call. So our caller could wait for hours, and a write that we gave up could still happen.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type * as Grpc from '@grpc/grpc-js';
import { DEADLINE_EXCEEDED, FAILED_PRECONDITION, hasCode, NoAnswerError } from './grpc-status.ts';

interface Waiting {
  /** Compared with `Date.now()`. */
  deadline: number;
  /** `given up`: the caller has its `NoAnswerError`. */
  state: 'waiting' | 'ended' | 'given up';
}

const calls = new AsyncLocalStorage<Waiting>();

/** The call that the running code belongs to. Code that outlives its call, such as a timer, belongs to none. */
function currentCall(): Waiting | undefined {
  const call = calls.getStore();
  return call?.state === 'ended' ? undefined : call;
}

/** A request that we answer. */
interface OneRequest {
  /** True if a service did not answer a call of this request. */
  hadNoAnswer: boolean;
  /** Milliseconds left for our answer; infinity once the answer has begun. */
  leftMs: () => number;
}

const requests = new AsyncLocalStorage<OneRequest>();

/** After one call without an answer, further calls of a request may wait only this share of the limit. */
const LATER_SHARE = 0.1;

/** Calls inside `work` wait no longer than the request has time. */
export async function withRequestDeadline<T>(
  leftMs: () => number,
  work: () => Promise<T>,
): Promise<T> {
  const request = { hadNoAnswer: false, leftMs };
  try {
    return await requests.run(request, work);
  } finally {
    // A connection that the request opened may live longer, and still refers to this object.
    request.leftMs = endless;
  }
}

const endless = () => Number.POSITIVE_INFINITY;

/** The wait for one answer. */
export interface Wait {
  ms: number;
  /** Call it when the time is over. */
  giveUp(): void;
}

/** @param longestMs The limit outside of a request, and for the first slow call of a request. */
export function beginWait(longestMs: number): Wait {
  const request = requests.getStore();
  const leftMs = request?.leftMs() ?? Number.POSITIVE_INFINITY;
  // A timer may outlive its request. It is not limited by it.
  if (!request || leftMs === Number.POSITIVE_INFINITY) {
    return { ms: longestMs, giveUp: () => undefined };
  }
  const ms = request.hadNoAnswer ? LATER_SHARE * longestMs : longestMs;
  const giveUp = () => {
    request.hadNoAnswer = true;
  };
  return { ms: Math.max(0, Math.min(ms, leftMs)), giveUp };
}

/**
 * An option of Google's client. A gRPC call gets the deadline of the call that it belongs to, and starts no more after that was given
 * up.
 * @param grpc Loaded together with the client.
 */
export function deadlineTransformer(
  grpc: Pick<typeof Grpc, 'InterceptingCall' | 'Metadata'>,
): Grpc.CallInvocationTransformer {
  const refuse = refuseCalls(grpc);
  return (asked) => {
    const call = currentCall();
    if (call === undefined) return asked;
    const { deadline: given = Number.POSITIVE_INFINITY } = asked.callOptions;
    const limit =
      call.state === 'given up'
        ? { deadline: Number.POSITIVE_INFINITY, interceptors: [refuse] }
        : { deadline: Math.min(Number(given), call.deadline) };
    return { ...asked, callOptions: { ...asked.callOptions, ...limit } };
  };
}

/**
 * Answers calls before they reach the network, with headers and with a code that the client does not retry. Nobody sees this answer:
 * the caller has its error already.
 */
function refuseCalls({
  InterceptingCall,
  Metadata,
}: Pick<typeof Grpc, 'InterceptingCall' | 'Metadata'>): Grpc.Interceptor {
  const status = { code: FAILED_PRECONDITION, details: 'The call was given up.' };
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (_headers, listener) =>
        process.nextTick(() => {
          listener.onReceiveMetadata(new Metadata());
          listener.onReceiveStatus({ ...status, metadata: new Metadata() });
        }),
    });
}

const TIMERS_DIFFER_MS = 10;

/** All our calls go through these methods of the clients. The first two are not public. They can go when the clients limit a whole call. */
const METHODS = {
  Firestore: ['request', 'requestStream', 'runTransaction'],
  'Cloud Tasks': ['createTask', 'deleteTask'],
};

/**
 * A call without an answer after `ms` milliseconds fails with a `NoAnswerError`. A transaction is limited as a whole, a query for each
 * part of its answer. Listeners have no limit.
 */
export function limitAnswers(client: object, service: keyof typeof METHODS, ms: number): void {
  for (const name of METHODS[service]) {
    const method: unknown = Reflect.get(client, name);
    if (typeof method !== 'function') throw new Error(`Google's client has no ${name} any more.`);
    Reflect.set(client, name, (...given: unknown[]) => {
      const call = () => Reflect.apply(method, client, given);
      const hasLimit = currentCall() !== undefined;
      return hasLimit || given[0] === 'listen' ? call() : withAnswerLimit(call, service, ms);
    });
  }
}

async function withAnswerLimit(
  call: () => unknown,
  service: string,
  longestMs: number,
): Promise<unknown> {
  const { ms, giveUp } = beginWait(longestMs);
  if (ms === 0) throw new NoAnswerError(service, ms);
  const waiting: Waiting = { deadline: Date.now() + ms, state: 'waiting' };
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => {
    waiting.state = 'given up';
    giveUp();
    return new NoAnswerError(service, ms);
  };
  const timer = setTimeout(() => reject(leave()), ms);
  try {
    return await Promise.race([calls.run(waiting, call), promise]);
  } catch (error) {
    // gRPC ends the call at the same moment, and its error may come first.
    const isOver = Date.now() >= waiting.deadline - TIMERS_DIFFER_MS;
    throw isOver && hasCode(error, DEADLINE_EXCEEDED) ? leave() : error;
  } finally {
    clearTimeout(timer);
    if (waiting.state === 'waiting') waiting.state = 'ended';
  }
}
