/** Addresses that lead to a private network are refused, redirects included. */
import type { lookup as nodeLookup } from 'node:dns';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type DownloadOptions, download } from './download.ts';

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

let server: Server;
let url: string;
let asked: string[];
let respond: Respond;
/** The content of the staging bucket. */
let staged: Map<string, Buffer>;
let known: Set<string>;

beforeEach(async () => {
  asked = [];
  staged = new Map();
  known = new Set();
  respond = (_, response) => {
    response.writeHead(200, { 'Content-Type': 'image/png', ETag: '"1"' }).end('picture');
  };
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    respond(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** Like Cloud Storage: an aborted upload leaves nothing, and no object is overwritten. */
const objects: DownloadOptions['objects'] = {
  stage: async (name: string, bytes: Readable, signal: AbortSignal) => {
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    const content = await Promise.race([buffer(bytes), stopped]);
    signal.throwIfAborted();
    if (staged.has(name)) throw Object.assign(new Error('exists'), { code: 412 });
    staged.set(name, content);
    return { size: content.length, md5: '' };
  },
  stagedSize: async (name) => (typeof name === 'string' ? staged.get(name)?.length : undefined),
  unstage: async (name: string) => void staged.delete(name),
};

const fetchFrom = (address: string, more: Partial<DownloadOptions> = {}) =>
  download(address, {
    objects,
    ownerId: 'alice',
    loopback: 'allow',
    most: 1_000,
    mostToday: 1_000,
    isKnown: async (id) => known.has(id),
    ...more,
  });

/** A lookup that gives another address each time, as a name server of an attacker may do. */
function names(...addresses: string[]): typeof nodeLookup {
  const look = (_name: string, _options: unknown, done: (e: null, found: object[]) => void) => {
    const address = addresses.shift() ?? '';
    done(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };
  return look as unknown as typeof nodeLookup;
}

test('a file is staged as it is, with its name, its type and its size', async () => {
  const fetched = await fetchFrom(`${url}/2026/our%20cat.png?size=full`);
  expect(fetched).toEqual({
    kind: 'staged',
    id: expect.stringMatching(/^[0-9a-f]{40}$/),
    size: 7,
    file_name: 'our cat.png',
    content_type: 'image/png',
  });
  expect([...staged.values()].map(String)).toEqual(['picture']);
});

test('the same version of it is known again, and another one is not', async () => {
  const [first, second] = [await fetchFrom(`${url}/a.png`), await fetchFrom(`${url}/b.png`)];
  const idOf = (fetched: typeof first) => (fetched.kind === 'staged' ? fetched.id : '');
  expect(idOf(second)).not.toBe(idOf(first));
  known.add(idOf(first));
  expect(await fetchFrom(`${url}/a.png`)).toEqual({ kind: 'known' });
  respond = (_, response) => {
    response.writeHead(200, { 'Content-Type': 'image/png', ETag: '"2"' }).end('other');
  };
  expect(await fetchFrom(`${url}/a.png`)).toMatchObject({ kind: 'staged', size: 5 });
});

test('what a step that died has staged is taken as it is', async () => {
  const first = await fetchFrom(`${url}/a.png`);
  expect(await fetchFrom(`${url}/a.png`)).toEqual(first);
  expect(staged.size).toBe(1);
});

describe('what leads to a network of ours is asked for nothing:', () => {
  const REFUSED = [
    'http://images.example/a.png',
    'https://127.0.0.1/a.png',
    'https://[::1]/a.png',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://[::ffff:169.254.169.254]/',
    'https://169.254.169.254/computeMetadata/v1/',
    'https://metadata.google.internal/',
    'https://10.0.0.1/',
    'https://localhost/',
    'https://images.example:22/',
    'https://user:secret@images.example/',
    'ftp://images.example/a.png',
    'file:///etc/passwd',
    'gopher://images.example/',
    'data:image/png;base64,AA',
  ];

  test.each(REFUSED)('%s', async (address) => {
    const fetched = await fetchFrom(address, { loopback: 'refuse', lookup: names('8.8.8.8') });
    expect(fetched).toMatchObject({ kind: 'refused', code: 'invalid_request' });
  });

  /** But for this machine: here it is where the server of the test is. */
  const ELSEWHERE = REFUSED.filter(
    (address) => !/127\.|::1\]|localhost|2130706433|0x7f/.test(address),
  );

  test.each(ELSEWHERE)('a redirection to %s', async (address) => {
    respond = (_, response) => response.writeHead(302, { Location: address }).end();
    // Only public addresses and the server of this test are allowed.
    const fetched = await fetchFrom(`${url}/a.png`, { lookup: names('10.0.0.1') });
    // Refused without a lookup.
    const message: unknown = expect.stringContaining('redirected to an address that');
    expect(fetched).toMatchObject({ kind: 'refused', code: 'invalid_request', message });
    expect(asked).toEqual(['/a.png']);
  });

  test.each(['127.0.0.1', '169.254.169.254', '10.0.0.1', '::1', '::ffff:10.0.0.1', '64:ff9b::1'])(
    'a public name whose address is %s',
    async (address) => {
      const fetched = await fetchFrom('https://images.example/a.png', { lookup: names(address) });
      expect(fetched).toMatchObject({
        kind: 'refused',
        code: 'invalid_request',
        message: expect.stringContaining('not public'),
      });
    },
  );

  test('a name that is public at first, and then is not', async () => {
    const { port } = new URL(url);
    respond = (_, response) => {
      response.writeHead(302, { Location: `http://b.localhost:${port}/b.png` }).end();
    };
    const lookup = names('127.0.0.1', '10.0.0.1');
    const fetched = await fetchFrom(`http://a.localhost:${port}/a.png`, { lookup });
    expect(fetched).toMatchObject({ kind: 'refused', code: 'invalid_request' });
    expect(asked).toEqual(['/a.png']);
  });
});

test('three redirections are followed, also relative ones, and a fourth is not', async () => {
  respond = (request, response) => {
    const n = Number(/\d/.exec(request.url ?? '')?.[0] ?? 0);
    if (n > 0) response.writeHead(307, { Location: `./${n - 1}.png` }).end();
    else response.writeHead(200, { 'Content-Type': 'image/png' }).end('picture');
  };
  expect(await fetchFrom(`${url}/x/3.png`)).toMatchObject({ kind: 'staged' });
  expect(asked).toEqual(['/x/3.png', '/x/2.png', '/x/1.png', '/x/0.png']);
  expect(await fetchFrom(`${url}/x/4.png`)).toMatchObject({ kind: 'refused' });
  expect(asked).toHaveLength(8);
});

describe('what is no file', () => {
  const answered =
    (status: number, headers: Record<string, string> = {}, body = 'picture'): Respond =>
    (_, response) =>
      response.writeHead(status, headers).end(body);
  const PNG = { 'Content-Type': 'image/png' };

  test.each([
    ['another type', answered(200, { 'Content-Type': 'text/html' }), 'unsupported_media_type'],
    [
      'a compressed one',
      answered(200, { ...PNG, 'Content-Encoding': 'gzip' }),
      'unsupported_media_type',
    ],
    ['nothing', answered(200, PNG, ''), 'empty_file'],
    ['more than may be', answered(200, PNG, 'x'.repeat(1_001)), 'file_too_large'],
    ['404', answered(404), 'not_found'],
    ['403', answered(403), 'not_found'],
    ['a redirection to nowhere', answered(302), 'not_found'],
  ])('%s is refused, and leaves nothing', async (_, answer, code) => {
    respond = answer;
    // Without a file extension, the type decides.
    const fetched = await fetchFrom(`${url}/photo`);
    expect(fetched).toMatchObject({ kind: 'refused', code });
    expect(fetched).toMatchObject({ message: expect.stringContaining(`${url}/photo`) });
    expect(staged.size).toBe(0);
  });

  test('more than may be is cut off, although its length is not told', async () => {
    let sent = 0;
    respond = (_, response) => {
      response.writeHead(200, PNG);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(8_192))) sent += 8_192;
        if (!response.destroyed) response.once('drain', more);
      };
      response.on('error', () => undefined);
      more();
    };
    expect(await fetchFrom(`${url}/a.png`)).toMatchObject({
      kind: 'refused',
      code: 'file_too_large',
    });
    expect(sent).toBeLessThan(16_000_000);
    expect(staged.size).toBe(0);
  });

  test('an answer that breaks off is tried again, and leaves nothing', async () => {
    for (const headers of [{ ...PNG, 'Content-Length': '100' }, PNG]) {
      respond = (_, response) => {
        response.writeHead(200, headers).write('pic');
        setImmediate(() => response.destroy());
      };
      expect(await fetchFrom(`${url}/a.png`)).toMatchObject({ kind: 'later', code: 'unavailable' });
    }
    expect(staged.size).toBe(0);
  });

  test.each([408, 429, 500, 503])('%d is tried again', async (status) => {
    respond = answered(status);
    expect(await fetchFrom(`${url}/a.png`)).toMatchObject({ kind: 'later' });
  });

  test('a server that says nothing, or next to nothing, is not waited for', async () => {
    respond = (_, response) => {
      response.writeHead(200, PNG).write('p');
    };
    for (const limit of [{ stallMs: 100 }, { totalMs: 100 }]) {
      expect(await fetchFrom(`${url}/a.png`, limit)).toMatchObject({ kind: 'later' });
    }
    respond = () => undefined;
    expect(await fetchFrom(`${url}/a.png`, { totalMs: 100 })).toMatchObject({ kind: 'later' });
    expect(staged.size).toBe(0);
  });

  test('a server that stops before the end of its headers is not waited for', async () => {
    respond = (request) => request.socket.write('HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n');
    expect(await fetchFrom(`${url}/half.png`, { answerMs: 100, totalMs: 200_000 })).toEqual({
      kind: 'later',
      code: 'unavailable',
      message: `${url}/half.png: The server did not begin to answer within 0.1 s. Try again later, or send the file by an upload.`,
    });
    // Not after a redirect either.
    respond = (request, response) => {
      if (request.url === '/first.png') response.writeHead(302, { Location: '/half.png' }).end();
    };
    const moved = await fetchFrom(`${url}/first.png`, { answerMs: 100, totalMs: 200_000 });
    expect(moved).toMatchObject({ kind: 'later', message: expect.stringContaining('first.png') });
    expect(staged.size).toBe(0);
  });

  test('a server that says 101, as for a web socket, has answered', async () => {
    respond = (_, { socket }) => {
      socket?.end('HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    };
    expect(await fetchFrom(`${url}/a.png`)).toMatchObject({ kind: 'refused', code: 'not_found' });
  }, 30_000);

  test('what its owner may send only tomorrow is not kept', async () => {
    for (const headers of [{ ...PNG, 'Content-Length': '7' }, PNG]) {
      respond = answered(200, headers);
      expect(await fetchFrom(`${url}/a.png`, { mostToday: 6 })).toEqual({ kind: 'tomorrow' });
    }
    expect(staged.size).toBe(0);
  });

  test('a server that is not there is tried again', async () => {
    server.close();
    await once(server, 'close');
    expect(await fetchFrom(`${url}/a.png`)).toMatchObject({ kind: 'later' });
    server.listen(0);
    await once(server, 'listening');
  });
});

test('a Cloud Storage that does not answer is no fault of the file', async () => {
  const broken = {
    ...objects,
    stage: () => Promise.reject(Object.assign(new Error(), { code: 503 })),
  };
  await expect(fetchFrom(`${url}/a.png`, { objects: broken })).rejects.toMatchObject({ code: 503 });
});
