import { beforeEach, describe, expect, test } from '@jest/globals';
import type { AnalyzeProgress } from './analyze.ts';
import { createMediaClient, type MediaClientOptions } from './client.ts';
import type { FileOutcome } from './form.ts';
import { DEFAULT_LIMITS, takeNext } from './requests.ts';
import type { SendNotes } from './send-deps.ts';
import { FakeClock, media, settle } from './testing.ts';

interface Received {
  names: string[];
  key: string | null;
  authorization: string | null;
  language: FormDataEntryValue | null;
  analyses: FormDataEntryValue | null;
}

let clock: FakeClock;
let received: Received[];
/** Answers to the next requests. After them, requests succeed. */
let refusals: (() => Response | Promise<Response>)[];
/** Keys of the forms that the client has asked about. */
let closed: (string | null)[];
/** The media that each request made, by the key of the request. Null if the key was closed before. */
let made: Map<string | null, object | null>;
let removed: string[];
/** The next request arrives, and its answer is lost. */
let isAnswerLost: boolean;

beforeEach(() => {
  clock = new FakeClock();
  received = [];
  refusals = [];
  made = new Map();
  closed = [];
  removed = [];
  isAnswerLost = false;
});

const NOTHING = { media_ids: [], media: [], rejected: [] };

const fetch = async (url: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
  const headers = new Headers(init.headers);
  const key = headers.get('idempotency-key');
  if (init.method === 'DELETE') {
    removed.push(String(url).split('/').at(-1) ?? '');
    return new Response(null, { status: 204 });
  }
  if (String(url).endsWith('/close')) {
    closed.push(key);
    if (!made.has(key)) made.set(key, null);
    return Response.json(made.get(key) ?? NOTHING);
  }
  const form = await new Response(init.body ?? null, { headers }).formData();
  init.signal?.throwIfAborted();
  const files = form.getAll('files') as File[];
  received.push({
    names: files.map(({ name }) => name),
    key,
    authorization: headers.get('authorization'),
    language: form.get('language'),
    analyses: form.get('analyses'),
  });
  const refusal = refusals.shift();
  if (refusal) return refusal();
  const isBad = ({ name }: File) => name.startsWith('bad');
  const accepted = files.filter((file) => !isBad(file)).map(({ name }) => media(name));
  const rejected = files.flatMap((file, index) =>
    isBad(file) ? [{ index, file_name: file.name, code: 'media_corrupt', message: 'Broken.' }] : [],
  );
  const ids = accepted.map(({ id }) => id);
  if (made.get(key) === null) return Response.json({}, { status: 422 });
  const answer = { media_ids: ids, media: accepted, rejected };
  made.set(key, answer);
  if (!isAnswerLost) return Response.json(answer, { status: 202 });
  return new Promise((_, reject) => {
    init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
  });
};

/** Ends as soon as its signal is aborted, like a real one. */
const abortable: typeof fetch = (url, init) =>
  new Promise((resolve, reject) => {
    init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    fetch(url, init).then(resolve, reject);
  });

const client = (options: MediaClientOptions = {}) =>
  createMediaClient({ fetch, clock, ...options });

const photo = (name: string, size = 10) =>
  new File([new Uint8Array(size)], name, { type: 'image/jpeg' });

const unreachable = () => Promise.reject(new TypeError('fetch failed'));
const problem = (status: number, body: object) => () => Response.json(body, { status });

test('accepted files come back in their order, also if files between them were refused', async () => {
  const outcomes: [number, FileOutcome][] = [];
  const files = ['a.jpg', 'notes.txt', 'bad.jpg', 'b.jpg'].map((name) =>
    name === 'notes.txt' ? new File(['x'], name, { type: 'text/plain' }) : photo(name),
  );
  const onFile = (index: number, outcome: FileOutcome) => outcomes.push([index, outcome]);
  const answer = await client().analyze(files, { language: 'ja', onFile });
  expect(answer.media_ids).toEqual(['a.jpg', 'b.jpg']);
  expect(answer.rejected).toEqual([
    expect.objectContaining({ index: 1, file_name: 'notes.txt', code: 'unsupported_media_type' }),
    expect.objectContaining({ index: 2, file_name: 'bad.jpg', code: 'media_corrupt' }),
  ]);
  // The text file was never sent.
  expect(received).toMatchObject([{ names: ['a.jpg', 'bad.jpg', 'b.jpg'], language: 'ja' }]);
  expect(outcomes.map(([index]) => index).sort()).toEqual([0, 1, 2, 3]);
});

