/** Wires the worker unit: an HTTP function (functions-framework) that only Cloud Tasks may call. */
import { NAMED_MODELS } from '../analysis/catalog/analyses.ts';
import { createAnalyzer } from '../analysis/index.ts';
import { modelConfigOf } from '../analysis/model-config.ts';
import { modelExists } from '../analysis/model-lookup.ts';
import { profileOf } from '../analysis/profiles.ts';
import { isFree } from '../analysis/providers/provider.ts';
import { DailyUploads } from '../core/accept/daily-uploads.ts';
import { Places } from '../core/media/places.ts';
import { TaskQueue } from '../core/media/task-queue.ts';
import { createAnalyzeMedia } from '../core/work/analyze-media.ts';
import { ModelWatch } from '../core/work/model-watch.ts';
import { refuseNamedModels } from '../core/work/named-models.ts';
import { withStorageBreaker } from '../core/work/storage-breaker.ts';
import { sweep } from '../core/work/sweep.ts';
import { createUploadMedia } from '../core/work/upload-media.ts';
import { LAST_WRITES_S } from '../core/work/work.ts';
import { keepBuffersYoung } from '../hosting/flags.ts';
import { serveFunction } from '../hosting/framework.ts';
import { Shutdown } from '../hosting/shutdown.ts';
import { createAuthenticateTask } from '../http/identity.ts';
import { createRouter } from '../http/router.ts';
import { Inspector } from '../inspect/inspector.ts';
import { loadSharp } from '../inspect/picture.ts';
import { createFirestore, createStorage, createTasksClient } from '../process/clients.ts';
import { lazy } from '../process/lazy.ts';
import { createLogger } from '../process/log.ts';
import { startTelemetry } from '../process/telemetry.ts';
import { ObjectStore } from '../storage/objects.ts';
import { composeWorker } from './compose.ts';
import { loadWorkerConfig } from './config.ts';
import { FEATURES } from './features.ts';
import { createWorkerRoutes, type WorkerServices } from './handler.ts';

keepBuffersYoung();
const config = loadWorkerConfig();
refuseNamedModels(NAMED_MODELS, config);
const logger = createLogger('worker', config.LOG_LEVEL);
const shutdown = new Shutdown({ logger });
const ready = config.OTEL_EXPORTER_OTLP_ENDPOINT ? startTelemetry('worker') : undefined;
const now = Date.now;

const { ANALYSIS_MODEL: model, MODEL_FALLBACK: fallbacks } = config;
const providers = modelConfigOf(config);
const models = [...new Set([model, ...fallbacks, ...NAMED_MODELS])];
const isPaid = models.some((each) => !isFree(profileOf(each, providers)));
const watch = new ModelWatch({
  models,
  exists: (each, signal) => modelExists(each, providers, signal),
  logger,
  now,
});
const { onStop, onResume, onAnswer } = watch;
const analyzer = createAnalyzer({
  model,
  fallbacks,
  maxVideoS: config.MAX_VIDEO_S,
  ...providers,
  callTimeoutMs: config.CALL_TIMEOUT_S * 1_000,
  onStop,
  onResume,
  onAnswer,
});

const inspector = new Inspector();

/** Called when the instance shuts down. */
const ends: (() => unknown)[] = [];

const services = lazy(async (): Promise<WorkerServices> => {
  const firestore = await createFirestore(config);
  const queue = new TaskQueue(
    lazy(() => createTasksClient(config)),
    config,
  );
  const storage = await createStorage(config);
  const perDay = { bytes: config.MAX_BYTES_PER_DAY, files: config.MAX_FILES_PER_DAY };
  const { kit, tasks } = composeWorker({
    config,
    firestore,
    storage,
    objects: new ObjectStore(storage, config),
    queue,
    places: new Places({ firestore, queue, logger, max: config.MAX_QUEUED_PER_OWNER }),
    dailyUploads: new DailyUploads(firestore, perDay),
    quietMs: config.SWEEP_QUIET_S * 1_000,
    isPaid,
    logger,
    now,
    random: Math.random,
    atEnd: (run) => void ends.push(run),
  });
  const deps = {
    ...kit,
    inspector,
    leaseMs: config.LEASE_S * 1_000,
    maxDeliveries: config.MAX_DELIVERIES,
    analyst: analyzer,
    budgetMs: config.DELIVERY_BUDGET_S * 1_000,
    flexBudgetMs: (config.FLEX_TIMEOUT_S - LAST_WRITES_S) * 1_000,
  };
  const inspect = {
    previewMaxSide: config.PREVIEW_MAX_SIDE ?? profileOf(model).previewSide,
    captureLocation: config.CAPTURE_LOCATION,
  };
  const analyze = createAnalyzeMedia(deps, analyzer);
  return {
    deps,
    work: withStorageBreaker(
      {
        upload: createUploadMedia(deps, inspect, analyzer),
        analyze: async (...work) => {
          // The work does not wait for this.
          void watch.check();
          await analyze(...work);
        },
      },
      now,
    ),
    sweep: async () => {
      // A deployment without users gets no other request, so the models are checked here too.
      const [swept] = await Promise.all([sweep(kit), watch.check()]);
      return swept;
    },
    tasks,
  };
});

const authenticate = createAuthenticateTask({
  issuer: config.TASKS_ISSUER,
  audience: config.WORKER_URL,
  jwksUrl: config.TASKS_JWKS_URL,
  serviceAccount: config.TASKS_SERVICE_ACCOUNT,
  auth: config.TASKS_AUTH,
});

const handler = createRouter({
  routes: createWorkerRoutes(
    authenticate,
    services,
    shutdown.signal,
    FEATURES.flatMap(({ paths = [] }) => paths),
  ),
  logger,
  project: config.GOOGLE_CLOUD_PROJECT,
  allowedOrigins: [],
  health: () => watch.health(),
  ready,
});

// On SIGTERM a delivery gives its lease back, and its request is answered.
shutdown.add('each request is answered', () => shutdown.requestsAnswered());
shutdown.add('features have ended', () => Promise.all(ends.map((end) => end())));
shutdown.add('no process is left that opens files', () => inspector.close());
shutdown.add('the last spans are sent', async () => (await ready)?.());
serveFunction('worker', shutdown.track(handler));

/**
 * Starts a process that opens files, and has it open one, so that Node's compile cache has what it loads:
 * `deploy/runtime/warm.js` calls this where the unit is installed.
 */
export async function warmUp(): Promise<void> {
  const sharp = await loadSharp();
  const create = { width: 1_024, height: 768, channels: 3 as const, background: 'gray' };
  await inspector.inspect(await sharp({ create }).jpeg().toBuffer(), 'warm.jpg', 'warm');
  // The process writes the cache as it ends.
  await inspector.end();
}
