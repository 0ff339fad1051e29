import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { ConfigError, type Environment, load } from '../process/settings.ts';
import { callersShape } from './settings.ts';

const loadCallers = (env: Environment) => load(z.object(callersShape), env);

test('allowed origins are a list', () => {
  const ALLOWED_ORIGINS = 'https://a.example, https://b.example';
  expect(loadCallers({ ALLOWED_ORIGINS }).ALLOWED_ORIGINS).toEqual([
    'https://a.example',
    'https://b.example',
  ]);
});

test.each(['https://a.example/', 'HTTPS://A.example', 'https://a.example:443'])(
  'an allowed origin becomes the form that a browser sends: %s',
  (ALLOWED_ORIGINS) => {
    const { ALLOWED_ORIGINS: origins } = loadCallers({ ALLOWED_ORIGINS });
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
  const load = () => loadCallers({ ALLOWED_ORIGINS });
  expect(load).toThrow(ConfigError);
  expect(load).toThrow(/ALLOWED_ORIGINS/);
});