test('the files of a form without an answer ask once what became of it, and are sent again', async () => {
  const sender = client();
  const files = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => photo(name));
  refusals.push(...Array(4).fill(unreachable));
  const failing = sender.analyze(files).catch(() => undefined);
  await clock.advance(60_000);
  await failing;
  const [{ key } = { key: null }] = received;
  expect(received.map((each) => each.key)).toEqual(Array(4).fill(key));
  const sending = sender.analyze(files);
  await clock.advance(2_000);
  expect((await sending).media_ids).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
  expect(closed).toEqual([key]);
});

test('says what is made of the files, and nothing where the default is wanted', async () => {
  await client().analyze([photo('a.jpg')], { analyses: ['describe', 'receipt'] });
  await client().analyze([photo('b.jpg')]);
  expect(received.map(({ analyses }) => analyses)).toEqual(['describe,receipt', null]);
});

test('the number of bytes sent is reported while sending, and never falls', async () => {
  refusals.push(unreachable);
  const told: AnalyzeProgress[] = [];
  const files = [photo('a.jpg', 200_000), photo('b.jpg', 100_000)];
  const sending = client().analyze(files, { onProgress: (progress) => told.push(progress) });
  await clock.advance(2_000);
  await sending;
  const sent = told.map((progress) => progress.sent);
  expect(sent).toEqual([...sent].sort((a, b) => a - b));
  expect(sent.some((bytes) => bytes > 0 && bytes < 300_000)).toBe(true);
  expect(told.at(-1)).toEqual({ sent: 300_000, total: 300_000, sentByFile: [200_000, 100_000] });
  for (const { sentByFile } of told) {
    // The first file is sent whole before the second one.
    if ((sentByFile[1] ?? 0) > 0) expect(sentByFile[0]).toBe(200_000);
  }
});

describe('a request without a clear answer', () => {
  test.each([
    ['no answer', unreachable],
    ['503', problem(503, { code: 'unavailable', detail: 'Try again.' })],
    ['a page of a proxy', () => new Response('<html>', { status: 502 })],
    ['an answer that broke off', () => new Response('{"media_ids":[', { status: 202 })],
  ])(
    '%s: is sent again with the same key, so that no media is created twice',
    async (_, refusal) => {
      refusals.push(refusal);
      const sending = client().analyze([photo('a.jpg')]);
      await clock.advance(2_000);
      expect((await sending).media_ids).toEqual(['a.jpg']);
      expect(received).toHaveLength(2);
      expect(received[0]?.key).toBe(received[1]?.key);
    },
  );

  test('four times in a row ends with an error for a person', async () => {
    refusals.push(unreachable, unreachable, unreachable, unreachable);
    const sending = client().analyze([photo('a.jpg')]);
    sending.catch(() => undefined);
    await clock.advance(60_000);
    await expect(sending).rejects.toMatchObject({
      name: 'MediaClientError',
      code: 'unavailable',
      message: expect.stringContaining('cannot be reached'),
    });
    expect(received).toHaveLength(4);
  });
});

describe('a connection that stands still', () => {
  const silent = () => new Promise<Response>(() => undefined);

  test('for half a minute: the files are sent again, with the same key', async () => {
    refusals.push(silent);
    const sending = client({ fetch: abortable }).analyze([photo('a.jpg')]);
    await clock.advance(29_000);
    expect(received).toHaveLength(1);
    await clock.advance(5_000);
    expect((await sending).media_ids).toEqual(['a.jpg']);
    expect(received[1]?.key).toBe(received[0]?.key);
    expect(clock.pending).toBe(0);
  });

  test('each time: it ends with an error for a person', async () => {
    refusals.push(silent, silent, silent, silent);
    const sending = client({ fetch: abortable }).analyze([photo('a.jpg')]);
    sending.catch(() => undefined);
    await clock.advance(150_000);
    await expect(sending).rejects.toMatchObject({ code: 'unavailable', status: 0 });
  });

  test('not while bytes are taken, however slowly: it goes on', async () => {
    const bytes = new Uint8Array(10 * 65_536);
    const file = new File([bytes], 'a.jpg', { type: 'image/jpeg' });
    /** Takes a piece every 25 s. */
    const slowly: typeof fetch = async (url, init) => {
      const body = init?.body as ReadableStream<Uint8Array>;
      const reader = body.getReader();
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        pieces.push(new Uint8Array(value));
        await new Promise<void>((resolve) => clock.after(25_000, resolve));
      }
      return abortable(url, { ...init, body: new Blob(pieces) });
    };
    const sending = client({ fetch: slowly }).analyze([file]);
    await clock.advance(600_000);
    expect((await sending).media_ids).toEqual(['a.jpg']);
    expect(received).toHaveLength(1);
  });
});

