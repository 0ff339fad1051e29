/** One case: the bytes of an HTTP request, and what may become of it. */
import { anyForm } from './multipart.ts';
import { createRandom, type Random } from './random.ts';
import { anyText, corrupt } from './text.ts';

export interface Case {
  kind: string;
  /** Sent one after the other. */
  chunks: Buffer[];
  /** The only status that is right, if there is only one. */
  expected: number | undefined;
  /** Whether the request is whole, so that an answer must come. */
  isWhole: boolean;
}

interface Request {
  kind: string;
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: Buffer;
  expected?: number;
}

export function caseOf(seed: number, index: number): Case {
  // Neighbouring seeds of this generator begin alike; a large odd step keeps them apart.
  const random = createRandom(seed + Math.imul(index, 0x9e3779b1));
  const request = anyRequest(random);
  const wire = toWire(request, random);
  const bendsHead = request.expected === undefined && random.chance(0.05);
  const sent = bendsHead ? corrupt(wire, random) : wire;
  const isCut = request.expected === undefined && random.chance(0.05);
  const bytes = isCut ? sent.subarray(0, random.int(sent.length + 1)) : sent;
  return {
    kind: bendsHead || isCut ? 'broken HTTP' : request.kind,
    chunks: inPieces(bytes, random),
    expected: request.expected,
    isWhole: !bendsHead && !isCut,
  };
}

function anyRequest(random: Random): Request {
  const roll = random.next();
  if (roll < 0.55) return formRequest(random);
  if (roll < 0.62) return announcement(random);
  if (roll < 0.78) return readRequest(random);
  if (roll < 0.94) return taskRequest(random);
  return streamRequest(random);
}

function formRequest(random: Random): Request {
  const { contentType, body, isSound } = anyForm(random);
  const repeats = !isSound && random.chance(0.1);
  return {
    kind: 'form',
    method: 'POST',
    path: isSound || random.chance(0.7) ? '/api/agent/analyze-media' : '/api/media',
    headers: {
      ...(contentType !== undefined && { 'Content-Type': contentType }),
      ...(repeats && { 'Idempotency-Key': `key ${random.int(20)}` }),
    },
    body,
    ...(isSound && { expected: 202 }),
  };
}

/** Of files too large for a form; without a key, for one that is repeated gets another session. */
function announcement(random: Random): Request {
  const isSound = random.chance(0.2);
  const text = () => JSON.stringify(anyText(random));
  const size = () =>
    random.pick(['0', '1', '-1', '0.5', '1e3', '1e21', '9007199254740993', '"1"', 'null']);
  const file = () =>
    isSound
      ? `{"file_name":"a.mov","content_type":"video/quicktime","size":${1 + random.int(1_000)}}`
      : `{"file_name":${text()},"content_type":${text()},"size":${size()}}`;
  const files = Array.from({ length: isSound ? 1 : random.int(12) }, file);
  const rest = random.pick(['', `,"analyze":${text()}`, `,"language":${text()}`, `,${text()}:1`]);
  const body = Buffer.from(
    isSound || random.chance(0.7)
      ? `{"files":[${files}]${isSound ? '' : rest}}`
      : anyJson(random, 0),
  );
  return {
    kind: 'announcement',
    method: 'POST',
    path: '/api/media/uploads',
    headers: { 'Content-Type': 'application/json' },
    body: !isSound && random.chance(0.3) ? corrupt(body, random) : body,
  };
}

function readRequest(random: Random): Request {
  const text = () => encode(anyText(random), random);
  const id = () => (random.chance(0.5) ? 'abcdefghijklmnopqrst' : text());
  const token = () =>
    Buffer.from(
      random.pick([
        '1.2.a',
        '99999999999.1.a',
        '999999999999.1.a',
        '1.1.__a__',
        '-1.0.x',
        anyText(random),
      ]),
    ).toString('base64url');
  const path = random.pick<() => string>([
    () => `/api/media?limit=${text()}&page_token=${text()}`,
    () => `/api/media?limit=2&page_token=${token()}`,
    () => `/api/media?ids=${Array.from({ length: random.int(120) }, id)}`,
    () => `/api/media/${id()}`,
    () => `/api/media/${id()}/${random.pick(['content', 'preview', 'retry', 'uploaded', text()])}`,
    () => `/api/usage?month=${random.pick(['2026-11', '9999-12', '0000-01', text()])}`,
    () => `/${text()}`,
    () => `//${text()}/api/media`,
    () => `/api/media?${text()}=${text()}`,
  ])();
  const method = random.pick(['GET', 'GET', 'GET', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PUT']);
  const headers = random.chance(0.2) ? { traceparent: text(), Origin: text() } : {};
  return { kind: 'read', method, path, headers };
}

function taskRequest(random: Random): Request {
  const text = anyJson(random, 0);
  const body = Buffer.from(text);
  return {
    kind: 'JSON',
    method: 'POST',
    path: random.pick(['/tasks/upload-media', '/tasks/analyze-media']),
    headers: { 'Content-Type': 'application/json' },
    body: random.chance(0.3) ? corrupt(body, random) : body,
  };
}

function anyJson(random: Random, depth: number): string {
  const value = () => (depth > 5 ? '1' : anyJson(random, depth + 1));
  return random.pick<() => string>([
    () => `{"media_id":"abc","attempt":${random.int(5)}}`,
    () => `{"media_id":${value()},"attempt":${value()}}`,
    () => `{${JSON.stringify(anyText(random))}:${value()}}`,
    () => `[${Array.from({ length: random.int(4) }, value)}]`,
    () => '['.repeat(random.int(20_000)),
    () => JSON.stringify(anyText(random)),
    () => random.pick(['null', 'true', '1e999', '-0', '', '"\\ud800"', 'NaN', '{"a":1,"a":2}']),
    () => `"${'a'.repeat(random.int(100_000))}"`,
  ])();
}

function streamRequest(random: Random): Request {
  const text = () => encode(anyText(random), random);
  const ids = Array.from({ length: random.int(110) }, () => text());
  const lastEventId = random.pick([{}, { 'Last-Event-ID': 'done' }, { 'Last-Event-ID': text() }]);
  return {
    kind: 'stream',
    method: 'GET',
    path: random.pick([
      `/api/agent/analyze-media/stream?ids=${ids}`,
      `/api/media/${text()}/stream`,
      `/api/media/stream?since=${text()}`,
    ]),
    headers: lastEventId as Record<string, string>,
  };
}

/** Mostly as a client would; now and then as it stands, in so far as a request line can hold it. */
function encode(text: string, random: Random): string {
  if (random.chance(0.8)) return encodeURIComponent(text.toWellFormed());
  return text.replace(/[^\x21-\x7e]/g, '');
}

function toWire({ method, path, headers = {}, body }: Request, random: Random): Buffer {
  const isChunked = body !== undefined && random.chance(0.3);
  const length = isChunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body?.length ?? 0}`;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    length,
    ...lines,
  ];
  const start = Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1');
  if (!body) return start;
  return Buffer.concat([start, isChunked ? inChunks(body, random) : body]);
}

function inChunks(body: Buffer, random: Random): Buffer {
  const frames = inPieces(body, random)
    .filter(({ length }) => length > 0)
    .map((piece) => Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, CRLF]));
  return Buffer.concat([...frames, Buffer.from('0\r\n\r\n')]);
}

const CRLF = Buffer.from('\r\n');

function inPieces(bytes: Buffer, random: Random): Buffer[] {
  const cuts = Array.from({ length: random.int(4) }, () => random.int(bytes.length + 1));
  const ends = [...cuts, bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}
