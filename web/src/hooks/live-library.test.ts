import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createMediaClient, type Media } from '../client/index.ts';
import { FakeClock, FakeWakeUps, media, settle } from '../client/testing.ts';
import { type LiveLibrary, liveLibrary } from './live-library.ts';
import { MediaCache } from './store.ts';
import type { Upload } from './uploads/list.ts';

/** The list of some hundreds of media is read at most this often. */
const LONGEST_WAIT_MS = 30_000;

/** The media of the server. */
let stored: Media[];
let asked: string[];
/** How many of the next requests fail. */
let failing: number;
/** Answers wait for this. */
let gate: Promise<void> | undefined;
let cache: MediaCache;
let library: LiveLibrary;
let ends: AbortController;

const fetch = async (input: RequestInfo | URL): Promise<Response> => {
  const { pathname, search } = new URL(String(input), 'http://server.test');
  asked.push(pathname + search);
  if (failing-- > 0) return Response.json({ code: 'not_found', detail: 'x' }, { status: 404 });
  const query = new URLSearchParams(search);
  const ids = query.get('ids')?.split(',');
  const answer = stored.filter(({ id }) => !ids || ids.includes(id));
  await gate;
  const start = Number(query.get('page_token'));
  const end = start + 100;
  const page = answer.slice(start, end);
  const more = end < answer.length && { next_page_token: String(end) };
  return Response.json({ media: page, ...more });
};

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate'] });
  stored = [];
  asked = [];
  failing = 0;
  gate = undefined;
  ends = new AbortController();
  const client = createMediaClient({ fetch, clock: new FakeClock(), wakeUps: new FakeWakeUps() });
  cache = new MediaCache(client);
  library = liveLibrary(client, cache, ends.signal);
});
afterEach(() => {
  ends.abort();
  jest.useRealTimers();
});

async function pass(ms = 100): Promise<void> {
  for (const part of [ms, 0]) {
    jest.advanceTimersByTime(part);
    await settle();
  }
}

const at = (minute: number, change: Partial<Media> & { id: string }) =>
  media(change.id, {
    status: 'completed',
    progress: 1,
    created_at: `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`,
    ...change,
  });
const takes = (...states: Media[]) => {
  for (const each of states) library.take({ type: 'media', media: each });
};
/** Loads these media into the page. */
function load(states: Media[], hasMore = false, uploads: Upload[] = []): void {
  cache.put(...states);
  const ids = states.map(({ id }) => id);
  library.know(ids, hasMore, uploads);
}
const sending = (name: string, change: Partial<Upload> = {}): Upload => ({
  key: name,
  file: new File(['x'], name),
  state: 'sending',
  isPaused: false,
  sent: 0,
  mediaId: null,
  announcedId: null,
  error: null,
  batchId: 'batch',
  ...change,
});

test('what is new stands above, the newest first, and what is older where its time belongs', async () => {
  load([at(30, { id: 'c' }), at(10, { id: 'a' })]);
  takes(at(40, { id: 'e' }), at(35, { id: 'd' }), at(20, { id: 'b' }));
  await pass();
  expect(cache.createdIds).toEqual(['e', 'd']);
  expect(cache.backIds).toEqual(['b']);
  // The media of one request have the same time. The list has the last of them first.
  takes(at(50, { id: 'f' }), at(50, { id: 'g' }));
  await pass();
  expect(cache.createdIds).toEqual(['g', 'f', 'e', 'd']);
});

test('what is older than all that is loaded waits for its page', async () => {
  load([at(30, { id: 'c' })], true);
  takes(at(10, { id: 'a' }));
  await pass();
  expect([cache.createdIds, cache.backIds]).toEqual([[], []]);
  expect(cache.get('a')).toMatchObject({ id: 'a' });
});

test('of a known media the newer state counts', async () => {
  load([at(10, { id: 'a', revision: 5 })]);
  takes(at(10, { id: 'a', revision: 4 }), at(10, { id: 'a', revision: 6, file_name: 'new.jpg' }));
  await pass();
  expect(cache.get('a')).toMatchObject({ revision: 6, file_name: 'new.jpg' });
  expect(cache.createdIds).toEqual([]);
});

test('what is deleted elsewhere goes, and is back, as the server says when it is asked', async () => {
  const states = Array.from({ length: 9 }, (_, n) => at(n, { id: `m${n}`, revision: 5 }));
  load(states);
  for (const { id } of states) library.take({ type: 'removed', media_id: id });
  await pass();
  expect(states.filter(({ id }) => !cache.isGone(id))).toEqual([]);
  takes(at(0, { id: 'm0', revision: 5 }));
  await pass();
  expect(cache.isGone('m0')).toBe(true);
  stored = [at(1, { id: 'm1', revision: 6 })];
  takes(...stored);
  await pass();
  expect(cache.isGone('m1')).toBe(false);
  expect(cache.backIds).toEqual(['m1']);
  expect(asked.map((path) => path.slice('/api/media?ids='.length))).toEqual([
    states.map(({ id }) => id).join(),
    'm0',
    'm1',
  ]);
});

