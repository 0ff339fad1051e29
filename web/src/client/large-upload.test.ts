import { beforeEach, describe, expect, test } from '@jest/globals';
import { createMediaClient, type MediaClientOptions } from './client.ts';
import type { CutFrames } from './frames.ts';
import type { SendNotes } from './send-deps.ts';
import { FakeClock, FakeWakeUps, media, settle } from './testing.ts';

const MEBIBYTE = 1024 * 1024;
const CHUNK = 256 * 1024;
const SIZE = 4 * CHUNK + 10;

/** Plays the API and Cloud Storage for a large file. */
class FakeCloud {
  /** Each request in order: method, path and range. */
  log: string[] = [];
  keys = new Set<string | null>();
  /** The form that brought frames. */
  frames = '';
  media = new Set<string>();
  /** Number of bytes of each session. */
  sessions = new Map<string, number>();
  /** Other answers for the next requests that match. */
  faults: { on: string; with: () => Response | Promise<Response>; keep?: number }[] = [];

  fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input), 'http://api.test');
    const headers = new Headers(init.headers);
    const range = headers.get('content-range') ?? '';
    const body = await new Response(init.body ?? null).arrayBuffer();
    init.signal?.throwIfAborted();
    const line = `${init.method} ${url.pathname} ${range}`.trim();
    this.log.push(line);
    const fault = this.faults.find(({ on }) => line.startsWith(on));
    if (fault) {
      this.faults.splice(this.faults.indexOf(fault), 1);
      if (fault.keep) this.sessions.set(url.pathname, fault.keep);
      return fault.with();
    }
    if (url.pathname === '/api/media/uploads') return this.#announce(headers);
    if (init.method === 'DELETE') {
      this.media.delete(url.pathname.split('/').at(-1) ?? '');
      return new Response(null, { status: 204 });
    }
    if (url.pathname.endsWith('/uploaded')) return this.#confirm(url.pathname.split('/')[3] ?? '');
    if (url.pathname.endsWith('/frames')) {
      this.frames = Buffer.from(body).toString('latin1');
      return Response.json(media(url.pathname.split('/')[3] ?? ''));
    }
    return this.#take(url.pathname, range, body.byteLength);
  };

  #announce(headers: Headers): Response {
    const key = headers.get('idempotency-key');
    this.keys.add(key);
    const id = `m${[...this.keys].indexOf(key)}`;
    this.media.add(id);
    const session = `/session/${this.sessions.size}`;
    this.sessions.set(session, 0);
    const upload = { index: 0, media_id: id, upload_url: `http://storage.test${session}` };
    return Response.json({ uploads: [{ ...upload, chunk_size: CHUNK }], rejected: [] });
  }

  #confirm(id: string): Response {
    if (!this.media.has(id))
      return problem(404, { code: 'not_found', detail: 'You have no such media.' })();
    return Response.json(media(id, { status: 'pending' }), { status: 202 });
  }

  #take(session: string, range: string, length: number): Response {
    const has = this.sessions.get(session) ?? 0;
    const start = Number(/^bytes (\d+)-/.exec(range)?.[1] ?? has);
    if (start > has) return new Response(null, { status: 503 });
    const now = start + length;
    this.sessions.set(session, now);
    const size = Number(/\/(\d+)$/.exec(range)?.[1] ?? SIZE);
    if (now === size) return Response.json({}, { status: 200 });
    const arrived = now === 0 ? {} : { Range: `bytes=0-${now - 1}` };
    return new Response(null, { status: 308, headers: arrived });
  }
}

const unreachable = () => Promise.reject(new TypeError('fetch failed'));
const problem = (status: number, body: object) => () => Response.json(body, { status });
const status = (code: number) => () => new Response(null, { status: code });

let clock: FakeClock;
let cloud: FakeCloud;
let wakeUps: FakeWakeUps;
beforeEach(() => {
  clock = new FakeClock();
  cloud = new FakeCloud();
  wakeUps = new FakeWakeUps();
});

const video = () => new File([new Uint8Array(SIZE)], 'a.mov', { type: 'video/quicktime' });
const client = (options: MediaClientOptions = {}) =>
  createMediaClient({
    fetch: cloud.fetch,
    clock,
    wakeUps,
    limits: { maxFileBytes: CHUNK },
    ...options,
  });
