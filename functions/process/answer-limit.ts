/**
 * A Firestore that does not answer. Google's client waits up to five minutes for each answer, and asks again: three times
 * for each read, five times around that, and five times around a transaction. Whoever calls us would wait for hours, and a
 * write that was given up could still be made then.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Firestore } from '@google-cloud/firestore';
import type * as Grpc from '@grpc/grpc-js';
import { DEADLINE_EXCEEDED, FAILED_PRECONDITION } from './grpc-status.ts';

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

/** What a caller of ours has asked for: whether Firestore has left a call for it without an answer. */
const requests = new AsyncLocalStorage<{ hadNoAnswer: boolean }>();

/** What further calls of such a request may wait, of what the first one waited: its caller has waited long enough. */
const LATER_SHARE = 0.1;

/** Runs what one caller waits for, who may get an answer although Firestore does not answer all that is asked for it. */
export const inOneRequest = <T>(work: () => T): T => requests.run({ hadNoAnswer: false }, work);

/** Firestore is at fault: the code is what gRPC gives that. */
class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
  readonly code = DEADLINE_EXCEEDED;

  constructor(ms: number) {
    super(`Firestore did not answer within ${ms} ms.`);
  }
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

/** Through these methods of the client goes all that it asks. The first two are not public. */
const METHODS = ['request', 'requestStream', 'runTransaction'];

/**
 * Lets each call fail with a `NoAnswerError` that has no answer after `ms` milliseconds: a transaction as a whole, and of a
 * query each part of the answer. Listeners go on.
 */
export function limitAnswers(firestore: Firestore, ms: number): void {
  for (const name of METHODS) {
    const method: unknown = Reflect.get(firestore, name);
    if (typeof method !== 'function') throw new Error(`Google's client has no ${name} any more.`);
    Reflect.set(firestore, name, (...given: unknown[]) => {
      const call = () => Reflect.apply(method, firestore, given);
      const hasLimit = currentCall() !== undefined;
      return hasLimit || given[0] === 'listen' ? call() : orNoAnswer(call, ms);
    });
  }
}

async function orNoAnswer(call: () => unknown, longestMs: number): Promise<unknown> {
  const request = requests.getStore();
  const ms = request?.hadNoAnswer ? LATER_SHARE * longestMs : longestMs;
  const waiting: Waiting = { deadline: Date.now() + ms, state: 'waiting' };
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    waiting.state = 'given up';
    if (request) request.hadNoAnswer = true;
    reject(new NoAnswerError(ms));
  }, ms);
  try {
    return await Promise.race([calls.run(waiting, call), promise]);
  } finally {
    clearTimeout(timer);
    if (waiting.state === 'waiting') waiting.state = 'ended';
  }
}
