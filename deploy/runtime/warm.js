/**
 * Compiles what a first request needs, once, where the unit is installed: Cloud Build runs this as
 * `gcp-build`, the stream's Dockerfile as a step. All that the unit could call is a port where nobody listens.
 * https://cloud.google.com/docs/buildpacks/nodejs#executing_custom_build_steps_during_deployment
 */
import { readFileSync } from 'node:fs';

const NOBODY = '127.0.0.1:1';
// The unit reads its settings as it loads.
const PLACEHOLDERS = {
  GOOGLE_CLOUD_PROJECT: 'warm',
  STAGING_BUCKET: 'warm',
  MEDIA_BUCKET: 'warm',
  TASKS_LOCATION: 'warm',
  TASKS_SERVICE_ACCOUNT: 'warm@warm.invalid',
  WORKER_URL: 'https://warm.invalid',
  AUTH_JWKS_URL: `http://${NOBODY}`,
  TASKS_JWKS_URL: `http://${NOBODY}`,
  FIRESTORE_EMULATOR_HOST: NOBODY,
  STORAGE_EMULATOR_HOST: `http://${NOBODY}`,
  CLOUD_TASKS_EMULATOR_HOST: NOBODY,
  METADATA_SERVER_DETECTION: 'none',
  LOG_LEVEL: 'silent',
  // For processes that the unit starts.
  KEEP_COMPILED: '1',
  PORT: '0',
};

Object.assign(process.env, PLACEHOLDERS);
const { keepCompiled, load } = await import('./load.js');
await import('./index.js');
await load('./unit.js').default();
const later = JSON.parse(readFileSync(new URL('./later.json', import.meta.url), 'utf8'));
for (const name of later) load(name);
keepCompiled();
process.exit(0);
