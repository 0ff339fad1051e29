import { describe, expect, test } from '@jest/globals';
import type { WireTask } from './model.ts';
import { newTask } from './task-request.ts';

const queue = 'projects/p/locations/l/queues/q';
const url = 'http://worker.test/tasks';
const NOW = 1_700_000_000e6;

function create(wire: WireTask) {
  return newTask(queue, { httpRequest: { url }, ...wire }, NOW);
}

function withHttp(http: WireTask['httpRequest']) {
  return create({ httpRequest: { url, ...http } });
}

const refused = expect.objectContaining({ name: 'RpcError', code: 3 });

describe('defaults', () => {
  test('a task with only a URL is a POST, now, with ten minutes to answer', () => {
    expect(create({})).toMatchObject({
      queue,
      createUs: NOW,
      scheduleUs: NOW,
      request: { url, method: 'POST', headers: {}, deadlineMs: 600_000 },
    });
  });

  test('generated names differ and belong to the queue', () => {
    const names = Array.from({ length: 100 }, () => create({}).name);
    expect(new Set(names).size).toBe(100);
    for (const name of names) expect(name).toMatch(new RegExp(`^${queue}/tasks/\\d+$`));
  });

  test('a schedule in the past is now', () => {
    expect(create({ scheduleTime: { seconds: 5 } }).scheduleUs).toBe(NOW);
  });

  test('an ID token is for the URL unless an audience is given', () => {
    const oidc = (audience?: string) =>
      withHttp({ oidcToken: { serviceAccountEmail: 'a@b.c', ...(audience && { audience }) } });
    expect(oidc().request.authorization).toMatchObject({ audience: url });
    expect(oidc('app').request.authorization).toMatchObject({ audience: 'app' });
  });
});

describe('headers', () => {
  test('headers that the service sets or reserves are dropped', () => {
    const headers = {
      'Content-Type': 'application/json',
      Host: 'elsewhere',
      'content-length': '7',
      'user-agent': 'me',
      'X-CloudTasks-TaskName': 'forged',
      'x-cloudtasks-anything': 'forged',
      'X-Google-Thing': 'x',
      'X-AppEngine-QueueName': 'x',
      'Transfer-Encoding': 'chunked',
      Connection: 'close',
      'X-Mine': 'kept',
    };
    expect(withHttp({ headers }).request.headers).toEqual({
      'Content-Type': 'application/json',
      'X-Mine': 'kept',
    });
  });

  test('a token replaces an Authorization header, which stays otherwise', () => {
    const headers = { authorization: 'Basic x' };
    expect(withHttp({ headers }).request.headers).toEqual(headers);
    const oidcToken = { serviceAccountEmail: 'a@b.c' };
    expect(withHttp({ headers, oidcToken }).request.headers).toEqual({});
  });
});

describe('limits', () => {
  const day = 86_400;

  test('a task of 1 MB is accepted, one byte more is not', () => {
    const rest = url.length + create({ name: `${queue}/tasks/t` }).name.length;
    const body = Buffer.alloc(1_000_000 - rest);
    const name = `${queue}/tasks/t`;
    expect(create({ name, httpRequest: { url, body } }).body).toHaveLength(body.length);
    const larger = Buffer.alloc(body.length + 1);
    expect(() => create({ name, httpRequest: { url, body: larger } })).toThrow(refused);
  });

  test.each([
    [15_000, true],
    [1_800_000, true],
    [14_999, false],
    [1_800_001, false],
    [0, false],
  ])('a dispatch deadline of %d ms: %s', (ms, allowed) => {
    const dispatchDeadline = { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1e6 };
    if (allowed) expect(create({ dispatchDeadline }).request.deadlineMs).toBe(ms);
    else expect(() => create({ dispatchDeadline })).toThrow(refused);
  });

  test('a task may be scheduled at most 30 days ahead', () => {
    const seconds = NOW / 1e6 + 30 * day;
    expect(create({ scheduleTime: { seconds } }).scheduleUs).toBe(seconds * 1e6);
    expect(() => create({ scheduleTime: { seconds, nanos: 1_000 } })).toThrow(refused);
  });

  test('headers of more than 80 KiB are refused', () => {
    expect(() => withHttp({ headers: { 'X-Large': 'x'.repeat(80 * 1024) } })).toThrow(refused);
  });
});

describe('refused as INVALID_ARGUMENT', () => {
  test.each<[string, WireTask]>([
    ['no target', { httpRequest: null }],
    ['an App Engine target', { httpRequest: null, appEngineHttpRequest: { relativeUri: '/' } }],
    ['no URL', { httpRequest: {} }],
    ['a URL that is neither http nor https', { httpRequest: { url: 'ftp://worker.test' } }],
    ['a URL without a host', { httpRequest: { url: 'http://' } }],
    ['a relative URL', { httpRequest: { url: '/tasks' } }],
    ['a URL that is too long', { httpRequest: { url: `http://w.test/${'x'.repeat(2_083)}` } }],
    ['a body with GET', { httpRequest: { url, httpMethod: 'GET', body: Buffer.from('x') } }],
    ['a body with DELETE', { httpRequest: { url, httpMethod: 'DELETE', body: Buffer.from('x') } }],
    ['a header name with a space', { httpRequest: { url, headers: { 'a b': 'x' } } }],
    ['a header value with a line break', { httpRequest: { url, headers: { a: 'x\r\nb: y' } } }],
    ['a token without an account', { httpRequest: { url, oidcToken: {} } }],
    [
      'a token for an invalid account',
      { httpRequest: { url, oauthToken: { serviceAccountEmail: 'x' } } },
    ],
    ['a name of another queue', { name: 'projects/p/locations/l/queues/other/tasks/t' }],
    ['a name that is only an id', { name: 'task-1' }],
    ['a name with a dot', { name: `${queue}/tasks/a.b` }],
    ['a name of 501 characters', { name: `${queue}/tasks/${'x'.repeat(501)}` }],
  ])('%s', (_title, wire) => {
    expect(() => create(wire)).toThrow(refused);
  });
});
