/** Files over slow lines, in simulated time: each arrives, and no request takes longer than the server waits. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createMediaClient } from './client.ts';
import { FakeClock, media, settle } from './testing.ts';

const MEBIBYTE = 1024 * 1024;
const KIBIBYTE = 1024;
const PIECE_BYTES = 64 * KIBIBYTE;
/** The server's `BODY_TOTAL_S`. */
const LONGEST_MS = 420_000;

/** The product at the far end of a line that all requests share, in simulated time. */
class SlowCloud {
  /** How long the body of each request took, in milliseconds, and its bytes. */
  bodies: { ms: number; bytes: number; path: string }[] = [];
  /** Names of the files that arrived in forms. */
  names: string[] = [];
  closed: (string | null)[] = [];
  readonly clock: FakeClock;
  readonly #bytesPerMs: number;
  readonly #sessions = new Map<string, { size: number; has: number }>();
  /** Largest form that a proxy before the service accepts. */
  mostFormBytes = Number.POSITIVE_INFINITY;
  /** When the line is free again. */
  #freeAt = 0;

  constructor(clock: FakeClock, bytesPerSecond: number) {
    this.clock = clock;
    this.#bytesPerMs = bytesPerSecond / 1_000;
  }

  /** Serves the requests that have no files. */
  fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const { pathname } = new URL(String(input), 'http://api.test');
    if (pathname.endsWith('/close')) {
      this.closed.push(new Headers(init.headers).get('idempotency-key'));
      return Response.json({ media_ids: [], media: [], rejected: [] });
    }
    if (pathname.endsWith('/uploads')) return this.#announce(JSON.parse(String(init.body)));
    return Response.json(media(pathname.split('/')[3] ?? ''));
  };

  /** The bytes of all requests share the line, a piece at a time. */
  async send(
    path: string,
    body: FormData | Blob,
    onSent: (bytes: number) => void,
  ): Promise<Response> {
    const files = body instanceof Blob ? [] : (body.getAll('files') as File[]);
    const bytes = body instanceof Blob ? body.size : files.reduce((sum, { size }) => sum + size, 0);
    const begin = this.clock.now();
    for (let sent = 0; sent < bytes; ) {
      const piece = Math.min(PIECE_BYTES, bytes - sent);
      this.#freeAt = Math.max(this.#freeAt, this.clock.now()) + piece / this.#bytesPerMs;
      const ms = this.#freeAt - this.clock.now();
      await new Promise<void>((resolve) => this.clock.after(ms, resolve));
      sent += piece;
      onSent(sent);
      if (this.clock.now() - begin > LONGEST_MS) {
        return Response.json({ code: 'request_timeout', detail: 'Too slow.' }, { status: 408 });
      }
    }
    this.bodies.push({ ms: this.clock.now() - begin, bytes, path });
    if (path.startsWith('/session/')) return this.#take(path, bytes);
    if (bytes > this.mostFormBytes) return new Response('<h1>Too Large</h1>', { status: 413 });
    const names = files.map(({ name }) => name);
    this.names.push(...names);
    const made = names.map((name) => media(name));
    return Response.json({ media_ids: names, media: made, rejected: [] }, { status: 202 });
  }

  #announce({ files: [file] }: { files: { file_name: string; size: number }[] }): Response {
    const session = `/session/${this.#sessions.size}`;
    this.#sessions.set(session, { size: file?.size ?? 0, has: 0 });
    const upload_url = `http://storage.test${session}`;
    const upload = { index: 0, media_id: file?.file_name, upload_url, chunk_size: 8 * MEBIBYTE };
    return Response.json({ uploads: [upload], rejected: [] });
  }

  #take(path: string, bytes: number): Response {
    const session = this.#sessions.get(path) ?? { size: 0, has: 0 };
    session.has += bytes;
    if (session.has === session.size) return Response.json({});
    const headers = { Range: `bytes=0-${session.has - 1}` };
    return new Response(null, { status: 308, headers });
  }
}

/** The part of the browser's class that the client uses. */
class FakeXhr {
  static cloud: SlowCloud;
  upload: { onprogress?: (event: { loaded: number }) => void } = {};
  onload?: () => void;
  status = 0;
  responseText = '';
  #path = '';
  #headers = new Headers();

  open(_method: string, url: string): void {
    this.#path = new URL(url, 'http://api.test').pathname;
  }
  setRequestHeader(): void {}
  abort(): void {}
  getResponseHeader = (name: string) => this.#headers.get(name);

