import { expect, test } from '@jest/globals';
import { loadStreamConfig } from './config.ts';

test('has defaults for everything that the deployment need not set', () => {
  expect(loadStreamConfig({ GOOGLE_CLOUD_PROJECT: 'p' })).toMatchObject({ HEARTBEAT_S: 15 });
});

test('the settings of the page are JSON, and none where they are not set', () => {
  const load = (PAGE_CONFIG?: string) =>
    loadStreamConfig({ GOOGLE_CLOUD_PROJECT: 'p', PAGE_CONFIG }).PAGE_CONFIG;
  expect(load()).toEqual({});
  expect(load('{"api_url":"https://api.example/"}')).toEqual({ api_url: 'https://api.example' });
  const signIn = '"api_key":"k","identity_url":"https://a.example","token_url":"https://b.example"';
  for (const wrong of [
    '{',
    '[]',
    '{"api_url":"api.example"}',
    '{"api-url":"https://api.example"}',
    `{"sign_in":{${signIn}}}`,
    `{"sign_in":{${signIn},"sign_up":true,"sign_out":true}}`,
  ]) {
    expect(() => load(wrong)).toThrow(/PAGE_CONFIG/);
  }
});
