import { once } from 'node:events';
import http, {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { AppError } from '@media-analysis/shared/errors';
import { mediaSchema } from '@media-analysis/shared/media';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { FakeLibrary } from '../../test/support/fake-library.ts';
import { mediaRecord } from '../../test/support/media.ts';
import { NO_FEATURES } from '../core/media/moments.ts';
import type { MediaRecord } from '../core/media/record.ts';
import { Hub, type Listen, showMedia } from '../core/stream/hub.ts';
import { mediaWatches } from '../core/stream/watch.ts';
import { Libraries } from '../features/library/library.ts';
import { watchLibrary } from '../features/library/stream.ts';
import { watchReanalysis } from '../features/reanalyses/stream.ts';
import { ConcurrencyLimit } from '../http/concurrency-limit.ts';
import { createRouter } from '../http/router.ts';
import { createLogger } from '../process/log.ts';
import { createStreamService, type StreamDeps, type StreamService } from './handler.ts';

const ORIGIN = 'https://app.example';
const logger = createLogger('test', 'silent');

/** The media collection, controlled by the test. */
class Collection {
  readonly records = new Map<string, MediaRecord>();
  readonly queries = new Set<() => void>();
  isMute = false;

  readonly listen: Listen = (ownerId, ids, onSnapshot) => {
    let shown: MediaRecord[] = [];
    const show = () => {
      if (this.isMute) return;
      const asDoc = (record: MediaRecord) => ({ id: record.id, data: () => record });
      const records = [...this.records.values()].filter(
        ({ id, owner_id }) => owner_id === ownerId && ids.includes(id),
      );
      const changes = [
        ...shown
          .filter(({ id }) => !this.records.has(id))
          .map((record) => ({ type: 'removed', doc: asDoc(record) })),
        ...records
          .filter((record) => !shown.includes(record))
          .map((record) => ({ type: 'modified', doc: asDoc(record) })),
      ];
      shown = records;
      const snapshot = { docs: records.map(asDoc), docChanges: () => changes };
      onSnapshot(snapshot as unknown as Parameters<typeof onSnapshot>[0]);
    };
    this.queries.add(show);
    setImmediate(show);
    return () => this.queries.delete(show);
  };

  set(patch: Partial<MediaRecord>): void {
    const record = mediaRecord(patch);
    this.records.set(record.id, record);
    for (const show of this.queries) show();
  }

  delete(id: string): void {
    this.records.delete(id);
    for (const show of this.queries) show();
  }
}

let media: Collection;
let hub: Hub;
let library: FakeLibrary;
let libraries: Libraries;
let server: http.Server;
let service: StreamService;
let lastResponse: ServerResponse;

async function serve(options: Partial<StreamDeps> = {}): Promise<void> {
  service = createStreamService({
    authenticate: async ({ headers }) => {
      if (!headers.authorization) throw new AppError('unauthenticated', 'Sign in first.');
      return { ownerId: headers.authorization, expiresAtMs: Number.POSITIVE_INFINITY };
    },
    watches: {
      ...mediaWatches(async () => hub),
      streamReanalysis: watchReanalysis(async () => hub),
      streamLibrary: watchLibrary(async () => libraries),
    },
    readOnce: async () => undefined,
    streams: new ConcurrencyLimit({ each: 3 }, 'streams'),
    admission: { admit: () => undefined },
    logger,
    maxStreamMs: 60_000,
    heartbeatMs: 60_000,
    random: () => 0,
    ...options,
  });
  const handle = createRouter({
    routes: service.routes,
    logger,
    project: 'p',
    allowedOrigins: [ORIGIN],
  });
  server = http.createServer((request, response) => {
    lastResponse = response;
    void handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

/** An answer as it arrives. */
class Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly raw: IncomingMessage;
  text = '';
  readonly events: EventSourceMessage[] = [];
  retry: number | undefined;
  readonly closed: Promise<unknown>;
  #waiting: () => void = () => undefined;

  constructor(raw: IncomingMessage) {
    this.raw = raw;
    this.status = raw.statusCode ?? 0;
    this.headers = raw.headers;
    const parser = createParser({
      onEvent: (event) => this.events.push(event),
      onRetry: (ms) => {
        this.retry = ms;
      },
    });
    raw.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
      parser.feed(text);
      this.#waiting();
    });
    raw.on('error', () => undefined);
    this.closed = new Promise((resolve) => raw.once('close', resolve));
  }

  /** Resolves as soon as `accept` is true for the text that arrived so far. */
  async until(accept: (answer: this) => boolean): Promise<this> {
    while (!accept(this)) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    return this;
  }

  async whole(): Promise<this> {
    await this.closed;
    return this;
  }

  get json(): unknown {
    return JSON.parse(this.text);
  }
}

const streamOf = (...ids: string[]) => `/api/agent/analyze-media/stream?ids=${ids}`;

async function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { port } = server.address() as AddressInfo;
  const options = { port, path, headers: { authorization: 'alice', ...headers }, agent: false };
  const [response] = await once(http.get(options), 'response');
  return new Answer(response);
}

