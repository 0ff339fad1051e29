/** The api unit: an HTTP function (functions-framework), wired. */
import { GeminiEmbedder } from '../embedding/gemini-embedder.ts';
import { importableBuckets } from '../features/imports/settings.ts';
import { signedUrlTtlS } from '../features/moderation/settings.ts';
import { documentRoutes } from '../hosting/document-routes.ts';
import { keepBuffersYoung } from '../hosting/flags.ts';
import { serveFunction } from '../hosting/framework.ts';
import { Shutdown } from '../hosting/shutdown.ts';
import { ConcurrencyLimit } from '../http/concurrency-limit.ts';
import { callerPolicy, createAuthenticate } from '../http/identity.ts';
import { createRouter } from '../http/router.ts';
import { createAuthenticateService } from '../http/service-caller.ts';
import { DailySpend, SEARCH_SLICES } from '../media/daily-spend.ts';
import { DailyUploads } from '../media/daily-uploads.ts';
import { ImportStore } from '../media/import-store.ts';
import { MediaSearch } from '../media/media-search.ts';
import { ModerationStore } from '../media/moderation.ts';
import { Places } from '../media/places.ts';
import { ReanalysisStore } from '../media/reanalysis-store.ts';
import { ServiceKeys } from '../media/service-keys.ts';
import { MediaStore } from '../media/store.ts';
import { TaskQueue } from '../media/task-queue.ts';
import { UsageStore } from '../media/usage.ts';
import { WebhookDeliveries } from '../media/webhook-deliveries.ts';
import { WebhookOutbox } from '../media/webhook-outbox.ts';
import { Receivers } from '../media/webhook-receivers.ts';
import { Webhooks } from '../media/webhooks.ts';
import { createFirestore, createStorage, createTasksClient, lazy } from '../process/clients.ts';
import { createLogger } from '../process/log.ts';
import { offersFlex } from '../process/model-name.ts';
import { toCallerError } from '../process/service-fault.ts';
import { startTelemetry } from '../process/telemetry.ts';
import { ObjectStore } from '../storage/objects.ts';
import { AcceptanceStore } from './accept/acceptances.ts';
import { AnnouncementLimit } from './accept/announcement-limit.ts';
import { loadApiConfig } from './config.ts';
import { createApiRoutes } from './handler.ts';

keepBuffersYoung();
const config = loadApiConfig();
const logger = createLogger('api', config.LOG_LEVEL);
const shutdown = new Shutdown({ logger });
const ready = config.OTEL_EXPORTER_OTLP_ENDPOINT ? startTelemetry('api') : undefined;
const answerMs = config.FIRESTORE_ANSWER_S * 1_000;
let spend: DailySpend | undefined;
const database = lazy(() => createFirestore(config));
const services = lazy(async () => {
  const firestore = await database();
  const queue = new TaskQueue(
    lazy(() => createTasksClient(config)),
    config,
  );
  const media = new MediaStore(firestore);
  const { GEMINI_API_KEY: apiKey, GEMINI_BASE_URL: baseUrl } = config;
  let embedder: GeminiEmbedder | undefined;
  if (config.EMBEDDING_MODEL !== 'local/words' && apiKey !== undefined) {
    const limits = { ownerUsd: config.MAX_OWNER_USD_PER_DAY, projectUsd: config.MAX_USD_PER_DAY };
    spend = new DailySpend(firestore, { ...limits, logger, slices: SEARCH_SLICES });
    embedder = new GeminiEmbedder({ apiKey, baseUrl, spend, logger, now: Date.now });
  }
  const webhooks = new Webhooks(firestore);
  return {
    ...{ webhooks, webhookDeliveries: new WebhookDeliveries(firestore) },
    outbox: new WebhookOutbox({
      ...{ firestore, webhooks, queue, logger },
      receivers: new Receivers(firestore),
    }),
    loopback: config.WEBHOOK_LOOPBACK,
    media,
    search: new MediaSearch(firestore, media, embedder),
    objects: new ObjectStore(await createStorage(config), config, Date.now, answerMs),
    acceptances: new AcceptanceStore(firestore),
    queue,
    places: new Places({ firestore, queue, logger, max: config.MAX_QUEUED_PER_OWNER }),
    limits: {
      files: config.MAX_FILES,
      fileBytes: config.MAX_FILE_BYTES,
      requestBytes: config.MAX_REQUEST_BYTES,
      timeouts: {
        stallMs: config.BODY_STALL_S * 1_000,
        totalMs: config.BODY_TOTAL_S * 1_000,
        floor: { bytes: config.BODY_MIN_BYTES_PER_MINUTE, windowMs: 60_000 },
      },
    },
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
    allowedOrigins: config.ALLOWED_ORIGINS,
    uploads: new ConcurrencyLimit(
      { each: config.MAX_UPLOADS_IN_FLIGHT, all: config.MAX_UPLOADS_PER_INSTANCE },
      'uploads',
    ),
    usage: new UsageStore(firestore),
    announcements: new AnnouncementLimit(firestore, config.MAX_ANNOUNCED),
    dailyUploads: new DailyUploads(firestore, {
      bytes: config.MAX_BYTES_PER_DAY,
      files: config.MAX_FILES_PER_DAY,
    }),
    model: config.ANALYSIS_MODEL,
    moderation: config.MODERATION,
    verdicts: config.MODERATION === 'hold' ? new ModerationStore(firestore) : undefined,
    models: [...new Set([config.ANALYSIS_MODEL, ...config.MODEL_FALLBACK])],
    offersFlex: (model: string) => offersFlex(model, config),
    imports: new ImportStore(firestore),
    importBuckets: importableBuckets(config),
    reanalyses: new ReanalysisStore(firestore, config.REANALYSIS_IN_FLIGHT),
    quotes: new ConcurrencyLimit({ each: 2, all: 8 }, 'quotes'),
    keyCalls: new ConcurrencyLimit({ each: config.MAX_UPLOADS_PER_INSTANCE }, 'calls'),
    downloads: new ConcurrencyLimit({ each: 2, all: 8 }, 'downloads'),
    logger,
    now: Date.now,
  };
});

const authenticateService = createAuthenticateService(new ServiceKeys(database), logger);
const routes = [
  ...createApiRoutes({
    authenticate: createAuthenticate(callerPolicy(config), authenticateService),
    authenticateService,
    services,
    signedUrlTtlMs: signedUrlTtlS(config) * 1_000,
  }),
  ...documentRoutes(),
];

const handler = createRouter({
  routes,
  logger,
  project: config.GOOGLE_CLOUD_PROJECT,
  allowedOrigins: config.ALLOWED_ORIGINS,
  errorOf: toCallerError,
  answerMs: 2 * answerMs,
  ready,
});

shutdown.add('each request is answered', () => shutdown.requestsAnswered());
shutdown.add('reserved money is given back', () => spend?.giveBack());
shutdown.add('the last spans are sent', async () => (await ready)?.());
serveFunction('api', shutdown.track(handler));
