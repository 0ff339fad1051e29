/** Wires the worker unit: an HTTP function (functions-framework) that only Cloud Tasks may call. */
import { createAnalyzer } from '../analysis/index.ts';
import { modelConfigOf } from '../analysis/model-config.ts';
import { modelExists } from '../analysis/model-lookup.ts';
import { profileOf } from '../analysis/profiles.ts';
import { isFree } from '../analysis/providers/provider.ts';
import { GeminiEmbedder } from '../embedding/gemini-embedder.ts';
import { importableBuckets } from '../features/imports/settings.ts';
import { keepBuffersYoung } from '../hosting/flags.ts';
import { serveFunction } from '../hosting/framework.ts';
import { Shutdown } from '../hosting/shutdown.ts';
import { createAuthenticateTask } from '../http/identity.ts';
import { createRouter } from '../http/router.ts';
import { Inspector } from '../inspect/inspector.ts';
import { loadSharp } from '../inspect/picture.ts';
import { DailySpend } from '../media/daily-spend.ts';
import { DailyUploads } from '../media/daily-uploads.ts';
import { ModerationStore } from '../media/moderation.ts';
import { Places } from '../media/places.ts';
import { ServiceKeys } from '../media/service-keys.ts';
import { MediaStore } from '../media/store.ts';
import { TaskQueue } from '../media/task-queue.ts';
import { WebhookOutbox } from '../media/webhook-outbox.ts';
import { Receivers } from '../media/webhook-receivers.ts';
import { Webhooks } from '../media/webhooks.ts';
import { NAMED_MODELS } from '../process/analyses.ts';
import { createFirestore, createStorage, createTasksClient, lazy } from '../process/clients.ts';
import { createLogger } from '../process/log.ts';
import { startTelemetry } from '../process/telemetry.ts';
import { ObjectStore } from '../storage/objects.ts';
import { createAnalyzeMedia } from './analyze-media.ts';
import { refuseArrivalAnalyses } from './arrival-analyses.ts';
import { LAST_WRITES_S } from './budget.ts';
import { loadWorkerConfig } from './config.ts';
import { fillInOne } from './fill-in-meaning.ts';
import { createWorkerRoutes, type WorkerServices } from './handler.ts';
import { takeArrived } from './imports/arrival.ts';
import { importStep } from './imports/step.ts';
import { ModelWatch } from './model-watch.ts';
import { refuseNamedModels } from './named-models.ts';
import { reanalyse } from './reanalyse.ts';
import { refuseLimitsBelowOnePhoto } from './spend-limits.ts';
import { withStorageBreaker } from './storage-breaker.ts';
import { sweep } from './sweep.ts';
import { createUploadMedia } from './upload-media.ts';
import { deliverWebhook } from './webhooks/deliver.ts';
import { post } from './webhooks/post.ts';
import { createPublish } from './webhooks/publish.ts';

keepBuffersYoung();
const config = loadWorkerConfig();
refuseNamedModels(NAMED_MODELS, config);
refuseArrivalAnalyses(config);
refuseLimitsBelowOnePhoto(config, Date.now());
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
  ...{ model, fallbacks, maxVideoS: config.MAX_VIDEO_S, ...providers },
  callTimeoutMs: config.CALL_TIMEOUT_S * 1_000,
  ...{ onStop, onResume, onAnswer },
});

const dailyLimits = {
  ownerUsd: config.MAX_OWNER_USD_PER_DAY,
  projectUsd: config.MAX_USD_PER_DAY,
};

const inspector = new Inspector();

let spend: DailySpend | undefined;

