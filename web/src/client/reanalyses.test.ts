import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Reanalysis } from '@media-analysis/shared/reanalyses';
import { createMediaClient, type MediaClient } from './client.ts';
import type { Connection } from './follow.ts';
import { reanalysesOf } from './reanalyses.ts';
import { FakeClock, FakeServer, FakeWakeUps, reanalysis, settle } from './testing.ts';

let clock: FakeClock;
let server: FakeServer;
let stop: AbortController;

beforeEach(() => {
  clock = new FakeClock();
  server = new FakeServer();
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await settle();
  expect(clock.pending).toBe(0);
  expect(server.streams.filter((stream) => stream.isOpen())).toEqual([]);
});

const clientOf = (server: { fetch: typeof fetch }) =>
  reanalysesOf(createMediaClient({ fetch: server.fetch, clock, wakeUps: new FakeWakeUps() }));

/** Starts a watch and records the `done` of each state. */
function watch(id: string) {
  const watching = { done: [] as number[], connections: [] as Connection[], end: '' };
  const run = async () => {
    const onConnection = (connection: Connection) => watching.connections.push(connection);
    const options = { signal: stop.signal, onConnection };
    for await (const { done } of clientOf(server).watch(id, options)) {
      watching.done.push(done);
    }
  };
  run().then(
    () => {
      watching.end = 'over';
    },
    (error: { code?: string }) => {
      watching.end = error.code ?? String(error);
    },
  );
  return watching;
}

const event = (state: Reanalysis) =>
  `event: reanalysis\nid: ${state.revision}\ndata: ${JSON.stringify(state)}\n\n`;

test('yields each newer state by the stream; a cancelled one is over when its last media has ended', async () => {
  const watching = watch('r1');
  await settle();
  expect(server.latest.url.pathname).toBe('/api/reanalyses/r1/stream');
  await server.latest.send(event(reanalysis({ done: 1, revision: 2 })));
  await server.latest.send(event(reanalysis({ done: 0, revision: 1 })));
  const cancelled = { state: 'cancelled', done: 1 } as const;
  await server.latest.send(event(reanalysis({ ...cancelled, in_flight: 1, revision: 3 })));
  expect(watching.end).toBe('');
  await server.latest.send(event(reanalysis({ ...cancelled, done: 2, revision: 4 })));
  expect(watching).toEqual({ done: [1, 1, 2], connections: ['connecting', 'live'], end: 'over' });
});

test('polls where the stream does not get through, and goes on after a failure', async () => {
  server.refuseStream = () => Response.json({}, { status: 503 });
  const answers = [
    reanalysis({ done: 1, revision: 2 }),
    undefined,
    reanalysis({ state: 'completed', done: 2, revision: 3 }),
  ];
  server.refusePoll = () => {
    const answer = answers.shift();
    return answer ? Response.json(answer) : Response.json({}, { status: 503 });
  };
  const watching = watch('r1');
  await clock.advance(20_000);
  expect(watching).toMatchObject({ done: [1, 2], end: 'over' });
  expect(watching.connections).toContain('polling');
  expect(new Set(server.polls.map(({ pathname }) => pathname))).toEqual(
    new Set(['/api/reanalyses/r1']),
  );
});

test('one that is not there ends the watch with an error, by the stream and by polling', async () => {
  server.refusePoll = server.refuseStream = () => Response.json({}, { status: 404 });
  const byStream = watch('r1');
  await settle();
  expect(byStream.end).toBe('not_found');
  server.refuseStream = () => Response.json({}, { status: 503 });
  const byPolling = watch('r1');
  await clock.advance(20_000);
  expect(byPolling.end).toBe('not_found');
});

test('asks for a quote with what is wanted, and acts by its id', async () => {
  const asked: unknown[] = [];
  const fetch = async (url: RequestInfo | URL, { method, body }: RequestInit = {}) => {
    asked.push([method ?? 'GET', String(url), ...(body ? [JSON.parse(String(body))] : [])]);
    const isList = method === undefined && String(url).endsWith('reanalyses');
    return Response.json(isList ? { reanalyses: [reanalysis()] } : reanalysis());
  };
  const reanalyses = clientOf({ fetch });
  const wish = { analysis: 'receipt', filter: { only: 'missing' as const } };
  await reanalyses.quote(wish);
  expect(await reanalyses.list()).toEqual([reanalysis()]);
  await reanalyses.get('a/b');
  for (const action of ['confirm', 'pause', 'resume', 'cancel'] as const) {
    await reanalyses[action]('r1');
  }
  expect(asked).toEqual([
    ['POST', '/api/reanalyses', wish],
    ['GET', '/api/reanalyses'],
    ['GET', '/api/reanalyses/a%2Fb'],
    ['POST', '/api/reanalyses/r1/confirm'],
    ['POST', '/api/reanalyses/r1/pause'],
    ['POST', '/api/reanalyses/r1/resume'],
    ['POST', '/api/reanalyses/r1/cancel'],
  ]);
});

test.each([
  ['{}', {}],
  ['an unknown state', reanalysis({ state: 'dreaming' as 'running' })],
])('what is no reanalysis is an error: %s', async (_name, answer) => {
  const reanalyses = clientOf({ fetch: async () => Response.json(answer) });
  await expect(reanalyses.get('r1')).rejects.toMatchObject({ code: 'unavailable' });
  await expect(reanalyses.list()).rejects.toMatchObject({ code: 'unavailable' });
});

test('a client of another make is refused with words', () => {
  expect(() => reanalysesOf({} as MediaClient)).toThrow('createMediaClient');
});
