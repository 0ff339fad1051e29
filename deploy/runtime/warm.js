/**
 * Loads every file of a unit once, where the unit is installed, so that Node's compile cache has it: Cloud Build runs this
 * as `gcp-build`, the stream's Dockerfile as a step.
 * https://cloud.google.com/docs/buildpacks/nodejs#executing_custom_build_steps_during_deployment
 */
require('./compile-cache.js').createCompileCache();

// The unit reads its settings as it loads. It calls nothing.
Object.assign(process.env, {
  GOOGLE_CLOUD_PROJECT: 'warm',
  STAGING_BUCKET: 'warm',
  MEDIA_BUCKET: 'warm',
  TASKS_LOCATION: 'warm',
  TASKS_SERVICE_ACCOUNT: 'warm@warm.invalid',
  WORKER_URL: 'https://warm.invalid',
  LOG_LEVEL: 'silent',
  PORT: '0',
});
const { warmUp } = require('./unit.js');

async function warm() {
  await warmUp?.();
  for (const name of require('./later.json')) require(name);
  // Node writes the cache as the process ends. The stream would not end by itself.
  process.exit(0);
}

void warm();
