/**
 * Counts what Firestore would bill, on the wire. A read: each document that is returned, is reported
 * missing or is sent to a listener; at least one for each query, and one for a thousand documents that are only counted.
 * A write: each document that is written.
 * https://cloud.google.com/firestore/pricing#operations
 */
import { ServerInterceptingCall, type ServerInterceptor, type ServerListener } from '@grpc/grpc-js';

export interface Operations {
  reads: number;
  writes: number;
}

export class OperationCounter {
  readonly #counted: Operations = { reads: 0, writes: 0 };

  readonly interceptor: ServerInterceptor = (method, call) => {
    const operation = method.path.split('/').at(-1) ?? '';
    let answered = 0;
    const onReceiveMessage: ServerListener['onReceiveMessage'] = (message, proceed) => {
      const { writes = [] } = message as { writes?: unknown[] };
      if (operation === 'Commit' || operation === 'BatchWrite')
        this.#counted.writes += writes.length;
      proceed(message);
    };
    return new ServerInterceptingCall(call, {
      start: (next) => next({ onReceiveMessage }),
      sendMessage: (message, next) => {
        const reads = readsIn(operation, message as object);
        answered += reads;
        this.#counted.reads += reads;
        next(message);
      },
      sendStatus: (status, next) => {
        // Firestore bills one read for a query without a result.
        if (operation === 'RunQuery' && answered === 0) this.#counted.reads++;
        next(status);
      },
    });
  };

  /** Counts the operations while `work` runs. */
  async during<T>(work: () => Promise<T>): Promise<{ result: T; operations: Operations }> {
    const before = { ...this.#counted };
    const result = await work();
    const operations = {
      reads: this.#counted.reads - before.reads,
      writes: this.#counted.writes - before.writes,
    };
    return { result, operations };
  }
}

/** The messages that count as a read of a document, and the fields that show it. */
const TELLING: Record<string, readonly string[]> = {
  BatchGetDocuments: ['found', 'missing'],
  RunQuery: ['document'],
  Listen: ['documentChange'],
  // No bench counts a thousand documents.
  RunAggregationQuery: ['result'],
};

function readsIn(operation: string, message: object): number {
  if (operation === 'GetDocument') return 1;
  return TELLING[operation]?.some((field) => Object.hasOwn(message, field)) ? 1 : 0;
}
