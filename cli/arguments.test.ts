import { describe, expect, test } from '@jest/globals';
import { readArguments } from './arguments.ts';

const read = (line: string, env: NodeJS.ProcessEnv = {}) =>
  readArguments(line.split(' ').filter(Boolean), env);
const HERE = { url: undefined, token: undefined, onBehalfOf: undefined };

test('paths alone are sent to the service on this machine', () => {
  expect(read('a b')).toEqual({
    ...{ name: 'send', service: HERE, paths: ['a', 'b'] },
    ...{ analyses: undefined, language: undefined, isJson: false },
  });
});

test('analyses may be repeated and joined by commas', () => {
  const command = read('a --analysis describe,receipt --analysis alt-text --language ja --json');
  expect(command).toMatchObject({
    ...{ analyses: ['describe', 'receipt', 'alt-text'], language: 'ja', isJson: true },
  });
});

test.each<[string, NodeJS.ProcessEnv, object]>([
  ['--token t', { MEDIA_ANALYSIS_TOKEN: 'e' }, { token: 't', onBehalfOf: undefined }],
  ['', { MEDIA_ANALYSIS_TOKEN: 'e', MEDIA_ANALYSIS_KEY: 'k' }, { token: 'e' }],
  ['--on-behalf-of u', { MEDIA_ANALYSIS_TOKEN: 'e', MEDIA_ANALYSIS_KEY: 'k' }, { token: 'k' }],
  ['--key k --on-behalf-of u', {}, { token: 'k', onBehalfOf: 'u' }],
])('who asks: %j with %j', (options, env, service) => {
  expect(read(`a --url https://x.example/ ${options}`, env)).toMatchObject({
    service: { url: 'https://x.example', ...service },
  });
});

test('a token of the environment is not for the service on this machine', () => {
  expect(read('a', { MEDIA_ANALYSIS_TOKEN: 'e' })).toMatchObject({ service: HERE });
});

test('inspect takes one id', () => {
  expect(read('inspect X --project p --url http://a')).toMatchObject({ id: 'X', project: 'p' });
});

describe('refused:', () => {
  test.each([
    ['', 'Name a photo'],
    ['a --url ftp://x', '--url ftp://x'],
    ['a --url x', '--url x'],
    ['a --colour', '--colour'],
    ['a --token t', 'add its --url'],
    ['a --url https://x --token t --key k', 'not both'],
    ['a --url https://x --key k', 'add --on-behalf-of'],
    ['a --url https://x --on-behalf-of u', 'needs a service key'],
    ['a --log f', '--log does not belong'],
    ['inspect', 'Name one id'],
    ['inspect a b', 'Name one id'],
    ['inspect a --language ja', '--language does not belong'],
    ['inspect a --log f --project p', 'not both'],
    ['inspect a --project p', 'add its --url'],
  ])('%s', (line, said) => {
    expect(() => read(line)).toThrow(said);
  });

  test('a service key of the environment without the user for whom it acts', () => {
    const env = { MEDIA_ANALYSIS_KEY: 'k' };
    expect(() => read('a --url https://x', env)).toThrow('add --on-behalf-of');
    expect(read('a', env)).toMatchObject({ service: HERE });
  });
});