test('two requests have two keys', async () => {
  const limits = { maxFiles: 1 };
  await client({ limits }).analyze([photo('a.jpg'), photo('b.jpg')]);
  expect(new Set(received.map(({ key }) => key)).size).toBe(2);
});

test('a request that fails does not stop the others', async () => {
  refusals.push(problem(429, { code: 'invalid_request', detail: 'No.' }));
  refusals[0] = problem(400, { code: 'invalid_request', detail: 'No.' });
  const limits = { maxFiles: 1 };
  const answer = await client({ limits }).analyze([photo('a.jpg'), photo('b.jpg')]);
  expect(answer.media_ids).toHaveLength(1);
  expect(answer.rejected).toEqual([
    expect.objectContaining({ code: 'invalid_request', message: 'No.' }),
  ]);
});

test('if all files are refused, the error names each of them', async () => {
  const rejected = [
    { index: 0, file_name: 'a.jpg', code: 'media_corrupt', message: 'Broken.' },
    { index: 1, file_name: 'b.jpg', code: 'media_corrupt', message: 'Broken too.' },
  ];
  refusals.push(problem(422, { code: 'media_corrupt', detail: 'None was accepted.', rejected }));
  await expect(client().analyze([photo('a.jpg'), photo('b.jpg')])).rejects.toMatchObject({
    code: 'media_corrupt',
    rejected: [{ message: 'Broken.' }, { message: 'Broken too.' }],
  });
});

test('a refused token is replaced by a new one', async () => {
  refusals.push(problem(401, { code: 'unauthenticated', detail: 'Expired.' }));
  const getToken = ({ refresh }: { refresh: boolean }) => (refresh ? 'fresh' : 'stale');
  await client({ getToken }).analyze([photo('a.jpg')]);
  expect(received.map(({ authorization }) => authorization)).toEqual([
    'Bearer stale',
    'Bearer fresh',
  ]);
});

test('aborting stops the files that are not sent yet', async () => {
  const stop = new AbortController();
  refusals.push(unreachable);
  const sending = client().analyze([photo('a.jpg')], { signal: stop.signal });
  await settle();
  stop.abort(new Error('enough'));
  await expect(sending).rejects.toThrow('enough');
  await clock.advance(60_000);
  expect(received).toHaveLength(1);
});

describe('stopped after it has arrived, and before we know', () => {
  const stopped = async (sender: ReturnType<typeof client>, files: File[]) => {
    isAnswerLost = true;
    const stop = new AbortController();
    const sending = sender.analyze(files, { signal: stop.signal });
    await settle();
    expect(received).toHaveLength(1);
    stop.abort(new Error('enough'));
    await expect(sending).rejects.toThrow('enough');
    isAnswerLost = false;
  };

  test('a form is asked for, and its media are removed', async () => {
    await stopped(client(), [photo('a.jpg'), photo('bad.jpg'), photo('b.jpg')]);
    await settle();
    expect(removed).toEqual(['a.jpg?permanently=true', 'b.jpg?permanently=true']);
  });

  test('a form that has not arrived cannot arrive any more', async () => {
    refusals.push(() => new Promise<Response>(() => undefined));
    const stop = new AbortController();
    const sending = client({ fetch: abortable }).analyze([photo('a.jpg')], { signal: stop.signal });
    await settle();
    stop.abort(new Error('enough'));
    await expect(sending).rejects.toThrow('enough');
    await settle();
    expect([...made]).toEqual([[received[0]?.key, null]]);
    expect(removed).toEqual([]);
  });

  test('files that are sent again are there once', async () => {
    const sender = client();
    const files = [photo('a.jpg'), photo('b.jpg')];
    await stopped(sender, files);
    const { media_ids } = await sender.analyze(files);
    expect(media_ids).toEqual(['a.jpg', 'b.jpg']);
    expect(removed).toEqual(['a.jpg?permanently=true', 'b.jpg?permanently=true']);
    expect(new Set(received.map(({ key }) => key)).size).toBe(2);
  });
});

