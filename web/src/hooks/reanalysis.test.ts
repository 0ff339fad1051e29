import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Reanalysis } from '@media-analysis/shared/reanalyses';
import { createMediaClient, type MediaClient } from '../client/index.ts';
import { done, FakeClock, FakeServer, FakeWakeUps, reanalysis, settle } from '../client/testing.ts';
import { type ReanalysisStore, reanalysisOf } from './reanalysis.ts';
import { storeOf } from './store.ts';

const QUOTED = reanalysis({ state: 'quoted', revision: 0 });

let server: FakeServer;
let client: MediaClient;
let store: ReanalysisStore;
/** The answers of the service by method and path, each until the next is set. */
let answers: Record<string, () => Response>;
let asked: string[];

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  server = new FakeServer();
  asked = [];
  answers = {};
  const fetch = async (input: RequestInfo | URL, init: RequestInit = {}) => {
    const { pathname, search } = new URL(String(input), 'http://server.test');
    if (pathname.endsWith('/stream')) return server.fetch(input, init);
    const call = `${init.method ?? 'GET'} ${pathname.replace('/api/', '')}${search}`;
    asked.push(call);
    return (answers[call] ?? (() => Response.json({ reanalyses: [] })))();
  };
  client = createMediaClient({ fetch, clock: new FakeClock(), wakeUps: new FakeWakeUps() });
  store = reanalysisOf(client);
});
afterEach(() => {
  jest.useRealTimers();
});

const underWay = (...reanalyses: Reanalysis[]) => {
  answers['GET reanalyses'] = () => Response.json({ reanalyses });
};
const answer = (call: string, state: unknown, status = 200) => {
  answers[call] = () => Response.json(state, { status });
};
const openStreams = () => server.streams.filter((stream) => stream.isOpen());
const send = (state: Reanalysis) =>
  server.latest.send(`event: reanalysis\ndata: ${JSON.stringify(state)}\n\n`);
const listen = () => store.subscribe(() => undefined);

test('one that is under way is found again and followed; the last listener ends the stream', async () => {
  underWay(QUOTED, reanalysis({ id: 'r2', state: 'paused' }), reanalysis({ state: 'completed' }));
  expect(store.getSnapshot().isLoading).toBe(true);
  const [leave, leaveOther] = [listen(), listen()];
  await settle();
  expect(store.getSnapshot()).toMatchObject({ reanalysis: { id: 'r2' }, isLoading: false });
  expect(server.streams.map(({ url }) => url.pathname)).toEqual(['/api/reanalyses/r2/stream']);
  await send(reanalysis({ id: 'r2', done: 1, revision: 2 }));
  expect(store.getSnapshot()).toMatchObject({ connection: 'live', reanalysis: { done: 1 } });
  leave();
  expect(openStreams()).toHaveLength(1);
  leaveOther();
  await settle();
  expect(openStreams()).toEqual([]);
});

test('a quote is not followed; confirmed it is, to its end, and can be put away then', async () => {
  listen();
  await settle();
  answer('POST reanalyses', QUOTED, 201);
  await store.quote({ analysis: 'receipt' });
  expect(store.getSnapshot()).toMatchObject({ reanalysis: { state: 'quoted' }, isBusy: false });
  expect(server.streams).toEqual([]);
  answer('POST reanalyses/r1/confirm', reanalysis());
  await store.act('confirm');
  await settle();
  expect(openStreams()).toHaveLength(1);
  store.dismiss();
  expect(store.getSnapshot().reanalysis?.state).toBe('running');
  await send(reanalysis({ state: 'completed', done: 4, revision: 2 }));
  expect(store.getSnapshot()).toMatchObject({ connection: 'idle', reanalysis: { done: 4 } });
  expect(openStreams()).toEqual([]);
  store.dismiss();
  expect(store.getSnapshot().reanalysis).toBeUndefined();
});

test('while one action is being sent, another does nothing', async () => {
  listen();
  await settle();
  answer('POST reanalyses', QUOTED, 201);
  await store.quote({ analysis: 'receipt' });
  answer('POST reanalyses/r1/confirm', reanalysis());
  await Promise.all([store.act('confirm'), store.act('confirm')]);
  expect(asked.filter((call) => call.endsWith('/confirm'))).toHaveLength(1);
});

test('if another one is under way, that one is shown, with the reason', async () => {
  listen();
  await settle();
  answer('POST reanalyses', QUOTED, 201);
  await store.quote({ analysis: 'receipt' });
  underWay(reanalysis({ id: 'r2' }), QUOTED);
  const conflict = { code: 'reanalysis_conflict', detail: 'Another one is under way.' };
  answer('POST reanalyses/r1/confirm', conflict, 409);
  await store.act('confirm');
  expect(store.getSnapshot()).toMatchObject({
    reanalysis: { id: 'r2' },
    isBusy: false,
    error: { code: 'reanalysis_conflict' },
  });
});

test('what it does to media is read again: those at the top after a while, and more at the end', async () => {
  underWay(reanalysis());
  listen();
  await settle();
  answer('GET media?limit=24', { media: [done('a', 12)] });
  answer('GET media?limit=100', { media: [done('a', 15)] });
  const reads = () => asked.filter((call) => call.startsWith('GET media'));
  for (let revision = 2; revision < 5; revision++) await send(reanalysis({ done: 1, revision }));
  expect(reads()).toEqual([]);
  jest.advanceTimersByTime(10_000);
  await settle();
  expect(reads()).toEqual(['GET media?limit=24']);
  expect(storeOf(client).get('a')?.revision).toBe(12);
  await send(reanalysis({ done: 2, revision: 5 }));
  await send(reanalysis({ state: 'completed', done: 4, revision: 6 }));
  jest.advanceTimersByTime(20_000);
  await settle();
  expect(reads()).toEqual(['GET media?limit=24', 'GET media?limit=100']);
  expect(storeOf(client).get('a')?.revision).toBe(15);
});

test('after the last listener has left, nothing more is asked', async () => {
  underWay(reanalysis());
  const leave = listen();
  await settle();
  await send(reanalysis({ done: 1, revision: 2 }));
  leave();
  const before = asked.length;
  jest.advanceTimersByTime(20_000);
  await settle();
  expect(asked).toHaveLength(before);
});

test('an error while loading is shown, and reload tries again', async () => {
  answer('GET reanalyses', {}, 400);
  listen();
  await settle();
  expect(store.getSnapshot()).toMatchObject({ error: { status: 400 }, isLoading: false });
  underWay(reanalysis());
  await store.reload();
  expect(store.getSnapshot()).toMatchObject({ error: undefined, reanalysis: { id: 'r1' } });
});

test('an error that ends the watch is shown, and reload watches again', async () => {
  underWay(reanalysis());
  server.refuseStream = () => Response.json({}, { status: 401 });
  listen();
  await settle();
  expect(store.getSnapshot()).toMatchObject({ connection: 'closed', error: { status: 401 } });
  server.refuseStream = undefined;
  await store.reload();
  await settle();
  expect(openStreams()).toHaveLength(1);
});