const ranges = () => cloud.log.filter((line) => line.startsWith('PUT')).map((l) => l.split(' ')[3]);

test('a large file is announced, sent in chunks, and confirmed', async () => {
  const { media_ids } = await client().analyze([video()], { language: 'ja' });
  expect(media_ids).toEqual(['m0']);
  expect(cloud.log).toEqual([
    'POST /api/media/uploads',
    `PUT /session/0 bytes 0-${CHUNK - 1}/${SIZE}`,
    `PUT /session/0 bytes ${CHUNK}-${2 * CHUNK - 1}/${SIZE}`,
    `PUT /session/0 bytes ${2 * CHUNK}-${3 * CHUNK - 1}/${SIZE}`,
    `PUT /session/0 bytes ${3 * CHUNK}-${4 * CHUNK - 1}/${SIZE}`,
    `PUT /session/0 bytes ${4 * CHUNK}-${SIZE - 1}/${SIZE}`,
    'POST /api/media/m0/uploaded',
  ]);
});

describe('the frames of a video', () => {
  const FRAMES = {
    times: [0.5, 1.23456],
    poster: 1,
    pictures: ['one', 'two'].map((text) => new Blob([text], { type: 'image/jpeg' })),
  };
  const POSTS = ['/api/media/uploads', '/api/media/m0/frames', '/api/media/m0/uploaded'];
  const posts = () => cloud.log.flatMap((line) => /^POST (.*)$/.exec(line)?.[1] ?? []);
  const cutting = (cutFrames: CutFrames) => client({ cutFrames });

  test('are sent before the video is confirmed, also of a small one, and not of a photo', async () => {
    const small = new File([new Uint8Array(9)], 'small.webm', { type: 'video/webm' });
    const cut: string[] = [];
    const cutFrames: CutFrames = async ({ name }) => {
      cut.push(name);
      return FRAMES;
    };
    await cutting(cutFrames).analyze([small]);
    expect(posts()).toEqual(POSTS);
    cloud.log = [];
    await cutting(cutFrames).analyze([video()]);
    expect(posts()).toEqual(POSTS.map((path) => path.replace('m0', 'm1')));
    expect(cloud.frames).toMatch(
      /name="times"\r\n\r\n0\.500,1\.235\r\n.*name="poster"\r\n\r\n1\r\n/s,
    );
    expect(cloud.frames).toMatch(/one.*two/s);
    await cutting(cutFrames)
      .analyze([new File([new Uint8Array(9)], 'cat.png', { type: 'image/png' })])
      .catch(() => undefined);
    expect(cut).toEqual(['small.webm', 'a.mov']);
  });

  test.each<[string, CutFrames]>([
    ['cannot be cut', async () => null],
    ['cannot even be tried', () => Promise.reject(new Error('no decoder'))],
  ])('that %s stop no upload', async (_title, cutFrames) => {
    expect((await cutting(cutFrames).analyze([video()])).media_ids).toEqual(['m0']);
    expect(posts()).toEqual([POSTS[0], POSTS[2]]);
  });

  test('that do not come are waited for ten seconds, and then no longer cut', async () => {
    let isStopped = false;
    const sending = cutting((_file, signal) => {
      signal.addEventListener('abort', () => {
        isStopped = true;
      });
      return new Promise(() => undefined);
    }).analyze([video()]);
    await clock.advance(9_000);
    expect([posts(), isStopped]).toEqual([[POSTS[0]], false]);
    await clock.advance(1_000);
    expect((await sending).media_ids).toEqual(['m0']);
    expect([posts(), isStopped]).toEqual([[POSTS[0], POSTS[2]], true]);
  });

  test('that the server refuses stop no upload, and those that it did not get are sent again', async () => {
    cloud.faults.push({ on: 'POST /api/media/m0/frames', with: unreachable });
    cloud.faults.push({
      on: 'POST /api/media/m0/frames',
      with: problem(409, { code: 'not_ready', detail: 'too late' }),
    });
    const sending = cutting(async () => FRAMES).analyze([video()]);
    await clock.advance(5_000);
    expect((await sending).media_ids).toEqual(['m0']);
    expect(posts()).toEqual([POSTS[0], POSTS[1], POSTS[1], POSTS[2]]);
  });

  test('are no longer cut when the upload is stopped', async () => {
    const stop = new AbortController();
    let isStopped = false;
    const sending = cutting((_file, signal) => {
      signal.addEventListener('abort', () => {
        isStopped = true;
      });
      return new Promise(() => undefined);
    }).analyze([video()], { signal: stop.signal });
    sending.catch(() => undefined);
    await settle();
    stop.abort(new Error('enough'));
    await expect(sending).rejects.toThrow('enough');
    expect(isStopped).toBe(true);
  });
});

