/**
 * Google Cloud as a deployed unit finds it: names, TLS, tokens. Behind them are the services of `local/`.
 * https://cloud.google.com/run/docs/container-contract
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import tls from 'node:tls';
import { ServerCredentials, type ServerInterceptor } from '@grpc/grpc-js';
import type { UnitName } from '../../../local/base/units.ts';
import { refuse } from '../../../local/front/forward.ts';
import { createInvokerCheck } from '../../../local/front/invoker.ts';
import { Refusal } from '../../../local/front/refusal.ts';
import { startFirestore } from '../../../local-cloud/firestore/server.ts';
import { createIdentity, type Identity } from '../../../local-cloud/identity/identity.ts';
import { startStorage } from '../../../local-cloud/storage/server.ts';
import { startTasks } from '../../../local-cloud/tasks/server.ts';
import { type RunningGemini, startGemini } from '../gemini-server.ts';
import { type Certificate, createCertificate } from './certificate.ts';
import { tokenInterceptor } from './grpc.ts';
import {
  type AccountHandler,
  forward,
  type Handler,
  sendJson,
  startHttps,
  withToken,
} from './https.ts';
import { signBlob } from './iam.ts';
import { type MetadataServer, startMetadata } from './metadata.ts';
import { accountOf, PROJECT, REGION, WORKER_HOST, WORKER_URL } from './project.ts';
import { createBuckets, createQueues } from './provision.ts';
import { AccessTokens } from './tokens.ts';

const METADATA_ADDRESS = '169.254.169.254:80';
const HOSTS = [
  'firestore.googleapis.com',
  'cloudtasks.googleapis.com',
  'storage.googleapis.com',
  'iamcredentials.googleapis.com',
  'www.googleapis.com',
  'aiplatform.googleapis.com',
] as const;

interface Answer {
  status: number;
  body: Buffer;
}

/** One call that a service let in. */
interface Seen {
  host: string;
  /** Of gRPC the path of the method, of HTTPS method and path. */
  call: string;
  /** Absent where none is needed. */
  account?: string;
}

export interface Google {
  /** Tokens of the users who sign in. */
  users: Identity;
  tokens: AccessTokens;
  metadata: Record<UnitName | 'tasks', MetadataServer>;
  gemini: RunningGemini;
  /** What was let in, in order. */
  seen: Seen[];
  /** Where the worker listens; until it is said, its calls are refused. */
  workerPort: number | undefined;
  /** Host and port → port of this machine, for the network of a unit. */
  routesOf(unit: UnitName): Record<string, number>;
  /** A file with the certificate, for NODE_EXTRA_CA_CERTS. */
  certificateFile: string;
  /** One request to an address of Google's or of the worker, with nothing else than it says. */
  call(url: string, method?: string, body?: Buffer, token?: string): Promise<Answer>;
  close(): Promise<void>;
}

