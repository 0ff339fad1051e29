/**
 * Fills the compile cache, once, where the unit is installed: Cloud Build runs it as `gcp-build`, the
 * stream's Dockerfile as a step. It loads what a request would, and calls nobody.
 * https://cloud.google.com/docs/buildpacks/nodejs#executing_custom_build_steps_during_deployment
 */
import { readFileSync } from 'node:fs';
import module from 'node:module';

// The unit reads its settings as it loads; none of these is ever used.
const PLACEHOLDERS = {
  GOOGLE_CLOUD_PROJECT: 'warm',
  STAGING_BUCKET: 'warm',
  MEDIA_BUCKET: 'warm',
  TASKS_LOCATION: 'warm',
  TASKS_SERVICE_ACCOUNT: 'warm@warm.invalid',
  WORKER_URL: 'https://warm.invalid',
  LOG_LEVEL: 'silent',
  PORT: '0',
};

Object.assign(process.env, PLACEHOLDERS);
await import('./index.js');
const later = JSON.parse(readFileSync(new URL('./later.json', import.meta.url), 'utf8'));
for (const name of later) await import(name);
module.flushCompileCache();
process.exit(0);