describe('a chunk that breaks', () => {
  test('goes on behind the bytes that have arrived, and progress never falls', async () => {
    const on = `PUT /session/0 bytes ${CHUNK}-`;
    cloud.faults.push({ on, with: unreachable, keep: CHUNK + 1000 });
    const sent: number[] = [];
    const sending = client().analyze([video()], { onProgress: (told) => sent.push(told.sent) });
    await clock.advance(2_000);
    await sending;
    expect(ranges().slice(1, 4)).toEqual([
      `${CHUNK}-${2 * CHUNK - 1}/${SIZE}`,
      `*/${SIZE}`,
      `${CHUNK + 1000}-${2 * CHUNK + 999}/${SIZE}`,
    ]);
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
    expect(sent.at(-1)).toBe(SIZE);
  });

  test('is sent again if Cloud Storage kept none of its bytes', async () => {
    cloud.faults.push({ on: 'PUT /session/0 bytes 0-', with: status(308) });
    const sending = client().analyze([video()]);
    await clock.advance(2_000);
    await sending;
    expect(ranges().slice(0, 3)).toEqual([
      `0-${CHUNK - 1}/${SIZE}`,
      `*/${SIZE}`,
      `0-${CHUNK - 1}/${SIZE}`,
    ]);
  });

  test('is not sent again if it was the last one and had arrived', async () => {
    const on = `PUT /session/0 bytes ${4 * CHUNK}-`;
    cloud.faults.push({ on, with: unreachable, keep: SIZE });
    const sending = client().analyze([video()]);
    await clock.advance(2_000);
    expect((await sending).media_ids).toEqual(['m0']);
    expect(ranges().at(-1)).toBe(`*/${SIZE}`);
  });

  test('is sent again after half a minute on a dead connection', async () => {
    const silent = (init?: RequestInit) =>
      new Promise<Response>((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    let isDead = true;
    const fetch: typeof cloud.fetch = async (url, init) => {
      if (String(url).includes('/session/') && isDead) {
        isDead = false;
        return silent(init);
      }
      return cloud.fetch(url, init);
    };
    const sending = client({ fetch }).analyze([video()]);
    await clock.advance(29_000);
    expect(ranges()).toEqual([]);
    await clock.advance(5_000);
    expect((await sending).media_ids).toEqual(['m0']);
  });

  test('after a few kB each time is given up, and what has arrived is not lost', async () => {
    let isCutting = true;
    const fetch: typeof cloud.fetch = async (url, init) => {
      const range = new Headers(init?.headers).get('content-range') ?? '';
      if (!isCutting || !/^bytes \d/.test(range)) return cloud.fetch(url, init);
      cloud.sessions.set('/session/0', (cloud.sessions.get('/session/0') ?? 0) + 4_000);
      throw new TypeError('fetch failed');
    };
    const file = video();
    const sender = client({ fetch });
    const sending = sender.analyze([file]);
    sending.catch(() => undefined);
    await clock.advance(120_000);
    await expect(sending).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('broke off'),
    });
    expect(cloud.sessions.get('/session/0')).toBe(9 * 4_000);
    isCutting = false;
    cloud.log = [];
    expect((await sender.analyze([file])).media_ids).toEqual(['m0']);
    expect(ranges()[1]).toMatch(/^36000-/);
  });

  test('after a few hundred kB each time goes on to the end', async () => {
    let cuts = 0;
    const fetch: typeof cloud.fetch = async (url, init) => {
      const range = new Headers(init?.headers).get('content-range') ?? '';
      const has = cloud.sessions.get('/session/0') ?? 0;
      if (!/^bytes \d/.test(range) || has + 60_000 >= SIZE) return cloud.fetch(url, init);
      cuts++;
      cloud.sessions.set('/session/0', has + 60_000);
      throw new TypeError('fetch failed');
    };
    const sending = client({ fetch }).analyze([video()]);
    await clock.advance(600_000);
    expect((await sending).media_ids).toEqual(['m0']);
    expect(cuts).toBeGreaterThan(9);
  });

  test('is sent again as soon as the network is back', async () => {
    for (let i = 0; i < 8; i++) cloud.faults.push({ on: 'PUT', with: unreachable });
    const sending = client().analyze([video()]);
    for (let i = 0; i < 8; i++) {
      await settle();
      wakeUps.fire('online');
    }
    expect((await sending).media_ids).toEqual(['m0']);
  });
});

