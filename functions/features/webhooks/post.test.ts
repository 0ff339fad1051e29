import type { lookup as nodeLookup } from 'node:dns';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { post } from './post.ts';

let server: Server;
let url: string;
let received: { method: string | undefined; body: string; headers: IncomingMessage['headers'] }[];
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  received = [];
  answer = (response) => response.end('ok');
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ method: request.method, body, headers: request.headers });
    answer(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const send = (to = url, more: Partial<Parameters<typeof post>[3]> = {}) =>
  post(to, { 'webhook-id': 'evt_1' }, '{"a":"é"}', {
    loopback: 'allow',
    timeoutMs: 10_000,
    ...more,
  });

/** A lookup that gives another address each time, as a name server of an attacker may do. */
function changing(...addresses: string[]) {
  const asked: string[] = [];
  const look = (name: string, _options: unknown, done: (e: null, found: object[]) => void) => {
    asked.push(name);
    const address = addresses.shift() ?? '';
    done(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };
  return { asked, lookup: look as unknown as typeof nodeLookup };
}

test('what is sent arrives as it is', async () => {
  expect(await send()).toBe(200);
  const [got] = received;
  expect(got).toMatchObject({ method: 'POST', body: '{"a":"é"}' });
  expect(got?.headers).toMatchObject({ 'webhook-id': 'evt_1', 'content-length': '10' });
});

describe('what leads elsewhere', () => {
  test('is not followed: a redirection is an answer like any other', async () => {
    const other = createServer((_request, response) => {
      received.push({ method: 'followed', body: '', headers: {} });
      response.end();
    });
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    for (const status of [301, 302, 303, 307, 308]) {
      answer = (response) =>
        response.writeHead(status, { Location: `http://127.0.0.1:${port}/` }).end();
      expect(await send()).toBe(status);
    }
    other.close();
    expect(received.map(({ method }) => method)).toEqual(Array(5).fill('POST'));
  });

  test.each(['127.0.0.1', '169.254.169.254', '10.0.0.1', '::1', '::ffff:10.0.0.1', '64:ff9b::1'])(
    'a public name whose address is %s gets nothing',
    async (address) => {
      const { lookup } = changing(address);
      const to = 'https://app.example/hook';
      await expect(send(to, { lookup })).rejects.toThrow('refused_address');
      await expect(
        send(to, { lookup: changing(address).lookup, loopback: 'refuse' }),
      ).rejects.toThrow('refused_address');
    },
  );

  test('a name with a public and a private address gets nothing', async () => {
    const both = ((_name: string, _options: unknown, done: (e: null, found: object[]) => void) =>
      done(null, [
        { address: '8.8.8.8', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])) as unknown as typeof nodeLookup;
    await expect(send('https://app.example/', { lookup: both })).rejects.toThrow('refused_address');
  });

  test('a name that changes is looked up once, and the connection goes to what was checked', async () => {
    const { port } = new URL(url);
    // Allowed at the first lookup, and another address at the second.
    const { asked, lookup } = changing('127.0.0.1', '8.8.8.8', '8.8.8.8');
    expect(await send(`http://app.localhost:${port}/hook`, { lookup })).toBe(200);
    expect(asked).toEqual(['app.localhost']);
    // The other way round: a name that is refused gets no second lookup.
    const other = changing('8.8.8.8', '127.0.0.1');
    await expect(
      send(`http://app.localhost:${port}/hook`, { lookup: other.lookup }),
    ).rejects.toThrow('refused_address');
    expect(other.asked).toHaveLength(1);
    expect(received).toHaveLength(1);
  });

  test('an address that was registered by the rules of an earlier time is refused', async () => {
    await expect(send(url, { loopback: 'refuse' })).rejects.toThrow('refused_address');
    expect(received).toEqual([]);
  });
});

describe('a receiver', () => {
  test('that says nothing in time is not waited for', async () => {
    let late: NodeJS.Timeout | undefined;
    answer = (response) => {
      late = setTimeout(() => response.end(), 2_000);
    };
    await expect(send(url, { timeoutMs: 100 })).rejects.toThrow('timeout');
    clearTimeout(late);
  });

  test('that talks without end is cut off, and its status counts', async () => {
    let sent = 0;
    answer = (response) => {
      response.on('error', () => undefined);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(8_192))) sent += 8_192;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    };
    expect(await send()).toBe(200);
    expect(sent).toBeLessThan(16_000_000);
  });

  test('that says 101, as for a web socket, has answered', async () => {
    answer = ({ socket }) => {
      socket?.end('HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    };
    expect(await send()).toBe(101);
  }, 30_000);

  test.each([
    ['goes on without an end', () => undefined],
    ['breaks off', ({ socket }: ServerResponse) => socket?.resetAndDestroy()],
  ])('whose answer %s has said its status', async (_, then) => {
    answer = (response) => response.write('ok', () => then(response));
    expect(await send(url, { timeoutMs: 1_000 })).toBe(200);
  });

  test('that is not there is told in a word', async () => {
    server.close();
    await once(server, 'close');
    await expect(send()).rejects.toThrow('econnrefused');
  });

  test('whose connection breaks is told in a word', async () => {
    answer = (response) => response.destroy();
    await expect(send()).rejects.toThrow('econnreset');
  });

  test('gets no second message by the same connection', async () => {
    const sockets = new Set<unknown>();
    server.on('request', (request) => sockets.add(request.socket));
    await send();
    await send();
    expect(sockets.size).toBe(2);
  });
});

test('an instance that ends does not wait for a receiver', async () => {
  answer = () => undefined;
  const stop = AbortSignal.abort(new Error('SIGTERM'));
  await expect(send(url, { signal: stop })).rejects.not.toThrow('timeout');
});
