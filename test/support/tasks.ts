/** The local Cloud Tasks, Google's client for it, and a target that records what it is sent. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CloudTasksClient, type protos } from '@google-cloud/tasks';
import { credentials } from '@grpc/grpc-js';
import { createIdentity, type Identity } from '../../local-cloud/identity/identity.ts';
import { startTasks, type TasksOptions } from '../../local-cloud/tasks/server.ts';
import { endWithUs } from './end-with-us.ts';
import { HANG_LIMIT_MS } from './hang-limit.ts';

type Queue = protos.google.cloud.tasks.v2.IQueue;
type Task = protos.google.cloud.tasks.v2.ITask;

export const PROJECT = 'demo-project';
export const LOCATION = 'europe-west1';
export const PARENT = `projects/${PROJECT}/locations/${LOCATION}`;

export interface TasksStack {
  client: CloudTasksClient;
  identity: Identity;
  port: number;
  /** A new running queue; its name is returned. */
  createQueue(settings?: Queue): Promise<string>;
  close(): Promise<void>;
}

export async function startTasksStack(
  options: Omit<TasksOptions, 'identity'> = {},
): Promise<TasksStack> {
  const identity = await createIdentity(options);
  const server = await startTasks({ ...options, identity });
  const client = connect(server.port);
  return {
    client,
    identity,
    port: server.port,
    createQueue: (settings) => createQueue(client, settings),
    close: async () => {
      await client.close();
      await server.close();
    },
  };
}

/** Google's client, pointed at a local server as the deployed code points it. */
export function connect(port: number): CloudTasksClient {
  return new CloudTasksClient({
    projectId: PROJECT,
    apiEndpoint: '127.0.0.1',
    port,
    sslCreds: credentials.createInsecure(),
  });
}

let queues = 0;

export async function createQueue(client: CloudTasksClient, settings: Queue = {}): Promise<string> {
  const name = client.queuePath(PROJECT, LOCATION, `queue-${++queues}`);
  await client.createQueue({ parent: PARENT, queue: { ...settings, name } });
  return name;
}

export function httpTask(
  url: string,
  http: protos.google.cloud.tasks.v2.IHttpRequest = {},
  task: Task = {},
): Task {
  return { ...task, httpRequest: { url, ...http } };
}

/** `ms` as the API's Duration. */
export function duration(ms: number): protos.google.protobuf.IDuration {
  return { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1e6 };
}

/** `ms` since the epoch as the API's Timestamp. */
export function timestamp(ms: number): protos.google.protobuf.ITimestamp {
  return duration(ms);
}

/** Milliseconds of an API Timestamp. */
export function millis(time: protos.google.protobuf.ITimestamp | null | undefined): number {
  return Number(time?.seconds ?? Number.NaN) * 1_000 + (time?.nanos ?? 0) / 1e6;
}

export interface Delivery {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** `performance.now()` when the headers arrived. */
  at: number;
  /** Answers it; until then the request hangs. */
  respond(status: number, headers?: Record<string, string>): void;
  /** Breaks the connection, as a worker does that dies. */
  reset(): void;
  /** Resolves when the sender breaks the request off. */
  aborted: Promise<void>;
}

export interface Target {
  url: string;
  deliveries: Delivery[];
  /** Most requests that were open at a time. */
  peak(): number;
  /** Resolves with the `n`th delivery (from 1), which may be there already. */
  delivery(n: number): Promise<Delivery>;
  close(): Promise<void>;
}

/** @param answer Called for each delivery; one that it does not answer stays open. */
export async function startTarget(
  answer: (delivery: Delivery, n: number) => unknown = (delivery) => delivery.respond(200),
): Promise<Target> {
  const deliveries: Delivery[] = [];
  const waiting = new Map<number, (delivery: Delivery) => void>();
  let open = 0;
  let peak = 0;

  const server = createServer((request, response) => {
    peak = Math.max(peak, ++open);
    response.on('close', () => open--);
    receive(request, response).then((delivery) => {
      const n = deliveries.push(delivery);
      answer(delivery, n);
      waiting.get(n)?.(delivery);
    }, console.error);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tasks/work`,
    deliveries,
    peak: () => peak,
    delivery: (n) =>
      new Promise((resolve) => {
        const there = deliveries[n - 1];
        if (there) resolve(there);
        else waiting.set(n, resolve);
      }),
    close: async () => {
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      });
    },
  };
}

async function receive(request: IncomingMessage, response: ServerResponse): Promise<Delivery> {
  const at = performance.now();
  const aborted = new Promise<void>((resolve) => {
    response.on('close', () => {
      if (!response.writableFinished) resolve();
    });
  });
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: Buffer.concat(chunks),
    at,
    respond: (status, headers) => response.writeHead(status, headers).end(),
    reset: () => request.socket.resetAndDestroy(),
    aborted,
  };
}

/** Waits until `condition` holds; fails loudly instead of waiting for ever. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + HANG_LIMIT_MS;
  while (!(await condition())) {
    if (performance.now() > deadline)
      throw new Error(`not so within ${HANG_LIMIT_MS} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Rejects unless `call` is refused with this code. */
export async function refusal(call: Promise<unknown>): Promise<{ code: number; details: string }> {
  return call.then(
    () => {
      throw new Error('the call was expected to be refused');
    },
    (error: { code: number; details: string }) => ({ code: error.code, details: error.details }),
  );
}

/** A server of its own process, so that it can be killed; everything it knows is in `dataDir`. */
export async function spawnTasks(
  dataDir: string,
): Promise<{ port: number; kill(signal: NodeJS.Signals): Promise<void> }> {
  const script = `
    const { createIdentity } = await import(${JSON.stringify(moduleUrl('identity/identity.ts'))});
    const { startTasks } = await import(${JSON.stringify(moduleUrl('tasks/server.ts'))});
    const dataDir = ${JSON.stringify(dataDir)};
    const { port } = await startTasks({ identity: await createIdentity({ dataDir }), dataDir });
    console.log(port);`;
  const child = endWithUs(
    spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const exited = once(child, 'exit');
  const [line] = await once(child.stdout, 'data');
  return {
    port: Number(String(line)),
    kill: async (signal) => {
      child.kill(signal);
      await exited;
    },
  };
}

function moduleUrl(path: string): string {
  return new URL(`../../local-cloud/${path}`, import.meta.url).href;
}
