import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createMediaClient } from '../client/client.ts';
import { type AnalyzeOptions, type MediaClient, MediaClientError } from '../client/index.ts';
import { FakeClock, media, settle } from '../client/testing.ts';
import { overallProgress, stageOf } from './progress.ts';
import { MediaCache } from './store.ts';
import { refusedFiles } from './uploads/list.ts';
import { createUploads } from './uploads.ts';

let clock: FakeClock;
let uploads: ReturnType<typeof createUploads>;
/** Names of the files of each request. */
let sent: string[][];
/** Batch ids of the calls of the client. */
let batches: (string | undefined)[];
/** Answers the next requests that send files, instead of success. */
let refusals: (() => Promise<Response>)[];

/** True: every request fails. */
let isDown: boolean;
let calls: number;

const fetch: typeof globalThis.fetch = async (url, init = {}) => {
  calls++;
  if (isDown) throw new TypeError('no line');
  if (String(url).endsWith('/close')) {
    return Response.json({ media_ids: [], media: [], rejected: [] });
  }
  const { headers, body = null, signal } = init;
  const form = await new Response(body, { headers: headers ?? {} }).formData();
  const names = (form.getAll('files') as File[]).map(({ name }) => name);
  sent.push(names);
  const answer = refusals.shift() ?? (async () => accepted(names));
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
    answer().then(resolve, reject);
  });
};

const accepted = (names: string[]) => {
  const states = names.map((name) => media(name));
  return Response.json({ media_ids: names, media: states, rejected: [] }, { status: 202 });
};

const WISHES = { batchId: 'b', language: undefined, analyses: undefined };
const never = () => new Promise<Response>(() => undefined);
const refused = async () => Response.json({ code: 'internal', detail: 'No.' }, { status: 400 });

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  clock = new FakeClock();
  sent = [];
  batches = [];
  refusals = [];
  isDown = false;
  calls = 0;
  const client = createMediaClient({ baseUrl: 'http://api.test', fetch, clock });
  const analyze: MediaClient['analyze'] = (files, options) => {
    batches.push(options?.batchId);
    return client.analyze(files, options);
  };
  uploads = createUploads({ ...client, analyze }, new MediaCache(client), clock.now);
});

afterEach(() => {
  jest.useRealTimers();
});

const photos = (...names: string[]) =>
  names.map((name) => new File([new Uint8Array(1_000)], name, { type: 'image/jpeg' }));
const states = () => uploads.getSnapshot().map(({ state }) => state);
const keys = () => uploads.getSnapshot().map(({ key }) => key);

test('no file is looked up before the list shows it', async () => {
  let asked = 0;
  const [photo] = photos('a.jpg');
  Object.defineProperty(photo, 'size', { get: () => ++asked });
  const adding = uploads.add(photo ? [photo] : []);
  expect(uploads.secondsLeft()).toBeNull();
  expect(uploads.getSnapshot().map((each) => overallProgress(each, undefined))).toEqual([0]);
  expect(asked).toBe(0);
  await adding;
});

test('what could not be read is refused with that reason, at its place, and is not sent', async () => {
  const files = photos('a.jpg', 'b.jpg', 'c.jpg');
  const error = { code: 'media_missing', message: 'It could not be read.' } as const;
  for (const file of files.slice(1, 2)) refusedFiles.set(file, error);
  await uploads.add(files);
  expect(states()).toEqual(['accepted', 'rejected', 'accepted']);
  expect(uploads.getSnapshot()[1]?.error).toEqual(error);
  await uploads.add(files.slice(1, 2));
  expect(sent).toEqual([['a.jpg', 'c.jpg']]);
});

test('what its user has stopped is stopped, and is no failure', async () => {
  refusals.push(never);
  const adding = uploads.add(photos('a.jpg', 'b.jpg'));
  await settle();
  uploads.cancel();
  expect(await adding).toEqual([]);
  expect(uploads.getSnapshot()).toMatchObject([
    { state: 'stopped', error: null },
    { state: 'stopped', error: null },
  ]);
});

test.each([
  [500, '4bf92f'],
  [409, undefined],
])(
  'of what nobody reckoned with, a file keeps the id of the request: %i',
  async (status, requestId) => {
    const problem = { code: 'internal', detail: 'Internal error.', request_id: '4bf92f' };
    const answer = async () => Response.json(problem, { status });
    refusals.push(answer, answer, answer, answer, answer, answer);
    const adding = uploads.add(photos('a.jpg'));
    for (let n = 0; n < 10; n++) await clock.advance(60_000);
    await adding;
    expect(uploads.getSnapshot()[0]?.error).toEqual({
      code: 'internal',
      message: 'Internal error.',
      requestId,
    });
  },
);

