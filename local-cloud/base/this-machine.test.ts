import type { Socket } from 'node:net';
import { expect, test } from '@jest/globals';
import { isForThisMachine, isForThisService, isFromOwnPageOfService } from './this-machine.ts';

const LOOPBACK = '127.0.0.1';
const NETWORK = '172.17.0.2';

const request = (localAddress: string | undefined, host: string, origin?: string) => ({
  headers: { host, ...(origin !== undefined && { origin }) },
  socket: { localAddress } as Socket,
});

test.each([
  // The host name of the request, and whether a service accepts it at its loopback address and in its network.
  ['localhost:8099', true, true],
  ['127.0.0.1:8099', true, true],
  ['127.0.0.2:8099', true, true],
  ['[::1]:8099', true, true],
  ['172.17.0.2:8099', false, true],
  ['cloud:8099', false, true],
  ['host.docker.internal:8099', false, true],
  ['evil.example:8099', false, false],
  ['localhost.evil.example', false, false],
  ['127.0.0.1.evil.example:80', false, false],
  ['internal.evil.example', false, false],
  ['', false, false],
])('a service knows the name "%s" on loopback: %s, in a network: %s', (host, isLocal, isNear) => {
  expect(isForThisMachine(request(LOOPBACK, host))).toBe(isLocal);
  for (const address of [LOOPBACK, '::1', '::ffff:127.0.0.1', undefined]) {
    expect(isForThisService(request(address, host))).toBe(isLocal);
  }
  expect(isForThisService(request(NETWORK, host))).toBe(isNear);
});

test('a page of another origin is refused in a network, too', () => {
  const asked = (origin?: string) => isFromOwnPageOfService(request(NETWORK, 'cloud:8099', origin));
  expect(asked()).toBe(true);
  expect(asked('http://cloud:8099')).toBe(true);
  expect(asked('https://evil.example')).toBe(false);
});
