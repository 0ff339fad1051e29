/** The api unit: an HTTP function (functions-framework), wired. */
import { AcceptanceStore } from '../core/accept/acceptances.ts';
import { DailyUploads } from '../core/accept/daily-uploads.ts';
import { CORE_ROUTES, coreHandlers } from '../core/accept/media-routes.ts';
import { Places } from '../core/media/places.ts';
import { TaskQueue } from '../core/media/task-queue.ts';
import { bound } from '../core/parts.ts';
import { documentRoutes } from '../hosting/document-routes.ts';
import { keepBuffersYoung } from '../hosting/flags.ts';
import { serveFunction } from '../hosting/framework.ts';
import { Shutdown } from '../hosting/shutdown.ts';
import { ConcurrencyLimit } from '../http/concurrency-limit.ts';
import { callerPolicy, createAuthenticate } from '../http/identity.ts';
import { createRouter } from '../http/router.ts';
import { createAuthenticateService } from '../http/service-caller.ts';
import { ServiceKeys } from '../http/service-keys.ts';
import { createFirestore, createStorage, createTasksClient } from '../process/clients.ts';
import { lazy } from '../process/lazy.ts';
import { createLogger } from '../process/log.ts';
import { toCallerError } from '../process/service-fault.ts';
import { startTelemetry } from '../process/telemetry.ts';
import { ObjectStore } from '../storage/objects.ts';
import { composeApi } from './compose.ts';
import { loadApiConfig, signedUrlTtlMs } from './config.ts';
import { createApiRoutes } from './handler.ts';

keepBuffersYoung();
const config = loadApiConfig();
const logger = createLogger('api', config.LOG_LEVEL);
const shutdown = new Shutdown({ logger });
const ready = config.OTEL_EXPORTER_OTLP_ENDPOINT ? startTelemetry('api') : undefined;
const answerMs = config.FIRESTORE_ANSWER_S * 1_000;
const database = lazy(() => createFirestore(config));

/** Called when the instance shuts down. */
const ends: (() => unknown)[] = [];

const services = lazy(async () => {
  const firestore = await database();
  const queue = new TaskQueue(
    lazy(() => createTasksClient(config)),
    config,
  );
  const { kit, handlers, serviceHandlers } = composeApi({
    config,
    firestore,
    queue,
    objects: new ObjectStore(await createStorage(config), config, Date.now, answerMs),
    acceptances: new AcceptanceStore(firestore),
    places: new Places({ firestore, queue, logger, max: config.MAX_QUEUED_PER_OWNER }),
    dailyUploads: new DailyUploads(firestore, {
      bytes: config.MAX_BYTES_PER_DAY,
      files: config.MAX_FILES_PER_DAY,
    }),
    uploads: new ConcurrencyLimit(
      { each: config.MAX_UPLOADS_IN_FLIGHT, all: config.MAX_UPLOADS_PER_INSTANCE },
      'uploads',
    ),
    signedUrlTtlMs: signedUrlTtlMs(config),
    logger,
    now: Date.now,
    atEnd: (run) => void ends.push(run),
  });
  const media = bound(CORE_ROUTES, coreHandlers(), {
    ...kit,
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
    model: config.ANALYSIS_MODEL,
  });
  return {
    handlers: { ...media, ...handlers },
    serviceHandlers,
    keyCalls: new ConcurrencyLimit({ each: config.MAX_UPLOADS_PER_INSTANCE }, 'calls'),
  };
});

const authenticateService = createAuthenticateService(new ServiceKeys(database), logger);
const routes = [
  ...createApiRoutes({
    authenticate: createAuthenticate(callerPolicy(config), authenticateService),
    authenticateService,
    services,
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
shutdown.add('features have ended', () => Promise.all(ends.map((end) => end())));
shutdown.add('the last spans are sent', async () => (await ready)?.());
serveFunction('api', shutdown.track(handler));
