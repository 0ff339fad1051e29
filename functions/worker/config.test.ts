import { expect, test } from '@jest/globals';
import { EXAMPLE_GEMINI } from '../analysis/catalog/model-name.ts';
import { loadWorkerConfig } from './config.ts';

const complete = {
  GOOGLE_CLOUD_PROJECT: 'p',
  TASKS_LOCATION: 'europe-west1',
  WORKER_URL: 'https://worker.example.run.app',
  TASKS_SERVICE_ACCOUNT: 'tasks@p.iam.gserviceaccount.com',
  STAGING_BUCKET: 's',
  MEDIA_BUCKET: 'm',
};

test('has defaults for everything that the deployment need not set', () => {
  expect(loadWorkerConfig(complete)).toMatchObject({ ANALYSIS_MODEL: 'local/vision', LEASE_S: 30 });
});

test('new objects of its own buckets are refused at start', () => {
  const MEDIA_BUCKET = 'own-media';
  const IMPORT_NEW_OBJECTS = JSON.stringify([{ bucket: MEDIA_BUCKET, owner: 'app' }]);
  const load = () => loadWorkerConfig({ ...complete, MEDIA_BUCKET, IMPORT_NEW_OBJECTS });
  expect(load).toThrow('IMPORT_NEW_OBJECTS.0.bucket: not a bucket of this service');
});

test('a model that needs a key is refused at start without one', () => {
  const gemini = { ...complete, ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}` };
  expect(() => loadWorkerConfig(gemini)).toThrow(/GEMINI_API_KEY/);
  expect(loadWorkerConfig({ ...gemini, GEMINI_API_KEY: 'k' }).GEMINI_API_KEY).toBe('k');
});

test.each<[string, string | undefined, boolean]>([
  ['https://api.openai.com/v1', undefined, false],
  ['https://api.openai.com/v1', 'k', true],
  ['http://127.0.0.1:11434/v1', undefined, true],
  ['http://192.168.1.20:8000/v1', undefined, true],
])('an openai/ model at %s with the key %j: %s', (OPENAI_BASE_URL, OPENAI_API_KEY, isFine) => {
  const own = { ...complete, ANALYSIS_MODEL: 'openai/google/gemma-3:4b' };
  const load = () => loadWorkerConfig({ ...own, OPENAI_BASE_URL, OPENAI_API_KEY });
  if (isFine) expect(load().OPENAI_BASE_URL).toBe(OPENAI_BASE_URL);
  else expect(load).toThrow(/OPENAI_API_KEY: .*public address/);
});

test.each(['http://models.example.com/v1', 'ftp://127.0.0.1', 'models.example.com'])(
  'pictures and a key leave the own network encrypted only: %s',
  (OPENAI_BASE_URL) => {
    expect(() => loadWorkerConfig({ ...complete, OPENAI_BASE_URL })).toThrow(/OPENAI_BASE_URL/);
  },
);

test('a chain of models is a list, and each needs its key', () => {
  const chain = {
    ...complete,
    MODEL_FALLBACK: `openai/qwen2.5vl:7b, googleai/${EXAMPLE_GEMINI}`,
  };
  const OPENAI_BASE_URL = 'http://127.0.0.1:11434/v1';
  expect(() => loadWorkerConfig({ ...chain, OPENAI_BASE_URL })).toThrow(/GEMINI_API_KEY/);
  const { MODEL_FALLBACK } = loadWorkerConfig({ ...chain, OPENAI_BASE_URL, GEMINI_API_KEY: 'k' });
  expect(MODEL_FALLBACK).toEqual(['openai/qwen2.5vl:7b', `googleai/${EXAMPLE_GEMINI}`]);
  expect(loadWorkerConfig(complete).MODEL_FALLBACK).toEqual([]);
  const wrong = { ...complete, MODEL_FALLBACK: 'local/facts,local/nothing' };
  expect(() => loadWorkerConfig(wrong)).toThrow(/MODEL_FALLBACK/);
});

test('a price is two numbers of dollars', () => {
  const load = (OPENAI_PRICE: string) => loadWorkerConfig({ ...complete, OPENAI_PRICE });
  expect(load('0.15, 0.6').OPENAI_PRICE).toEqual({ input: 0.15, output: 0.6 });
  for (const wrong of ['0.15', '1,2,3', '-1,2', 'free']) {
    expect(() => load(wrong)).toThrow(/OPENAI_PRICE/);
  }
});

test('a call does not outlast its delivery', () => {
  const load = (CALL_TIMEOUT_S: string, DELIVERY_BUDGET_S: string) =>
    loadWorkerConfig({ ...complete, CALL_TIMEOUT_S, DELIVERY_BUDGET_S });
  expect(load('240', '240').CALL_TIMEOUT_S).toBe(240);
  expect(() => load('241', '240')).toThrow(/CALL_TIMEOUT_S/);
  // A short delivery ends a call of the usual length by itself.
  expect(load('', '10').CALL_TIMEOUT_S).toBe(60);
});

test('Vertex AI has the locations global, us and eu, and no single region', () => {
  expect(loadWorkerConfig(complete).VERTEX_LOCATION).toBe('global');
  expect(loadWorkerConfig({ ...complete, VERTEX_LOCATION: 'eu' }).VERTEX_LOCATION).toBe('eu');
  const region = { ...complete, VERTEX_LOCATION: 'us-central1' };
  expect(() => loadWorkerConfig(region)).toThrow(/VERTEX_LOCATION/);
});

test.each([EXAMPLE_GEMINI, 'anthropic/claude', 'googleai/', 'local'])(
  'an unknown model is refused at start: %s',
  (ANALYSIS_MODEL) => {
    expect(() => loadWorkerConfig({ ...complete, ANALYSIS_MODEL })).toThrow(/ANALYSIS_MODEL/);
  },
);
