import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createMediaClient, type MediaClientOptions } from './client.ts';
import type { Connection } from './follow.ts';
import { done, event, FakeClock, FakeServer, FakeWakeUps, media, settle } from './testing.ts';
import type { MediaUpdate } from './watch.ts';

let clock: FakeClock;
let server: FakeServer;
let wakeUps: FakeWakeUps;
let stop: AbortController;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer();
  wakeUps = new FakeWakeUps();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await settle();
  // Every watch must close its streams and timers.
  expect(clock.pending).toBe(0);
  expect(server.streams.filter((stream) => stream.isOpen())).toEqual([]);
});

/** An answer that breaks off after its first bytes. */
function truncatedAnswer(text: string): Response {
  const bytes = [new TextEncoder().encode(text)];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const next = bytes.shift();
      if (next) controller.enqueue(next);
      else controller.error(new TypeError('terminated'));
    },
  });
  return new Response(body);
}

/** Starts a watch and records all its updates. */
function watch(ids: string[], options: MediaClientOptions = {}) {
  const client = createMediaClient({ fetch: server.fetch, clock, wakeUps, ...options });
  const updates: MediaUpdate[] = [];
  const connections: Connection[] = [];
  const watching = {
    updates,
    connections,
    isOver: false,
    error: undefined as unknown,
    revisions: () =>
      updates.map((each) => (each.type === 'media' ? each.media.revision : each.type)),
  };
  const run = async () => {
    const onConnection = (connection: Connection) => connections.push(connection);
    for await (const update of client.watch(ids, { signal: stop.signal, onConnection })) {
      updates.push(update);
    }
  };
  run()
    .catch((error: unknown) => {
      watching.error = error;
    })
    .finally(() => {
      watching.isOver = true;
    });
  return watching;
}

test('yields each newer state, and ends when the last media has ended', async () => {
  const watching = watch(['a', 'b']);
  await settle();
  await server.latest.send(`retry: 1000\n\n${event(media('a'))}${event(done('b'))}`);
  expect(watching.isOver).toBe(false);
  await server.latest.send(event(done('a')));
  await server.latest.send('event: done\nid: done\ndata: {"completed":2,"failed":0}\n\n');
  expect(watching.revisions()).toEqual([1, 9, 9]);
  expect(watching.connections).toEqual(['connecting', 'live']);
  expect(watching).toMatchObject({ isOver: true, error: undefined });
});

test('ends with the last event, also where a body that came whole is never ended by aborting it (fetch of Node 22)', async () => {
  const start = (controller: ReadableStreamDefaultController<Uint8Array>) =>
    controller.enqueue(new TextEncoder().encode(event(done('a'))));
  server.refuseStream = () => new Response(new ReadableStream({ start }));
  const watching = watch(['a']);
  await settle();
  expect(watching.revisions()).toEqual([9]);
  expect(watching).toMatchObject({ isOver: true, error: undefined });
});

test('an event may come in pieces', async () => {
  const watching = watch(['a']);
  await settle();
  const { latest } = server;
  const text = event(media('a', { file_name: '東京.jpg' }));
  for (const piece of text.match(/.{1,40}|\n/gu) ?? []) await latest.send(piece);
  expect(watching.updates).toEqual([
    { type: 'media', media: expect.objectContaining({ file_name: '東京.jpg' }) },
  ]);
});

test('a state older than the known one is dropped, from the stream and from polling', async () => {
  const watching = watch(['a']);
  await settle();
  await server.latest.send(event(media('a', { revision: 5, progress: 0.7 })));
  await server.latest.send(event(media('a', { revision: 4, progress: 0.6 })));
  await server.latest.cut();
  await clock.advance(100);
  await server.latest.send(event(media('a', { revision: 5, progress: 0.7 })));
  await server.latest.send(event(done('a')));
  expect(watching.revisions()).toEqual([5, 9]);
});

test('a state in which only the number and the time are new is not told again', async () => {
  const watching = watch(['a']);
  await settle();
  await server.latest.send(event(media('a')));
  const renewed = { revision: 2, updated_at: '2026-01-01T00:00:20.000Z' };
  await server.latest.send(event(media('a', renewed)));
  await server.latest.send(event(media('a', { ...renewed, revision: 3, progress: 0.6 })));
  await server.latest.send(event(media('a', { ...renewed, revision: 4 })));
  expect(watching.revisions()).toEqual([1, 3, 4]);
});