const services = lazy(async (): Promise<WorkerServices> => {
  const firestore = await createFirestore(config);
  const queue = new TaskQueue(
    lazy(() => createTasksClient(config)),
    config,
  );
  const storage = await createStorage(config);
  const webhooks = new Webhooks(firestore, now);
  const publish = createPublish(config);
  const hasTopic = publish !== undefined;
  const receivers = new Receivers(firestore, now);
  const outbox = new WebhookOutbox({
    ...{ firestore, webhooks, receivers, queue, logger, now, hasTopic },
  });
  const deps = {
    outbox,
    media: new MediaStore(firestore),
    objects: new ObjectStore(storage, config),
    inspector,
    queue,
    places: new Places({ firestore, queue, logger, max: config.MAX_QUEUED_PER_OWNER }),
    logger,
    leaseMs: config.LEASE_S * 1_000,
    maxDeliveries: config.MAX_DELIVERIES,
    isPaid,
    analyst: analyzer,
    moderation: config.MODERATION === 'hold' ? new ModerationStore(firestore, now) : undefined,
    budgetMs: config.DELIVERY_BUDGET_S * 1_000,
    flexBudgetMs: (config.FLEX_TIMEOUT_S - LAST_WRITES_S) * 1_000,
    now,
    random: Math.random,
  };
  const hooks = {
    ...{ firestore, webhooks, receivers, outbox, queue, post, publish, logger, now },
    random: Math.random,
    keys: new ServiceKeys(async () => firestore, now),
    loopback: config.WEBHOOK_LOOPBACK,
  };
  const perDay = { bytes: config.MAX_BYTES_PER_DAY, files: config.MAX_FILES_PER_DAY };
  const imports = {
    ...{ ...deps, firestore, storage, buckets: importableBuckets(config) },
    loopback: config.WEBHOOK_LOOPBACK,
    dailyUploads: new DailyUploads(firestore, perDay),
    // The other half is for what its owner sends meanwhile.
    limits: {
      inFlight: Math.ceil(config.MAX_QUEUED_PER_OWNER / 2),
      maxUploadBytes: config.MAX_UPLOAD_BYTES,
      perDay,
    },
  };
  const inspect = {
    previewMaxSide: config.PREVIEW_MAX_SIDE ?? profileOf(model).previewSide,
    captureLocation: config.CAPTURE_LOCATION,
  };
  const { GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: baseUrl } = config;
  const embeds = config.EMBEDDING_MODEL !== 'local/words' && apiKey !== undefined;
  if (isPaid || embeds) spend = new DailySpend(firestore, { ...dailyLimits, logger, now });
  const embedder =
    embeds && spend ? new GeminiEmbedder({ apiKey, baseUrl, spend, logger, now }) : undefined;
  const paid = isPaid && spend && { maxPaidCalls: config.MAX_PAID_CALLS, spend };
  const analyze = createAnalyzeMedia(deps, analyzer, paid || undefined);
  return {
    deps,
    work: withStorageBreaker(
      {
        upload: createUploadMedia(deps, inspect, analyzer),
        analyze: async (lease, ...args) => {
          // The work does not wait for this.
          void watch.check();
          await analyze(lease, ...args);
          if (!embedder) return;
          // The media is done. What fails here is left to the sweep.
          const ref = deps.media.ref(lease.record.id);
          await fillInOne(ref, embedder).catch((error: unknown) => {
            logger.warn({ error }, 'no meaning made yet');
          });
        },
      },
      now,
    ),
    sweep: async () => {
      // A deployment without users gets no other request, so the models are checked here too.
      const [swept] = await Promise.all([
        sweep({ ...deps, firestore, embedder, quietMs: config.SWEEP_QUIET_S * 1_000 }),
        watch.check(),
      ]);
      return swept;
    },
    deliverWebhook: (task, queueName, signal) => {
      const isInSlowQueue = queueName === config.SLOW_WEBHOOK_QUEUE;
      return deliverWebhook(task, hooks, { signal, isInSlowQueue });
    },
    importStep: (id, task) => importStep(id, imports, task),
    takeArrived: (arrival) =>
      takeArrived(arrival, { ...imports, rules: config.IMPORT_NEW_OBJECTS }),
    reanalyse: (id) => reanalyse(id, { ...deps, firestore, inFlight: config.REANALYSIS_IN_FLIGHT }),
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
  routes: createWorkerRoutes(authenticate, services, shutdown.signal),
  logger,
  project: config.GOOGLE_CLOUD_PROJECT,
  allowedOrigins: [],
  health: () => watch.health(),
  ready,
});

// On SIGTERM a delivery gives its lease back, and its request is answered.
shutdown.add('each request is answered', () => shutdown.requestsAnswered());
shutdown.add('reserved money is given back', () => spend?.giveBack());
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
