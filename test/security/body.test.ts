/** Bodies made to hurt: each ends soon, with a reason, and holds nothing once it is over. */
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { AppError } from '@media-analysis/shared/errors';
import { pino } from 'pino';
import { createRouter } from '../../functions/http/router.ts';
import { unitCommand } from '../../local/base/units.ts';
import { Instance } from '../../local/front/instance.ts';
import { currentBuild } from '../support/build.ts';
import { cpuYardstick } from '../support/cpu-yardstick.ts';
import { orHang } from '../support/hang-limit.ts';
import { type LoneUnit, startLoneUnit, TASKS_ACCOUNT, WORKER_URL } from '../support/lone-unit.ts';
import { shortened } from '../support/long-test.ts';
import { eventually, file, form, type Stack, startStack, tokenOf } from '../support/stack.ts';
import { isHere } from '../support/systems.ts';

const MEGABYTE = 1_000_000;
const HEAD =
  'POST /api/agent/analyze-media HTTP/1.1\r\nHost: localhost\r\n' +
  'Content-Type: multipart/form-data; boundary=xyz\r\nTransfer-Encoding: chunked\r\n\r\n';
const PART =
  '--xyz\r\nContent-Disposition: form-data; name="files"; filename="a.png"\r\n' +
  'Content-Type: image/png\r\n\r\n';

let stack: Stack;
let apiUrl: string;
let token: string;
beforeAll(async () => {
  // One upload at a time: one that was never given up would show as 429. What is sent here is never too slow for us,
  // however busy the machine.
  const environment = { BODY_STALL_S: '300', BODY_TOTAL_S: '300', MAX_UPLOADS_IN_FLIGHT: '1' };
  stack = await startStack({ environment });
  apiUrl = `http://127.0.0.1:${await stack.units.api.listening()}`;
  token = await tokenOf(stack, 'alice');
  await postPicture();
});
afterAll(() => stack.close());

function residentMegabytes(pid: number | undefined): number {
  const kilobytes = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return (Number(kilobytes) * 1_024) / MEGABYTE;
}

/** Of processor time, in seconds: what a process has worked, however many others work beside it. */
function cpuSeconds(pid: number | undefined): number {
  const time = execFileSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' });
  return time.split(/[:-]/).reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** Another api of the same stack, with settings of its own. */
async function startApi(settings: Record<string, string>) {
  const environment = { ...stack.environment, LOG_LEVEL: 'silent', ...settings };
  const command = unitCommand('api', await currentBuild());
  const instance = new Instance({ command, environment });
  const port = await instance.listening();
  return { port, url: `http://127.0.0.1:${port}`, stop: () => instance.stop() };
}

/** Straight to the unit: what stands before it in the cloud has limits of its own. */
async function post(body: string | FormData, { url = apiUrl, boundary = 'boundary=xyz' } = {}) {
  const response = await fetch(`${url}/api/agent/analyze-media`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      ...(typeof body === 'string' && { 'Content-Type': `multipart/form-data; ${boundary}` }),
    },
    body,
  });
  const answer = (await response.json()) as { code?: string };
  return { status: response.status, code: answer.code };
}

async function postPicture(url = apiUrl): Promise<void> {
  expect(await post(form([await file('02-cat.png')]), { url })).toMatchObject({ status: 202 });
}

async function stagedObjects(): Promise<number> {
  const { STORAGE_EMULATOR_HOST: storage, STAGING_BUCKET: bucket } = stack.environment;
  const response = await fetch(`${storage}/storage/v1/b/${bucket}/o`);
  return ((await response.json()) as { items?: unknown[] }).items?.length ?? 0;
}

/** A connection whose answer is gathered as it comes. */
function dial(port: number) {
  const socket: Socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk;
  });
  // Being cut off while writing is one of the ends that are wanted here.
  socket.on('error', () => undefined);
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(answer)));
  return { socket, closed, answer: () => answer };
}

