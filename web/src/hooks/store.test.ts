import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createMediaClient } from '../client/client.ts';
import {
  done,
  event,
  FakeClock,
  FakeServer,
  FakeWakeUps,
  media,
  settle,
} from '../client/testing.ts';
import { MediaCache } from './store.ts';

let server: FakeServer;
let store: MediaCache;
let notified: number;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  server = new FakeServer();
  const clock = new FakeClock();
  store = new MediaCache(
    createMediaClient({ fetch: server.fetch, clock, wakeUps: new FakeWakeUps() }),
  );
  notified = 0;
  store.subscribe(() => notified++);
});
afterEach(() => {
  jest.useRealTimers();
});

async function pass(): Promise<void> {
  jest.advanceTimersByTime(100);
  await settle();
}

const watchedIds = () => server.latest.url.searchParams.get('ids');
const openStreams = () => server.streams.filter((stream) => stream.isOpen());

test('hooks that show the same media share one stream, and the last one closes it', async () => {
  const releaseOne = store.retain(['a', 'b']);
  const releaseOther = store.retain(['b']);
  await pass();
  expect(server.streams).toHaveLength(1);
  expect(watchedIds()).toBe('a,b');
  releaseOne();
  await pass();
  expect(openStreams()).toHaveLength(1);
  releaseOther();
  await pass();
  expect(openStreams()).toEqual([]);
  expect(store.connection).toBe('idle');
});

test('more media join the stream instead of opening another', async () => {
  store.retain(['a']);
  await pass();
  store.retain(['b']);
  await pass();
  expect(openStreams()).toHaveLength(1);
  expect(watchedIds()).toBe('a,b');
});

test('a finished media is not watched until it is retried', async () => {
  store.put(done('a', 9));
  store.retain(['a']);
  await pass();
  expect(server.streams).toEqual([]);
  store.put(media('a', { status: 'pending', revision: 10, attempts: 2 }));
  await pass();
  expect(watchedIds()).toBe('a');
  await server.latest.send(event(done('a', 12)));
  await pass();
  expect(store.get('a')).toMatchObject({ status: 'completed', revision: 12 });
  expect(store.connection).toBe('idle');
});

test('a media that is started again while another one is watched is watched too', async () => {
  store.retain(['a', 'b']);
  await pass();
  await server.latest.send(event(done('a', 9)));
  await pass();
  // The server sends no more news of it on this stream.
  store.put(media('a', { status: 'pending', revision: 10, attempts: 2 }));
  await pass();
  expect(openStreams()).toHaveLength(1);
  await server.latest.send(event(done('a', 12)));
  await pass();
  expect(store.get('a')).toMatchObject({ status: 'completed', revision: 12 });
  expect(store.get('b')).toBeUndefined();
});

test('an older state changes nothing and calls no listener', async () => {
  store.put(media('a', { revision: 3 }));
  await pass();
  const before = notified;
  store.put(media('a', { revision: 2 }), media('a', { revision: 3 }));
  await pass();
  expect(store.get('a')?.revision).toBe(3);
  expect(notified).toBe(before);
});

test('several news at once call each listener once', async () => {
  store.put(media('a'));
  store.put(media('b'));
  store.put(media('a', { revision: 2 }));
  await pass();
  expect(notified).toBe(1);
});

test('a deleted media stays deleted when older news of it arrive', () => {
  store.put(media('a'));
  store.drop('a');
  store.put(media('a', { revision: 5 }));
  expect(store.get('a')).toBeUndefined();
  expect(store.isGone('a')).toBe(true);
});

test('a watch that failed has an error, and resume starts it again', async () => {
  server.refuseStream = () =>
    Response.json({ code: 'unauthenticated', detail: 'x' }, { status: 401 });
  store.retain(['a']);
  await pass();
  expect(store.connection).toBe('closed');
  expect(store.error).toMatchObject({ code: 'unauthenticated' });
  server.refuseStream = undefined;
  store.resume();
  await pass();
  expect(store.error).toBeUndefined();
  expect(watchedIds()).toBe('a');
});

test('many hundreds are watched two hundred at a time, and a slow one does not delay the others', async () => {
  const ids = Array.from({ length: 300 }, (_, n) => `m${n}`);
  store.retain(ids);
  await pass();
  expect(openStreams()).toHaveLength(2);
  // All of the first two hundred end, except one.
  store.put(...ids.slice(1, 200).map((id) => done(id)));
  await pass();
  const watched = openStreams().flatMap(({ url }) => url.searchParams.get('ids')?.split(',') ?? []);
  expect(watched).toEqual(['m0', ...ids.slice(200)]);
});
