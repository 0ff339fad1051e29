/** The stream unit: a Cloud Run service, wired. */
import { createServer } from 'node:http';
import { setFlagsFromString } from 'node:v8';
import { createFirestore, lazy } from '../cloud/clients.ts';
import { loadStreamConfig } from '../cloud/config.ts';
import { callerPolicy, createAuthenticate } from '../cloud/identity.ts';
import { createLogger } from '../cloud/log.ts';
import { MEDIA_COLLECTION } from '../cloud/media.ts';
import { startTelemetry } from '../cloud/telemetry.ts';
import { rehearse, rehearseRequest } from '../http/rehearse.ts';
import { createRouter } from '../http/router.ts';
import { Slots } from '../http/slots.ts';
import { Admission } from './admission.ts';
import { createStreamService } from './handler.ts';
import { Hub } from './hub.ts';
import { listenIn } from './listen.ts';
import { PushAge } from './push-age.ts';

const config = loadStreamConfig();
const logger = createLogger('stream', config.LOG_LEVEL);
const ready = config.OTEL_EXPORTER_OTLP_ENDPOINT ? startTelemetry('stream') : undefined;
const firestore = lazy(() => createFirestore(config));
const pushAge = new PushAge(logger);

const connect = async () => {
  const media = (await firestore()).collection(MEDIA_COLLECTION);
  const onPush = (writtenAtMs: number) => pushAge.record(writtenAtMs);
  return new Hub({ listen: listenIn(media), logger, onPush });
};

const hub = lazy(async () => {
  const connected = await connect();
  // V8 lets garbage grow to as much as is alive, and more. What is alive from here on is what is watched, for
  // minutes and by thousands. (From the start it would collect in the middle of every cold start.)
  setFlagsFromString('--heap-growing-percent=20');
  return connected;
});

const service = createStreamService({
  authenticate: createAuthenticate(callerPolicy(config)),
  hub,
  readOnce: async () => (await firestore()).collection(MEDIA_COLLECTION).limit(1).get(),
  streams: new Slots(config.MAX_STREAMS, 'streams'),
  admission: new Admission(),
  logger,
  maxStreamMs: config.MAX_STREAM_S * 1_000,
  heartbeatMs: config.HEARTBEAT_S * 1_000,
});

const handler = createRouter({
  routes: service.routes,
  logger,
  project: config.GOOGLE_CLOUD_PROJECT,
  allowedOrigins: config.ALLOWED_ORIGINS,
  ready,
});

const server = createServer((request, response) => void handler(request, response));
server.listen(config.PORT, () => logger.info({ port: config.PORT }, 'listening'));

// Cloud Run sends SIGTERM 10 s before it ends an instance:
// https://cloud.google.com/run/docs/container-contract#instance-shutdown
process.once('SIGTERM', () => {
  logger.info('ending every stream');
  service.close();
  pushAge.report();
  server.close(async () => {
    await (await ready)?.();
    process.exit(0);
  });
  server.closeIdleConnections();
});

/** Called where the unit is installed, by `deploy/runtime/warm.js`. */
export default async function rehearseStream(): Promise<void> {
  const live = await connect();
  await rehearse([
    rehearseRequest(handler, '/api/media/warm/stream'),
    new Promise(() => live.subscribe('warm', ['warm'], () => undefined)),
  ]);
}