test.each([
  ['60', 'accepted', undefined],
  ['61', 'rejected', 'rate_limited'],
])(
  'a server that asks for a wait of %s s is waited for up to a minute; for longer, the file says why',
  async (seconds, state, code) => {
    const headers = { 'Retry-After': seconds };
    const problem = { code: 'rate_limited', detail: 'Too many requests.' };
    refusals.push(async () => Response.json(problem, { status: 429, headers }));
    void uploads.add(photos('a.jpg'));
    await settle();
    await clock.advance(60_000);
    await settle();
    expect(states()).toEqual([state]);
    expect(uploads.getSnapshot()[0]?.error?.code).toBe(code);
  },
);

describe('an outage', () => {
  const pass = async (seconds: number) => {
    for (let n = 0; n < seconds; n++) {
      await clock.advance(1_000);
      await jest.advanceTimersByTimeAsync(1_000);
    }
  };
  /** Waits longer than one call of the client keeps trying. */
  const begin = async (...names: string[]) => {
    isDown = true;
    const adding = uploads.add(photos(...names));
    await pass(6);
    expect(uploads.getSnapshot()).toMatchObject(
      names.map(() => ({ state: 'sending', error: { code: 'unavailable' } })),
    );
    return { adding };
  };

  test('is waited for, however long: the files say so, and are sent once it is over', async () => {
    const { adding } = await begin('a.jpg', 'b.jpg');
    await pass(600);
    const waits = { state: 'sending', error: { code: 'unavailable' } };
    expect(uploads.getSnapshot()).toMatchObject([waits, waits]);
    expect(uploads.secondsLeft()).toBeNull();
    // At most four tries a minute, each of four calls for a file.
    expect(calls).toBeLessThan(10 * 4 * 4 * 2);
    isDown = false;
    await pass(40);
    expect(await adding).toEqual(['a.jpg', 'b.jpg']);
    const arrived = { state: 'accepted', error: null };
    expect(uploads.getSnapshot()).toMatchObject([arrived, arrived]);
    expect(sent).toEqual([['a.jpg', 'b.jpg']]);
    // Other devices show it as one batch.
    expect(batches.length).toBeGreaterThan(1);
    expect(new Set(batches).size).toBe(1);
    expect(batches[0]).toMatch(/^[\w-]{1,64}$/);
    await uploads.add(photos('c.jpg'));
    expect(new Set(batches).size).toBe(2);
  });

  test('ends at once when the browser is online again, and leaves nothing behind that listens', async () => {
    const window = new EventTarget();
    let listeners = 0;
    const parts = {
      document: Object.assign(new EventTarget(), { visibilityState: 'visible' }),
      addEventListener(...args: Parameters<EventTarget['addEventListener']>) {
        listeners++;
        window.addEventListener(...args);
      },
      removeEventListener(...args: Parameters<EventTarget['removeEventListener']>) {
        listeners--;
        window.removeEventListener(...args);
      },
    };
    Object.assign(globalThis, parts);
    const { adding } = await begin('a.jpg');
    // Between two tries, whose timer stands still.
    await clock.advance(20_000);
    isDown = false;
    window.dispatchEvent(new Event('online'));
    expect(await adding).toEqual(['a.jpg']);
    expect(listeners).toBe(0);
    for (const name of Object.keys(parts)) Reflect.deleteProperty(globalThis, name);
  });

  test('can be stopped, and its file sent again', async () => {
    await begin('a.jpg');
    uploads.cancel();
    await settle();
    expect(uploads.getSnapshot()).toMatchObject([{ state: 'stopped', error: null }]);
    isDown = false;
    const sending = uploads.sendAgain(keys());
    await pass(10);
    expect(await sending).toEqual(['a.jpg']);
  });

  test('what is dismissed meanwhile is not sent after it', async () => {
    const { adding } = await begin('a.jpg');
    for (const key of keys()) uploads.dismiss(key);
    isDown = false;
    await pass(60);
    expect(await adding).toEqual([]);
    expect(sent).toEqual([]);
  });
});