describe('waiting for media', () => {
  const waiting = (ids: string[], timeoutMs?: number) => {
    const client = createMediaClient({ fetch: server.fetch, clock, wakeUps });
    const waited = client.waitFor(ids, { signal: stop.signal, timeoutMs });
    waited.catch(() => undefined);
    return waited;
  };

  test('gives the last state of each, in the order of the ids', async () => {
    const waited = waiting(['a', 'b', 'a']);
    await settle();
    const failed = media('b', { status: 'failed', revision: 3 });
    await server.latest.send(event(media('a')) + event(failed) + event(done('a')));
    expect(await waited).toEqual([done('a'), failed, done('a')]);
    expect(await waiting([])).toEqual([]);
  });

  test('asks again and again where the stream is refused', async () => {
    server.refuseStream = () => new Response(null, { status: 503 });
    server.media = [media('a')];
    const waited = waiting(['a']);
    await clock.advance(5_000);
    server.media = [done('a')];
    await clock.advance(5_000);
    expect(await waited).toEqual([done('a')]);
  });

  test('ends after the given time, and names what is not done', async () => {
    const waited = waiting(['a', 'b', 'c'], 20_000);
    await settle();
    await server.latest.send(event(media('a')) + event(done('b')));
    await clock.advance(20_000);
    await expect(waited).rejects.toMatchObject({
      name: 'MediaClientError',
      code: 'not_ready',
      message: 'Not done after 20 s: a (analyzing), c (not heard of).',
    });
  });

  test('ends with the reason of the signal, or when a media is gone', async () => {
    const stopped = waiting(['a']);
    const gone = waiting(['a', 'b']);
    await settle();
    await server.latest.send('event: problem\ndata: {"media_id":"b","code":"not_found"}\n\n');
    await expect(gone).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('media b,'),
    });
    stop.abort(new Error('enough'));
    await expect(stopped).rejects.toThrow('enough');
  });
});

test('a deleted id and an unknown id are reported, and the watch does not wait for them', async () => {
  const watching = watch(['a', 'b']);
  await settle();
  await server.latest.send(event(media('a')));
  await server.latest.send('event: problem\ndata: {"media_id":"b","code":"not_found"}\n\n');
  await server.latest.send('event: removed\ndata: {"media_id":"a"}\n\n');
  expect(watching.updates.slice(1)).toEqual([
    { type: 'problem', media_id: 'b', code: 'not_found' },
    { type: 'removed', media_id: 'a' },
  ]);
  expect(watching).toMatchObject({ isOver: true, error: undefined });
});

test('a media that the server cannot show yet is waited for', async () => {
  const watching = watch(['a']);
  await settle();
  await server.latest.send('event: problem\ndata: {"media_id":"a","code":"unavailable"}\n\n');
  await server.latest.send(event(done('a')));
  expect(watching.updates.map(({ type }) => type)).toEqual(['media']);
  expect(watching).toMatchObject({ isOver: true, error: undefined });
});

test('if all ids are unknown, each is reported', async () => {
  server.refuseStream = () =>
    Response.json({ code: 'not_found', detail: 'x', request_id: 'r' }, { status: 404 });
  const watching = watch(['a', 'b']);
  await settle();
  expect(watching.updates.map(({ type }) => type)).toEqual(['problem', 'problem']);
  expect(watching.isOver).toBe(true);
});

test.each([403, 404])(
  'a stream that a proxy refuses by %i is replaced by polling',
  async (status) => {
    server.refuseStream = () => new Response('<html>', { status });
    server.media = [done('a')];
    const watching = watch(['a']);
    await settle();
    expect(watching.updates).toMatchObject([{ media: { id: 'a', status: 'completed' } }]);
    expect(watching).toMatchObject({ isOver: true, error: undefined });
  },
);

test('more than a hundred ids need several streams', async () => {
  watch(Array.from({ length: 101 }, (_, n) => `m${n}`));
  await settle();
  const counts = server.streams.map(({ url }) => url.searchParams.get('ids')?.split(',').length);
  expect(counts).toEqual([100, 1]);
});