describe('files whose request brought no answer', () => {
  const lost = async (
    sender: ReturnType<typeof client>,
    files: File[],
    state: { isDown: boolean },
  ) => {
    isAnswerLost = true;
    const sending = sender.analyze(files);
    sending.catch(() => undefined);
    await settle();
    state.isDown = true;
    await clock.advance(300_000);
    await expect(sending).rejects.toMatchObject({ code: 'unavailable' });
    isAnswerLost = false;
    state.isDown = false;
    received = [];
  };
  const flaky =
    (state: { isDown: boolean }): typeof fetch =>
    (url, init) =>
      state.isDown ? unreachable() : fetch(url, init);

  test('are not sent again if they have arrived, each of them', async () => {
    const state = { isDown: false };
    const sender = client({ fetch: flaky(state) });
    const files = [photo('bad.jpg'), photo('a.jpg'), photo('b.jpg')];
    await lost(sender, files, state);
    const told: AnalyzeProgress[] = [];
    const [bad, a, b] = files.map((file) => [file]);
    const onProgress = (progress: AnalyzeProgress) => told.push(progress);
    expect((await sender.analyze(b ?? [])).media_ids).toEqual(['b.jpg']);
    expect((await sender.analyze(a ?? [], { onProgress })).media_ids).toEqual(['a.jpg']);
    await expect(sender.analyze(bad ?? [])).rejects.toMatchObject({ code: 'media_corrupt' });
    expect(received).toEqual([]);
    expect(told.at(-1)).toMatchObject({ sent: 10, total: 10 });
  });

  test('are sent if they have not', async () => {
    refusals.push(unreachable, unreachable, unreachable, unreachable);
    const sender = client();
    const file = photo('a.jpg');
    const sending = sender.analyze([file]);
    sending.catch(() => undefined);
    await clock.advance(60_000);
    await expect(sending).rejects.toMatchObject({ code: 'unavailable' });
    received = [];
    expect((await sender.analyze([file])).media_ids).toEqual(['a.jpg']);
    expect(received).toHaveLength(1);
  });

  test('and of which nobody can be asked: the error says so, and they can be sent again', async () => {
    const state = { isDown: false };
    const sender = client({ fetch: flaky(state) });
    const file = photo('a.jpg');
    await lost(sender, [file], state);
    state.isDown = true;
    const sending = sender.analyze([file]);
    sending.catch(() => undefined);
    await clock.advance(60_000);
    await expect(sending).rejects.toMatchObject({ code: 'unavailable' });
    state.isDown = false;
    expect((await sender.analyze([file])).media_ids).toEqual(['a.jpg']);
    expect(received).toEqual([]);
  });
});

test('a pause stops what is being sent; afterwards it is sent with the same key, however long that was', async () => {
  isAnswerLost = true;
  const sender = client({ fetch: abortable });
  const sending = sender.analyze([photo('a.jpg')]);
  await settle();
  sender.pauseSending();
  isAnswerLost = false;
  await clock.advance(3_600_000);
  expect(received).toHaveLength(1);
  sender.resumeSending();
  expect((await sending).media_ids).toEqual(['a.jpg']);
  expect(received).toHaveLength(2);
  expect(new Set(received.map(({ key }) => key)).size).toBe(1);
});

test('what is stopped during a pause is stopped', async () => {
  const sender = client();
  const stop = new AbortController();
  sender.pauseSending();
  const sending = sender.analyze([photo('a.jpg')], { signal: stop.signal });
  await settle();
  stop.abort(new Error('stopped'));
  await expect(sending).rejects.toThrow('stopped');
  sender.resumeSending();
  expect(received).toEqual([]);
});