test('all that failed or was stopped is sent again together, and nothing else', async () => {
  await uploads.add(photos('good.jpg'));
  refusals.push(refused);
  await uploads.add(photos('a.jpg'));
  refusals.push(never);
  const adding = uploads.add(photos('b.jpg'));
  await settle();
  uploads.cancel();
  await adding;
  expect(states()).toEqual(['stopped', 'rejected', 'accepted']);
  sent = [];
  expect(await uploads.sendAgain(keys())).toEqual(['b.jpg', 'a.jpg']);
  expect(sent).toEqual([['b.jpg', 'a.jpg']]);
  expect(states()).toEqual(['accepted', 'accepted', 'accepted']);
});

test('a stopped file that is chosen again is sent in its place, and new ones beside it', async () => {
  refusals.push(never);
  const chosen = photos('a.jpg');
  const adding = uploads.add(chosen);
  await settle();
  uploads.cancel();
  await adding;
  const [key] = keys();
  expect((await uploads.add([...chosen, ...photos('b.jpg')])).sort()).toEqual(['a.jpg', 'b.jpg']);
  expect(states()).toEqual(['accepted', 'accepted']);
  expect(keys()).toContain(key);
});

test('a stopped file whose media the client has removed is sent anew, once', async () => {
  refusals.push(never);
  const adding = uploads.add(photos('a.jpg'));
  await settle();
  uploads.cancel();
  await adding;
  const gone = async () => Response.json({ code: 'not_found', detail: 'Gone.' }, { status: 404 });
  refusals.push(gone);
  await uploads.sendAgain(keys());
  await settle();
  expect(states()).toEqual(['accepted']);
  refusals.push(gone, gone);
  await uploads.add(photos('b.jpg'));
  await settle();
  expect(states()).toEqual(['rejected', 'accepted']);
});

test('says how long it takes only while something is being sent', async () => {
  expect(uploads.secondsLeft()).toBeNull();
  await uploads.add(photos('a.jpg'));
  expect(uploads.secondsLeft()).toBeNull();
});

test('what had arrived before an outage is no speed of the line, and what is paused says no time', async () => {
  const calls: AnalyzeOptions[] = [];
  const client = {
    analyze: async (_files: unknown, options: AnalyzeOptions) => {
      calls.push(options);
      if (calls.length > 1) return never();
      await options.onNotes?.(0, { pieces: { key: 'k', mediaId: 'a', ...WISHES } });
      throw new MediaClientError('unavailable', 'No line.', { status: 0 });
    },
    pauseSending: () => undefined,
    resumeSending: () => undefined,
  } as unknown as MediaClient;
  uploads = createUploads(client, new MediaCache(client), clock.now);
  const video = new File([new Uint8Array(1_000_000)], 'a.mov', { type: 'video/quicktime' });
  void uploads.add([video]);
  await settle();
  await jest.advanceTimersByTimeAsync(2_000);
  const send = async (from: number) => {
    for (let s = 0; s <= 4; s++) {
      calls[1]?.onProgress?.({ sent: 0, total: 0, sentByFile: [from + s * 10_000] });
      await clock.advance(1_000);
    }
  };
  await send(500_000);
  expect(uploads.secondsLeft()).toBeCloseTo(46);
  uploads.pause();
  expect(uploads.secondsLeft()).toBeNull();
  uploads.pause(false);
  expect(uploads.secondsLeft()).toBeNull();
  await send(550_000);
  expect(uploads.secondsLeft()).toBeCloseTo(41);
});

test('while sending is paused, what is still to be sent says so, and nothing else', async () => {
  await uploads.add(photos('good.jpg'));
  refusals.push(never);
  void uploads.add(photos('a.jpg', 'b.jpg'));
  await settle();
  const stages = () => uploads.getSnapshot().map((upload) => stageOf(upload, undefined));
  uploads.pause();
  expect(stages()).toEqual(['paused', 'paused', 'sending']);
  uploads.pause(false);
  await settle();
  expect(stages()).toEqual(['sending', 'sending', 'sending']);
});

test('a database of the browser that never answers holds no file up', async () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB');
  const value = { open: () => new EventTarget() };
  Object.defineProperty(globalThis, 'indexedDB', { value, configurable: true });
  uploads.keep('me');
  void uploads.add(photos('a.jpg'));
  await settle();
  expect(states()).toEqual(['sending']);
  await jest.advanceTimersByTimeAsync(6_000);
  await settle();
  expect(states()).toEqual(['accepted']);
  expect(uploads.isRestored()).toBe(true);
  if (before) Object.defineProperty(globalThis, 'indexedDB', before);
  else Reflect.deleteProperty(globalThis, 'indexedDB');
});
