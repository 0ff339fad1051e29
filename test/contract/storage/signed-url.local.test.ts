// Local only: no other storage knows the key these tests sign with, or the clock they turn.
import { createHash, createSign, generateKeyPairSync } from 'node:crypto';
import type { Bucket, GetSignedUrlConfig } from '@google-cloud/storage';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { clientFor, openTestStorage, SIGNER, type TestStorage } from '../../support/storage.ts';

let elapsed = 0;
let storage: TestStorage;
let bucket: Bucket;
beforeAll(async () => {
  storage = await openTestStorage(() => Date.now() + elapsed);
  bucket = await storage.createBucket({
    cors: [{ origin: ['https://app.test'], method: ['GET'] }],
  });
  await bucket.file('photo.jpg').save('pixels', { metadata: { metadata: { owner: 'a' } } });
});
afterAll(() => storage.close());

const HOUR = 60 * 60 * 1000;
async function sign(config: Partial<GetSignedUrlConfig>, name = 'photo.jpg'): Promise<string> {
  const whole = { version: 'v4', action: 'read', expires: Date.now() + HOUR, ...config } as const;
  const [url] = await bucket.file(name).getSignedUrl(whole);
  return url;
}

/** What the documentation says a signer does, apart from Google's code. */
function signByHand(method: string, name: string): string {
  const { host } = new URL(storage.endpoint);
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const scope = `${date.slice(0, 8)}/auto/storage/goog4_request`;
  const query = [
    'X-Goog-Algorithm=GOOG4-RSA-SHA256',
    `X-Goog-Credential=${encodeURIComponent(`${SIGNER.client_email}/${scope}`)}`,
    `X-Goog-Date=${date}`,
    'X-Goog-Expires=60',
    'X-Goog-SignedHeaders=host',
  ].join('&');
  const path = `/${bucket.name}/${name}`;
  const canonical = [method, path, query, `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD'];
  const hash = createHash('sha256').update(canonical.join('\n')).digest('hex');
  const signature = createSign('RSA-SHA256')
    .update(['GOOG4-RSA-SHA256', date, scope, hash].join('\n'))
    .sign(SIGNER.private_key, 'hex');
  return `${storage.endpoint}${path}?${query}&X-Goog-Signature=${signature}`;
}

async function refusalOf(url: string, init?: RequestInit): Promise<[number, string | undefined]> {
  const response = await fetch(url, init);
  expect(response.headers.get('content-type')).toMatch(/^application\/xml/);
  return [response.status, /<Code>(\w+)<\/Code>/.exec(await response.text())?.[1]];
}

describe('reading', () => {
  test('a signed URL points at this server and reads the object', async () => {
    const url = await sign({});
    expect(new URL(url).origin).toBe(storage.endpoint);
    const response = await fetch(url, { headers: { origin: 'https://app.test' } });
    expect(await response.text()).toBe('pixels');
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-goog-meta-owner')).toBe('a');
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.test');
  });

  test('type and disposition are those that were signed', async () => {
    const responseDisposition = 'attachment; filename="a b.jpg"';
    const url = await sign({ responseDisposition, responseType: 'image/x-test' });
    const { headers } = await fetch(url);
    expect(headers.get('content-disposition')).toBe(responseDisposition);
    expect(headers.get('content-type')).toBe('image/x-test');
  });

  test('a range of the object may be read', async () => {
    const part = await fetch(await sign({}), { headers: { range: 'bytes=1-2' } });
    expect([part.status, await part.text()]).toEqual([206, 'ix']);
  });

  test('HEAD has a signature of its own, and a host may be signed with its port', async () => {
    const head = await fetch(signByHand('HEAD', 'photo.jpg'), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '6']);
    expect((await fetch(await sign({}), { method: 'HEAD' })).status).toBe(403);
  });

  test.each(['ü/日本 語.txt', "a+b&c=d'(1)!*.txt", 'a//b', '%2F'])(
    '%j can be signed',
    async (name) => {
      await bucket.file(name).save(name);
      expect(await (await fetch(await sign({}, name))).text()).toBe(name);
    },
  );

  test('a missing object is not found', async () => {
    expect(await refusalOf(await sign({}, 'missing'))).toEqual([404, 'NoSuchKey']);
  });
});

describe('refusing', () => {
  test('nobody reads without a signature', async () => {
    const url = `${storage.endpoint}/${bucket.name}/photo.jpg`;
    expect(await refusalOf(url)).toEqual([403, 'AccessDenied']);
    expect(await refusalOf(url, { method: 'DELETE' })).toEqual([403, 'AccessDenied']);
    expect(await bucket.file('photo.jpg').isPublic()).toEqual([false]);
  });

  test.each<[string, (url: string) => string]>([
    ['another object', (url) => url.replace('photo.jpg', 'photo2.jpg')],
    ['another bucket', (url) => url.replace('/test-', '/text-')],
    ['a longer life', (url) => url.replace(/(X-Goog-Expires=\d+)/, '$10')],
    ['another date', (url) => url.replace(/\dZ(?=&)/, (end) => `${(Number(end[0]) + 1) % 10}Z`)],
    ['one more parameter', (url) => `${url}&response-content-type=text%2Fhtml`],
    ['another signature', (url) => url.replace(/.{4}$/, 'abcd')],
    ['no signature', (url) => url.replace(/(X-Goog-Signature=).*$/, '$100')],
    ['another signer', (url) => url.replace('signer%40', 'other%40')],
  ])('a URL changed to %s is worthless', async (_, change) => {
    await bucket.file('photo2.jpg').save('private');
    const signed = await sign({});
    const url = change(signed);
    expect(url).not.toBe(signed);
    expect(await refusalOf(url)).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test('the signature of another key in the name of the signer is worthless', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const impostor = { ...SIGNER, private_key };
    const [url] = await clientFor(storage.endpoint, impostor)
      .bucket(bucket.name)
      .file('photo.jpg')
      .getSignedUrl({ version: 'v4', action: 'read', expires: Date.now() + HOUR });
    expect(await refusalOf(url)).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test('a URL to read does not write or delete', async () => {
    const url = await sign({});
    for (const method of ['PUT', 'DELETE']) {
      expect(await refusalOf(url, { method })).toEqual([403, 'SignatureDoesNotMatch']);
    }
    expect((await bucket.file('photo.jpg').download()).toString()).toBe('pixels');
  });

  test('a URL works until it expires, and not before it is valid', async () => {
    const url = await sign({});
    const later = await sign({ accessibleAt: Date.now() + HOUR / 2 });
    expect(await refusalOf(later)).toEqual([403, 'AccessDenied']);
    elapsed = HOUR - 5000;
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(later)).status).toBe(200);
    elapsed = HOUR + 5000;
    expect(await refusalOf(url)).toEqual([400, 'ExpiredToken']);
    elapsed = 0;
  });

  test.each(['Algorithm', 'Credential', 'Date', 'Expires', 'SignedHeaders'])(
    'a URL without X-Goog-%s makes no sense',
    async (parameter) => {
      const url = (await sign({})).replace(new RegExp(`X-Goog-${parameter}=[^&]*&?`), '');
      expect(await refusalOf(url)).toEqual([400, 'InvalidArgument']);
    },
  );

  test('a life of more than a week makes no sense', async () => {
    const url = (await sign({})).replace(/X-Goog-Expires=\d+/, 'X-Goog-Expires=604801');
    expect(await refusalOf(url)).toEqual([400, 'InvalidArgument']);
  });
});

describe('writing', () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  test('a signed PUT stores what it brings, of the type that was signed', async () => {
    const url = await sign(
      {
        action: 'write',
        contentType: 'text/x-test',
        extensionHeaders: { 'x-goog-meta-by': 'me', 'x-goog-if-generation-match': '0' },
      },
      'put',
    );
    const headers = {
      'content-type': 'text/x-test',
      'x-goog-meta-by': 'me',
      'x-goog-if-generation-match': '0',
    };
    const wrongType = { ...headers, 'content-type': 'text/html' };
    const put = (given: Record<string, string>) => ({
      method: 'PUT',
      headers: given,
      body: 'sent',
    });
    expect(await refusalOf(url, put(wrongType))).toEqual([403, 'SignatureDoesNotMatch']);
    const { 'x-goog-meta-by': _, ...unsigned } = headers;
    expect(await refusalOf(url, put(unsigned))).toEqual([400, 'MalformedSecurityHeader']);
    expect((await fetch(url, put(headers))).status).toBe(200);
    const [metadata] = await bucket.file('put').getMetadata();
    expect(metadata).toMatchObject({ contentType: 'text/x-test', metadata: { by: 'me' } });
    expect(await refusalOf(url, put(headers))).toEqual([412, 'PreconditionFailed']);
  });

  test('a signed hash of the content holds', async () => {
    const extensionHeaders = { 'x-goog-content-sha256': sha256('expected') };
    const url = await sign({ action: 'write', extensionHeaders }, 'hashed');
    const put = (body: string) => ({ method: 'PUT', headers: extensionHeaders, body });
    expect(await refusalOf(url, put('other'))).toEqual([400, 'BadDigest']);
    expect(await bucket.file('hashed').exists()).toEqual([false]);
    expect((await fetch(url, put('expected'))).status).toBe(200);
  });

  test('a signed range of lengths holds', async () => {
    const extensionHeaders = { 'x-goog-content-length-range': '2,4' };
    const url = await sign({ action: 'write', extensionHeaders }, 'limited');
    const put = (body: string) => ({ method: 'PUT', headers: extensionHeaders, body });
    expect(await refusalOf(url, put('1'))).toEqual([400, 'EntityTooSmall']);
    expect(await refusalOf(url, put('12345'))).toEqual([400, 'EntityTooLarge']);
    expect(await bucket.file('limited').exists()).toEqual([false]);
    expect((await fetch(url, put('1234'))).status).toBe(200);
  });

  test('a signed start opens a session that needs no more signatures', async () => {
    const url = await sign({ action: 'resumable', contentType: 'text/plain' }, 'session');
    const headers = { 'x-goog-resumable': 'start', 'content-type': 'text/plain' };
    const started = await fetch(url, { method: 'POST', headers });
    expect(started.status).toBe(201);
    const session = started.headers.get('location') ?? '';
    expect((await fetch(session, { method: 'PUT', body: 'by session' })).status).toBe(200);
    const file = bucket.file('session');
    expect((await file.download()).toString()).toBe('by session');
    expect((await file.getMetadata())[0].contentType).toBe('text/plain');
  });

  test("Google's client uploads through a signed session of its own", async () => {
    await bucket.file('client-session').save('x', { resumable: true });
    expect((await bucket.file('client-session').download()).toString()).toBe('x');
  });

  test('a signed DELETE deletes', async () => {
    await bucket.file('doomed').save('x');
    const url = await sign({ action: 'delete' }, 'doomed');
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(204);
    expect(await bucket.file('doomed').exists()).toEqual([false]);
  });
});
