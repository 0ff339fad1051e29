import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createMediaClient } from './client.ts';
import type { Connection } from './follow.ts';
import { type LibraryClient, libraryOf } from './library.ts';
import type { LibraryUpdate, LibraryWatchOptions } from './library-watch.ts';
import { FakeClock, FakeServer, FakeWakeUps, media, settle } from './testing.ts';

let clock: FakeClock;
let server: FakeServer;
let wakeUps: FakeWakeUps;
let stop: AbortController;
let library: LibraryClient;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer();
  wakeUps = new FakeWakeUps();
  stop = new AbortController();
  library = libraryOf(createMediaClient({ fetch: server.fetch, clock, wakeUps }));
});
afterEach(async () => {
  stop.abort();
  await settle();
  expect(clock.pending).toBe(0);
  expect(server.streams.filter((stream) => stream.isOpen())).toEqual([]);
});

const textOf = (update: LibraryUpdate) => {
  if (update.type === 'media') return `${update.media.id} ${update.media.revision}`;
  return update.type === 'removed' ? `-${update.media_id}` : update.type;
};

function watch(options: LibraryWatchOptions = {}) {
  const watching = {
    heard: [] as string[],
    connections: [] as Connection[],
    since: undefined as string | undefined,
    end: '',
  };
  const run = async () => {
    const updates = library.watch({
      signal: stop.signal,
      onConnection: (connection) => watching.connections.push(connection),
      onSince: (since) => {
        watching.since = since;
      },
      ...options,
    });
    for await (const update of updates) watching.heard.push(textOf(update));
  };
  run().catch((error: { code?: string }) => {
    watching.end = error.code ?? String(error);
  });
  return watching;
}

const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;
const begins = (minute: number) =>
  `event: since\nid: ${at(minute)}\ndata: ${JSON.stringify({ since: at(minute) })}\n\n`;
const changed = (id: string, revision: number, minute: number) =>
  `id: ${at(minute)}\ndata: ${JSON.stringify(media(id, { revision }))}\n\n`;
const removed = (id: string, minute: number) =>
  `event: removed\nid: ${at(minute)}\ndata: ${JSON.stringify({ media_id: id })}\n\n`;

test('yields what is sent, changed and removed, and a new connection goes on from the last of it', async () => {
  const watching = watch();
  await settle();
  expect(server.latest.url.pathname + server.latest.url.search).toBe('/api/media/stream');
  await server.latest.send(begins(1));
  await server.latest.send(changed('a', 1, 2) + changed('b', 4, 3));
  await server.latest.send(removed('b', 4));
  expect(watching.heard).toEqual(['a 1', 'b 4', '-b']);
  expect(watching.since).toBe(at(4));
  await clock.advance(5_000);
  await server.latest.cut();
  await clock.advance(2_000);
  expect(server.streams).toHaveLength(2);
  expect(server.latest.url.searchParams.get('since')).toBe(at(4));
  await server.latest.send(begins(4) + changed('a', 2, 5));
  expect(watching.heard).toEqual(['a 1', 'b 4', '-b', 'a 2']);
  expect(watching.connections).toEqual(['connecting', 'live', 'reconnecting', 'live']);
  expect(watching.end).toBe('');
});

test('says that something was missed where the server goes on from a later time than was asked for', async () => {
  const watching = watch({ since: at(1) });
  await settle();
  expect(server.latest.url.searchParams.get('since')).toBe(at(1));
  await server.latest.send(begins(59));
  expect(watching).toMatchObject({ heard: ['missed'], since: at(59) });
  await server.latest.send(changed('a', 1, 59));
  expect(watching.heard).toEqual(['missed', 'a 1']);
});

test('a consumer that is slow gets the newest of each, and all of it', async () => {
  const heard: string[] = [];
  let goOn = () => {};
  const run = async () => {
    for await (const update of library.watch({ signal: stop.signal })) {
      heard.push(textOf(update));
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    }
  };
  const ended = run().catch(() => undefined);
  await settle();
  await server.latest.send(begins(1) + changed('a', 1, 2));
  await server.latest.send(changed('b', 1, 2) + changed('b', 2, 2) + removed('c', 3));
  for (let n = 0; n < 4; n++) {
    goOn();
    await settle();
  }
  expect(heard).toEqual(['a 1', 'b 2', '-c']);
  stop.abort();
  await ended;
});

test.each([
  ['is not known to the server', () => Response.json({ code: 'not_found' }, { status: 404 }), 1],
  [
    'is refused by a proxy',
    () => new Response('<html>', { status: 403, headers: { 'Content-Type': 'text/html' } }),
    1,
  ],
  ['is refused for now', () => Response.json({ code: 'unavailable' }, { status: 503 }), 3],
])(
  'where the stream %s, the list is to be read, no more often than every 30 s',
  async (_, refuse, tries) => {
    let asked = 0;
    server.refuseStream = () => {
      asked++;
      return refuse();
    };
    const watching = watch();
    await clock.advance(10_000);
    expect(watching.heard).toEqual(['missed']);
    expect(asked).toBe(tries);
    await clock.advance(5 * 60_000);
    expect(watching.heard.length).toBeGreaterThanOrEqual(8);
    expect(watching.heard.length).toBeLessThanOrEqual(11);
    expect(server.polls).toEqual([]);
    expect(watching.connections.at(-1)).toBe('polling');
    stop.abort();
    stop = new AbortController();
    const next = watch();
    await settle();
    expect(next.connections).toEqual(['polling']);
    expect(next.heard).toEqual(['missed']);
    // The stream is tried each time. Once it works, nothing is missed.
    server.refuseStream = undefined;
    while (server.streams.length === 0) await clock.advance(1_000);
    await server.latest.send(begins(1));
    expect(next.connections.at(-1)).toBe('live');
    const before = next.heard.length;
    for (let n = 0; n < 10; n++) {
      await clock.advance(15_000);
      await server.latest.send(': heartbeat\n\n');
    }
    expect(next.heard).toHaveLength(before);
  },
);

test('a proxy that holds the stream back does not keep the list from being read', async () => {
  const watching = watch();
  await clock.advance(3_100);
  expect(watching.connections.at(-1)).toBe('polling');
  expect(watching.heard).toEqual(['missed']);
  await clock.advance(40_000);
  expect(watching.heard).toEqual(['missed', 'missed']);
});

test('one that fails leaves the stream of unfinished media alone', async () => {
  const client = createMediaClient({ fetch: server.fetch, clock, wakeUps });
  library = libraryOf(client);
  server.refuseStream = () => Response.json({ code: 'unavailable' }, { status: 503 });
  watch();
  await clock.advance(20_000);
  server.refuseStream = undefined;
  const others = client.watch(['a'], { signal: stop.signal });
  void others.next().catch(() => undefined);
  await settle();
  expect(server.polls).toEqual([]);
  expect(server.latest.url.pathname).toBe('/api/agent/analyze-media/stream');
});

test('one who signs in again is told again, and the list says that one has to', async () => {
  server.refuseStream = () => Response.json({ code: 'unauthenticated' }, { status: 401 });
  const watching = watch();
  await settle();
  expect(watching.heard).toEqual(['missed']);
  server.refuseStream = undefined;
  while (server.streams.length === 0) await clock.advance(1_000);
  await server.latest.send(begins(1) + changed('a', 1, 2));
  expect(watching.heard.at(-1)).toBe('a 1');
  expect(watching.end).toBe('');
});
