/**
 * Cloud Tasks on this machine: the gRPC service for Google's own client, and real pushes over HTTP. It
 * supports only HTTP targets: no IAM policies, no locations, no App Engine.
 */
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import { cloudTasks } from '../base/cloud-tasks.ts';
import { DISK_FULL, isDiskFull } from '../base/disk-full.ts';
import { RpcError } from '../base/rpc-error.ts';
import { faultInterceptor } from '../faults/grpc.ts';
import type { FaultPlan } from '../faults/plan.ts';
import { withPushFaults } from '../faults/push.ts';
import type { Identity } from '../identity/identity.ts';
import { createAuthorizer } from './authorization.ts';
import { Dispatchers } from './dispatchers.ts';
import { createPusher, unreachable } from './push.ts';
import { QueueService, type ServiceDeps } from './queue-service.ts';
import { Store } from './store.ts';
import { TaskService } from './task-service.ts';

export interface TasksOptions {
  /** Signs the tokens that tasks ask for. */
  identity: Pick<Identity, 'issuer' | 'sign'>;
  /** 0, the default: any free port. */
  port?: number;
  host?: string;
  /** Folder of queues and tasks. Without it, they are kept in memory and end with the process. */
  dataDir?: string;
  /** Addresses for the hosts in tasks' URLs, `host` → `host:port`. Other hosts are resolved as usual. */
  hosts?: ReadonlyMap<string, string>;
  /** How long the name of an ended task stays reserved; the real service says "~1 hour". */
  tombstoneMs?: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
  /** Faults to inject, for tests of callers and targets. */
  faults?: FaultPlan | undefined;
  /** Interceptors that see each call, e.g. to count them. */
  interceptors?: ServerInterceptor[];
  /** For TLS; by default plain text. */
  credentials?: ServerCredentials;
}

export interface RunningTasks {
  host: string;
  port: number;
  /** Aborts the running attempts. Their tasks are dispatched again after the next start. */
  close(): Promise<void>;
}

export async function startTasks({
  identity,
  port = 0,
  host = '127.0.0.1',
  dataDir,
  hosts,
  tombstoneMs = 3_600_000,
  now = Date.now,
  faults,
  interceptors = [],
  credentials = ServerCredentials.createInsecure(),
}: TasksOptions): Promise<RunningTasks> {
  const store = new Store(dataDir, faults?.beforeWrite);
  const direct = createPusher(hosts);
  const lost = unreachable(new Error('an injected fault'));
  const pusher = faults ? withPushFaults(direct, faults.channel('deliveries'), lost) : direct;
  const authorize = createAuthorizer(identity);
  const dispatchers = new Dispatchers({ store, pusher, authorize, now, tombstoneMs });
  const stopDispatching = (): void => {
    dispatchers.close();
    pusher.close();
  };
  const server = createServer({ store, dispatchers, now, tombstoneMs }, [
    ...(faults ? [faultInterceptor(faults.channel('tasks'))] : []),
    ...interceptors,
  ]);
  try {
    const bound = await bind(server, host, port, credentials);
    return {
      host,
      port: bound,
      close: async () => {
        stopDispatching();
        await new Promise((resolve) => server.tryShutdown(resolve));
        store.close();
      },
    };
  } catch (error) {
    stopDispatching();
    store.close();
    throw error;
  }
}

function createServer(deps: ServiceDeps, interceptors: ServerInterceptor[]): Server {
  const queues = new QueueService(deps);
  const tasks = new TaskService(deps);
  // With grpc-js's default limit of 4 MB, a body that is far too large would not get the service's own
  // error.
  const server = new Server({
    'grpc.max_receive_message_length': 64 * 1024 * 1024,
    interceptors,
  });
  server.addService(cloudTasks(), {
    CreateQueue: unary((request) => queues.createQueue(request)),
    GetQueue: unary((request) => queues.getQueue(request)),
    ListQueues: unary((request) => queues.listQueues(request)),
    UpdateQueue: unary((request) => queues.updateQueue(request)),
    DeleteQueue: unary((request) => queues.deleteQueue(request)),
    PurgeQueue: unary((request) => queues.purgeQueue(request)),
    PauseQueue: unary((request) => queues.pauseQueue(request)),
    ResumeQueue: unary((request) => queues.resumeQueue(request)),
    CreateTask: unary((request) => tasks.createTask(request)),
    GetTask: unary((request) => tasks.getTask(request)),
    ListTasks: unary((request) => tasks.listTasks(request)),
    DeleteTask: unary((request) => tasks.deleteTask(request)),
    RunTask: unary((request) => tasks.runTask(request)),
  });
  return server;
}

function unary<Request, Response>(
  method: (request: Request) => Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    try {
      callback(null, method(call.request));
    } catch (error) {
      if (error instanceof RpcError) callback({ code: error.code, details: error.message });
      else if (isDiskFull(error)) callback({ code: status.RESOURCE_EXHAUSTED, details: DISK_FULL });
      else {
        console.error('Cloud Tasks:', error);
        callback({ code: status.INTERNAL, details: 'Internal error.' });
      }
    }
  };
}

function bind(
  server: Server,
  host: string,
  port: number,
  credentials: ServerCredentials,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, credentials, (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
}
