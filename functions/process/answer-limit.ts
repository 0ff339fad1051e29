/**
 * A Firestore, or a Cloud Tasks, that does not answer. Google's client of Firestore waits up to five minutes for each answer,
 * and asks again: three times for each read, five times around that, and five times around a transaction. That of Cloud Tasks
 * waits 20 s, four times where we repeat the call. Whoever calls us would wait for hours, and a write that was given up could
 * still be made then.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type * as Grpc from '@grpc/grpc-js';
import { DEADLINE_EXCEEDED, FAILED_PRECONDITION, hasCode, NoAnswerError } from './grpc-status.ts';

interface Waiting {
  /** By `Date.now()`. */
  deadline: number;
  /** `given up`: the caller has got its `NoAnswerError`. */
  state: 'waiting' | 'ended' | 'given up';
}

const calls = new AsyncLocalStorage<Waiting>();

/** The call for which the code runs. What has begun in one that has ended well, such as a timer, is no part of it. */
function currentCall(): Waiting | undefined {
  const call = calls.getStore();
  return call?.state === 'ended' ? undefined : call;
}

/** What a caller of ours has asked for. */
interface OneRequest {
  /** Whether a service has left a call for it without an answer. */
  hadNoAnswer: boolean;
  /** How many milliseconds are left for its answer; infinity once that has begun. */
  leftMs: () => number;
}

const requests = new AsyncLocalStorage<OneRequest>();

/** What further calls of such a request may wait, of what the first one waited: its caller has waited long enough. */
const LATER_SHARE = 0.1;

/** Runs what one caller waits for, who may get an answer although a service does not answer all that is asked for it. */
export async function inOneRequest<T>(leftMs: () => number, work: () => Promise<T>): Promise<T> {
  const request = { hadNoAnswer: false, leftMs };
  try {
    return await requests.run(request, work);
  } finally {
    // A connection that was opened for the request goes on, and keeps this object for as long.
    request.leftMs = endless;
  }
}

const endless = () => Number.POSITIVE_INFINITY;

/** How long one call to a service may wait for its answer. */
export interface Wait {
  /** Milliseconds. */
  ms: number;
  /** To call when they are over. */
  giveUp(): void;
}

/** @param longestMs How long a call may wait for which nobody waits, or whose caller has not waited yet. */
export function beginWait(longestMs: number): Wait {
  const request = requests.getStore();
  const leftMs = request?.leftMs() ?? Number.POSITIVE_INFINITY;
  // What has begun in a request that has its answer, such as a timer, is no part of it.
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
 * Makes an option of the client: what a call has asked ends with the call, and afterwards nothing more is asked for it.
 * @param grpc Loaded together with the client.
 */
export function endWithItsCall(
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
 * Answers calls at once, before they reach the network: with headers, and with a code for which the client does not repeat
 * them. Nobody hears it: their caller has got its error.
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

/** Through these methods of its client goes all that we ask of a service. The first two are not public. */
const METHODS = {
  Firestore: ['request', 'requestStream', 'runTransaction'],
  'Cloud Tasks': ['createTask', 'deleteTask'],
};

/**
 * Lets each call fail with a `NoAnswerError` that has no answer after `ms` milliseconds: a transaction as a whole, and of a
 * query each part of the answer. Listeners go on.
 */
export function limitAnswers(client: object, service: keyof typeof METHODS, ms: number): void {
  for (const name of METHODS[service]) {
    const method: unknown = Reflect.get(client, name);
    if (typeof method !== 'function') throw new Error(`Google's client has no ${name} any more.`);
    Reflect.set(client, name, (...given: unknown[]) => {
      const call = () => Reflect.apply(method, client, given);
      const hasLimit = currentCall() !== undefined;
      return hasLimit || given[0] === 'listen' ? call() : orNoAnswer(call, service, ms);
    });
  }
}

async function orNoAnswer(
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
    // gRPC ends a call at the same moment, and may be quicker to say so.
    const isOver = Date.now() >= waiting.deadline - TIMERS_DIFFER_MS;
    throw isOver && hasCode(error, DEADLINE_EXCEEDED) ? leave() : error;
  } finally {
    clearTimeout(timer);
    if (waiting.state === 'waiting') waiting.state = 'ended';
  }
}