/** Waits one turn of the event loop after another until `accept` is true. */
async function eventually(accept: () => boolean): Promise<void> {
  while (!accept()) await new Promise((resolve) => setImmediate(resolve));
}

beforeEach(() => {
  media = new Collection();
  hub = new Hub({ show: showMedia(NO_FEATURES), listen: media.listen, logger });
  library = new FakeLibrary();
  libraries = new Libraries({ moments: NO_FEATURES, source: library, logger });
});
afterEach(() => {
  service.close();
  hub.close();
  libraries.close();
  server.closeAllConnections();
  server.close();
});

describe('a stream', () => {
  test('starts with headers for caches and proxies, and with the time to reconnect', async () => {
    await serve();
    media.set({ id: 'm1' });
    const stream = await get(streamOf('m1'));
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    await stream.until(({ events }) => events.length === 1);
    expect(stream.retry).toBe(1_000);
  });

  test('sends the state, each change with its revision as id, then `done`, and ends', async () => {
    await serve();
    media.set({ id: 'm1' });
    media.set({ id: 'm2', status: 'failed', revision: 5 });
    const stream = await get(streamOf('m1', 'm2'));
    await stream.until(({ events }) => events.length === 2);
    media.set({ id: 'm1', status: 'uploading', revision: 2 });
    media.set({ id: 'm1', status: 'completed', revision: 3 });
    await stream.whole();
    expect(stream.events.map(({ event, id }) => [event, id])).toEqual([
      [undefined, '1'],
      [undefined, '5'],
      [undefined, '2'],
      [undefined, '3'],
      ['done', 'done'],
    ]);
    expect(mediaSchema.parse(JSON.parse(stream.events[3]?.data ?? ''))).toMatchObject({
      id: 'm1',
      status: 'completed',
      revision: 3,
    });
    expect(stream.events[4]?.data).toBe('{"completed":1,"failed":1}');
  });

  test('sends no field of a record that its owner may not see', async () => {
    await serve();
    media.set({ id: 'm1', status: 'completed' });
    const { text } = await (await get(streamOf('m1'))).whole();
    expect(text).not.toMatch(/owner_id|lease|staging_object|alice/);
  });

  test('sends the same problem for an unknown id, another owner’s id, and a text that is no id', async () => {
    await serve();
    media.set({ id: 'm1', status: 'completed' });
    media.set({ id: 'theirs', owner_id: 'bob' });
    const stream = await (await get(streamOf('m1', 'theirs', 'nobodys', 'no%2Fid'))).whole();
    const problems = stream.events.filter(({ event }) => event === 'problem');
    expect(problems.map(({ data }) => JSON.parse(data)).sort(byMediaId)).toEqual(
      ['no/id', 'nobodys', 'theirs'].map((media_id) => ({ media_id, code: 'not_found' })),
    );
    expect(stream.events.at(-1)?.event).toBe('done');
  });

  test('sends an event when a media is deleted', async () => {
    await serve();
    media.set({ id: 'm1' });
    const stream = await get('/api/media/m1/stream');
    await stream.until(({ events }) => events.length === 1);
    media.delete('m1');
    await stream.whole();
    expect(stream.events.slice(1)).toMatchObject([
      { event: 'removed', data: '{"media_id":"m1"}' },
      { event: 'done', data: '{"completed":0,"failed":0}' },
    ]);
  });

  test.each([
    '\r\n\r\nevent: done\r\nid: done\r\ndata: {}\r\n\r\n',
    '\ndata: {}\n\n',
    '\r\r',
    '\u2028\u2029\0',
  ])('takes a file name for what it is: %j', async (file_name) => {
    await serve();
    media.set({ id: 'm1', status: 'completed', file_name });
    const stream = await (await get(streamOf('m1'))).whole();
    expect(stream.events).toHaveLength(2);
    expect(JSON.parse(stream.events[0]?.data ?? '')).toMatchObject({ file_name });
  });

  test('keeps the connection alive while nothing happens', async () => {
    await serve({ heartbeatMs: 10 });
    media.set({ id: 'm1' });
    const stream = await get(streamOf('m1'));
    await stream.until(({ text }) => text.endsWith(': keep-alive\n: keep-alive\n'));
    expect(stream.events).toHaveLength(1);
  });

  test('sends a slow reader only the newest state, and holds no more of it than a buffer', async () => {
    await serve();
    media.set({ id: 'm1' });
    const stream = await get(streamOf('m1'));
    await stream.until(({ events }) => events.length === 1);
    stream.raw.pause();
    const file_name = 'x'.repeat(10_000);
    for (let revision = 2; revision <= 5_000; revision++)
      media.set({ id: 'm1', revision, file_name });
    expect(lastResponse.writableLength).toBeLessThan(200_000);
    media.set({ id: 'm1', revision: 5_001, status: 'completed' });
    stream.raw.resume();
    await stream.whole();
    expect(stream.events.length).toBeLessThan(1_000);
    expect(stream.events.slice(-2).map(({ id }) => id)).toEqual(['5001', 'done']);
  });
});