export async function startGoogle(): Promise<Google> {
  const tokens = new AccessTokens();
  const seen: Seen[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'media-analysis-google-'));
  const certificateFile = join(folder, 'root.pem');
  const [certificate, google, users, gemini] = await Promise.all([
    createCertificate([...HOSTS, WORKER_HOST]),
    createIdentity({ issuer: 'https://accounts.google.com' }),
    createIdentity({ issuer: `https://securetoken.google.com/${PROJECT}` }),
    startGemini(),
  ]);
  await writeFile(certificateFile, certificate.cert);
  const restoreRoots = believe(certificate);

  const secure = { credentials: serverCredentials(certificate) };
  const only = (host: string, units: UnitName[], ...others: string[]): ServerInterceptor[] => [
    tokenInterceptor(tokens, [...units.map(accountOf), ...others], ({ method, account }) => {
      seen.push({ host, call: method, account });
    }),
  ];
  const publicKey = (email: string) => google.publicKey(email);
  const operator = `operator@${PROJECT}.iam.gserviceaccount.com`;
  const hosts = new Map<string, string>();
  const [firestore, tasks, storage] = await Promise.all([
    startFirestore({
      ...secure,
      interceptors: only('firestore.googleapis.com', ['api', 'worker', 'stream']),
    }),
    startTasks({
      ...secure,
      identity: google,
      hosts,
      interceptors: only('cloudtasks.googleapis.com', ['api', 'worker'], operator),
    }),
    startStorage({ publicKey, servedAs: 'storage.googleapis.com' }),
  ]);

  const note = (request: IncomingMessage, account?: string) => {
    const { host = '' } = request.headers;
    const call = `${request.method} ${request.url?.replace(/\?.*/, '')}`;
    seen.push({ host, call, ...(account !== undefined && { account }) });
  };
  const byAccount = (units: UnitName[], handle: AccountHandler): Handler =>
    withToken(tokens, units.map(accountOf), (request, response, account) => {
      note(request, account);
      return handle(request, response, account);
    });

  const throughStorage = byAccount(['api', 'worker'], (request, response) => {
    forward(request, response, storage.port);
  });
  const handlers: Record<string, Handler> = {
    'storage.googleapis.com': (request, response) => {
      // Whoever has such an address needs no token.
      const isOpen = /[?&](X-Goog-Signature|upload_id)=/.test(request.url ?? '');
      if (!isOpen) return throughStorage(request, response);
      note(request);
      forward(request, response, storage.port);
    },
    // Only the api may sign, and only as itself: `terraform/access.tf`.
    'iamcredentials.googleapis.com': byAccount(['api'], signBlob(google)),
    'aiplatform.googleapis.com': byAccount(['worker'], (request, response) => {
      forward(request, response, gemini.port);
    }),
    'www.googleapis.com': (request, response) => {
      note(request);
      const keys = { [GOOGLE_KEYS]: google, [USERS_KEYS]: users }[request.url ?? ''];
      sendJson(response, keys?.jwks() ?? {}, keys ? 200 : 404);
    },
  };
  const servers = await Promise.all(
    Object.entries(handlers).map(async ([host, handler]) => {
      return [host, await startHttps(certificate, handler)] as const;
    }),
  );
  const checkInvoker = createInvokerCheck({
    issuer: google.issuer,
    keys: google.jwks(),
    audience: WORKER_URL,
    invokers: [accountOf('tasks')],
  });
  const worker = await startHttps(certificate, async (request, response) => {
    try {
      request.headers = await checkInvoker(request.headers);
      if (running.workerPort === undefined) throw new Refusal(503);
      forward(request, response, running.workerPort);
    } catch (error) {
      refuse(request, response, error);
    }
  });
  hosts.set(WORKER_HOST, `127.0.0.1:${worker.port}`);

  const metadataOf = (name: UnitName | 'tasks') =>
    startMetadata({
      project: PROJECT,
      region: REGION,
      account: accountOf(name),
      tokens,
      identity: google,
    });
  const [api, work, stream, taskCaller] = await Promise.all([
    metadataOf('api'),
    metadataOf('worker'),
    metadataOf('stream'),
    metadataOf('tasks'),
  ]);
  const metadata = { api, worker: work, stream, tasks: taskCaller };
  await Promise.all([
    createBuckets(storage.port),
    createQueues(tasks.port, certificate, tokens.issue(operator, 60)),
  ]);

  const ports = new Map<string, number>([
    ['firestore.googleapis.com', firestore.port],
    ['cloudtasks.googleapis.com', tasks.port],
    ...servers.map(([host, { port }]) => [host, port] as const),
    [WORKER_HOST, worker.port],
  ]);
  const call: Google['call'] = (url, method = 'GET', body = Buffer.alloc(0), token = undefined) => {
    const { host, pathname, search } = new URL(url);
    const headers = { host, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const place = { host: '127.0.0.1', port: ports.get(host) ?? 1, servername: host };
    return send({ ...place, agent: false, method, path: pathname + search, headers }, body);
  };
  const running: Google = {
    users,
    tokens,
    metadata,
    gemini,
    seen,
    certificateFile,
    workerPort: undefined,
    routesOf: (unit) => ({
      ...Object.fromEntries([...ports].map(([host, port]) => [`${host}:443`, port])),
      [METADATA_ADDRESS]: metadata[unit].port,
    }),
    call,
    close: async () => {
      // First those that call others.
      await tasks.close();
      await Promise.all([
        ...[firestore, storage, worker, gemini].map((server) => server.close()),
        ...servers.map(([, server]) => server.close()),
        ...Object.values(metadata).map((server) => server.close()),
      ]);
      restoreRoots();
      await rm(folder, { recursive: true });
    },
  };
  return running;
}

const GOOGLE_KEYS = '/oauth2/v3/certs';
const USERS_KEYS = '/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com';

/** Cloud Tasks, which runs in this process, calls the worker over TLS. @returns what undoes it. */
function believe({ cert }: Certificate): () => void {
  const roots = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...roots, cert]);
  return () => tls.setDefaultCACertificates(roots);
}

function serverCredentials({ cert, key }: Certificate): ServerCredentials {
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  return ServerCredentials.createSsl(null, [pair]);
}

function send(options: https.RequestOptions, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request(options, (response) => {
      buffer(response).then(
        (received) => resolve({ status: response.statusCode ?? 0, body: received }),
        reject,
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}
