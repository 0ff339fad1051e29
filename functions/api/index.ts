/** The api unit: an HTTP function (functions-framework), wired. */
import { Readable } from 'node:stream';
import { http } from '@google-cloud/functions-framework';
import { createFirestore, createStorage, createTasksClient, lazy } from '../cloud/clients.ts';
import { loadApiConfig } from '../cloud/config.ts';
import { callerPolicy, createAuthenticate } from '../cloud/identity.ts';
import { createLogger } from '../cloud/log.ts';
import { MediaStore } from '../cloud/media.ts';
import { ObjectStore } from '../cloud/objects.ts';
import { TaskQueue } from '../cloud/queue.ts';
import { startTelemetry } from '../cloud/telemetry.ts';
import { UsageStore } from '../cloud/usage.ts';
import { keepBodiesUnread } from '../http/body.ts';
import { withoutDomains } from '../http/domains.ts';
import { drainOnSigterm } from '../http/drain.ts';
import { rehearse, rehearseRequest } from '../http/rehearse.ts';
import { createRouter } from '../http/router.ts';
import { Slots } from '../http/slots.ts';
import { createApiRoutes } from './handler.ts';
import { IdempotencyStore } from './idempotency.ts';
import { DailyBytes } from './limits.ts';

const config = loadApiConfig();
const logger = createLogger('api', config.LOG_LEVEL);
const ready = config.OTEL_EXPORTER_OTLP_ENDPOINT ? startTelemetry('api') : undefined;
const services = lazy(async () => {
  const firestore = await createFirestore(config);
  const media = new MediaStore(firestore);
  return {
    media,
    objects: new ObjectStore(await createStorage(config), config),
    idempotency: new IdempotencyStore(firestore, media),
    queue: new TaskQueue(
      lazy(() => createTasksClient(config)),
      config,
    ),
    limits: {
      files: config.MAX_FILES,
      fileBytes: config.MAX_FILE_BYTES,
      requestBytes: config.MAX_REQUEST_BYTES,
      patience: {
        stallMs: config.BODY_STALL_S * 1_000,
        totalMs: config.BODY_TOTAL_S * 1_000,
      },
    },
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
    allowedOrigins: config.ALLOWED_ORIGINS,
    uploads: new Slots(config.MAX_UPLOADS_IN_FLIGHT, 'uploads'),
    usage: new UsageStore(firestore),
    dailyBytes: new DailyBytes(firestore, config.MAX_BYTES_PER_DAY),
    logger,
    now: Date.now,
  };
});

const routes = createApiRoutes({
  authenticate: createAuthenticate(callerPolicy(config)),
  services,
  signedUrlTtlMs: config.SIGNED_URL_TTL_S * 1_000,
});

const handler = createRouter({
  routes,
  logger,
  project: config.GOOGLE_CLOUD_PROJECT,
  allowedOrigins: config.ALLOWED_ORIGINS,
  ready,
});

keepBodiesUnread();
withoutDomains();
http('api', drainOnSigterm(async () => (await ready)?.()).wrap(handler));

/** Called where the unit is installed, by `deploy/runtime/warm.js`. */
export default async function rehearseApi(): Promise<void> {
  const { media, objects, queue, dailyBytes } = await services();
  const signal = AbortSignal.timeout(500);
  await rehearse([
    rehearseRequest(handler, '/api/media'),
    media.getMany(['warm'], 'warm'),
    dailyBytes.remaining('warm'),
    objects.stage('warm', Readable.from('warm'), signal),
    queue.enqueue('upload', { media_id: 'warm', attempt: 1 }),
  ]);
}