describe('a form', () => {
  let before: number;
  beforeAll(() => {
    if (isHere('ps')) before = residentMegabytes(stack.units.api.pid);
  });
  afterEach(async () => {
    if (isHere('ps')) {
      expect(residentMegabytes(stack.units.api.pid) - before).toBeLessThan(80);
    }
    await eventually(async () => ((await stagedObjects()) === 0 ? true : undefined));
    await postPicture();
    await eventually(async () => ((await stagedObjects()) === 0 ? true : undefined));
  });

  const field = '--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n';
  const nameless = '--xyz\r\nX: y\r\n\r\nb\r\n';
  test.each<[string, string, string]>(
    shortened(
      [
        ['thousands of fields', field.repeat(20_000), 'invalid_request'],
        ['more fields than a form has', `${field.repeat(21)}--xyz--\r\n`, 'invalid_request'],
        ['thousands of parts that are nothing', nameless.repeat(100_000), 'invalid_request'],
        ['thousands of files', `${PART}x\r\n`.repeat(20_000), 'too_many_files'],
        [
          'a field without end',
          `--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n${'b'.repeat(20 * MEGABYTE)}\r\n--xyz--\r\n`,
          'invalid_request',
        ],
        ['a header without end', `--xyz\r\nA: ${'b'.repeat(20 * MEGABYTE)}`, 'malformed_body'],
        [
          'thousands of headers',
          `--xyz\r\n${'A: b\r\n'.repeat(MEGABYTE)}\r\nx\r\n--xyz--\r\n`,
          'malformed_body',
        ],
        [
          'control characters without end where a header should be',
          `--xyz\r\n${'\u0001'.repeat(5 * MEGABYTE)}`,
          'malformed_body',
        ],
        [
          'line breaks that never become a boundary',
          '\r\n--xy'.repeat(4 * MEGABYTE),
          'malformed_body',
        ],
      ],
      5,
    ),
  )('of %s is refused for little work', async (_title, body, code) => {
    const { pid } = stack.units.api;
    const worked = cpuSeconds(pid);
    const answer = await post(body);
    expect(answer).toMatchObject({ code });
    expect(answer.status).toBeLessThan(500);
    expect(cpuSeconds(pid) - worked).toBeLessThan(50 * cpuYardstick());
  });

  test('that was refused is read to its end, so that its connection can go on', async () => {
    const { socket, closed, answer } = dial(await stack.units.api.listening());
    const body = `--xyz\r\n${'\u0001'.repeat(5 * MEGABYTE)}`;
    socket.write(
      'POST /api/agent/analyze-media HTTP/1.1\r\nHost: localhost\r\n' +
        `Authorization: Bearer ${token}\r\nContent-Length: ${body.length}\r\n` +
        `Content-Type: multipart/form-data; boundary=xyz\r\n\r\n${body}` +
        'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n',
    );
    await eventually(async () => (answer().includes('HTTP/1.1 200 ') ? true : undefined));
    expect(answer()).toMatch(/^HTTP\/1\.1 400 /);
    socket.destroy();
    await closed;
  });

  test('with text that its parser cannot decode safely leaves the unit whole', async () => {
    const { pid } = stack.units.api;
    // An odd number of bytes, at odd and even addresses, of the sizes that fill a block of the heap.
    for (let length = 25; length < 1_000; length += 16) {
      const field = (name: string) =>
        `--xyz\r\nContent-Disposition: form-data; name="${name}"\r\n` +
        `Content-Type: text/plain; charset=utf-16le\r\n\r\n${'a'.repeat(length)}\r\n`;
      const names = Array.from({ length: 16 }, (_, i) => 'a'.repeat(i + 1));
      expect(await post(`${names.map(field).join('')}--xyz--\r\n`)).toMatchObject({ status: 400 });
    }
    expect(stack.units.api.pid).toBe(pid);
  });

  const bent: [string, (part: string) => string, string?][] = [
    ['in a folded line', (part: string) => `--xyz\r\n${part.replace('plain; ', 'plain;\r\n\t')}`],
    [
      'behind a delimiter inside a header',
      (part: string) => `--xyz\r\nA: b\r\n--xyz\r\nC: d\r\n\r\n\r\n${part}`,
    ],
    [
      'behind another boundary',
      (part: string) => `--xyz\r\n${part}`,
      'xboundary=abc; boundary=xyz',
    ],
  ];
  test.each(shortened(bent, 2))(
    'with such text %s leaves the unit whole',
    async (_where, bend, boundary = 'boundary=xyz') => {
      const { pid } = stack.units.api;
      for (let length = 25; length < 1_000; length += 16) {
        const parts = Array.from({ length: 16 }, (_, i) => {
          const name = 'a'.repeat(i + 1);
          return bend(
            `Content-Disposition: form-data; name="${name}"\r\n` +
              `Content-Type: text/plain; charset=utf-16le\r\n\r\n${'a'.repeat(length)}\r\n`,
          );
        });
        const answer = await post(`${parts.join('')}--xyz--\r\n`, { boundary });
        expect(answer).toMatchObject({ status: 400 });
      }
      expect(stack.units.api.pid).toBe(pid);
    },
  );

  test('whose delimiter shares the end of a header, and that comes byte by byte, leaves the unit whole', async () => {
    const { pid } = stack.units.api;
    const { socket, closed, answer } = dial(await stack.units.api.listening());
    const body =
      '--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\n--xyz\r\n\r\nn:a"\r\n--xyz--\r\n';
    socket.write(HEAD.replace('Host:', `Authorization: Bearer ${token}\r\nHost:`));
    for (const byte of body) socket.write(`1\r\n${byte}\r\n`);
    socket.write('0\r\n\r\n');
    await eventually(async () => (answer() === '' ? undefined : true));
    expect(answer()).toMatch(/^HTTP\/1\.1 400 /);
    expect(stack.units.api.pid).toBe(pid);
    socket.destroy();
    await closed;
  });

  test('that stops in the middle of a file ends with 408, and leaves neither bytes nor a slot', async () => {
    const api = await startApi({ BODY_STALL_S: '1' });
    const { socket, closed, answer } = dial(api.port);
    socket.write(HEAD.replace('Host:', `Authorization: Bearer ${token}\r\nHost:`));
    socket.write(`${PART.length.toString(16)}\r\n${PART}\r\n3\r\nabc\r\n`);
    await eventually(async () => (answer() === '' ? undefined : true));
    expect(answer()).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer()).toContain('request_timeout');
    // Not by the limit for the whole body, which ends a form that only trickles.
    expect(answer()).toContain('stopped arriving');
    socket.destroy();
    await closed;
    await postPicture(api.url);
    await api.stop();
  });
});

