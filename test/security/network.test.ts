/** `HOST=… npm start -- --token`: other devices use the product by its token, and nobody gets in without it. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { addressesOf, type Network, newToken, openToNetwork } from '../../local/network.ts';
import { needing } from '../support/needing.ts';
import { client, fetchWhole, photo, type Stack, startStack } from '../support/stack.ts';
import { isHere } from '../support/systems.ts';

/** Another address of this machine, which no browser takes for its own. Only Linux has it without further ado. */
const HOST = '127.0.0.2';
const it = needing('address');

let stack: Stack;
let network: Network;
let url: string;
const token = newToken();
beforeAll(async () => {
  if (!isHere('address')) return;
  stack = await startStack();
  network = await openToNetwork({ ...options(), hosts: [HOST] });
  url = new URL(network.urls[0] ?? '').origin;
});
afterAll(async () => {
  network?.close();
  await stack?.close();
});

function options() {
  const { STORAGE_EMULATOR_HOST: storageUrl = '', MEDIA_BUCKET: mediaBucket = '' } =
    stack.environment;
  return { token, gatewayUrl: stack.url, storageUrl, mediaBucket };
}

const ask = (path: string, init?: RequestInit) =>
  fetchWhole(`${url}${path}`, { redirect: 'manual', ...init });

/** @returns the cookie, as the door has set it */
async function enter(): Promise<string> {
  const answer = await fetch(`${url}/local/enter`, { method: 'POST', body: token });
  expect(answer.status).toBe(204);
  return answer.headers.get('set-cookie') ?? '';
}

it('the address has the token where no browser sends it, and the page that sends it once needs no other', async () => {
  expect(network.urls).toEqual([`${url}/#token=${token}`]);
  expect(token).toHaveLength(43);
  const page = await ask('/');
  expect(page.headers.get('content-security-policy')).toContain("script-src 'sha256-");
  expect(await page.text()).not.toContain(token);
  expect(await enter()).toMatch(/; HttpOnly; SameSite=Strict/);
});

describe('without the token nothing is answered:', () => {
  it.each([
    ['/api/media', {}],
    ['/config.json', {}],
    ['/assets/index.js', {}],
    ['/local/token', { method: 'POST', body: '{"sub":"alice"}' }],
    [`/api/media?token=${token}`, {}],
    ['/api/media', { headers: { Authorization: `Bearer ${newToken()}` } }],
    ['/api/media', { headers: { Cookie: `local_device=${newToken()}` } }],
    ['/local/enter', { method: 'POST', body: newToken() }],
  ])('%s', async (path, init: RequestInit) => {
    const answer = await ask(path, init);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });
});

it('a token of which only a part arrives is not waited for', async () => {
  const hasty = await openToNetwork({ ...options(), hosts: ['127.0.0.3'], tokenMs: 100 });
  try {
    const { host, port, hostname } = new URL(hasty.urls[0] ?? '');
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(`POST /local/enter HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 43\r\n\r\nhalf`);
    // The end of the answer is the end of the connection.
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 .*The token did not arrive in time/s);
  } finally {
    hasty.close();
  }
});

describe('with the token, but', () => {
  /** Bytes as they are: `fetch` writes its own Host. */
  async function raw(...headers: string[]): Promise<string> {
    const socket = connect(Number(new URL(url).port), HOST);
    await once(socket, 'connect');
    const cookie = `Cookie: local_device=${token}`;
    socket.write(
      `GET /api/media HTTP/1.1\r\n${[cookie, 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`,
    );
    return text(socket);
  }

  it('by a name that somebody has pointed here it is not known', async () => {
    expect(await raw('Host: rebound.example')).toMatch(/^HTTP\/1\.1 421 /);
    expect(await raw(`Host: localhost:${new URL(url).port}`)).toMatch(/^HTTP\/1\.1 421 /);
    expect(await raw(`Host: ${new URL(url).host}`)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('from a page of another site it is refused', async () => {
    const { host } = new URL(url);
    expect(await raw(`Host: ${host}`, 'Origin: http://evil.example')).toMatch(/^HTTP\/1\.1 403 /);
  });
});

it('Cloud Storage is reached by signed addresses alone', async () => {
  const [cookie = ''] = (await enter()).split(';');
  const { MEDIA_BUCKET: bucket } = stack.environment;
  const headers = { Cookie: cookie, Authorization: `Bearer ${token}` };
  for (const [method, path] of [
    ['GET', '/storage/v1/b'],
    ['GET', '/b?X-Goog-Signature=1'],
    ['GET', `/${bucket}/../b?X-Goog-Signature=1`],
    ['GET', `/storage/v1/b/${bucket}/o?X-Goog-Signature=1`],
    ['DELETE', `/storage/v1/b/${bucket}`],
    ['PUT', `/${bucket}/x?upload_id=1`],
  ] as const) {
    const answer = await ask(`/local/storage${path}`, { method, headers });
    expect({ path, status: answer.status }).toEqual({ path, status: 403 });
  }
  // Signed, but by nobody.
  const forged = await ask(`/local/storage/${bucket}/x?X-Goog-Signature=1`, { headers });
  expect(forged.status).toBeGreaterThanOrEqual(400);
});

it('a device with the token sends, follows and sees, as the user of this machine', async () => {
  const [cookie = ''] = (await enter()).split(';');
  const device = client({ url }, token);
  const cat = await readFile(photo('18-cat-exif-orientation6.jpg'));
  const file = new File([cat], 'cat.jpg', { type: 'image/jpeg' });
  const { media_ids } = await device.analyze([file]);
  const [media] = await device.results(media_ids);
  expect(media?.status).toBe('completed');
  expect(await client(stack).get(media?.id ?? '')).toMatchObject({ status: 'completed' });

  // As an <img> does, by its cookie.
  const moved = await ask(`/api/media/${media?.id}/content`, { headers: { Cookie: cookie } });
  const location = moved.headers.get('location') ?? '';
  expect(location.startsWith(`${url}/local/storage/`)).toBe(true);
  const content = await fetchWhole(location);
  expect(Buffer.from(await content.arrayBuffer())).toEqual(cat);
  expect(content.headers.get('content-security-policy')).toContain('sandbox');

  // A large file goes to Cloud Storage, by the address that the API has given.
  const large = Buffer.concat([cat, randomBytes(1_000)]);
  const announced = await device.call('/api/media/uploads', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      files: [{ file_name: 'large.jpg', content_type: 'image/jpeg', size: large.length }],
    }),
  });
  const { uploads } = (await announced.json()) as {
    uploads: { media_id: string; upload_url: string }[];
  };
  const { media_id = '', upload_url = '' } = uploads[0] ?? {};
  expect(upload_url.startsWith(`${url}/local/storage/`)).toBe(true);
  expect((await fetchWhole(upload_url, { method: 'PUT', body: large })).status).toBe(200);
  expect((await device.call(`/api/media/${media_id}/uploaded`, { method: 'POST' })).status).toBe(
    202,
  );
  expect((await device.results([media_id]))[0]?.status).toBe('completed');
});

it('0.0.0.0 stands for the addresses in a network, and for none of this machine alone', () => {
  const row = { netmask: '', mac: '', cidr: null };
  const interfaces = {
    lo: [{ ...row, address: '127.0.0.1', family: 'IPv4' as const, internal: true }],
    eth0: [{ ...row, address: '192.168.1.5', family: 'IPv4' as const, internal: false }],
  };
  expect(addressesOf('0.0.0.0', interfaces)).toEqual(['192.168.1.5']);
  expect(addressesOf('192.168.1.5', interfaces)).toEqual(['192.168.1.5']);
});