test('says what is made of it; a file that broke off is announced anew if something else is wanted', async () => {
  const announced: unknown[] = [];
  let isDown = true;
  const fetch: typeof cloud.fetch = async (url, init) => {
    if (String(url).endsWith('/uploads')) announced.push(JSON.parse(String(init?.body)).analyses);
    if (isDown && init?.method === 'PUT') throw new TypeError('fetch failed');
    return cloud.fetch(url, init);
  };
  const file = video();
  const sender = client({ fetch });
  const sending = sender.analyze([file], { analyses: ['receipt'] });
  sending.catch(() => undefined);
  await clock.advance(600_000);
  await expect(sending).rejects.toMatchObject({ code: 'unavailable' });
  isDown = false;
  await sender.analyze([file], { analyses: ['describe', 'receipt'] });
  expect(announced).toEqual([['receipt'], ['describe', 'receipt']]);
  expect(cloud.keys.size).toBe(2);
});

/** Sends a file whose line breaks behind its first chunk. */
const breakOff = async (file: File) => {
  let isBreaking = true;
  let isDown = false;
  const fetch: typeof cloud.fetch = async (url, init) => {
    if (isDown) throw new TypeError('fetch failed');
    const answer = await cloud.fetch(url, init);
    isDown = isBreaking && (cloud.log.at(-1)?.includes(' bytes 0-') ?? false);
    return answer;
  };
  const sender = client({ fetch });
  const sending = sender.analyze([file]);
  sending.catch(() => undefined);
  await clock.advance(120_000);
  await expect(sending).rejects.toMatchObject({ code: 'unavailable' });
  isBreaking = isDown = false;
  cloud.log = [];
  return sender;
};

test.each([404, 410])(
  'a session that has expired (%i) when its file is sent again is replaced by one of the same media',
  async (code) => {
    const file = video();
    const sender = await breakOff(file);
    cloud.faults.push({ on: 'PUT /session/0 ', with: status(code) });
    expect((await sender.analyze([file])).media_ids).toEqual(['m0']);
    expect(cloud.keys.size).toBe(1);
    expect([...cloud.sessions.values()]).toEqual([CHUNK, SIZE]);
  },
);

test('if a new session ends too, the file fails with an error and leaves no media', async () => {
  cloud.faults.push({ on: 'PUT', with: status(404) });
  await expect(client().analyze([video()])).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('a.mov'),
  });
  await settle();
  expect(cloud.media.size).toBe(0);
});

test('a file that failed goes on where it stopped when it is sent again', async () => {
  const file = video();
  const sender = await breakOff(file);
  expect((await sender.analyze([file])).media_ids).toEqual(['m0']);
  expect(ranges().slice(0, 2)).toEqual([`*/${SIZE}`, `${CHUNK}-${2 * CHUNK - 1}/${SIZE}`]);
  expect(cloud.log).not.toContain('POST /api/media/uploads');
});

test.each([
  ['large', { maxFileBytes: CHUNK }],
  ['small', {}],
])(
  'after a reload, by the notes of the page before it, a %s file goes on where it was',
  async (_, limits) => {
    const notes: SendNotes[] = [];
    let isGone = false;
    const fetch: typeof cloud.fetch = async (url, init) => {
      if (isGone) return new Promise(() => undefined);
      const answer = await cloud.fetch(url, init);
      isGone = cloud.log.at(-1)?.includes(' bytes 0-') ?? false;
      return answer;
    };
    const onNotes = (_index: number, note: SendNotes) => void notes.splice(0, 1, note);
    void client({ fetch }).analyze([video()], { onNotes });
    await settle();
    expect(notes).toMatchObject([{ pieces: { mediaId: 'm0' } }]);
    cloud.log = [];
    const kept = structuredClone(notes);
    const { media_ids } = await client({ limits }).analyze([video()], { notes: kept });
    expect(media_ids).toEqual(['m0']);
    expect(ranges().slice(0, 2)).toEqual([`*/${SIZE}`, `${CHUNK}-${2 * CHUNK - 1}/${SIZE}`]);
    expect(cloud.log).not.toContain('POST /api/media/uploads');
    expect(kept).toEqual(notes);
  },
);

