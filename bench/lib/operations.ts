/**
 * Counts what Firestore would bill, on the wire: a read for each document that is returned, found missing
 * or sent to a listener, at least one a query; a write for each document written.
 * https://cloud.google.com/firestore/pricing#operations
 */
import { ServerInterceptingCall, type ServerInterceptor, type ServerListener } from '@grpc/grpc-js';

export interface Operations {
  reads: number;
  writes: number;
}

export class OperationCounter {
  private readonly counted: Operations = { reads: 0, writes: 0 };

  readonly interceptor: ServerInterceptor = (method, call) => {
    const operation = method.path.split('/').at(-1) ?? '';
    let answered = 0;
    const onReceiveMessage: ServerListener['onReceiveMessage'] = (message, proceed) => {
      const { writes = [] } = message as { writes?: unknown[] };
      if (operation === 'Commit' || operation === 'BatchWrite')
        this.counted.writes += writes.length;
      proceed(message);
    };
    return new ServerInterceptingCall(call, {
      start: (next) => next({ onReceiveMessage }),
      sendMessage: (message, next) => {
        const reads = readsIn(operation, message as object);
        answered += reads;
        this.counted.reads += reads;
        next(message);
      },
      sendStatus: (status, next) => {
        // A query that finds nothing has looked all the same.
        if (operation === 'RunQuery' && answered === 0) this.counted.reads++;
        next(status);
      },
    });
  };

  /** What was counted while `work` ran. */
  async during<T>(work: () => Promise<T>): Promise<{ result: T; operations: Operations }> {
    const before = { ...this.counted };
    const result = await work();
    const operations = {
      reads: this.counted.reads - before.reads,
      writes: this.counted.writes - before.writes,
    };
    return { result, operations };
  }
}

/** Which messages tell of a document, by the field that does. */
const TELLING: Record<string, readonly string[]> = {
  BatchGetDocuments: ['found', 'missing'],
  RunQuery: ['document'],
  Listen: ['documentChange'],
};

function readsIn(operation: string, message: object): number {
  if (operation === 'GetDocument') return 1;
  return TELLING[operation]?.some((field) => Object.hasOwn(message, field)) ? 1 : 0;
}
