import { mkdtemp, open, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fileFrom } from './node.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'media-analysis-files-'));
});
afterAll(() => rm(folder, { recursive: true }));

const textOf = async (file: File) => [file.name, await file.text()];

test('a file at a path is not read before it is sent: one of 3 GiB needs no memory', async () => {
  const path = join(folder, 'long.mov');
  const handle = await open(path, 'w');
  await handle.write('end', 3 * 2 ** 30);
  await handle.close();
  const before = process.memoryUsage().rss;
  for (const source of [path, pathToFileURL(path)]) {
    const file = await fileFrom(source);
    expect(file).toMatchObject({ name: 'long.mov', size: 3 * 2 ** 30 + 3 });
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 30);
});

test('bytes and streams are files too', async () => {
  const bytes = Buffer.from('bytes');
  const body = () => new Response('web').body as ReadableStream<Uint8Array>;
  expect(await textOf(await fileFrom(bytes, 'a.jpg'))).toEqual(['a.jpg', 'bytes']);
  expect(await textOf(await fileFrom(Readable.from([bytes, bytes]), 'b.jpg'))).toEqual([
    'b.jpg',
    'bytesbytes',
  ]);
  expect(await textOf(await fileFrom(body()))).toEqual(['file', 'web']);
});

test('what is at an address has the name and the type that it has there', async () => {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === '/gone' ? 404 : 200, { 'Content-Type': 'image/jpeg' }).end('cat');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const file = await fileFrom(new URL(`${base}/photos/%E7%8C%AB.php?id=1`));
    expect(await textOf(file)).toEqual(['猫.php', 'cat']);
    expect(file.type).toBe('image/jpeg');
    await expect(fileFrom(new URL(`${base}/gone`))).rejects.toThrow('answers 404');
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

test('what cannot be sent is refused before anything is sent', async () => {
  const chunk = Buffer.alloc(2 ** 20);
  const endless = async function* () {
    for (;;) yield chunk;
  };
  await expect(fileFrom(join(folder, 'none.jpg'))).rejects.toThrow('ENOENT');
  await expect(fileFrom(folder)).rejects.toThrow('is no file');
  await expect(fileFrom(endless(), 'a.mov')).rejects.toThrow('a.mov has more than 128 MiB');
});