/** One piece every quarter of a second, for as long as anybody listens. */
async function trickle(port: number, pieces: Iterable<string>): Promise<string> {
  const { socket, answer, closed } = dial(port);
  socket.write(HEAD.replace('Host:', `Authorization: Bearer ${token}\r\nHost:`));
  for (const piece of pieces) {
    if (answer() !== '') break;
    socket.write(`${piece.length.toString(16)}\r\n${piece}\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  socket.write('0\r\n\r\n');
  await eventually(async () => (answer() === '' ? undefined : true));
  socket.destroy();
  await closed;
  return answer();
}

test('a sender that is slower than we are is waited for, and one that only trickles not for ever', async () => {
  const strict = await startApi({ BODY_TOTAL_S: '2' });
  const [slow, endless] = await Promise.all([
    trickle(await stack.units.api.listening(), [PART, ...'abcdef', '\r\n--xyz--\r\n']),
    trickle(strict.port, [PART, ...'a'.repeat(60)]),
  ]);
  await strict.stop();
  expect(slow).toMatch(/^HTTP\/1\.1 202 /);
  expect(endless).toMatch(/^HTTP\/1\.1 408 /);
  expect(endless).toContain('The body took more than 2 s.');
});

test('headers beyond 16 KB are refused before anything is read', async () => {
  for (const unit of [stack.units.api, stack.units.worker, stack.units.stream]) {
    const { socket, closed } = dial(await unit.listening());
    socket.write(`GET /health HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`);
    expect(await closed).toMatch(/^HTTP\/1\.1 431 /);
  }
});

test('a sender that goes on after it was refused is cut off', async () => {
  const handler = createRouter({
    routes: [
      {
        method: 'POST',
        path: '/refused',
        handle: () => Promise.reject(new AppError('body_too_large', 'No.')),
      },
    ],
    logger: pino({ level: 'silent' }),
    project: 'p',
    allowedOrigins: [],
    lingerMs: 100,
  });
  const server = createServer((request, response) => void handler(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { socket, closed } = dial((server.address() as AddressInfo).port);
  socket.write('POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
  const sending = setInterval(() => socket.writable && socket.write('a'), 10);
  try {
    expect(await orHang(closed, 'the end of the connection')).toMatch(/^HTTP\/1\.1 413 /);
  } finally {
    clearInterval(sending);
    socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('JSON', () => {
  let worker: LoneUnit;
  beforeAll(async () => {
    worker = await startLoneUnit('worker');
  });
  afterAll(() => worker.close());

  test.each<[string, string, number]>([
    ['a thousand levels deep', '['.repeat(30_000) + ']'.repeat(30_000), 400],
    ['that only begins', '{"a":'.repeat(10_000), 400],
    ['of too many bytes', JSON.stringify('a'.repeat(100_000)), 413],
    ['of far too many bytes', JSON.stringify('a'.repeat(20 * MEGABYTE)), 413],
    ['with a prototype', '{"__proto__":{"media_id":"a"},"attempt":1}', 400],
    ['with more than was asked for', '{"media_id":"a","attempt":1,"owner_id":"b"}', 400],
    ['with a path for an id', '{"media_id":"../a","attempt":1}', 400],
  ])('%s is refused', async (_title, body, status) => {
    const token = await worker.identity.sign({
      sub: '1',
      audience: WORKER_URL,
      email: TASKS_ACCOUNT,
    });
    const response = await fetch(`${worker.url}/tasks/upload-media`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body,
    });
    expect(response.status).toBe(status);
    expect((await fetch(`${worker.url}/health`)).status).toBe(200);
  });
});
