import { expect, test } from '@jest/globals';
import { ConfigError } from '../process/settings.ts';
import { loadApiConfig } from './config.ts';

const complete = {
  GOOGLE_CLOUD_PROJECT: 'p',
  TASKS_LOCATION: 'europe-west1',
  WORKER_URL: 'https://worker.example.run.app',
  TASKS_SERVICE_ACCOUNT: 'tasks@p.iam.gserviceaccount.com',
  STAGING_BUCKET: 's',
  MEDIA_BUCKET: 'm',
};

test('has defaults for everything that the deployment need not set', () => {
  expect(loadApiConfig(complete)).toMatchObject({ MAX_FILES: 100, ALLOWED_ORIGINS: [] });
});

test('one error names every variable that is missing or wrong', () => {
  const load = () => loadApiConfig({ ...complete, WORKER_URL: 'nowhere', MEDIA_BUCKET: undefined });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/WORKER_URL: /);
  expect(load).toThrow(/MEDIA_BUCKET: /);
});

test('an empty variable counts as absent', () => {
  expect(loadApiConfig({ ...complete, MAX_FILES: '' }).MAX_FILES).toBe(100);
  expect(() => loadApiConfig({ ...complete, STAGING_BUCKET: '' })).toThrow(/STAGING_BUCKET/);
});
