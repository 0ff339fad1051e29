import { describe, expect, test } from '@jest/globals';
import { readArguments } from './arguments.ts';

const read = (line: string, env: NodeJS.ProcessEnv = {}) =>
  readArguments(line.split(' ').filter(Boolean), env);
const HERE = { url: undefined, token: undefined, onBehalfOf: undefined };

test('paths alone are sent to the service on this machine', () => {
  expect(read('a b')).toEqual({
    name: 'send',
    service: HERE,
    paths: ['a', 'b'],
    analyses: undefined,
    language: undefined,
    isJson: false,
  });
});

test('analyses may be repeated and joined by commas', () => {
  const command = read('a --analysis describe,receipt --analysis alt-text --language ja --json');
  expect(command).toMatchObject({
    analyses: ['describe', 'receipt', 'alt-text'],
    language: 'ja',
    isJson: true,
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

test('mcp takes the folders whose files an agent may send', () => {
  expect(read('mcp a b')).toEqual({ name: 'mcp', service: HERE, folders: ['a', 'b'] });
  expect(read('mcp')).toMatchObject({ folders: [] });
});

describe('import', () => {
  const by = '--url http://a --key k --on-behalf-of u';

  test.each<[string, object]>([
    ['gs://b/2026/ --in-place', { what: { source: { gs: 'gs://b/2026/' }, in_place: true } }],
    ['https://a/1 https://a/2', { what: { source: { urls: ['https://a/1', 'https://a/2'] } } }],
    [
      'gs://b --analysis receipt --language ja',
      { what: { analyses: ['receipt'], language: 'ja' } },
    ],
    ['gs://b --no-wait --json', { isPatient: false, isJson: true }],
    ['X1', { what: { id: 'X1' }, isPatient: true, isJson: false }],
    ['X1 --cancel', { what: { cancel: 'X1' } }],
  ])('%s', (line, command) => {
    expect(read(`import ${line} ${by}`)).toMatchObject({ name: 'import', ...command });
  });

  test.each([
    ['', 'Name gs://BUCKET'],
    ['gs://b gs://c', 'Name one gs://'],
    ['https://a gs://b', 'Name one gs://'],
    ['https://a --in-place', 'is for a bucket'],
    ['X1 X2', 'one id'],
    ['./photos', 'one id'],
    ['X1 --language ja', '--language does not belong'],
    ['gs://b --cancel', '--cancel does not belong'],
    ['gs://b --log f', '--log does not belong'],
  ])('%s is refused', (line, said) => {
    expect(() => read(`import ${line} ${by}`)).toThrow(said);
  });

  test('without a service and a key it is refused', () => {
    const env = { MEDIA_ANALYSIS_TOKEN: 't' };
    for (const given of ['', '--url http://a']) {
      expect(() => read(`import gs://b ${given}`, env)).toThrow('needs a service and its key');
    }
  });
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
    ['a --in-place', '--in-place does not belong to sending'],
    ['inspect a --cancel', '--cancel does not belong to inspect'],
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
