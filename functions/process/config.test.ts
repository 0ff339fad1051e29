import { describe, expect, test } from '@jest/globals';
import {
  ConfigError,
  loadApiConfig,
  loadStreamConfig,
  loadWorkerConfig,
  signedUrlTtlS,
} from './config.ts';
import { EXAMPLE_GEMINI } from './model-name.ts';

const queues = {
  TASKS_LOCATION: 'europe-west1',
  WORKER_URL: 'https://worker.example.run.app',
  TASKS_SERVICE_ACCOUNT: 'tasks@p.iam.gserviceaccount.com',
};
const buckets = { STAGING_BUCKET: 's', MEDIA_BUCKET: 'm' };
const complete = { GOOGLE_CLOUD_PROJECT: 'p', ...queues, ...buckets };

describe('configuration', () => {
  test('has defaults for everything that the deployment need not set', () => {
    expect(loadApiConfig(complete)).toMatchObject({ MAX_FILES: 100, ALLOWED_ORIGINS: [] });
    expect(loadWorkerConfig(complete)).toMatchObject({
      ANALYSIS_MODEL: 'local/vision',
      LEASE_S: 30,
    });
    expect(loadStreamConfig({ GOOGLE_CLOUD_PROJECT: 'p' })).toMatchObject({ HEARTBEAT_S: 15 });
  });

  test('one error names every variable that is missing or wrong', () => {
    const load = () =>
      loadApiConfig({ ...complete, WORKER_URL: 'nowhere', MEDIA_BUCKET: undefined });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/WORKER_URL: /);
    expect(load).toThrow(/MEDIA_BUCKET: /);
  });

  test('under moderation a signed address works for two minutes at most', () => {
    const ttl = (MODERATION: string, SIGNED_URL_TTL_S: string) =>
      signedUrlTtlS(loadApiConfig({ ...complete, MODERATION, SIGNED_URL_TTL_S }));
    expect([ttl('', ''), ttl('hold', ''), ttl('hold', '60')]).toEqual([900, 120, 60]);
    expect(() => ttl('delete', '')).toThrow(/MODERATION/);
  });

  test('an empty variable counts as absent', () => {
    expect(loadApiConfig({ ...complete, MAX_FILES: '' }).MAX_FILES).toBe(100);
    expect(() => loadApiConfig({ ...complete, STAGING_BUCKET: '' })).toThrow(/STAGING_BUCKET/);
  });

  test('the settings of the page are JSON, and none where they are not set', () => {
    const load = (PAGE_CONFIG?: string) =>
      loadStreamConfig({ GOOGLE_CLOUD_PROJECT: 'p', PAGE_CONFIG }).PAGE_CONFIG;
    expect(load()).toEqual({});
    expect(load('{"api_url":"https://api.example/"}')).toEqual({ api_url: 'https://api.example' });
    const signIn =
      '"api_key":"k","identity_url":"https://a.example","token_url":"https://b.example"';
    for (const wrong of [
      '{',
      '[]',
      '{"api_url":"api.example"}',
      '{"api-url":"https://api.example"}',
      '{"map":{"tiles":"https://a.example/{z}/{x}.png","attribution":"a"}}',
      '{"map":{"tiles":"https://a.example/{z}/{x}/{y}.png"}}',
      '{"map":{"tiles":"https://a.example:99999/{z}/{x}/{y}.png","attribution":"a"}}',
      `{"sign_in":{${signIn}}}`,
      `{"sign_in":{${signIn},"sign_up":true,"sign_out":true}}`,
    ]) {
      expect(() => load(wrong)).toThrow(/PAGE_CONFIG/);
    }
  });

  test('new objects of its own buckets are refused at start', () => {
    const MEDIA_BUCKET = 'own-media';
    const IMPORT_NEW_OBJECTS = JSON.stringify([{ bucket: MEDIA_BUCKET, owner: 'app' }]);
    const load = () => loadWorkerConfig({ ...complete, MEDIA_BUCKET, IMPORT_NEW_OBJECTS });
    expect(load).toThrow('IMPORT_NEW_OBJECTS.0.bucket: not a bucket of this service');
  });

  test('allowed origins are a list', () => {
    const ALLOWED_ORIGINS = 'https://a.example, https://b.example';
    expect(loadApiConfig({ ...complete, ALLOWED_ORIGINS }).ALLOWED_ORIGINS).toEqual([
      'https://a.example',
      'https://b.example',
    ]);
  });

  test.each(['https://a.example/', 'HTTPS://A.example', 'https://a.example:443'])(
    'an allowed origin becomes the form that a browser sends: %s',
    (ALLOWED_ORIGINS) => {
      const { ALLOWED_ORIGINS: origins } = loadStreamConfig({ ...complete, ALLOWED_ORIGINS });
      expect(origins).toEqual(['https://a.example']);
    },
  );

  test.each([
    '*',
    'a.example',
    'localhost:3000',
    'null',
    'file:///',
    'https://a.example/app',
    'https://a.example?b',
    'https://user@a.example',
    'https://*.example',
  ])('what no browser would ever send is refused at start: %s', (ALLOWED_ORIGINS) => {
    const load = () => loadApiConfig({ ...complete, ALLOWED_ORIGINS });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/ALLOWED_ORIGINS/);
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
});