test('a pause stops a piece; afterwards it goes on behind what has arrived', async () => {
  let isHanging = true;
  const fetch: typeof cloud.fetch = async (url, init) => {
    const range = new Headers(init?.headers).get('content-range') ?? '';
    if (!isHanging || !range.startsWith(`bytes ${CHUNK}-`)) return cloud.fetch(url, init);
    return new Promise((_, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  };
  const sender = client({ fetch });
  const sending = sender.analyze([video()]);
  await settle();
  sender.pauseSending();
  isHanging = false;
  cloud.log = [];
  await clock.advance(3_600_000);
  expect(ranges()).toEqual([`*/${SIZE}`]);
  sender.resumeSending();
  expect((await sending).media_ids).toEqual(['m0']);
  expect(ranges()[1]).toBe(`${CHUNK}-${2 * CHUNK - 1}/${SIZE}`);
});

describe('stopped', () => {
  test('while it is sent, its media is removed', async () => {
    const stop = new AbortController();
    const sending = client().analyze([video()], {
      signal: stop.signal,
      onProgress: ({ sent }) => sent > CHUNK && stop.abort(new Error('enough')),
    });
    await expect(sending).rejects.toThrow('enough');
    await settle();
    expect(cloud.media.size).toBe(0);
  });

  test('alone, its media is removed and another one goes on', async () => {
    const stop = new AbortController();
    const answer = await client().analyze([video(), video()], {
      signalOf: (index) => (index === 0 ? stop.signal : undefined),
      onProgress: ({ sentByFile: [first = 0] }) => first > CHUNK && stop.abort(),
    });
    expect(answer).toMatchObject({ media_ids: ['m1'], rejected: [{ index: 0 }] });
    await settle();
    expect([...cloud.media]).toEqual(['m1']);
  });

  test('while it is announced, its media is removed as soon as its id is known', async () => {
    const stop = new AbortController();
    const answer = Promise.withResolvers<void>();
    const fetch: typeof cloud.fetch = async (url, init) => {
      if (String(url).endsWith('/uploads')) await answer.promise;
      return cloud.fetch(url, init);
    };
    const sending = client({ fetch }).analyze([video()], { signal: stop.signal });
    await settle();
    stop.abort(new Error('enough'));
    await expect(sending).rejects.toThrow('enough');
    answer.resolve();
    await settle();
    expect(cloud.log).toEqual(['POST /api/media/uploads', 'DELETE /api/media/m0']);
  });
});

test('one file that is sent twice at the same time becomes two media', async () => {
  const file = video();
  expect((await client().analyze([file, file])).media_ids).toEqual(['m0', 'm1']);
  expect([...cloud.sessions.values()]).toEqual([SIZE, SIZE]);
});

test('a media that is deleted while its file is being sent: the error says so', async () => {
  const sending = client().analyze([video()], { onProgress: () => cloud.media.clear() });
  await expect(sending).rejects.toMatchObject({
    code: 'not_found',
    message: '“a.mov” was removed while it was being sent.',
  });
});

test('a file that the announcement refuses is rejected like any other file', async () => {
  const rejected = [{ index: 0, file_name: 'a.mov', code: 'file_too_large', message: 'No.' }];
  const refusal = problem(413, { code: 'file_too_large', detail: 'Too large.', rejected });
  cloud.faults.push({ on: 'POST /api/media/uploads', with: refusal });
  await expect(client().analyze([video()])).rejects.toMatchObject({ code: 'file_too_large' });
});

test.each([
  ['a.mov', 'video/quicktime', 2048, 'is larger than 2048 MB, the limit for videos'],
  ['a.jpg', 'image/jpeg', 128, 'is larger than 128 MB, the limit for photos'],
])('%s beyond the limit is not even announced', async (name, type, mebibytes, words) => {
  const file = new File([], name, { type });
  Object.defineProperty(file, 'size', { value: mebibytes * MEBIBYTE + 1 });
  await expect(client().analyze([file])).rejects.toMatchObject({
    code: 'file_too_large',
    message: expect.stringContaining(words),
  });
  expect(cloud.log).toEqual([]);
});
