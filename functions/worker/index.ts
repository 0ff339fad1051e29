/** The worker unit: an HTTP function (functions-framework) that only Cloud Tasks may call, wired. */
import { http } from '@google-cloud/functions-framework';
import { createAnalyzer } from '../analysis/index.ts';
import { profileOf } from '../analysis/profiles.ts';
import { createFirestore, createStorage, createTasksClient, lazy } from '../cloud/clients.ts';
import { loadWorkerConfig } from '../cloud/config.ts';
import { createAuthenticateTask } from '../cloud/identity.ts';
import { createLogger } from '../cloud/log.ts';
import { MediaStore } from '../cloud/media.ts';
import { ObjectStore } from '../cloud/objects.ts';
import { TaskQueue } from '../cloud/queue.ts';
import { startTelemetry } from '../cloud/telemetry.ts';
import { keepBodiesUnread } from '../http/body.ts';
import { withoutDomains } from '../http/domains.ts';
import { drainOnSigterm } from '../http/drain.ts';
import { rehearse, rehearseRequest } from '../http/rehearse.ts';
import { createRouter } from '../http/router.ts';
import { inspectMedia } from '../inspect/index.ts';
import { loadSharp } from '../inspect/picture.ts';
import { createAnalyzeMedia } from './analyze-media.ts';
import { createWorkerRoutes } from './handler.ts';
import { sweep } from './sweep.ts';
import { createUploadMedia } from './upload-media.ts';

const config = loadWorkerConfig();
const logger = createLogger('worker', config.LOG_LEVEL);
const ready = config.OTEL_EXPORTER_OTLP_ENDPOINT ? startTelemetry('worker') : undefined;
const now = Date.now;

const analyzer = createAnalyzer({
  model: config.ANALYSIS_MODEL,
  fallback: config.MODEL_FALLBACK,
  geminiApiKey: config.GEMINI_API_KEY,
  baseUrl: config.GEMINI_BASE_URL,
  project: config.GOOGLE_CLOUD_PROJECT,
  location: config.VERTEX_LOCATION,
});

const services = lazy(async () => {
  const firestore = await createFirestore(config);
  const queue = new TaskQueue(
    lazy(() => createTasksClient(config)),
    config,
  );
  const deps = {
    media: new MediaStore(firestore),
    objects: new ObjectStore(await createStorage(config), config),
    queue,
    logger,
    leaseMs: config.LEASE_S * 1_000,
    maxDeliveries: config.MAX_DELIVERIES,
    budgetMs: config.DELIVERY_BUDGET_S * 1_000,
    now,
  };
  const inspect = {
    previewMaxSide: config.PREVIEW_MAX_SIDE ?? profileOf(config.ANALYSIS_MODEL).previewSide,
    captureLocation: config.CAPTURE_LOCATION,
  };
  return {
    deps,
    work: {
      upload: createUploadMedia(deps, inspect, analyzer),
      analyze: createAnalyzeMedia(deps, analyzer),
    },
    sweep: () => sweep({ ...deps, firestore, quietMs: config.SWEEP_QUIET_S * 1_000 }),
  };
});

const authenticate = createAuthenticateTask({
  issuer: config.TASKS_ISSUER,
  audience: config.WORKER_URL,
  jwksUrl: config.TASKS_JWKS_URL,
  serviceAccount: config.TASKS_SERVICE_ACCOUNT,
  auth: config.TASKS_AUTH,
});

const drain = drainOnSigterm(async () => (await ready)?.());
const handler = createRouter({
  routes: createWorkerRoutes(authenticate, services, drain.signal),
  logger,
  project: config.GOOGLE_CLOUD_PROJECT,
  allowedOrigins: [],
  ready,
});

keepBodiesUnread();
withoutDomains();
http('worker', drain.wrap(handler));

/** Called where the unit is installed, by `deploy/runtime/warm.js`. */
export default async function rehearseWorker(): Promise<void> {
  const { deps } = await services();
  const { media, objects, queue } = deps;
  const photo = await inspectMedia(await blankPhoto(), 'warm.jpg');
  await rehearse([
    rehearseRequest(handler, '/tasks/upload-media'),
    media.getMany(['warm'], 'warm'),
    objects.readStaged('warm', { start: 0, end: 1 }),
    objects.promote('warm', 'warm', photo.contentType),
    objects.unstage('warm'),
    objects.savePreview('warm', Buffer.from('warm'), photo.contentType),
    queue.enqueue('analyze', { media_id: 'warm', attempt: 1 }),
  ]);
}

async function blankPhoto(): Promise<Buffer> {
  const sharp = await loadSharp();
  const create = { width: 1_024, height: 768, channels: 3 as const, background: 'gray' };
  return sharp({ create }).jpeg().toBuffer();
}
