/**
 * Google Cloud on this machine: starts the services that the units use, all in this process. If a service's usual variable is
 * set, that service is used instead.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createIdentity,
  DataFileError,
  type FaultPlan,
  type Identity,
  type IndexDefinitions,
  indexesSchema,
  isDiskFull,
  lockDataDir,
  type SignInOptions,
  startFirestore,
  startIdentity,
  startStorage,
  startTasks,
} from '@media-analysis/local-cloud';
import type { SignInConfig } from '@media-analysis/shared/page-config';
import { freePort } from './base/free-port.ts';
import { provision } from './base/provision.ts';
import type { InvokerPolicy } from './front/invoker.ts';
import type { Provided } from './parts.ts';
import { type Published, startTopics } from './topic.ts';

const PROJECT = 'media-analysis-local';
/** RFC 6761 reserves `.invalid`, so a token of this issuer cannot be mistaken for another issuer's. */
const ISSUER = 'https://identity.media-analysis.invalid';
const LOCATION = 'local';
const UPLOAD_QUEUE = 'media-upload';
const ANALYZE_QUEUE = 'media-analyze';
const FLEX_QUEUE = 'media-flex';
const WEBHOOK_QUEUE = 'media-webhooks';
const SLOW_WEBHOOK_QUEUE = 'media-slow-webhooks';

/**
 * Tasks are addressed to this name, because the worker's port changes with each start. `.invalid` never resolves (RFC 6761): only
 * the local Cloud Tasks maps it to the worker.
 */
const WORKER_HOST = 'worker.media-analysis.invalid';

export interface Cloud {
  identity: Identity;
  identityPort: number;
  /** The address of the sign-in; undefined unless asked for. */
  signIn: SignInConfig | undefined;
  /** The settings of the units, which Terraform sets in the cloud. */
  environment: Record<string, string>;
  /** Messages published to topics here. */
  published: readonly Published[];
  /** The accounts that may call the worker, as IAM would decide. */
  workerInvokers: InvokerPolicy;
  /** The worker must listen on this port; 0: any port. */
  workerPort: number;
  /** Tells the local Cloud Tasks the worker's port. */
  setWorkerPort(port: number): void;
  close(): Promise<void>;
}

interface Running {
  port: number;
  close(): Promise<void>;
}

export interface CloudOptions {
  /** Set it if several products share a running emulator. */
  project?: string | undefined;
  /** Folder of all data. Without it, nothing outlives `close`. */
  dataDir?: string | undefined;
  /** Faults to inject after everything has started. */
  faults?: FaultPlan | undefined;
  /** Resources of the features. */
  provided?: readonly Provided[] | undefined;
  /** How users sign in, as with Identity Platform. By default nobody does. */
  signIn?: SignInOptions | undefined;
}

