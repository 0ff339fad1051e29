/** Wires the stream unit: a Cloud Run service. */

import { MEDIA_COLLECTION } from '../core/media/record.ts';
import { Admission } from '../core/stream/admission.ts';
import { Hub, showMedia } from '../core/stream/hub.ts';
import { createListener } from '../core/stream/listen.ts';
import { PushAge } from '../core/stream/push-age.ts';
import { mediaWatches } from '../core/stream/watch.ts';
import { documentRoutes } from '../hosting/document-routes.ts';
import { collectEarlier } from '../hosting/flags.ts';
import { pageRoutes } from '../hosting/page.ts';
import { serve } from '../hosting/serve.ts';
import { Shutdown } from '../hosting/shutdown.ts';
import { ConcurrencyLimit } from '../http/concurrency-limit.ts';
import { callerPolicy, createAuthenticate } from '../http/identity.ts';
import { createRouter } from '../http/router.ts';
import { createAuthenticateService } from '../http/service-caller.ts';
import { ServiceKeys } from '../http/service-keys.ts';
import { createFirestore } from '../process/clients.ts';
import { lazy } from '../process/lazy.ts';
import { createLogger } from '../process/log.ts';
import { toCallerError } from '../process/service-fault.ts';
import { startTelemetry } from '../process/telemetry.ts';
import { composeStream } from './compose.ts';
import { loadStreamConfig } from './config.ts';
import { createStreamService } from './handler.ts';

const config = loadStreamConfig();
const logger = createLogger('stream', config.LOG_LEVEL);
const shutdown = new Shutdown({ logger });
const ready = config.OTEL_EXPORTER_OTLP_ENDPOINT ? startTelemetry('stream') : undefined;
const firestore = lazy(() => createFirestore(config));
const pushAge = new PushAge(logger);

const onPush = (writtenAtMs: number) => pushAge.record(writtenAtMs);

/** For what is watched from the first stream on. */
const watched = lazy(async () => {
  collectEarlier();
  return firestore();
});
const { moments, watches } = composeStream({ config, firestore: watched, logger, onPush });

const hub = lazy(async () => {
  const media = (await watched()).collection(MEDIA_COLLECTION);
  return new Hub({ listen: createListener(media), logger, onPush, show: showMedia(moments) });
});

const keys = new ServiceKeys(firestore);
const service = createStreamService({
  authenticate: createAuthenticate(callerPolicy(config), createAuthenticateService(keys, logger)),
  keys,
  watches: { ...mediaWatches(hub), ...watches },
  readOnce: async () => (await firestore()).collection(MEDIA_COLLECTION).limit(1).get(),
  streams: new ConcurrencyLimit(
    { each: config.MAX_STREAMS, all: config.MAX_STREAMS_PER_INSTANCE },
    'streams',
  ),
  keyStreams: new ConcurrencyLimit(
    { each: Math.ceil(config.MAX_STREAMS_PER_INSTANCE / 2) },
    'streams',
  ),
  admission: new Admission(),
  logger,
  maxStreamMs: config.MAX_STREAM_S * 1_000,
  heartbeatMs: config.HEARTBEAT_S * 1_000,
});

// The page takes no place of a stream, and an instance that is full of streams still serves it.
const page =
  config.PAGE_DIR === undefined
    ? []
    : pageRoutes({
        folder: config.PAGE_DIR,
        config: config.PAGE_CONFIG,
        storageOrigin: new URL(config.STORAGE_EMULATOR_HOST).origin,
      });

const handler = createRouter({
  routes: [...service.routes, ...documentRoutes(), ...page],
  logger,
  project: config.GOOGLE_CLOUD_PROJECT,
  allowedOrigins: config.ALLOWED_ORIGINS,
  errorOf: toCallerError,
  answerMs: 2 * config.FIRESTORE_ANSWER_S * 1_000,
  ready,
});

const server = serve(shutdown.track(handler), config.PORT);
server.once('listening', () => logger.info({ port: config.PORT }, 'listening'));

shutdown.add('each stream is ended', () => {
  logger.info('ending every stream');
  service.close();
  pushAge.report();
  server.close();
});
shutdown.add('each request is answered', () => shutdown.requestsAnswered());
shutdown.add('the last spans are sent', async () => (await ready)?.());