test('what was deleted and brought back here stays, although news of the deletion come late', async () => {
  load([at(10, { id: 'a', revision: 5 })]);
  cache.drop('a');
  stored = [at(10, { id: 'a', revision: 6 })];
  cache.bringBack(...stored);
  library.take({ type: 'removed', media_id: 'a' });
  await pass();
  takes(...stored);
  await pass();
  expect(cache.isGone('a')).toBe(false);
  expect(cache.get('a')).toMatchObject({ revision: 6 });
});

test('what happens to a media while the server is asked counts more than the answer', async () => {
  const states = [at(20, { id: 'b' }), at(10, { id: 'a' })];
  load(states);
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  stored = [at(10, { id: 'a' })];
  for (const { id } of states) library.take({ type: 'removed', media_id: id });
  await pass();
  expect(asked).toHaveLength(1);
  // One is deleted here, and the other is brought back elsewhere.
  cache.drop('a');
  stored = [at(20, { id: 'b', revision: 2 })];
  takes(...stored);
  open();
  await pass();
  await pass();
  expect(cache.isGone('a')).toBe(true);
  expect(cache.get('b')).toMatchObject({ revision: 2 });
});

test('of what was deleted here, the server is asked whether it is back', async () => {
  const states = Array.from({ length: 9 }, (_, n) => at(n, { id: `m${n}` }));
  load(states);
  for (const { id } of states) cache.drop(id);
  takes(...states.map((each) => ({ ...each, revision: 2 })));
  await pass();
  expect(asked).toEqual(['/api/media?ids=m0,m1,m2,m3,m4,m5,m6,m7,m8']);
  expect(states.filter(({ id }) => !cache.isGone(id))).toEqual([]);
  stored = states.slice(0, 2).map((each) => ({ ...each, revision: 3 }));
  takes(...states.map((each) => ({ ...each, revision: 3 })));
  await pass();
  expect(states.flatMap(({ id }) => (cache.isGone(id) ? [] : id))).toEqual(['m0', 'm1']);
});

test('what is deleted again while the server is asked whether it is back stays away', async () => {
  load([at(10, { id: 'a' })]);
  cache.drop('a');
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  stored = [at(10, { id: 'a', revision: 2 })];
  takes(...stored);
  await pass();
  expect(asked).toHaveLength(1);
  stored = [];
  library.take({ type: 'removed', media_id: 'a' });
  open();
  await pass();
  await pass();
  expect(cache.isGone('a')).toBe(true);
  // Media that were deleted here are not asked for.
  library.take({ type: 'removed', media_id: 'a' });
  await pass();
  expect(asked).toHaveLength(2);
});

test('what comes and goes within a moment is not shown', async () => {
  load([]);
  takes(at(10, { id: 'a' }));
  library.take({ type: 'removed', media_id: 'a' });
  await pass();
  expect(cache.createdIds).toEqual([]);
  expect(cache.isGone('a')).toBe(true);
});

test('a file that is sent here is shown by its upload, and not before it is accepted', async () => {
  const [cat, dog] = [sending('cat.png'), sending('dog.png')];
  load([], false, [cat, dog]);
  const own = at(10, { id: 'a', batch_id: 'batch' });
  takes(own, at(11, { id: 'b', batch_id: 'of another device' }));
  await pass(60_000);
  expect(cache.createdIds).toEqual(['b']);
  // As `Uploads` does.
  cache.add(own);
  library.know(['a', 'b'], false, [dog]);
  await pass();
  expect(cache.createdIds).toEqual(['a', 'b']);
});

test('what another tab has sent is shown once its upload is accepted', async () => {
  const upload = sending('cat.png', { isElsewhere: true });
  load([], false, [upload]);
  takes(at(10, { id: 'a', batch_id: 'batch' }));
  await pass();
  expect(cache.createdIds).toEqual([]);
  library.know([], false, [{ ...upload, state: 'accepted', mediaId: 'a' }]);
  await pass();
  expect(cache.createdIds).toEqual(['a']);
});

test('what was stopped here and has arrived all the same is not shown: it is removed', async () => {
  load([], false, [sending('cat.png')]);
  library.know([], false, []);
  takes(at(10, { id: 'a', batch_id: 'batch' }));
  await pass();
  expect(cache.createdIds).toEqual([]);
});

test('it is busy while a file is sent, and not while it is paused', () => {
  load([]);
  expect(library.isBusy()).toBe(false);
  load([], false, [sending('cat.png', { isPaused: true }), sending('a', { state: 'missing' })]);
  expect(library.isBusy()).toBe(false);
  load([], false, [sending('cat.png', { isPaused: true }), sending('dog.png')]);
  expect(library.isBusy()).toBe(true);
});

test('what was missed is read from the list, at most every five seconds', async () => {
  load([at(20, { id: 'b' }), at(10, { id: 'a' })]);
  await pass(5_000);
  stored = [at(40, { id: 'd' }), at(30, { id: 'c' }), at(20, { id: 'b', revision: 7 })];
  library.take({ type: 'missed' });
  library.take({ type: 'missed' });
  await pass();
  await pass();
  expect(asked).toEqual(['/api/media?limit=100', '/api/media?ids=a']);
  expect(cache.createdIds).toEqual(['d', 'c']);
  expect(cache.get('b')).toMatchObject({ revision: 7 });
  expect(cache.isGone('a')).toBe(true);
});