describe('a request that gets no stream', () => {
  const problem = async (answer: Answer) => {
    await answer.whole();
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    return answer.json;
  };

  test('when no id is the caller’s: 404, and all listeners are closed', async () => {
    await serve();
    media.set({ id: 'theirs', owner_id: 'bob' });
    expect(await problem(await get(streamOf('theirs', 'nobodys')))).toMatchObject({ status: 404 });
    expect(await problem(await get('/api/media/no%2Fid/stream'))).toMatchObject({ status: 404 });
    expect(media.queries.size).toBe(0);
  });

  test('when it comes back after `done`: 204, which stops an EventSource', async () => {
    await serve();
    media.set({ id: 'm1', status: 'completed' });
    const answer = await (await get(streamOf('m1'), { 'Last-Event-ID': 'done' })).whole();
    expect([answer.status, answer.text]).toEqual([204, '']);
    const other = await (await get(streamOf('m1'), { 'Last-Event-ID': '7' })).whole();
    expect(other.status).toBe(200);
  });

  test('when it has no token: 401', async () => {
    await serve();
    const answer = await get(streamOf('m1'), { authorization: '' });
    expect(await problem(answer)).toMatchObject({ status: 401, code: 'unauthenticated' });
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  test('when it names no id, or too many: 400', async () => {
    await serve();
    const ids = Array.from({ length: 101 }, (_, n) => `m${n}`);
    expect(await problem(await get('/api/agent/analyze-media/stream'))).toMatchObject({
      status: 400,
    });
    expect(await problem(await get(streamOf(...ids)))).toMatchObject({ status: 400 });
    media.set({ id: 'm0', status: 'completed' });
    expect((await get(streamOf(...ids.slice(1), 'm0'))).status).toBe(400);
    expect((await get(streamOf(...ids.slice(0, 100)))).status).toBe(200);
  });

  test('when the state cannot be read: 503, and the log says why', async () => {
    const lines: string[] = [];
    const logger = createLogger('test', 'error', { write: (line) => void lines.push(line) });
    await serve({ logger, readOnce: async () => Promise.reject(new Error('no right to read')) });
    media.isMute = true;
    jest.useFakeTimers({
      doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'],
    });
    try {
      const answer = get(streamOf('m1'));
      await eventually(() => media.queries.size === 1);
      jest.advanceTimersByTime(10_000);
      expect(await problem(await answer)).toMatchObject({ status: 503, code: 'unavailable' });
      expect(media.queries.size).toBe(0);
      const line = { severity: 'ERROR', error: { message: 'no right to read' } };
      expect(lines.map((each) => JSON.parse(each))).toMatchObject([line]);
    } finally {
      jest.useRealTimers();
    }
  });

  test('when Firestore cannot be reached: a problem that does not mention it', async () => {
    await serve({
      watches: mediaWatches(async () => Promise.reject(new Error('10.0.0.1 refused'))),
    });
    const answer = await get(streamOf('m1'));
    expect(await problem(answer)).toMatchObject({ status: 500, code: 'internal' });
    expect(answer.text).not.toContain('10.0.0.1');
  });
});

test('a busy server says when to come back, and goes on serving its open streams', async () => {
  let isFull = false;
  const admit = () => {
    if (isFull) throw new AppError('unavailable', 'Full.', { retryAfterMs: 3_000 });
  };
  await serve({ admission: { admit } });
  media.set({ id: 'm1', revision: 1 });
  const early = await get(streamOf('m1'));
  isFull = true;
  const late = await (await get(streamOf('m1'))).whole();
  expect(late.status).toBe(503);
  expect(late.headers['retry-after']).toBe('3');
  media.set({ id: 'm1', revision: 2, status: 'completed' });
  expect((await early.whole()).events.map(({ id }) => id)).toEqual(['1', '2', 'done']);
});

describe('the end of a stream that is not done', () => {
  test('comes by itself after its lifetime, without `done`, so that the client reconnects', async () => {
    await serve({ maxStreamMs: 30 });
    media.set({ id: 'm1' });
    const stream = await (await get(streamOf('m1'))).whole();
    expect(stream.raw.complete).toBe(true);
    expect(stream.events.map(({ event }) => event)).toEqual([undefined]);
    await eventually(() => media.queries.size === 0);
  });

  test('comes when the token of its caller does, so that the client must come back with a new one', async () => {
    const expiresAtMs = 1_000_030;
    const authenticate = async () => ({ ownerId: 'alice', expiresAtMs });
    await serve({ authenticate, now: () => 1_000_000 });
    media.set({ id: 'm1' });
    const stream = await (await get(streamOf('m1'))).whole();
    expect(stream.raw.complete).toBe(true);
    expect(stream.events.map(({ event }) => event)).toEqual([undefined]);
  });

  test('is no stream at all if the token has ended, although other calls still take it', async () => {
    const authenticate = async () => ({ ownerId: 'alice', expiresAtMs: 1_000_000 });
    await serve({ authenticate, now: () => 1_000_000 });
    media.set({ id: 'm1' });
    expect((await get(streamOf('m1'))).raw.statusCode).toBe(401);
  });

  test('comes when the service key of its caller was revoked', async () => {
    let isUsable = true;
    const authenticate = async () => ({ ownerId: 'alice', keyId: 'key_1', expiresAtMs: 1e15 });
    await serve({ authenticate, keys: { isUsable: async () => isUsable }, lookMs: 5 });
    media.set({ id: 'm1' });
    const stream = await get(streamOf('m1'));
    await stream.until(({ events }) => events.length > 0);
    isUsable = false;
    await stream.whole();
    expect(stream.raw.complete).toBe(true);
  });

  test('comes to a reader that does not read too: it is cut off, and its place is free', async () => {
    const streams = new ConcurrencyLimit({ each: 1 }, 'streams');
    await serve({ streams, maxStreamMs: 1_000, lingerMs: 50 });
    media.set({ id: 'm1', revision: 1 });
    const stuck = await get(streamOf('m1'));
    const response = lastResponse;
    stuck.raw.pause();
    // More than all buffers on the way can hold: the end of the stream cannot reach this reader.
    media.set({ id: 'm1', revision: 2, file_name: 'x'.repeat(30_000_000) });
    expect(() => streams.acquire('alice')).toThrow(AppError);
    await eventually(() => response.closed);
    await eventually(() => media.queries.size === 0);
    expect((await get(streamOf('m1'))).status).toBe(200);
    stuck.raw.destroy();
  });

  test('comes long before its lifetime to a reader that takes nothing', async () => {
    const streams = new ConcurrencyLimit({ each: 1 }, 'streams');
    await serve({ streams, heartbeatMs: 10, lingerMs: 10 });
    media.set({ id: 'm1', revision: 1 });
    const stuck = await get(streamOf('m1'));
    const response = lastResponse;
    stuck.raw.pause();
    media.set({ id: 'm1', revision: 2, file_name: 'x'.repeat(30_000_000) });
    await eventually(() => response.closed);
    await eventually(() => media.queries.size === 0);
    streams.acquire('alice')();
    stuck.raw.destroy();
  });

  test('comes to all when the server shuts down; a later caller gets 503', async () => {
    await serve();
    media.set({ id: 'm1' });
    const streams = await Promise.all([get(streamOf('m1')), get(streamOf('m1'))]);
    service.close();
    for (const stream of streams) expect((await stream.whole()).raw.complete).toBe(true);
    const late = await (await get(streamOf('m1'))).whole();
    expect(late.json).toMatchObject({ status: 503, code: 'unavailable' });
  });

  test('comes also to one that was still waiting for its first state', async () => {
    await serve();
    media.isMute = true;
    const waiting = get(streamOf('m1'));
    await eventually(() => media.queries.size === 1);
    service.close();
    media.isMute = false;
    media.set({ id: 'm1' });
    expect((await (await waiting).whole()).status).toBe(503);
    await eventually(() => media.queries.size === 0);
  });

  test('by a client that disconnects closes the listener', async () => {
    await serve();
    media.set({ id: 'm1' });
    const stream = await get(streamOf('m1'));
    expect(media.queries.size).toBe(1);
    stream.raw.destroy();
    await eventually(() => media.queries.size === 0);
  });

  test('by a client that disconnects before the first state closes the listener', async () => {
    await serve();
    media.isMute = true;
    const { port } = server.address() as AddressInfo;
    const request = http.get({ port, path: streamOf('m1'), headers: { authorization: 'alice' } });
    request.on('error', () => undefined);
    await eventually(() => media.queries.size === 1);
    request.destroy();
    await eventually(() => media.queries.size === 0);
  });
});

describe('the stream of a library', () => {
  const path = (sinceMs: number) => `/api/media/stream?since=${new Date(sinceMs).toISOString()}`;
  const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000;

  test('begins with a time, then tells what was missed, then each change, and has no end', async () => {
    await serve();
    const missed = minutesAgo(20);
    library.write({ id: 'm1', status: 'completed', revision: 4 }, missed);
    const stream = await get(path(minutesAgo(30)));
    await stream.until(({ events }) => events.length === 2);
    library.remove('m1', Date.now());
    await stream.until(({ events }) => events.length === 3);
    expect(stream.events.map(({ event }) => event)).toEqual(['since', undefined, 'removed']);
    const [since, media, removed] = stream.events;
    expect(since?.data).toBe(JSON.stringify({ since: since?.id }));
    expect(media?.id).toBe(new Date(missed).toISOString());
    expect(mediaSchema.parse(JSON.parse(media?.data ?? ''))).toMatchObject({
      id: 'm1',
      revision: 4,
    });
    expect(removed?.data).toBe('{"media_id":"m1"}');
    expect(Date.parse(removed?.id ?? '')).toBeGreaterThan(missed);
    stream.raw.destroy();
    await eventually(() => library.listeners.size === 0);
  });

  test.each([
    ['the address', 30, undefined],
    ['the last event, if it is the later', 40, 30],
    ['the address, if that is the later', 30, 40],
  ])('goes on at the time of %s', async (_, asked, read) => {
    await serve();
    const last =
      read === undefined ? {} : { 'Last-Event-ID': new Date(minutesAgo(read)).toISOString() };
    const stream = await get(path(minutesAgo(asked)), last);
    await stream.until(({ events }) => events.length === 1);
    expect(minutesAgo(30) - Date.parse(stream.events[0]?.id ?? '')).toBeLessThan(30_000);
    expect(minutesAgo(30) - Date.parse(stream.events[0]?.id ?? '')).toBeGreaterThanOrEqual(0);
  });

  test.each(['', 'yesterday', '5', '2026-11-28', '2026-11-28 09:30:00Z', '2026-02-31T25:00:00Z'])(
    'refuses a time that is none: %j',
    async (since) => {
      await serve();
      const answer = await get(`/api/media/stream?since=${encodeURIComponent(since)}`);
      expect((await answer.whole()).json).toMatchObject({ status: 400, code: 'invalid_request' });
    },
  );

  test('takes no id of another stream for a time', async () => {
    await serve();
    const stream = await get('/api/media/stream', { 'Last-Event-ID': '7' });
    await stream.until(({ events }) => events.length === 1);
    expect(Date.now() - Date.parse(stream.events[0]?.id ?? '')).toBeLessThan(30_000);
  });

  test('while its index is built: 503 in words, and nothing is listened to', async () => {
    await serve();
    library.fault = Object.assign(new Error('9 FAILED_PRECONDITION'), { code: 9 });
    const answer = await (await get('/api/media/stream')).whole();
    expect(answer.json).toMatchObject({ status: 503, code: 'unavailable' });
    expect((answer.json as { detail: string }).detail).toContain('index');
    expect(answer.headers['retry-after']).toBe('60');
    expect(library.listeners.size).toBe(0);
  });

  test('sends a slow reader only the newest state of each media', async () => {
    await serve();
    const stream = await get('/api/media/stream');
    await stream.until(({ events }) => events.length === 1);
    stream.raw.pause();
    const file_name = 'x'.repeat(10_000);
    for (let revision = 2; revision <= 5_000; revision++) {
      library.write({ id: `m${revision % 2}`, revision, file_name }, Date.now());
    }
    expect(lastResponse.writableLength).toBeLessThan(200_000);
    stream.raw.resume();
    await stream.until(({ events }) => events.at(-1)?.data.includes('"revision":5000') ?? false);
    expect(stream.events.length).toBeLessThan(1_000);
    expect(stream.events.at(-2)?.data).toContain('"revision":4999');
  });

  test('is one of the streams that its owner may have, and ends with its token', async () => {
    const streams = new ConcurrencyLimit({ each: 1 }, 'streams');
    const authenticate = async () => ({ ownerId: 'alice', expiresAtMs: 1_000_030 });
    await serve({ streams, authenticate, now: () => 1_000_000 });
    const stream = await get('/api/media/stream');
    expect((await (await get('/api/media/stream')).whole()).status).toBe(429);
    await stream.whole();
    expect(stream.raw.complete).toBe(true);
    expect(stream.events.map(({ event }) => event)).toEqual(['since']);
    streams.acquire('alice')();
  });
});

describe('another origin’s page', () => {
  test('may read a stream, with credentials, if the operator allows the origin', async () => {
    await serve();
    media.set({ id: 'm1', status: 'completed' });
    const { headers } = await get(streamOf('m1'), { Origin: ORIGIN });
    expect(headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-credentials': 'true',
      vary: 'Origin',
    });
  });

  test('may not otherwise', async () => {
    await serve();
    media.set({ id: 'm1', status: 'completed' });
    const { headers } = await get(streamOf('m1'), { Origin: 'https://evil.example' });
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(headers).toMatchObject({ vary: 'Origin' });
  });
});

function byMediaId(a: { media_id: string }, b: { media_id: string }): number {
  return a.media_id.localeCompare(b.media_id);
}
