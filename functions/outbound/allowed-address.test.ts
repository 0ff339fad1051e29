import { describe, expect, test } from '@jest/globals';
import { addressRefusal, isPublicAddress, mayConnect } from './allowed-address.ts';

/** Forbidden addresses in the spellings that a URL allows. */
const REFUSED = [
  // This machine and this network.
  '127.0.0.1',
  '127.255.255.254',
  '0.0.0.0',
  '0.1.2.3',
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.0.1',
  '100.64.0.1',
  '100.127.255.255',
  // Link-local: the metadata servers of the clouds.
  '169.254.169.254',
  '169.254.0.1',
  // For documents, tests, protocols and relays.
  '192.0.0.1',
  '192.0.2.1',
  '192.88.99.1',
  '198.18.0.1',
  '198.51.100.1',
  '203.0.113.1',
  // Multicast, reserved, broadcast.
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  // Other spellings of 127.0.0.1, 10.0.0.1 and 169.254.169.254.
  '2130706433',
  '0x7f.1',
  '0177.0.0.1',
  '127.1',
  '0xa9fea9fe',
  '012.0.0.1',
  // IPv6: nowhere, this machine, this network.
  '[::]',
  '[::1]',
  '[fe80::1]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[fec0::1]',
  '[ff02::1]',
  // IPv4 in IPv6: mapped, compatible, NAT64 (both), Teredo, 6to4.
  '[::ffff:127.0.0.1]',
  '[::ffff:169.254.169.254]',
  '[::ffff:8.8.8.8]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::a00:1]',
  '[2001:0:7f00:1::]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  // For documents and tests, discarded, segment routing.
  '[2001:db8::1]',
  '[3fff::1]',
  '[2001:2::1]',
  '[100::1]',
  '[5f00::1]',
  // Names of this machine and this network.
  'localhost',
  'LOCALHOST.',
  'a.localhost',
  'metadata',
  'metadata.google.internal',
  'metadata.google.internal.',
  'printer.local',
  'nas.home.arpa',
];

test.each(REFUSED)('no webhook goes to https://%s/', (host) => {
  expect(addressRefusal(`https://${host}/hooks`, 'refuse')).toBe('must lead to a public address');
});

test('there are more than forty of them', () => {
  expect(new Set(REFUSED).size).toBeGreaterThan(40);
});

test.each([
  'https://app.example/hooks',
  'https://app.example:8443/hooks?a=b',
  'https://8.8.8.8/',
  'https://[2606:4700::1111]/',
  'https://172.32.0.1/',
  'https://100.128.0.1/',
])('a webhook may go to %s', (url) => {
  expect(addressRefusal(url, 'refuse')).toBeUndefined();
});

test.each([
  ['http://app.example/', 'must begin with https://'],
  ['ftp://app.example/', 'must begin with https://'],
  ['file:///etc/passwd', 'must begin with https://'],
  ['gopher://app.example/', 'must begin with https://'],
  ['https://app.example:22/', 'must have the port 443 or 8443'],
  ['https://app.example:80/', 'must have the port 443 or 8443'],
  ['https://user:pass@app.example/', 'must have no user name and no password in it'],
  ['https://app.example@10.0.0.1/', 'must have no user name and no password in it'],
  ['https://app.example/#part', 'must have no part after "#"'],
  ['app.example', 'is no address such as https://app.example/hooks'],
  ['https://', 'is no address such as https://app.example/hooks'],
])('%s %s', (url, why) => {
  expect(addressRefusal(url, 'refuse')).toBe(why);
});

describe('where the local cloud allows this machine', () => {
  test.each(['http://localhost:8080/a', 'http://127.0.0.1:3000/', 'https://[::1]:9/'])(
    '%s is allowed',
    (url) => {
      expect(addressRefusal(url, 'allow')).toBeUndefined();
      expect(addressRefusal(url, 'refuse')).toBeDefined();
    },
  );

  test.each(['http://192.168.0.1/', 'https://10.0.0.1/', 'http://app.example/', 'http://nas/'])(
    '%s is not',
    (url) => {
      expect(addressRefusal(url, 'allow')).toBeDefined();
    },
  );

  test('a public name does not lead to this machine', () => {
    const url = new URL('https://app.example/');
    expect(mayConnect(url, '127.0.0.1', 'allow')).toBe(false);
    expect(mayConnect(url, '8.8.8.8', 'allow')).toBe(true);
    expect(mayConnect(new URL('http://localhost/'), '::1', 'allow')).toBe(true);
    expect(mayConnect(new URL('http://localhost/'), '::1', 'refuse')).toBe(false);
  });
});

test.each(['fe80::1%eth0', '2606:4700::1%eth0', '', 'app.example', '1.2.3'])(
  '"%s" is no public address',
  (address) => {
    expect(isPublicAddress(address)).toBe(false);
  },
);
