import { createHash } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners, once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Bucket, Storage } from '@google-cloud/storage';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../test/support/eventually.ts';
import { openTestStorage, type TestStorage } from '../../test/support/storage.ts';
import { uploadStream } from './upload.ts';

setFlagsFromString('--expose-gc');

const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest('base64');
const never = () => new AbortController().signal;

describe('an upload', () => {
  let storage: TestStorage;
  let bucket: Bucket;
  beforeAll(async () => {
    storage = await openTestStorage();
    bucket = await storage.createBucket();
  });
  afterAll(() => storage.close());

  const upload = (name: string, bytes: Readable, signal = never()) =>
    uploadStream(storage.client, { bucket: bucket.name, name, bytes, signal });

  test.each([0, 1, 5_000_000])(
    'of %d bytes becomes an object with exactly these bytes',
    async (size) => {
      const bytes = Buffer.alloc(size, 'photo');
      const name = `of ${size}/あ?&#`;
      const chunks = Array.from({ length: Math.ceil(size / 1_000) }, (_, n) =>
        bytes.subarray(n * 1_000, (n + 1) * 1_000),
      );
      expect(await upload(name, Readable.from(chunks))).toEqual({ size, md5: md5(bytes) });
      const [stored] = await bucket.file(name).download();
      expect(stored.equals(bytes)).toBe(true);
    },
  );

  test('leaves an existing object as it is, and reads its own bytes to their end', async () => {
    await upload('taken', Readable.from([Buffer.from('first')]));
    const bytes = Readable.from(Array(100).fill(Buffer.alloc(10_000)));
    await expect(upload('taken', bytes)).rejects.toThrow(/answered 412/);
    await finished(bytes);
    expect(String(await bucket.file('taken').download())).toBe('first');
  });

  test('into a bucket that does not exist fails', async () => {
    const nowhere = uploadStream(storage.client, {
      bucket: 'nowhere',
      name: 'a',
      bytes: Readable.from([]),
      signal: never(),
    });
    await expect(nowhere).rejects.toThrow(/answered 404/);
  });

  test('that is aborted half way stores no object, and reads its bytes to their end', async () => {
    const controller = new AbortController();
    const bytes = new PassThrough();
    const uploading = upload('half', bytes, controller.signal);
    bytes.write(Buffer.alloc(1_000_000));
    await once(bytes, 'drain');
    controller.abort(new Error('too large'));
    await expect(uploading).rejects.toThrow('too large');
    bytes.end(Buffer.alloc(1_000_000));
    await finished(bytes);
    expect(await bucket.file('half').exists()).toEqual([false]);
    // The object's name is still free.
    await upload('half', Readable.from([Buffer.from('whole')]));
  });

  test('that is aborted at the very end of its bytes stores no object either', async () => {
    const controller = new AbortController();
    const bytes = Readable.from([Buffer.from('x')]);
    bytes.once('end', () => controller.abort(new Error('empty')));
    await expect(upload('ended', bytes, controller.signal)).rejects.toThrow('empty');
    expect(await bucket.file('ended').exists()).toEqual([false]);
  });

  test('leaves nothing behind in this process', async () => {
    const collect = runInNewContext('gc') as () => void;
    const requests: WeakRef<http.ClientRequest>[] = [];
    const onRequest = ({ request }: { request: http.ClientRequest }) =>
      void requests.push(new WeakRef(request));
    subscribe('http.client.request.start', onRequest as never);
    // Like a unit's own signal, it lives as long as the process.
    const { signal } = new AbortController();
    const send = (name: string) => upload(name, Readable.from([Buffer.from('x')]), signal);
    for (let n = 0; n < 20; n++) await send(`kept ${n}`);
    unsubscribe('http.client.request.start', onRequest as never);
    expect(requests).toHaveLength(20);
    // The open connection may still hold the last request.
    const kept = async () => {
      collect();
      return requests.filter((each) => each.deref()).length <= 1 || undefined;
    };
    await eventually(kept);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('that is aborted before its start sends nothing', async () => {
    const bytes = Readable.from([Buffer.from('x')]);
    const aborted = AbortSignal.abort(new Error('gone'));
    await expect(upload('never', bytes, aborted)).rejects.toThrow('gone');
    await finished(bytes);
    expect(await bucket.file('never').exists()).toEqual([false]);
  });
});

describe('when Cloud Storage has a fault', () => {
  let server: http.Server;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  async function serve(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<Storage> {
    server = http.createServer(answer).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const authClient = {
      getRequestHeaders: async () => new Headers({ authorization: 'Bearer t' }),
    };
    return { apiEndpoint: `http://127.0.0.1:${port}`, authClient } as unknown as Storage;
  }

  const send = (storage: Storage, bytes: Readable, signal = never()) =>
    uploadStream(storage, { bucket: 'b', name: 'n', bytes, signal });

  const endless = () =>
    Readable.from(
      (function* () {
        for (let n = 0; n < 1_000; n++) yield Buffer.alloc(10_000);
      })(),
    );

  test('in the middle of the body, the upload fails and its connection is closed', async () => {
    const closed = Promise.withResolvers<void>();
    const storage = await serve((request, response) => {
      request.socket.once('close', () => closed.resolve());
      request.once('data', () => response.writeHead(503).end('{"error":{"code":503}}'));
    });
    const bytes = endless();
    await expect(send(storage, bytes)).rejects.toThrow(/answered 503/);
    await closed.promise;
    await finished(bytes);
  });

  test('and breaks the connection, the upload fails', async () => {
    const storage = await serve((request) => {
      request.once('data', () => request.socket.destroy());
    });
    const bytes = endless();
    await expect(send(storage, bytes)).rejects.toThrow();
    await finished(bytes);
  });

  test('it cannot mistake an aborted upload for a complete one', async () => {
    const wasWhole = Promise.withResolvers<boolean>();
    const begun = Promise.withResolvers<void>();
    const storage = await serve((request) => {
      request.once('data', () => begun.resolve());
      request.once('close', () => wasWhole.resolve(request.complete));
      request.on('error', () => undefined);
    });
    const controller = new AbortController();
    const bytes = new PassThrough();
    bytes.write('x');
    const upload = send(storage, bytes, controller.signal);
    await begun.promise;
    controller.abort(new Error('too large'));
    await expect(upload).rejects.toThrow('too large');
    expect(await wasWhole.promise).toBe(false);
  });

  test.each(['', '<html>', '{}', '{"size":"1"}'])(
    'and answers %j, the upload fails',
    async (body) => {
      const storage = await serve((request, response) => {
        request.resume().on('end', () => response.end(body));
      });
      await expect(send(storage, Readable.from([Buffer.from('x')]))).rejects.toThrow();
    },
  );

  test('an upload has the credentials of the client, and its one condition', async () => {
    const asked = Promise.withResolvers<IncomingMessage>();
    const storage = await serve((request, response) => {
      asked.resolve(request);
      request.resume().on('end', () => response.end('{"size":"1","md5Hash":"m"}'));
    });
    const bytes = Readable.from([Buffer.from('x')]);
    expect(await send(storage, bytes)).toEqual({ size: 1, md5: 'm' });
    const { method, url, headers } = await asked.promise;
    expect([method, headers.authorization]).toEqual(['POST', 'Bearer t']);
    expect(url).toContain('/upload/storage/v1/b/b/o?uploadType=media&name=n&ifGenerationMatch=0');
  });
});
