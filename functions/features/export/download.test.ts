import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { analyticsOf } from '../../../test/support/library.ts';
import { mediaRecord } from '../../../test/support/media.ts';
import { Moments } from '../../core/media/moments.ts';
import type { MediaRecord } from '../../core/media/record.ts';
import { ConcurrencyLimit } from '../../http/concurrency-limit.ts';
import { moderationShown } from '../moderation/moments.ts';
import { downloadMany } from './download.ts';

const safe = analyticsOf({ title: 'a', verdict: 'safe' });

function stored(id: string): MediaRecord {
  const file = { file_name: `${id}.jpg`, size: 3, object: id, status: 'completed' } as const;
  return mediaRecord({ id, ...file, analytics: safe });
}

/** The archive of a, b and c as a text. @param onRead Called before the bytes of a media are read. */
async function archive(
  records: Map<string, MediaRecord>,
  onRead: (id: string) => void,
): Promise<string> {
  const services = {
    media: {
      getMany: async (ids: readonly string[]) => ids.flatMap((id) => records.get(id) ?? []),
    },
    objects: {
      readMediaPart: async (id: string) => {
        onRead(id);
        const isThere = records.has(id);
        return isThere ? { bytes: Buffer.from(`<${id}>`), size: 3 } : undefined;
      },
    },
    moments: new Moments([moderationShown('hold')]),
    downloads: new ConcurrencyLimit({ each: 1 }, 'downloads'),
    now: Date.now,
  };
  const server = createServer((request, response) => {
    const { signal } = new AbortController();
    const url = new URL('http://localhost/');
    const call = { request, response, url, params: {}, signal };
    downloadMany(call, 'alice', services).catch((error) => response.destroy(error));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const body = JSON.stringify({ ids: [...records.keys()] });
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
    return Buffer.from(await response.arrayBuffer()).toString('latin1');
  } finally {
    server.close();
  }
}

test('what is found to be unsafe, or is erased, while the files before it are sent is left out and named', async () => {
  const records = new Map(['a', 'b', 'c', 'd'].map((id) => [id, stored(id)]));
  const text = await archive(records, (id) => {
    if (id !== 'a') return;
    const unsafe = { ...stored('b'), analytics: analyticsOf({ title: 'b', verdict: 'unsafe' }) };
    records.set('b', unsafe);
    records.delete('c');
  });
  expect(text).toContain('<a>');
  expect(text).not.toContain('<b>');
  expect(text).toContain('<d>');
  expect(text).toContain('"b.jpg" is held back, so it is not given out.');
  expect(text).toContain('"c.jpg" was deleted meanwhile.');
});
