/**
 * What is fuzzed: the routes of all three units behind one server, with the real Firestore client and
 * the local Firestore. Objects and tasks only lie in memory, or most of the time would go there.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { Firestore } from '@google-cloud/firestore';
import { composeApi } from '../../functions/api/compose.ts';
import { loadApiConfig } from '../../functions/api/config.ts';
import { createApiRoutes } from '../../functions/api/handler.ts';
import { AcceptanceStore } from '../../functions/core/accept/acceptances.ts';
import { DailyUploads } from '../../functions/core/accept/daily-uploads.ts';
import { CORE_ROUTES, coreHandlers } from '../../functions/core/accept/media-routes.ts';
import { NO_FEATURES } from '../../functions/core/media/moments.ts';
import { Places } from '../../functions/core/media/places.ts';
import type { TaskQueue } from '../../functions/core/media/task-queue.ts';
import { bound } from '../../functions/core/parts.ts';
import { Hub, showMedia } from '../../functions/core/stream/hub.ts';
import { createListener } from '../../functions/core/stream/listen.ts';
import { mediaWatches } from '../../functions/core/stream/watch.ts';
import { Libraries } from '../../functions/features/library/library.ts';
import { createLibrarySource } from '../../functions/features/library/source.ts';
import { watchLibrary } from '../../functions/features/library/stream.ts';
import { watchReanalysis } from '../../functions/features/reanalyses/stream.ts';
import { ConcurrencyLimit } from '../../functions/http/concurrency-limit.ts';
import { createRouter } from '../../functions/http/router.ts';
import { createLogger } from '../../functions/process/log.ts';
import type { ObjectStore } from '../../functions/storage/objects.ts';
import { createStreamService } from '../../functions/stream/handler.ts';
import { createWorkerRoutes } from '../../functions/worker/handler.ts';
import { startFirestore } from '../../local-cloud/firestore/server.ts';

export interface Target {
  port: number;
  /** How many objects are staged, and how many media were recorded: the same, once all is quiet. */
  count(): Promise<{ staged: number; recorded: number }>;
  close(): Promise<void>;
}

/** A client looks for Google's metadata server unless it is told that there is none. */
process.env.METADATA_SERVER_DETECTION = 'none';

const CONFIG = loadApiConfig({
  GOOGLE_CLOUD_PROJECT: 'fuzz',
  TASKS_LOCATION: 'here',
  WORKER_URL: 'http://localhost',
  TASKS_SERVICE_ACCOUNT: 'tasks@fuzz.example',
  STAGING_BUCKET: 'staging',
  MEDIA_BUCKET: 'media',
  IMPORT_BUCKETS: 'bucket',
  ANALYSIS_MODEL: 'local/facts',
  MAX_ANNOUNCED: `${Number.MAX_SAFE_INTEGER}`,
  MAX_UPLOAD_BYTES: '1000000',
  MAX_FILES: '10',
});

/** More than run side by side; a slot that is not given back would show as 429. */
const SLOTS = 64;

const FUZZ_KEY = { id: 'key_fuzz', scopes: ['admin' as const], endsAtMs: null };

export async function startTarget(): Promise<Target> {
  const database = await startFirestore();
  const firestore = new Firestore({
    projectId: 'fuzz',
    host: `127.0.0.1:${database.port}`,
    ssl: false,
  });
  const staged = new Set<string>();
  const logger = createLogger('fuzz', 'silent');
  const announced = new Set<string>();
  const objects = objectsIn(staged, announced);
  const queue = { enqueue: async () => {}, cancel: async () => {} } as unknown as TaskQueue;
  const limits = {
    files: 10,
    fileBytes: 50_000,
    requestBytes: 1_000_000,
    timeouts: { stallMs: 2_000, totalMs: 10_000 },
  };
  const { kit, handlers, serviceHandlers } = composeApi({
    config: CONFIG,
    firestore,
    objects,
    queue,
    logger,
    acceptances: new AcceptanceStore(firestore),
    uploads: new ConcurrencyLimit({ each: SLOTS }, 'uploads'),
    places: new Places({ firestore, queue, logger, max: 10 }),
    dailyUploads: new DailyUploads(firestore, {
      bytes: Number.MAX_SAFE_INTEGER,
      files: Number.MAX_SAFE_INTEGER,
    }),
    signedUrlTtlMs: 1_000,
    now: Date.now,
    atEnd: () => undefined,
  });
  const services = { ...kit, limits, model: CONFIG.ANALYSIS_MODEL };
  const hub = new Hub({
    show: showMedia(NO_FEATURES),
    logger,
    listen: createListener(firestore.collection('media')),
  });
  const libraries = new Libraries({
    moments: NO_FEATURES,
    source: createLibrarySource(firestore),
    logger,
  });
  const authenticate = async () => ({
    ownerId: 'fuzzer',
    expiresAtMs: Number.POSITIVE_INFINITY,
  });
  const stream = createStreamService({
    authenticate,
    watches: {
      ...mediaWatches(async () => hub),
      streamReanalysis: watchReanalysis(async () => hub),
      streamLibrary: watchLibrary(async () => libraries),
    },
    readOnce: async () => undefined,
    streams: new ConcurrencyLimit({ each: SLOTS }, 'streams'),
    admission: { admit: () => undefined },
    logger,
    maxStreamMs: 1_000,
    heartbeatMs: 100,
  });
  const work = () => Promise.reject(new Error('No case names a media that is there.'));
  const deps = { ...services, leaseMs: 1_000, maxDeliveries: 1, budgetMs: 1_000 };
  const handler = createRouter({
    routes: [
      ...stream.routes,
      ...createApiRoutes({
        authenticate,
        authenticateService: async () => ({ key: FUZZ_KEY, ownerId: undefined }),
        services: async () => ({
          handlers: { ...bound(CORE_ROUTES, coreHandlers(), services), ...handlers },
          serviceHandlers,
          keyCalls: new ConcurrencyLimit({ each: 8 }, 'calls'),
        }),
      }),
      ...createWorkerRoutes(
        async () => {},
        async () =>
          ({ deps, work: { upload: work, analyze: work }, sweep: async () => 0 }) as never,
        new AbortController().signal,
      ),
    ],
    logger,
    project: 'fuzz',
    allowedOrigins: [],
  });
  const server = createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    count: async () => {
      const { docs } = await firestore.collection('media').select().get();
      const recorded = docs.filter(({ id }) => !announced.has(id)).length;
      return { staged: staged.size, recorded };
    },
    close: async () => {
      stream.close();
      hub.close();
      libraries.close();
      server.close();
      server.closeAllConnections();
      await firestore.terminate();
      await database.close();
    },
  };
}

function objectsIn(staged: Set<string>, announced: Set<string>): ObjectStore {
  const fake = {
    stage: async (name: string, bytes: Readable, signal: AbortSignal) => {
      let size = 0;
      for await (const chunk of bytes as AsyncIterable<Buffer>) size += chunk.length;
      signal.throwIfAborted();
      staged.add(name);
      return { size, md5: String(size) };
    },
    // What is sent to it is between its sender and Cloud Storage; if nothing is, it comes to nothing.
    openSession: async (name: string) => {
      announced.add(name);
      return 'http://localhost/session';
    },
    stagedSize: async () => undefined,
    unstage: async (name: string) => void staged.delete(name),
    removeAll: async () => {},
    signedUrl: async () => 'http://localhost/',
  };
  return fake as unknown as ObjectStore;
}
