/** A Firestore on this machine: the gRPC service, as Google's client libraries expect it. */
import { Server, ServerCredentials, type ServerInterceptor } from '@grpc/grpc-js';
import { faultInterceptor } from '../faults/grpc.ts';
import type { FaultPlan } from '../faults/plan.ts';
import { Databases } from './databases.ts';
import { NO_DISK, openDisk } from './disk.ts';
import { listen } from './port.ts';
import type { IndexDefinitions } from './query/indexes.ts';
import { limitedService, MAX_MESSAGE_BYTES, serverStream, unary } from './rpc/calls.ts';
import { answerHttp1 } from './rpc/http1.ts';
import { ListenCalls } from './rpc/listen.ts';
import { listCollectionIds, listDocuments } from './rpc/lists.ts';
import * as reads from './rpc/reads.ts';
import { WriteCalls } from './rpc/write-stream.ts';
import * as writes from './rpc/writes.ts';

export interface FirestoreOptions {
  /** By default, or with 0, any free port. */
  port?: number;
  host?: string;
  /** Folder of the stored documents; by default they are only in memory. */
  dataDir?: string;
  /** Milliseconds since the epoch, possibly with a fraction. */
  now?: () => number;
  /** The defined indexes. By default every query has the index that it needs. */
  indexes?: IndexDefinitions | undefined;
  /** Faults to inject, for tests of the callers. */
  faults?: FaultPlan | undefined;
  /** Interceptors that see each call, e.g. to count them. */
  interceptors?: ServerInterceptor[];
  /** Credentials for TLS; by default plain text, which the client uses with emulators. */
  credentials?: ServerCredentials;
}

export interface RunningService {
  host: string;
  port: number;
  close(): Promise<void>;
}

/** How long running calls may go on when the server closes. */
const CLOSE_GRACE_MS = 1_000;

/** Starts the service. Clients use it if `FIRESTORE_EMULATOR_HOST` is its `host:port`. */
export async function startFirestore(options: FirestoreOptions = {}): Promise<RunningService> {
  const { port: wantedPort = 0, host = '127.0.0.1', now = preciseNow } = options;
  const { dataDir, indexes, faults, interceptors = [] } = options;
  const { credentials = ServerCredentials.createInsecure() } = options;
  const disk = dataDir === undefined ? NO_DISK : openDisk(dataDir, faults?.beforeWrite);
  const databases = new Databases(disk, now, indexes);
  const listens = new ListenCalls(databases);
  const writeCalls = new WriteCalls(databases);
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc.keepalive_permit_without_calls': 1,
    interceptors: [
      ...(faults ? [faultInterceptor(faults.channel('firestore'))] : []),
      ...interceptors,
    ],
  });
  server.addService(limitedService(), implementation(databases, listens, writeCalls));
  const address = { host, port: wantedPort, credentials };
  const shared = await listen(server, answerHttp1(databases), address);
  return {
    host,
    port: shared.port,
    async close() {
      listens.close();
      writeCalls.close();
      databases.close();
      await shared.close(CLOSE_GRACE_MS);
      disk.close();
    },
  };
}

/** All calls except ExecutePipeline, which fails with UNIMPLEMENTED. */
function implementation(databases: Databases, listens: ListenCalls, writeCalls: WriteCalls) {
  const on = <Request, Response>(
    handle: (databases: Databases, request: Request) => Response | Promise<Response>,
  ) => unary((request: Request) => handle(databases, request));
  const streamOn = <Request>(
    handle: (databases: Databases, request: Request) => Promise<Iterable<object>>,
  ) => serverStream((request: Request) => handle(databases, request));
  return {
    GetDocument: on(reads.getDocument),
    BatchGetDocuments: streamOn(reads.batchGetDocuments),
    RunQuery: streamOn(reads.runQueryRpc),
    RunAggregationQuery: streamOn(reads.runAggregationQuery),
    PartitionQuery: on(reads.partitionQuery),
    ListDocuments: on(listDocuments),
    ListCollectionIds: on(listCollectionIds),
    CreateDocument: on(writes.createDocument),
    UpdateDocument: on(writes.updateDocument),
    DeleteDocument: on(writes.deleteDocument),
    BeginTransaction: on(writes.beginTransaction),
    Commit: on(writes.commit),
    Rollback: on(writes.rollback),
    BatchWrite: on(writes.batchWrite),
    Write: writeCalls.handle,
    Listen: listens.handle,
  };
}

/** `Date.now()` with a fraction of microseconds. */
function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}
