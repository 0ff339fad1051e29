/** Creates the buckets and queues that Terraform creates in the cloud, if they do not exist yet. */
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { cloudTasks } from '@media-analysis/local-cloud/base/cloud-tasks';
import type { Tier } from '@media-analysis/shared/analytics';
import type { Phase } from '@media-analysis/shared/media';
import { retry } from '@media-analysis/shared/retry';

/** Each tier has a queue of its own, and so have webhook messages, and those to slow receivers. */
type QueueKind = Phase | Tier | 'webhook' | 'slow_webhook';

export interface ProvisionOptions {
  project: string;
  location: string;
  /** `http://host:port` */
  storage: string;
  /** `host:port` */
  tasks: string;
  buckets: string[];
  /** Names of the queues. */
  queues: Record<QueueKind, string>;
}

const CONFLICT = 409;

/** The backoff between deliveries is the same as between the retries within one. The worker itself counts deliveries. */
const RETRY_CONFIG = {
  maxAttempts: -1,
  minBackoff: { seconds: 1 },
  maxBackoff: { seconds: 10 },
  maxDoublings: 4,
};
/**
 * The most deliveries of each queue at a time: the queues limit the work. Files of one owner, which may take long to open, leave
 * places for storing to others (`MAX_QUEUED_PER_OWNER`). No other media waits behind those of the tier `flex`. `npm run
 * deploy:check` fails if terraform/ has other numbers.
 */
export const AT_A_TIME: Record<QueueKind, number> = {
  upload: 15,
  analyze: 5,
  flex: 4,
  webhook: 8,
  slow_webhook: 8,
};
const MAX_DISPATCHES_PER_SECOND = 500;

export async function provision(options: ProvisionOptions): Promise<void> {
  await Promise.all([
    ...options.buckets.map((bucket) => createBucket(bucket, options)),
    createQueues(options),
  ]);
}

/** Sends the request with `fetch`, because the client library reads its address only from this process's environment. */
async function createBucket(name: string, { storage, project }: ProvisionOptions): Promise<void> {
  const response = await fetch(`${storage}/storage/v1/b?project=${project}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  if (response.ok || response.status === CONFLICT) return;
  throw new Error(`The bucket ${name} could not be created: ${await response.text()}`);
}

/**
 * Lets scripts of the page, and of pages in `ALLOWED_ORIGINS`, read the targets of signed URLs.
 * @param environment the units' settings, with `STORAGE_EMULATOR_HOST`, `MEDIA_BUCKET` and `ALLOWED_ORIGINS`
 */
export async function allowPages(
  { STORAGE_EMULATOR_HOST, MEDIA_BUCKET, ALLOWED_ORIGINS = '' }: Record<string, string>,
  pageUrl: string,
): Promise<void> {
  const others = ALLOWED_ORIGINS.split(',').filter((origin) => origin !== '');
  const origin = [pageUrl, pageUrl.replace('localhost', '127.0.0.1'), ...others];
  const rule = { origin, method: ['GET', 'HEAD'], responseHeader: ['Content-Type'] };
  await retry(async () => {
    const response = await fetch(`${STORAGE_EMULATOR_HOST}/storage/v1/b/${MEDIA_BUCKET}`, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ cors: [rule] }),
    });
    if (!response.ok)
      throw new Error(`CORS could not be set for the page: ${await response.text()}`);
  });
}

/** Not with Google's client: it takes a quarter of a second to load, and nothing else here needs it. */
async function createQueues({ project, location, tasks, queues }: ProvisionOptions): Promise<void> {
  const client = new Client(tasks, credentials.createInsecure());
  const { CreateQueue, UpdateQueue } = cloudTasks();
  const call = (method: typeof CreateQueue, request: object) =>
    new Promise<void>((resolve, reject) => {
      if (!method) throw new Error('The description of Cloud Tasks lacks a method.');
      const { path, requestSerialize, responseDeserialize } = method;
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error) =>
        error ? reject(error) : resolve(),
      );
    });
  const parent = `projects/${project}/locations/${location}`;
  try {
    for (const kind of ['upload', 'analyze', 'flex', 'webhook', 'slow_webhook'] as const) {
      const rateLimits = {
        maxConcurrentDispatches: AT_A_TIME[kind],
        maxDispatchesPerSecond: MAX_DISPATCHES_PER_SECOND,
      };
      const name = `${parent}/queues/${queues[kind]}`;
      const queue = { name, retryConfig: RETRY_CONFIG, rateLimits };
      await call(CreateQueue, { parent, queue }).catch(async (error: ServiceError) => {
        if (error.code !== status.ALREADY_EXISTS) throw error;
        // An earlier version may have created it with other numbers.
        await call(UpdateQueue, { queue });
      });
    }
  } finally {
    client.close();
  }
}