describe('a stream that breaks', () => {
  test('is opened again at once, for the unfinished media', async () => {
    const watching = watch(['a', 'b']);
    await settle();
    await server.latest.send(event(media('a')) + event(done('b')));
    await clock.advance(10_000);
    await server.latest.cut();
    await clock.advance(100);
    expect(server.streams.map(({ url }) => url.searchParams.get('ids'))).toEqual(['a,b', 'a']);
    expect(watching.connections).toEqual(['connecting', 'live', 'reconnecting']);
    expect(server.polls).toEqual([]);
  });

  test('again and again is replaced by polling, and tried again later', async () => {
    server.media = [media('a', { revision: 2, progress: 0.6 })];
    const watching = watch(['a']);
    for (let attempt = 0; attempt < 3; attempt++) {
      await clock.advance(1_000);
      await server.latest.send(event(media('a')));
      await server.latest.cut();
    }
    expect(server.streams).toHaveLength(3);
    await clock.advance(1_000);
    expect(watching.connections.at(-1)).toBe('polling');
    expect(watching.revisions()).toEqual([1, 2]);
    await clock.advance(30_000);
    expect(server.streams).toHaveLength(4);
    await server.latest.send(event(done('a')));
    expect(watching.connections.at(-1)).toBe('live');
    expect(watching.isOver).toBe(true);
  });

  test('waits for as long as the server asks', async () => {
    server.refuseStream = () =>
      new Response(null, { status: 503, headers: { 'Retry-After': '7' } });
    watch(['a']);
    await settle();
    server.refuseStream = undefined;
    await clock.advance(6_900);
    expect(server.streams).toHaveLength(0);
    await clock.advance(200);
    expect(server.streams).toHaveLength(1);
  });

  // A timer of more than 25 days ends at once: the client sent two hundred requests a second.
  test.each(['9999999', 'Infinity'])(
    'waits an hour for a server that asks for %s s',
    async (asked) => {
      server.refuseStream = () =>
        new Response(null, { status: 503, headers: { 'Retry-After': asked } });
      watch(['a']);
      await settle();
      server.refuseStream = undefined;
      await clock.advance(3_500_000);
      expect(server.streams).toHaveLength(0);
      await clock.advance(200_000);
      expect(server.streams).toHaveLength(1);
    },
  );
});

describe('silence', () => {
  test('of two heartbeats means that the connection is dead', async () => {
    watch(['a']);
    await settle();
    await server.latest.send(event(media('a')));
    await clock.advance(31_000);
    await server.latest.send(': keep-alive\n\n');
    await clock.advance(31_000);
    expect(server.streams).toHaveLength(1);
    await clock.advance(2_000);
    expect(server.streams).toHaveLength(2);
    expect(server.streams[0]?.isOpen()).toBe(false);
  });

  test('from the start means that a proxy holds events back: polling takes over', async () => {
    server.media = [media('a')];
    const watching = watch(['a']);
    await settle();
    // A proxy may pass on this much. It is no event yet.
    await server.latest.send('retry: 1000\n\n');
    await clock.advance(3_000);
    expect(watching.connections).toEqual(['connecting', 'polling']);
    expect(server.streams[0]?.isOpen()).toBe(false);
    server.media = [done('a')];
    await clock.advance(2_000);
    expect(watching.revisions()).toEqual([1, 9]);
    expect(watching.isOver).toBe(true);
    expect(server.streams).toHaveLength(1);
  });

  test('after the first events, three times in a row, means that a proxy holds the next ones back', async () => {
    server.media = [media('a', { revision: 2, progress: 0.6 })];
    const watching = watch(['a']);
    await settle();
    for (let n = 0; n < 3; n++) {
      expect(watching.connections).not.toContain('polling');
      await server.latest.send(event(media('a')));
      await clock.advance(33_000);
    }
    expect(watching.connections.at(-1)).toBe('polling');
    expect(watching.revisions()).toEqual([1, 2]);
  });

  test('at each try means that the stream is tried every half a minute', async () => {
    server.media = [media('a')];
    watch(['a']);
    await clock.advance(200_000);
    const starts = server.streams.length;
    // Each try takes 3 s.
    expect(starts).toBe(7);
  });
});