test('where a stream begins again, the list is read: of what was erased for good no stream tells', async () => {
  load([at(20, { id: 'b' }), at(10, { id: 'a' })]);
  await pass(10_000);
  library.begin();
  await pass();
  expect(asked).toEqual([]);
  stored = [at(20, { id: 'b' })];
  library.begin();
  await pass();
  await pass();
  expect(asked[0]).toBe('/api/media?limit=100');
  expect([cache.isGone('a'), cache.isGone('b')]).toEqual([true, false]);
});

test('what was missed is read as soon as that succeeds, however often it fails, and also where it was read just before', async () => {
  load([at(20, { id: 'b' })]);
  await pass(5_000);
  stored = [at(30, { id: 'c' }), at(20, { id: 'b' })];
  failing = 3;
  library.look();
  await pass();
  for (const ms of [5_000, 10_000, 20_000]) {
    expect(cache.createdIds).toEqual([]);
    await pass(ms);
  }
  await pass();
  expect(cache.createdIds).toEqual(['c']);
  expect(asked).toHaveLength(4);
  // Nothing is asked again.
  stored = [at(40, { id: 'd' }), ...stored];
  library.look();
  await pass(1_000);
  expect(asked).toHaveLength(4);
  await pass(4_000);
  await pass();
  expect(cache.createdIds).toEqual(['d', 'c']);
  await pass(60_000);
  expect(asked).toHaveLength(5);
});

/** This many media, made after a minute, newest first. */
const many = (count: number, name: string, minute: number) =>
  Array.from({ length: count }, (_, n) => {
    const created_at = new Date(Date.UTC(2026, 0, 1, 0, minute) + n).toISOString();
    return at(minute, { id: `${name}${n}`, created_at });
  }).reverse();

test.each([
  ['was sent here', (own: Media) => cache.add(own)],
  ['a stream tells', (own: Media) => takes(own)],
])('what was missed is read whole, also if what %s meanwhile is newer', async (_, come) => {
  const old = many(10, 'old', 0);
  load(old);
  await pass(5_000);
  stored = old;
  for (const round of [1, 2]) {
    library.take({ type: 'missed' });
    const own = at(20 * round, { id: `own${round}` });
    stored = [own, ...many(150, `missed${round}-`, 20 * round - 10), ...stored];
    come(own);
    // One read fails.
    failing = 1;
    asked = [];
    await pass();
    library.know([...new Set([...cache.createdIds, ...old.map(({ id }) => id)])], false, []);
    await pass(LONGEST_WAIT_MS);
    await pass();
    const shown = new Set([...cache.createdIds, ...cache.backIds]);
    expect(stored.filter(({ id }) => !shown.has(id)).map(({ id }) => id)).toEqual(
      old.map(({ id }) => id),
    );
    expect(asked.filter((path) => path.includes('limit'))).toEqual([
      ...['/api/media?limit=100', '/api/media?limit=100', '/api/media?limit=100&page_token=100'],
    ]);
    library.know([...new Set([...cache.createdIds, ...old.map(({ id }) => id)])], false, []);
    await pass(LONGEST_WAIT_MS);
  }
});

test('of a large batch, all of which was made at once, what was missed is read whole', async () => {
  const batch = Array.from({ length: 150 }, (_, n) => at(10, { id: `m${n}` }));
  const [first] = batch;
  if (first) load([first]);
  await pass(5_000);
  stored = batch;
  library.look();
  await pass();
  await pass();
  expect(cache.createdIds).toHaveLength(149);
});

test('one that may be gone is asked for until there is an answer', async () => {
  load([at(10, { id: 'a' })]);
  failing = 2;
  library.take({ type: 'removed', media_id: 'a' });
  await pass();
  await pass(5_000);
  expect(cache.isGone('a')).toBe(false);
  await pass(10_000);
  expect(cache.isGone('a')).toBe(true);
  expect(asked).toHaveLength(3);
});

test('when something was missed, all that is loaded is compared, 100 in a request', async () => {
  const states = Array.from({ length: 250 }, (_, n) => at(n % 60, { id: `m${n}` })).sort((a, b) =>
    b.created_at.localeCompare(a.created_at),
  );
  load(states, true);
  await pass(5_000);
  const ids = states.map(({ id }) => id);
  const gone = [ids[50], ids[150], ids[249]];
  stored = states.filter(({ id }) => !gone.includes(id));
  stored = stored.map((each) => (each.id === ids[200] ? { ...each, revision: 9 } : each));
  library.look();
  for (let n = 0; n < 4; n++) await pass();
  expect(ids.filter((id) => cache.isGone(id))).toEqual(gone);
  expect(cache.get(ids[200] ?? '')).toMatchObject({ revision: 9 });
  expect(asked).toHaveLength(3);
  // The more media, the less often.
  library.look();
  await pass(14_000);
  expect(asked).toHaveLength(3);
  await pass(1_000);
  expect(asked[3]).toBe('/api/media?limit=100');
});