  async send(body: FormData | Blob): Promise<void> {
    const onSent = (loaded: number) => this.upload.onprogress?.({ loaded });
    const answer = await FakeXhr.cloud.send(this.#path, body, onSent);
    this.status = answer.status;
    this.#headers = answer.headers;
    this.responseText = await answer.text();
    this.onload?.();
  }
}

function start(bytesPerSecond: number) {
  const clock = new FakeClock();
  const cloud = new SlowCloud(clock, bytesPerSecond);
  FakeXhr.cloud = cloud;
  const client = createMediaClient({ baseUrl: 'http://api.test', fetch: cloud.fetch, clock });
  return { clock, cloud, client };
}

beforeAll(() => {
  Object.assign(globalThis, { XMLHttpRequest: FakeXhr });
});
afterAll(() => {
  Reflect.deleteProperty(globalThis, 'XMLHttpRequest');
});

const file = (name: string, size: number) =>
  new File([new Uint8Array(size)], name, {
    type: name.endsWith('mov') ? 'video/quicktime' : 'image/jpeg',
  });

/** @returns the accepted ids, and the time it took */
async function send({ clock, client }: ReturnType<typeof start>, files: File[], limitS: number) {
  let ms: number | undefined;
  const sending = client.analyze(files).finally(() => {
    ms = clock.now();
  });
  sending.catch(() => undefined);
  for (let s = 0; s < limitS && ms === undefined; s += 10) await clock.advance(10_000);
  await settle();
  const { media_ids, rejected } = await sending;
  expect(rejected).toEqual([]);
  return { ids: media_ids, seconds: (ms ?? 0) / 1_000 };
}

const longest = (cloud: SlowCloud) => Math.max(...cloud.bodies.map(({ ms }) => ms)) / 1_000;

test('a clip of 30 MiB at 95 kB/s arrives, in requests of a quarter of a minute', async () => {
  const line = start(95_000);
  const { ids, seconds } = await send(line, [file('clip.mov', 30 * MEBIBYTE)], 600);
  expect(ids).toEqual(['clip.mov']);
  expect(seconds).toBeLessThan(340);
  expect(longest(line.cloud)).toBeLessThan(20);
});

test('18 photos of 1.4 MB at 400 kbit/s arrive, each once', async () => {
  const line = start(50_000);
  const names = Array.from({ length: 18 }, (_, n) => `${n}.jpg`);
  const { ids } = await send(
    line,
    names.map((name) => file(name, 1_400_000)),
    900,
  );
  expect(ids).toEqual(names);
  expect(line.cloud.names.toSorted()).toEqual(names.toSorted());
  expect(longest(line.cloud)).toBeLessThan(60);
});

test('requests grow with the line: 40 MiB at 10 MB/s take few', async () => {
  const line = start(10_000_000);
  await send(line, [file('clip.mov', 40 * MEBIBYTE)], 60);
  const sizes = line.cloud.bodies.filter(({ path }) => path.startsWith('/session/'));
  expect(sizes.map(({ bytes }) => bytes / KIBIBYTE)).toEqual([512, 8192, 8192, 8192, 8192, 7680]);
});

test('a photo that takes too long in a form is sent in pieces, and its form is closed first', async () => {
  const line = start(8_000);
  const { ids } = await send(line, [file('large.jpg', 4 * MEBIBYTE)], 2_000);
  expect(ids).toEqual(['large.jpg']);
  expect(line.cloud.names).toEqual([]);
  expect(line.cloud.closed).toHaveLength(1);
  expect(line.cloud.bodies.filter(({ path }) => path.startsWith('/session/'))).toHaveLength(16);
});

test('behind a proxy that takes small bodies only, photos are sent in pieces', async () => {
  const line = start(10_000_000);
  line.cloud.mostFormBytes = MEBIBYTE;
  const { ids } = await send(line, [file('a.jpg', 2 * MEBIBYTE), file('b.jpg', 500_000)], 60);
  expect(ids).toEqual(['a.jpg', 'b.jpg']);
  expect(line.cloud.names).toEqual(['b.jpg']);
});

test('files of many calls go two at a time, in their order', async () => {
  const { clock, cloud, client } = start(100_000);
  const names = Array.from({ length: 10 }, (_, n) => `${n}.jpg`);
  const sending = Promise.all(names.map((name) => client.analyze([file(name, 400_000)])));
  await clock.advance(60_000);
  await sending;
  expect(cloud.names).toEqual(names);
  // One request at a time until the speed is known, then two.
  const seconds = cloud.bodies.map(({ ms }) => Math.round(ms / 1_000));
  expect(seconds[0]).toBe(4);
  expect(Math.max(...seconds)).toBe(8);
});