describe('the server says that all media are done', () => {
  test.each([
    ['by 204', async () => undefined],
    ['by its last event', async () => server.latest.send('event: done\ndata: {}\n\n')],
  ])('%s, and we do not: it is asked for the states', async (how, act) => {
    if (how === 'by 204') server.refuseStream = () => new Response(null, { status: 204 });
    server.media = [done('a')];
    const watching = watch(['a']);
    await settle();
    await act();
    await settle();
    expect(watching.revisions()).toEqual([9]);
    expect(watching.isOver).toBe(true);
  });
});

describe('tokens', () => {
  const unauthenticated = () =>
    Response.json({ code: 'unauthenticated', detail: 'Sign in.' }, { status: 401 });

  test('a refused one is replaced by a new one', async () => {
    const asked: boolean[] = [];
    const getToken = ({ refresh }: { refresh: boolean }) => {
      asked.push(refresh);
      if (refresh) server.refuseStream = undefined;
      return refresh ? 'fresh' : 'stale';
    };
    server.refuseStream = unauthenticated;
    watch(['a'], { getToken });
    await settle();
    expect(asked).toEqual([false, true]);
    expect(server.latest.headers.get('authorization')).toBe('Bearer fresh');
    expect(server.latest.url.search).not.toContain('fresh');
  });

  test('a new one that is refused too ends the watch', async () => {
    server.refuseStream = unauthenticated;
    const watching = watch(['a'], { getToken: () => 'x' });
    await settle();
    expect(watching.error).toMatchObject({ code: 'unauthenticated', message: 'Sign in.' });
  });
});

describe('the network', () => {
  test('is gone: the watch goes on, with waits between its tries', async () => {
    server.isDown = true;
    const watching = watch(['a']);
    await clock.advance(600_000);
    expect(watching.isOver).toBe(false);
    expect(watching.connections.at(-1)).toBe('reconnecting');
    server.isDown = false;
    server.media = [done('a')];
    await clock.advance(5_000);
    expect(watching.isOver).toBe(true);
  });

  test('breaks off in the middle of answers: the watch goes on', async () => {
    server.media = [media('a')];
    server.refuseStream = () => truncatedAnswer('retry: 1000\n\nid: 1\ndata: {"id":');
    let polls = 0;
    server.refusePoll = () =>
      ++polls % 5 > 0 ? truncatedAnswer('{"media":[') : Response.json({ media: server.media });
    const watching = watch(['a']);
    await clock.advance(600_000);
    expect(watching.isOver).toBe(false);
    server.media = [done('a')];
    await clock.advance(60_000);
    expect(watching).toMatchObject({ isOver: true, error: undefined });
  });

  test('is back: the watch tries again at once', async () => {
    server.isDown = true;
    watch(['a']);
    await clock.advance(60_000);
    server.isDown = false;
    server.media = [media('a')];
    wakeUps.fire('online');
    await settle();
    expect(server.polls.length + server.streams.length).toBeGreaterThan(0);
  });

  test('has changed: the watch replaces its old connection', async () => {
    watch(['a']);
    await settle();
    await server.latest.send(event(media('a')));
    wakeUps.fire('visible');
    await clock.advance(1_000);
    expect(server.streams).toHaveLength(1);
    wakeUps.fire('online');
    await clock.advance(1_000);
    expect(server.streams).toHaveLength(2);
  });
});

test('a consumer that stops reading stops the watch', async () => {
  const client = createMediaClient({ fetch: server.fetch, clock, wakeUps });
  const updates = client.watch(['a']);
  const first = updates.next();
  await settle();
  await server.latest.send(event(media('a')));
  expect((await first).value).toMatchObject({ type: 'media' });
  await updates.return();
  await settle();
  expect(server.latest.isOpen()).toBe(false);
});

test('an aborted watch ends with the reason', async () => {
  const watching = watch(['a']);
  await settle();
  stop.abort(new Error('enough'));
  await settle();
  expect(watching.error).toEqual(new Error('enough'));
});