describe('after a reload, by the notes of the page before it,', () => {
  /** Sends files without ever getting an answer. Returns the notes of the client. */
  const leaveBehind = async (...names: string[]): Promise<SendNotes[]> => {
    const notes: SendNotes[] = [];
    isAnswerLost = true;
    const files = names.map((name) => photo(name));
    client().analyze(files, { onNotes: (index, note) => void notes.splice(index, 1, note) });
    await settle();
    isAnswerLost = false;
    received = [];
    return structuredClone(notes);
  };

  test('what has arrived is not sent again, with or without its bytes', async () => {
    const notes = await leaveBehind('a.jpg', 'b.jpg');
    const files = [photo('a.jpg'), new File([], 'b.jpg', { type: 'image/jpeg' })];
    expect((await client().analyze(files, { notes })).media_ids).toEqual(['a.jpg', 'b.jpg']);
    expect(received).toEqual([]);
  });

  test('what has not arrived is sent, and without its bytes it says so', async () => {
    const notes = await leaveBehind('a.jpg', 'b.jpg');
    made.clear();
    const files = [photo('a.jpg'), new File([], 'b.jpg', { type: 'image/jpeg' })];
    const { media_ids, rejected } = await client().analyze(files, { notes });
    expect(media_ids).toEqual(['a.jpg']);
    expect(rejected).toMatchObject([{ index: 1, code: 'empty_file' }]);
    expect(received.map(({ names }) => names)).toEqual([['a.jpg']]);
  });

  test.each(['its answer came', 'its answer was lost'])(
    'what was refused is sent anew, as the reason may hold no longer: %s',
    async (which) => {
      const notes = which === 'its answer came' ? [] : await leaveBehind('a.jpg', 'bad.jpg');
      const onNotes = (index: number, note: SendNotes) => void notes.splice(index, 1, note);
      const files = [photo('a.jpg'), photo('bad.jpg')];
      const { rejected } = await client().analyze(files, { notes: [...notes], onNotes });
      expect(rejected).toMatchObject([{ index: 1, code: 'media_corrupt' }]);
      received = [];
      const mended = { media_ids: ['b'], media: [media('b')], rejected: [] };
      refusals.push(() => Response.json(mended, { status: 202 }));
      const { media_ids } = await client().analyze(files.slice(1), { notes: notes.slice(1) });
      expect(media_ids).toEqual(['b']);
      expect(received.map(({ names }) => names)).toEqual([['bad.jpg']]);
    },
  );

  test('nothing is sent before the note of it is written', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const sending = client().analyze([photo('a.jpg')], { onNotes: () => promise });
    await settle();
    expect(received).toEqual([]);
    resolve();
    expect((await sending).media_ids).toEqual(['a.jpg']);
  });
});

test('a page that came by plain http has no randomUUID, and sends all the same', async () => {
  const { randomUUID } = crypto;
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
  try {
    await client({ limits: { maxFiles: 1 } }).analyze([photo('a.jpg'), photo('b.jpg')]);
  } finally {
    Object.defineProperty(crypto, 'randomUUID', { value: randomUUID, configurable: true });
  }
  expect(new Set(received.map(({ key }) => key)).size).toBe(2);
});

describe('files are split into requests', () => {
  const limits = { maxFileBytes: 1_000, maxUploadBytes: 9_000, maxRequestBytes: 100, maxFiles: 3 };
  /** Splits files on a line that sends `requestBytes` in a request. A form has at most `formBytes`. */
  const split = (sizes: number[], requestBytes = 9_000, formBytes = 9_000) => {
    const candidates = sizes.map((size, index) => ({ index, file: photo(`${index}.jpg`, size) }));
    const isLarge = ({ file }: { file: File }) => file.size > limits.maxFileBytes;
    const [small, large] = [
      candidates.filter((each) => !isLarge(each)),
      candidates.filter(isLarge),
    ];
    const line = { requestBytes: () => requestBytes, bytesIn: () => formBytes };
    const requests: (number | number[])[] = [];
    for (;;) {
      const next = takeNext(small, large, limits, line);
      if (!next) break;
      requests.push('form' in next ? next.form.map(({ file }) => file.size) : next.alone.file.size);
    }
    return requests;
  };

  test.each([
    [[], []],
    [[60, 40], [[60, 40]]],
    [
      [60, 41],
      [[60], [41]],
    ],
    [[1, 1, 1], [[1, 1, 1]]],
    [
      [1, 1, 1, 1],
      [[1, 1, 1], [1]],
    ],
    [
      [500, 1],
      [[500], [1]],
    ],
    [
      [1, 500],
      [[1], [500]],
    ],
    // A large file goes straight to Cloud Storage, after the others.
    [
      [1_001, 1, 2_000, 1],
      [[1, 1], 1_001, 2_000],
    ],
  ])('%j → %j', (sizes, expected) => {
    expect(split(sizes)).toEqual(expected);
  });

  test('as large as the line sends in a request, and one file at least', () => {
    expect(split([20, 20, 20, 20], 40)).toEqual([
      [20, 20],
      [20, 20],
    ]);
    expect(split([20, 20], 10)).toEqual([[20], [20]]);
  });

  test('and a file that would take too long in a form goes in pieces', () => {
    expect(split([20, 60, 20], 40, 50)).toEqual([[20], 60, [20]]);
  });

  test('none of which is larger than Cloud Run accepts', () => {
    const { maxFileBytes, maxRequestBytes, maxFiles } = DEFAULT_LIMITS;
    const formBytes = maxFiles * 1_000;
    expect(maxRequestBytes + formBytes).toBeLessThanOrEqual(32 * 1024 * 1024);
    expect(maxFileBytes + 1_000).toBeLessThanOrEqual(32 * 1024 * 1024);
  });
});