/** @throws {DataDirError} if another instance uses the folder {DataFileError} if a file in it cannot be used */
export async function startCloud(
  { project = PROJECT, dataDir, faults, provided = [], signIn }: CloudOptions = {},
  env = process.env,
): Promise<Cloud> {
  const serviceAccount = (name: string) => `${name}@${project}.iam.gserviceaccount.com`;
  const [stagingBucket, mediaBucket] = [`${project}-staging`, `${project}-media`];
  const unlock = dataDir === undefined ? undefined : lockDataDir(dataDir, 'LOCAL_DATA_DIR');
  const scratch = mkdtempSync(join(tmpdir(), 'media-analysis-'));
  const running: Running[] = [];
  const close = async () => {
    for (const service of running.reverse()) await service.close();
    rmSync(scratch, { recursive: true, force: true });
    unlock?.();
  };
  try {
    const folder = (name: string) =>
      dataDir === undefined ? {} : { dataDir: join(dataDir, name) };
    const identity = await createIdentity({ ...folder('identity'), issuer: ISSUER });
    const issuer = await startIdentity({
      ...folder('identity'),
      identity,
      userAudience: project,
      signIn,
    });
    running.push(issuer);
    const addressOf = async (given: string | undefined, start: () => Promise<Running>) => {
      if (given) return given;
      const service = await start();
      running.push(service);
      return `127.0.0.1:${service.port}`;
    };
    const hosts = new Map<string, string>();
    let pubsub = env.PUBSUB_EMULATOR_HOST ?? '';
    const publicKey = (email: string) => identity.publicKey(email);
    const starts = [
      addressOf(env.FIRESTORE_EMULATOR_HOST, () =>
        startFirestore({ ...folder('firestore'), indexes: readIndexes(), faults }),
      ),
      addressOf(env.CLOUD_TASKS_EMULATOR_HOST, () =>
        startTasks({ ...folder('tasks'), identity, hosts, faults }),
      ),
      addressOf(env.STORAGE_EMULATOR_HOST, () =>
        startStorage({
          ...folder('storage'),
          publicKey,
          faults,
          publish: (topic, message) => publish(pubsub, topic, message),
        }),
      ).then((address) => (/^https?:/.test(address) ? address : `http://${address}`)),
    ] as const;
    const topics = pubsub ? undefined : await startTopics({ identity, hosts, faults });
    if (topics) running.push(topics);
    if (topics) pubsub = `127.0.0.1:${topics.port}`;
    // If one cannot start, the others must be ended: so each is waited for.
    await Promise.allSettled(starts);
    const [firestore, tasks, storage] = await Promise.all(starts);
    // An external Cloud Tasks cannot be told the worker's port. So its tasks go to a port that is chosen here, and the
    // operator's settings name the issuer of its tokens.
    const workerPort = env.CLOUD_TASKS_EMULATOR_HOST ? await freePort() : 0;
    const workerUrl = workerPort ? `http://127.0.0.1:${workerPort}` : `http://${WORKER_HOST}`;
    const { TASKS_ISSUER = identity.issuer, TASKS_JWKS_URL = issuer.jwksUri } = workerPort
      ? env
      : {};
    const keyFile = join(scratch, 'service-account.json');
    const key = await identity.serviceAccountKey(serviceAccount('units'), issuer.tokenUri);
    writeFileSync(keyFile, JSON.stringify(key), { mode: 0o600 });
    await provision({
      project,
      location: LOCATION,
      storage,
      tasks,
      buckets: [...[stagingBucket, mediaBucket], ...provided.flatMap(({ buckets }) => buckets)],
      queues: {
        upload: UPLOAD_QUEUE,
        analyze: ANALYZE_QUEUE,
        flex: FLEX_QUEUE,
        webhook: WEBHOOK_QUEUE,
        slow_webhook: SLOW_WEBHOOK_QUEUE,
      },
    });
    const account = serviceAccount('tasks');
    const services = { project, storage, pubsub, workerUrl, account };
    for (const each of provided) await each.run(services);
    return {
      identity,
      identityPort: issuer.port,
      signIn: issuer.signIn,
      published: topics?.published ?? [],
      environment: {
        FIRESTORE_EMULATOR_HOST: firestore,
        CLOUD_TASKS_EMULATOR_HOST: tasks,
        PUBSUB_EMULATOR_HOST: pubsub,
        STORAGE_EMULATOR_HOST: storage,
        // An external Cloud Storage verifies signatures by an account that it knows.
        GOOGLE_APPLICATION_CREDENTIALS:
          (env.STORAGE_EMULATOR_HOST && env.GOOGLE_APPLICATION_CREDENTIALS) || keyFile,
        GOOGLE_CLOUD_PROJECT: project,
        STAGING_BUCKET: stagingBucket,
        MEDIA_BUCKET: mediaBucket,
        TASKS_LOCATION: LOCATION,
        UPLOAD_QUEUE,
        ANALYZE_QUEUE,
        FLEX_QUEUE,
        WEBHOOK_QUEUE,
        SLOW_WEBHOOK_QUEUE,
        // Services that are developed on this machine may get webhooks over http.
        WEBHOOK_LOOPBACK: 'allow',
        WORKER_URL: workerUrl,
        TASKS_SERVICE_ACCOUNT: serviceAccount('tasks'),
        TASKS_ISSUER,
        TASKS_JWKS_URL,
        AUTH_ISSUER: identity.issuer,
        AUTH_AUDIENCE: project,
        AUTH_JWKS_URL: issuer.jwksUri,
      },
      workerInvokers: {
        issuer: TASKS_ISSUER,
        keys: TASKS_JWKS_URL === issuer.jwksUri ? identity.jwks() : new URL(TASKS_JWKS_URL),
        audience: workerUrl,
        invokers: [serviceAccount('tasks')],
      },
      workerPort,
      setWorkerPort: (port) => {
        hosts.set(WORKER_HOST, `127.0.0.1:${port}`);
      },
      close,
    };
  } catch (error) {
    await close();
    if (!isDiskFull(error) || error instanceof DataFileError) throw error;
    // The folder could not be made, a key could not be written, or a service has said so.
    throw new DataFileError([dataDir, scratch].filter(Boolean).join(' or '), error);
  }
}

async function publish(host: string, topic: string, message: object): Promise<void> {
  const response = await fetch(`http://${host}/v1/${topic}:publish`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ messages: [message] }),
  });
  if (!response.ok) throw new Error(`Pub/Sub has not taken it: ${await response.text()}`);
  await response.body?.cancel();
}

/** The indexes of the cloud's database, so that a query without an index fails on this machine too. */
function readIndexes(): IndexDefinitions {
  const file = new URL('../firestore.indexes.json', import.meta.url);
  return indexesSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
}
