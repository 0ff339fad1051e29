import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import type { Reanalysis } from '@media-analysis/shared/reanalyses';
import { QueryObserver } from '@tanstack/react-query';
import { createMediaClient } from '../client/index.ts';
import { FakeClock, FakeServer, FakeWakeUps, reanalysis, settle } from '../client/testing.ts';
import { queriesOf } from './queries.ts';
import { reanalysisOf } from './use-reanalysis.ts';

const QUOTED = reanalysis({ state: 'quoted', revision: 0 });

let server: FakeServer;
let store: ReturnType<typeof reanalysisOf>['actions'];
/** Shows it in a component, which can leave. */
let listen: () => () => void;
let seen: () => unknown;
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
  const client = createMediaClient({ fetch, clock: new FakeClock(), wakeUps: new FakeWakeUps() });
  const { query, actions } = reanalysisOf(client);
  store = actions;
  listen = () => new QueryObserver(queriesOf(client), query).subscribe(() => undefined);
  seen = () => queriesOf(client).getQueryData(query.queryKey);
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

test('one that is under way is found again and followed; the last listener ends the stream', async () => {
  underWay(QUOTED, reanalysis({ id: 'r2', state: 'paused' }), reanalysis({ state: 'completed' }));
  const [leave, leaveOther] = [listen(), listen()];
  await settle();
  expect(seen()).toMatchObject({ reanalysis: { id: 'r2' }, isLoading: false });
  expect(server.streams.map(({ url }) => url.pathname)).toEqual(['/api/reanalyses/r2/stream']);
  await send(reanalysis({ id: 'r2', done: 1, revision: 2 }));
  expect(seen()).toMatchObject({ connection: 'live', reanalysis: { done: 1 } });
  leave();
  expect(openStreams()).toHaveLength(1);
  leaveOther();
  await settle();
  expect(openStreams()).toEqual([]);
  listen();
  await settle();
  expect(openStreams()).toHaveLength(1);
  expect(seen()).toMatchObject({ reanalysis: { done: 1 } });
});

test('a quote is not followed; confirmed it is, to its end, and can be put away then', async () => {
  listen();
  await settle();
  answer('POST reanalyses', QUOTED, 201);
  await store.quote({ analysis: 'receipt' });
  expect(seen()).toMatchObject({ reanalysis: { state: 'quoted' }, isBusy: false });
  expect(server.streams).toEqual([]);
  answer('POST reanalyses/r1/confirm', reanalysis());
  underWay(reanalysis());
  await store.confirm();
  await settle();
  expect(openStreams()).toHaveLength(1);
  store.dismiss();
  expect(seen()).toMatchObject({ reanalysis: { state: 'running' } });
  answer('POST reanalyses/r1/pause', reanalysis({ state: 'paused', revision: 2 }));
  await store.pause();
  await settle();
  expect(seen()).toMatchObject({ reanalysis: { state: 'paused' } });
  expect(server.streams).toHaveLength(1);
  await send(reanalysis({ state: 'completed', done: 4, revision: 3 }));
  expect(seen()).toMatchObject({ connection: 'idle', reanalysis: { done: 4 } });
  expect(openStreams()).toEqual([]);
  store.dismiss();
  expect(seen()).toMatchObject({ reanalysis: undefined });
});

test('a quote that is dismissed on its way is not shown', async () => {
  listen();
  await settle();
  answer('POST reanalyses', QUOTED, 201);
  const quoting = store.quote({ analysis: 'receipt' });
  store.dismiss();
  await quoting;
  expect(seen()).toMatchObject({ reanalysis: undefined, isBusy: false });
});

test('while one action is being sent, another does nothing', async () => {
  listen();
  await settle();
  answer('POST reanalyses', QUOTED, 201);
  await store.quote({ analysis: 'receipt' });
  answer('POST reanalyses/r1/confirm', reanalysis());
  await Promise.all([store.confirm(), store.confirm()]);
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
  await store.confirm();
  await settle();
  expect(seen()).toMatchObject({
    reanalysis: { id: 'r2' },
    isBusy: false,
    error: { code: 'reanalysis_conflict' },
  });
});

test('an error while loading is shown, and reload tries again', async () => {
  answer('GET reanalyses', {}, 400);
  listen();
  await settle();
  expect(seen()).toMatchObject({ error: { status: 400 }, isLoading: false });
  underWay(reanalysis());
  await store.reload();
  await settle();
  expect(seen()).toMatchObject({ error: undefined, reanalysis: { id: 'r1' } });
});

test('an error that ends the watch is shown, and reload watches again', async () => {
  underWay(reanalysis());
  server.refuseStream = () => Response.json({}, { status: 401 });
  listen();
  await settle();
  expect(seen()).toMatchObject({ connection: 'closed', error: { status: 401 } });
  server.refuseStream = undefined;
  await store.reload();
  await settle();
  expect(openStreams()).toHaveLength(1);
});
