/**
 * Counts what Firestore would bill, on the wire. A read: each document that is returned, is reported
 * missing or is sent to a listener; at least one for each query, and one for a thousand documents that are only counted.
 * A write: each document that is written.
 * https://cloud.google.com/firestore/pricing#operations
 */
import { ServerInterceptingCall, type ServerInterceptor, type ServerListener } from '@grpc/grpc-js';
import { z } from 'zod';

const countSchema = z.object({
  result: z.object({
    aggregateFields: z.record(z.string(), z.object({ integerValue: z.coerce.number().optional() })),
  }),
});

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
};

function readsIn(operation: string, message: object): number {
  if (operation === 'GetDocument') return 1;
  if (operation === 'RunAggregationQuery') return readsOfCount(message);
  return TELLING[operation]?.some((field) => Object.hasOwn(message, field)) ? 1 : 0;
}

/** Only counts are measured: the number of a sum says nothing about how many documents it is of. */
function readsOfCount(message: object): number {
  const { data } = countSchema.safeParse(message);
  const counts = Object.values(data?.result.aggregateFields ?? {});
  return Math.max(
    1,
    ...counts.map(({ integerValue }) => Math.ceil(Number(integerValue ?? 0) / 1_000)),
  );
}
